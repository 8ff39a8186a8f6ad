"""The magics: each parses its line, calls the function that answers, and returns the result."""

import argparse
import traceback
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from jaxmagic import show
from jaxmagic.completion import completer
from jaxmagic.flags import CommaList, count, name, positive, split_line
from jaxmagic.show.progress import Handle, Progress

CHOICES = (
    *("python", "numpy", "numba", "eager", "jit", "unrolled"),
    *("c", "cpp", "fortran", "octave", "matlab", "julia", "torch"),
)
_OF_SETUP = ("seconds", "limit", "timeout")
_OF_ROWS = ("backends", "device", "mesh")

_SHOWN = (
    "jaxmagic.compare.result.Comparison",
    "jaxmagic.compare.sweep.result.Sweep",
    "jaxmagic.translate.result.Translation",
    "jaxmagic.show.picture.Picture",
)


@magics_class
class JaxMagics(Magics):
    """The questions that a notebook can ask."""

    @magic_arguments("%jaxcompare")  # IPython puts one more % before it in the help
    @argument(
        "--backends",
        type=CommaList(CHOICES),
        metavar="LIST",
        help="which rows, in this order: python,numpy,numba,eager,jit; also unrolled, and the "
        "languages of the cell's sections. The first that runs is what the others are compared "
        "with.",
    )
    @argument(
        "--seconds",
        type=positive,
        metavar="S",
        help="seconds of measuring for each row (0.3).",
    )
    @argument(
        "--limit",
        type=positive,
        metavar="S",
        help="seconds that one call may take; a row that is predicted to take longer is left "
        "out and says so (10).",
    )
    @argument(
        "--timeout",
        type=positive,
        metavar="S",
        help="seconds for compiling and the first call of code that can't be stopped and was not "
        "seen to end; it is tried in another process, and killed then (60).",
    )
    @argument(
        "--device",
        type=CommaList(),
        metavar="LIST",
        help="one row of JAX for each: cpu,gpu or cpu:0,cpu:1; transfers are shown apart.",
    )
    @argument(
        "--mesh",
        type=count,
        metavar="N",
        help="one more row of JAX, arrays split over N devices along their first axis.",
    )
    @argument("--x64", action="store_true", help="JAX computes in 64 bits in this cell.")
    @argument("--x32", action="store_true", help="JAX computes in 32 bits in this cell.")
    @argument("-o", "--output", type=name, metavar="NAME", help="keep the result under this name.")
    @line_cell_magic
    def jaxcompare(self, line: str, cell: str | None = None) -> Any:
        """Time one computation in Python, NumPy, Numba, JAX and more, side by side.

        The cell holds definitions and, last, the call to time. Its arguments are evaluated once;
        arrays that the function uses are passed in as well, never folded into the program::

            %%jaxcompare
            def f(x):
                return np.sin(x) ** 2 + np.cos(x) ** 2

            f(np.linspace(0, 1, 100_000))

        The same source runs on every backend, with np as jax.numpy for JAX, and loops as loops of
        jax.lax. A section %%python, %%numpy, %%numba or %%jax below the call gives a backend code
        of its own; %%c, %%cpp, %%fortran, %%octave, %%matlab, %%julia and %%torch add rows of
        other languages. Definitions stay in the notebook.

        A variable behind the flags is swept: %%jaxcompare n=10**2..10**6 runs the cell for each n.
        On one line, %jaxcompare f(x), g(x) times calls of functions that exist.
        """
        __tracebackhide__ = True
        from jaxmagic.compare import CellError  # noqa: PLC0415  imports NumPy

        shell: InteractiveShell = self.shell  # type: ignore[assignment]  # there is one
        line, code = split_line(self.jaxcompare.parser, line)
        flags = parse_argstring(self.jaxcompare, line)
        try:
            result = _compared(shell, flags, code, cell)
        except CellError as error:
            message = f"{'%' if cell is None else '%%'}jaxcompare: {error}"
            raise UsageError(message) from None
        if flags.output:
            shell.user_ns[flags.output] = result
        return result


