"""Run a notebook in a real kernel, show what it says, and keep it as one static HTML file.

For example::

    python examples/run.py examples/tour.ipynb --html build/tour.html --theme both
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

# nbconvert's page fetches scripts from a CDN for formulas and diagrams. Ours has to
# look the same without a network, and what jaxmagic shows needs no script.
PAGE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--html", type=Path, help="where to write the page")
    parser.add_argument(
        "--theme",
        choices=["light", "dark", "both"],
        default="light",
        help="'both' writes the dark page beside the light one, with -dark in its name",
    )
    options = parser.parse_args()

    notebook = nbformat.read(options.notebook, as_version=4)
    finished = run(notebook, options.notebook.parent)
    if options.html:
        for path in write(notebook, options.html, options.theme, title=options.notebook.stem):
            print(f"wrote {path}")
    return 0 if finished else 1


def run(notebook: nbformat.NotebookNode, folder: Path) -> bool:
    """Execute each code cell in ``folder`` and print it; say whether none raised."""
    numbers = count(1)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=600,
        # else ipykernel 7 warns at each start that it is reached over an open local port
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, **_: print_source(cell, next(numbers)),
        on_cell_executed=lambda cell, **_: print_outputs(cell),
    )
    # The reader's own IPython profile may load extensions or set options that change the tour.
    with tempfile.TemporaryDirectory() as profile:
        os.environ["IPYTHONDIR"] = profile
        try:
            client.execute()
        except CellExecutionError:
            return False  # its traceback is an output of the cell, and was printed
    return True


def print_source(cell: nbformat.NotebookNode, number: int) -> None:
    prompt = f"In [{number}]: "
    indent = "\n" + "...: ".rjust(len(prompt))
    print(prompt + cell.source.replace("\n", indent), end="\n\n", flush=True)


def print_outputs(cell: nbformat.NotebookNode) -> None:
    for text in map(plain, texts(cell)):
        if text.strip():
            print(text.rstrip("\n"), end="\n\n", flush=True)


def texts(cell: nbformat.NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join(output.traceback)
        else:
            yield output.data.get("text/plain", "")


def plain(text: str) -> str:
    """Return what a terminal shows in the end, without lines that were overwritten."""
    text = re.sub(r"[^\n]*\r(?!\n)", "", text)
    return text if sys.stdout.isatty() else re.sub(r"\x1b\[[0-9;]*m", "", text)


def write(notebook: nbformat.NotebookNode, html: Path, theme: str, *, title: str) -> Iterator[Path]:
    pages = {theme: html}
    if theme == "both":
        pages = {"light": html, "dark": html.with_stem(f"{html.stem}-dark")}
    html.parent.mkdir(parents=True, exist_ok=True)
    for name, path in pages.items():
        exporter = HTMLExporter(theme=name, raw_template=PAGE)
        page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
        path.write_text(page, encoding="utf-8")
        yield path


if __name__ == "__main__":
    sys.exit(main())
