"""A notebook that was run becomes a page and a LaTeX document by nbconvert alone."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PYTREES = ROOT / "examples" / "pytrees.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Give the notebook about trees with the outputs of a real kernel."""
    path = tmp_path_factory.mktemp("export") / "pytrees.ipynb"
    convert("notebook", PYTREES, path, "--execute")
    return path


def convert(kind, source, target, *flags):
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", kind, *flags]
    done = subprocess.run(
        [*command, f"--output={target.name}", f"--output-dir={target.parent}", str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def answers(notebook):
    """Each cell that asks %pytree, with its result; a line of progress may stand before it."""
    cells = [c for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
    return [(cell.source, cell.outputs[-1].data) for cell in cells if "%pytree" in cell.source]


class Attributes(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.sources = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.sources += [value for name, value in attributes if name in {"src", "href", "data"}]


def test_every_question_of_the_notebook_has_an_answer(executed):
    asked = answers(executed)
    assert len(asked) >= 12
    for source, data in asked:
        assert data.keys() == {"text/plain", "text/html"}, source
        assert max(map(len, data["text/plain"].splitlines())) <= 100
        assert len(data["text/html"]) < 100_000


def test_the_outputs_run_nothing_and_ask_for_nothing(executed):
    for source, data in answers(executed):
        page = Attributes(data["text/html"])
        assert not page.elements & {"script", "svg", "link", "iframe", "object", "a"}, source
        assert not {name for name in page.attributes if name.startswith("on")}, source
        assert all(value.startswith("data:image/svg+xml") for value in page.sources)


def test_as_a_page_all_answers_are_there(executed, tmp_path):
    page = tmp_path / "pytrees.html"
    convert("html", executed, page)
    shown = page.read_text(encoding="utf-8").count('class="jaxmagic"')
    assert shown == len(answers(executed))


def test_as_latex_it_needs_no_inkscape(executed, tmp_path):
    notebook = nbformat.read(executed, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]  # no pandoc
    source = tmp_path / "code.ipynb"
    nbformat.write(notebook, source)
    convert("latex", source, tmp_path / "code.tex")
    text = (tmp_path / "code.tex").read_text(encoding="utf-8")
    assert "148 leaves" in text
    assert "transposed?" in text