def _compared(
    shell: InteractiveShell, flags: argparse.Namespace, code: str, cell: str | None
) -> Any:
    """The comparison that the line and the cell ask for."""
    __tracebackhide__ = True
    from jaxmagic.compare import (  # noqa: PLC0415  imports NumPy
        BACKENDS,
        Setup,
        Wanted,
        compare_calls,
        compare_cell,
        compare_swept,
    )

    if flags.x64 and flags.x32:
        message = "--x64 and --x32 exclude each other: give one."
        raise UsageError(message)
    given = {key: value for key in _OF_SETUP if (value := getattr(flags, key))}
    rows = {key: value for key in _OF_ROWS if (value := getattr(flags, key))}
    if cell is None and rows:
        message = f"%jaxcompare f(x), g(x) takes functions as they are: remove --{min(rows)}."
        raise UsageError(message)
    wanted = Wanted(rows.get("backends", BACKENDS), rows.get("device", ()), flags.mesh)
    text = f"%jaxcompare {code}" if cell is None else f"%%jaxcompare {code}\n{cell}"
    filename = shell.compile.cache(text, _number_of_this_cell(shell))
    with Progress("jaxcompare", _opener(shell)) as progress:
        x64 = flags.x64 if flags.x64 or flags.x32 else None
        setup = Setup(x64=x64, progress=progress, **given)
        if cell is None:
            return compare_calls(code, shell.user_ns, filename, setup)
        if code:
            return compare_swept(code, cell, shell.user_ns, filename, wanted, setup)
        return compare_cell(cell, shell.user_ns, filename, wanted, setup)


def _number_of_this_cell(shell: InteractiveShell) -> int:
    """The number that tracebacks give to the cell that runs now.

    ``execution_count`` is the next one already in a kernel with IPython 9.8 and later, so the
    outermost frame of a cell is asked first (seen on IPython 9.18; IPython 7 has no such map).
    """
    numbers = getattr(shell.compile, "_filename_map", {})
    frames = (frame.f_code.co_filename for frame, _ in traceback.walk_stack(None))
    known = [numbers[filename] for filename in frames if filename in numbers]
    return int(known[-1] if known else shell.execution_count)


def _opener(shell: InteractiveShell) -> Callable[[dict[str, str]], Handle] | None:
    """What opens a changeable output, in a notebook; None in a terminal."""
    return _open_output if hasattr(shell, "kernel") else None


def _open_output(bundle: dict[str, str]) -> Handle:
    handle: Handle = display(bundle, raw=True, display_id=True)
    return handle


def load(shell: InteractiveShell) -> None:
    """Register the magics, the completion of their flags, and how results are shown."""
    shell.register_magics(JaxMagics)
    for kind, function in _magic_functions():
        shell.set_hook("complete_command", completer(function.parser), str_key=kind)
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    html, plain = (formatters[m] for m in ("text/html", "text/plain"))
    for shown in _SHOWN:
        module, _, type_name = shown.rpartition(".")
        html.for_type_by_name(module, type_name, show.html)
        plain.for_type_by_name(module, type_name, _pretty)


def unload(shell: InteractiveShell) -> None:
    """Take out what :func:`load` registered."""
    manager = shell.magics_manager
    for prefixed, _ in _magic_functions():
        kind = "cell" if prefixed.startswith("%%") else "line"
        manager.magics[kind].pop(prefixed.lstrip("%"), None)
        shell.strdispatchers["complete_command"].strs.pop(prefixed, None)
    manager.registry.pop(JaxMagics.__name__, None)
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    for mime in ("text/html", "text/plain"):
        for shown in _SHOWN:
            formatters[mime].pop(shown, None)


def _magic_functions() -> list[tuple[str, Any]]:
    """Every magic as it is typed, with the function that has its parser."""
    prefixes = {"line": "%", "cell": "%%"}
    return [
        (prefixes[kind] + magic, getattr(JaxMagics, function))
        for kind, magics in JaxMagics.magics.items()
        for magic, function in magics.items()
    ]


def _pretty(result: Any, printer: Any, cycle: bool) -> None:  # noqa: ARG001, FBT001  IPython's form
    printer.text(str(result))
