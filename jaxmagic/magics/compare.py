"""``%%jaxcompare`` and ``%jaxcompare``."""

import argparse
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jaxmagic.flags import CommaList, count, name, positive, split_line
from jaxmagic.magics.asking import filename_of, progress_line
from jaxmagic.magics.first_use import Home

CHOICES = (
    *("python", "numpy", "numba", "eager", "jit", "unrolled"),
    *("c", "cpp", "fortran", "octave", "matlab", "julia", "torch"),
)
_OF_SETUP = ("seconds", "limit", "timeout")
_OF_ROWS = ("backends", "device", "mesh")


class CompareMagics(Home):
    """How fast is this computation, and where?"""

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

        shell = self.shell
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
    filename = filename_of(shell, text)
    with progress_line(shell, "jaxcompare") as progress:
        x64 = flags.x64 if flags.x64 or flags.x32 else None
        setup = Setup(x64=x64, progress=progress, **given)
        if cell is None:
            return compare_calls(code, shell.user_ns, filename, setup)
        if code:
            return compare_swept(code, cell, shell.user_ns, filename, wanted, setup)
        return compare_cell(cell, shell.user_ns, filename, wanted, setup)
