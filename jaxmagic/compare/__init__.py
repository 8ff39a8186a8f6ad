"""``%%jaxcompare``: one computation on several backends, timed side by side.

    >>> import jaxmagic
    >>> result = jaxmagic.compare(solow, (0.2, 1000))          # the same source everywhere
    >>> result = jaxmagic.compare({"loop": f, "scan": g}, (x,))  # functions as they are
    >>> print(result)

This room can be called: ``jaxmagic.compare(...)`` is :func:`compare`.
"""

import random
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaxmagic.compare.backend import Prepared, Setup
from jaxmagic.compare.cell import (
    Call,
    CellError,
    as_typed,
    bind,
    call_of,
    run_definitions,
    split,
)
from jaxmagic.compare.given import as_given
from jaxmagic.compare.interpreted import numpy, python
from jaxmagic.compare.result import Comparison
from jaxmagic.compare.table import Candidate, run_candidates
from jaxmagic.compare.with_jax import eager, jit
from jaxmagic.compare.with_numba import numba
from jaxmagic.measure.rounds import Clock
from jaxmagic.source import is_jitted, is_numba_compiled, underlying

_BACKENDS: dict[str, tuple[Callable[..., Prepared], str, str]] = {
    # name: what prepares it, the label of its row if it does not run, the section for its code
    "python": (python, "Python", "python"),
    "numpy": (numpy, "NumPy", "numpy"),
    "numba": (numba, "Numba", "numba"),
    "eager": (eager, "JAX eager", "jax"),
    "jit": (jit, "JAX jit", "jax"),
}
BACKENDS = tuple(_BACKENDS)


def compare(  # noqa: PLR0913  each is something that a user may want to say
    functions: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    arguments: Sequence[Any] = (),
    *,
    backends: Sequence[str] = BACKENDS,
    seconds: float = 0.3,
    limit: float = 10.0,
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
        backends: some of "python", "numpy", "numba", "eager" and "jit", in the order of the
            rows; the first one that runs is what the others are compared with.
        seconds: the budget of measuring for each row.
        limit: the seconds that a single call may take, in Python code that can be stopped.
        x64: whether JAX computes in 64 bits here; by default as it is set.
        clock: nanoseconds since any origin.
        rng: gives the order of the backends within each round.
        progress: is told what is being done, in a few words.

    Raises:
        CellError: a backend is unknown, or the function can't be called by position.
        TypeError: the arguments do not fit the function.
        Exception: what the function itself raises, if no row ran because of that.
    """
    if isinstance(functions, Mapping):
        candidates = [
            Candidate(name, name, as_given(name, function, tuple(arguments)))
            for name, function in functions.items()
        ]
        source = " | ".join(functions)
        files = {f.__code__.co_filename for f in map(underlying, functions.values()) if f}
        notes: tuple[str, ...] = ()
    else:
        function = underlying(functions)
        if function is None:
            message = f"{functions!r} is no Python function with source; give {{name: function}}."
            raise CellError(message)
        shown = ", ".join(_brief(argument) for argument in arguments)
        source = f"{function.__name__}({shown})"
        call = bind(source, functions, function, tuple(arguments), {})
        candidates = _candidates(call, {}, backends)
        files, notes = {function.__code__.co_filename}, _decorated(call)
    setup = Setup(seconds, limit, x64, clock, rng, progress, frozenset(files))
    return run_candidates(source, candidates, setup, notes)


def compare_cell(
    text: str,
    namespace: dict[str, Any],
    filename: str,
    backends: Sequence[str] = BACKENDS,
    setup: Setup = Setup(),  # noqa: B008  it is frozen
) -> Comparison:
    """What ``%%jaxcompare`` does with the text of its cell (without the line of the magic).

    The definitions are executed in ``namespace`` and stay there; sections are executed in copies
    of it. ``filename`` is the name under which the text is known for tracebacks.

    Raises:
        CellError: the cell has no call, or a section can't be understood.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    main, sections = split(text, first_line=2)
    expression = run_definitions(main, filename, namespace)
    if expression is None:
        message = "the last line must be the call to time, for instance f(x)."
        raise CellError(message)
    call = call_of(expression, filename, namespace)
    call = replace(call, source=as_typed(expression, main))
    own = {
        section.backend: _section_call(section.text, section.backend, call, filename, namespace)
        for section in sections
    }
    files = setup.files | {filename} | _files_of(call, *own.values())
    candidates = _candidates(call, own, backends)
    return run_candidates(call.source, candidates, replace(setup, files=files), _decorated(call))


def _section_call(
    text: str, backend: str, main: Call, filename: str, namespace: dict[str, Any]
) -> Call:
    """The call of a section: its own last line, or the main call with the section's function."""
    __tracebackhide__ = True
    own = dict(namespace)
    expression = run_definitions(text, filename, own)
    if expression is not None:
        return call_of(expression, filename, own)
    name = main.function.__name__
    function = underlying(own.get(name))
    if function is None or function is main.function:
        message = (
            f"the section %%{backend} defines no function {name}; define it there, or end the "
            "section with the call to time."
        )
        raise CellError(message)
    return bind(main.source, own[name], function, main.arguments, {})


def _candidates(call: Call, own: Mapping[str, Call], backends: Sequence[str]) -> list[Candidate]:
    unknown = [name for name in backends if name not in _BACKENDS]
    if unknown or not backends:
        message = f"there is no backend {unknown[0]!r}" if unknown else "there is no backend given"
        message += f"; choose from {', '.join(BACKENDS)}."
        raise CellError(message)

    def candidate(name: str) -> Candidate:
        prepare, label, section = _BACKENDS[name]
        mine = own.get(section)

        def run(setup: Setup) -> Prepared:
            return prepare(name, mine or call, setup, own_code=mine is not None)

        return Candidate(name, label, run, runs_as_written=name in ("python", "numpy"))

    return [candidate(name) for name in dict.fromkeys(backends)]


def _files_of(*calls: Call) -> set[str]:
    return {call.function.__code__.co_filename for call in calls}


def _decorated(call: Call) -> tuple[str, ...]:
    kind = "jax.jit" if is_jitted(call.given) else "numba.njit"
    if is_jitted(call.given) or is_numba_compiled(call.given):
        return (f"{call.function.__name__} is decorated with {kind}; the rows use what is below.",)
    return ()


def _brief(argument: Any) -> str:
    shape, dtype = getattr(argument, "shape", None), getattr(argument, "dtype", None)
    if shape is not None and dtype is not None:
        return f"{dtype}{list(shape)}"
    text = repr(argument) if isinstance(argument, str | int | float | complex) else ""
    return text if 0 < len(text) <= 30 else type(argument).__name__  # noqa: PLR2004


class _Room(types.ModuleType):
    """A room that answers its question when it is called."""

    __call__ = staticmethod(compare)


__all__ = ["BACKENDS", "CellError", "Setup", "compare", "compare_cell"]
sys.modules[__name__].__class__ = _Room
