"""``%%jaxcompare``: one computation on several backends, timed side by side.

    >>> import jaxmagic
    >>> result = jaxmagic.compare(solow, (0.2, 1000))          # the same source everywhere
    >>> result = jaxmagic.compare({"loop": f, "scan": g}, (x,))  # functions as they are
    >>> print(result)

This room can be called: ``jaxmagic.compare(...)`` is :func:`compare`.
"""

import inspect
import random
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaxmagic.compare.backend import Setup
from jaxmagic.compare.candidates import (
    BACKENDS,
    CHOICES,
    Wanted,
    candidates_of,
    decorated,
    given,
)
from jaxmagic.compare.cell import CellError, Section, bind, split
from jaxmagic.compare.from_text import compare_calls, compare_cell, compare_swept
from jaxmagic.compare.result import Comparison
from jaxmagic.compare.sweep import sweep
from jaxmagic.compare.sweep.result import Sweep
from jaxmagic.compare.table import run_candidates
from jaxmagic.measure.rounds import Clock
from jaxmagic.source import underlying


def compare(  # noqa: PLR0913  each is something that a user may want to say
    functions: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    arguments: Sequence[Any] = (),
    *,
    backends: Sequence[str] = BACKENDS,
    sections: Mapping[str, str] | None = None,
    devices: Sequence[str] = (),
    mesh: int | None = None,
    seconds: float = 0.3,
    limit: float = 10.0,
    timeout: float = 60.0,
    x64: bool | None = None,
    clock: Clock = time.perf_counter_ns,
    rng: random.Random | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Comparison:
    """Time a computation on several backends, or several functions, side by side.

    Args:
        functions: one function, which is run on each of ``backends`` from the same source as
            ``%%jaxcompare`` does; or functions by name, each run as it is.
        arguments: the positional arguments of the call, the same for all.
        backends: some of "python", "numpy", "numba", "eager", "jit" and "unrolled" (a Python
            loop under ``jax.jit`` as it is), in the order of the rows; the first one that runs is
            what the others are compared with.
        sections: code of one function in other languages, by what stands behind ``%%`` in a
            cell: ``{"c -O3": "double f(double x) ..."}``.
        devices: where JAX computes, for instance ("cpu", "gpu"): one row for each.
        mesh: a further row with the arrays split over so many devices.
        seconds: the budget of measuring for each row.
        limit: the seconds that a single call may take, in code that can be stopped.
        timeout: the seconds after which compiling and calling code that can't be stopped is given
            up, in another process, if that code was not seen to end.
        x64: whether JAX computes in 64 bits here; by default as it is set.
        clock: nanoseconds since any origin.
        rng: gives the order of the backends within each round.
        progress: is told what is being done, in a few words.

    Raises:
        CellError: a backend is unknown, or the function can't be called by position.
        TypeError: the arguments do not fit the function.
        Exception: what the function itself raises, if no row ran because of that.
    """
    setup = Setup(seconds, limit, timeout, x64, clock, rng, progress)
    wanted = Wanted(tuple(backends), tuple(devices), mesh)
    return _compared(functions, tuple(arguments), sections or {}, wanted, setup)


def compare_sweep(  # noqa: PLR0913  as compare
    functions: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    arguments: Callable[[Any], Sequence[Any]],
    values: Sequence[float],
    *,
    backends: Sequence[str] = BACKENDS,
    sections: Mapping[str, str] | None = None,
    devices: Sequence[str] = (),
    mesh: int | None = None,
    seconds: float = 0.3,
    limit: float = 10.0,
    timeout: float = 60.0,
    x64: bool | None = None,
    clock: Clock = time.perf_counter_ns,
    rng: random.Random | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Sweep:
    """:func:`compare` for each of ``values``; ``arguments(value)`` gives the arguments there.

        >>> jaxmagic.compare_sweep(f, lambda n: (np.linspace(0, 1, n),), [100, 10_000])

    The name of its parameter is that of the variable. A row that gets too slow is left out of the
    larger values.

    Raises:
        CellError, TypeError, Exception: as :func:`compare` does, at the smallest value.
    """
    setup = Setup(seconds, limit, timeout, x64, clock, rng, progress)
    wanted = Wanted(tuple(backends), tuple(devices), mesh)

    def compare_at(value: float, left_out: frozenset[str], setup: Setup) -> Comparison:
        left = replace(wanted, without=left_out)
        return _compared(functions, tuple(arguments(value)), sections or {}, left, setup)

    variable = next(iter(inspect.signature(arguments).parameters))
    return sweep(variable, values, compare_at, setup)


def _compared(
    functions: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    arguments: tuple[Any, ...],
    sections: Mapping[str, str],
    wanted: Wanted,
    setup: Setup,
) -> Comparison:
    if isinstance(functions, Mapping):
        if sections or wanted.devices or wanted.mesh:
            message = "sections, devices and mesh need one function, not several by name."
            raise CellError(message)
        candidates = [
            given(name, function, arguments, {})
            for name, function in functions.items()
            if name not in wanted.without
        ]
        below = map(underlying, functions.values())
        setup = replace(setup, files=frozenset(f.__code__.co_filename for f in below if f))
        return run_candidates(" | ".join(functions), candidates, setup)
    function = underlying(functions)
    if function is None:
        message = f"{functions!r} is no Python function with source; give {{name: function}}."
        raise CellError(message)
    shown = ", ".join(map(_brief, arguments))
    call = bind(f"{function.__name__}({shown})", functions, function, arguments, {})
    others = [_section_of(header, text) for header, text in sections.items()]
    candidates = candidates_of(call, {}, others, wanted)
    setup = replace(setup, files=frozenset({function.__code__.co_filename}))
    return run_candidates(call.source, candidates, setup, decorated(call))


def _section_of(header: str, text: str) -> Section:
    """The section that a cell would have under ``%%header``."""
    _, sections = split(f"%%{header}\n{text}")
    return sections[0]


def _brief(argument: Any) -> str:
    shape, dtype = getattr(argument, "shape", None), getattr(argument, "dtype", None)
    if shape is not None and dtype is not None:
        return f"{dtype}{list(shape)}"
    text = repr(argument) if isinstance(argument, str | int | float | complex) else ""
    return text if 0 < len(text) <= 30 else type(argument).__name__  # noqa: PLR2004


class _Room(types.ModuleType):
    """A room that answers its question when it is called."""

    __call__ = staticmethod(compare)


__all__ = [
    "BACKENDS",
    "CHOICES",
    "CellError",
    "Setup",
    "Wanted",
    "compare",
    "compare_calls",
    "compare_cell",
    "compare_sweep",
    "compare_swept",
]
sys.modules[__name__].__class__ = _Room
