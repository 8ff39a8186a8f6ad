"""Run a comparison for every value of a variable, and leave out what gets too slow."""

import dis
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jaxmagic.compare.backend import Setup, first_sentence
from jaxmagic.compare.cell import CellError, split
from jaxmagic.compare.result import Comparison, Row
from jaxmagic.compare.sweep.curves import Point, predicted_s
from jaxmagic.compare.sweep.result import Late, Stop, Sweep
from jaxmagic.compare.sweep.values import as_values, written
from jaxmagic.show import units

Compare = Callable[[frozenset[str], Setup], Comparison]
"""Compares all backends but those that are named, with the setup that is given."""

_TOO_SLOW = ("over the limit", "over the time-out")
_BEFORE_A_CALL = ("tracing", "loaded", "over the time-out")


def sweep_cell(
    text: str,
    variable: str,
    values: Sequence[int | float],
    namespace: dict[str, Any],
    compare: Compare,
    setup: Setup = Setup(),  # noqa: B008  it is frozen
) -> Sweep:
    """Compare the call of a cell for every value of ``variable``.

    ``compare`` runs the cell in ``namespace``, where ``variable`` has its value; afterwards the
    variable is as it was before. See :func:`sweep` for the rest.

    Raises:
        CellError: the cell does not use the variable, or sets it.
        Exception: what ``compare`` raises for the first value.
    """
    __tracebackhide__ = True
    _check_use(text, variable)

    def compare_at(value: float, left_out: frozenset[str], setup: Setup) -> Comparison:
        __tracebackhide__ = True
        namespace[variable] = value
        return compare(left_out, setup)

    with _as_before(namespace, variable):
        return sweep(variable, values, compare_at, setup)


def sweep(
    variable: str,
    values: Sequence[int | float],
    compare_at: Callable[[int | float, frozenset[str], Setup], Comparison],
    setup: Setup = Setup(),  # noqa: B008  it is frozen
) -> Sweep:
    """Compare at every one of ``values``, the smallest first.

    A backend is left out of the larger values once it was over the limit, or once the line
    through its last two times (or compile times) on logarithmic axes says that it will be.
    ``compare_at(value, left_out, setup)`` compares all but those left out. Ctrl-C, and an error
    beyond the first value, end the sweep: what was measured is returned, and it is said.

    Raises:
        CellError: the values are not 1 to 30 positive numbers.
        Exception: what ``compare_at`` raises for the first value.
    """
    __tracebackhide__ = True
    values = as_values(variable, values)
    found: dict[int | float, Comparison] = {}
    stops: dict[str, Stop] = {}
    interrupted, failure = False, None
    for number, value in enumerate(sorted(values), start=1):
        _stop_in_time(variable, value, found, stops, setup.limit)
        left_out = frozenset(stops)
        if left_out and all(row.backend in left_out for row in _last(found).rows):
            break
        where = f"{variable} = {written(value)} ({number} of {len(values)})"
        try:
            comparison = compare_at(value, left_out, _telling(where, setup))
        except KeyboardInterrupt:
            if not found:
                raise
            interrupted = True
            break
        except Exception as error:
            if not found:
                raise
            failure = (
                f"At {variable} = {written(value)} the cell raised {type(error).__name__}: "
                f"{first_sentence(str(error))}"
            )
            break
        found[value] = comparison
        _stop_over_limit(variable, value, comparison, stops)
        if comparison.interrupted:
            interrupted = True
            break
    return Sweep(
        variable=variable,
        call=_call(list(found.values())),
        values=values,
        comparisons=tuple(found.get(value) for value in values),
        limit_s=setup.limit,
        stops=tuple(stops.values()),
        interrupted=interrupted,
        failure=failure,
    )


def _last(found: dict[int | float, Comparison]) -> Comparison:
    return found[next(reversed(found))]


def _call(found: Sequence[Comparison]) -> str:
    """The call as it was written, or the first and the last if they differ."""
    first, last = found[0].call, found[-1].call
    return first if first == last else f"{first} to {last}"


def _telling(where: str, setup: Setup) -> Setup:
    """``setup`` whose progress says where in the sweep it is."""
    return replace(setup, progress=lambda what: setup.progress(f"{where}: {what}"))


def _stop_over_limit(
    variable: str, value: float, comparison: Comparison, stops: dict[str, Stop]
) -> None:
    """Stop the backends that were over the limit at ``value``."""
    for row in comparison.rows:
        reason = row.reason or ""
        if not row.ran and _has(reason, _TOO_SLOW):
            what: Late = "preparing" if _has(reason, _BEFORE_A_CALL) else "call"
            said = f"left out from {variable} = {written(value)} on: {reason}"
            stops[row.backend] = Stop(row.backend, value, what, said)


def _has(reason: str, words: tuple[str, ...]) -> bool:
    return any(word in reason for word in words)


def _stop_in_time(
    variable: str,
    value: float,
    found: Mapping[int | float, Comparison],
    stops: dict[str, Stop],
    limit_s: float,
) -> None:
    """Stop the backends that are predicted to be over the limit at ``value``."""
    rows: dict[str, list[tuple[int | float, Row]]] = {}
    for at, comparison in found.items():
        for row in comparison.rows:
            rows.setdefault(row.backend, []).append((at, row))
    for backend, pairs in rows.items():
        if backend in stops:
            continue
        times = [Point(at, row.time_s) for at, row in pairs if row.time_s]
        compiles = [Point(at, row.compile_s) for at, row in pairs if row.ran and row.compile_s]
        late: tuple[tuple[Late, list[Point], str], ...] = (
            ("call", times, "a call is"),
            ("preparing", compiles, "compiling it is"),
        )
        for what, points, words in late:
            time_s = predicted_s(points, value)
            if time_s is not None and time_s > limit_s:
                reason = (
                    f"left out from {variable} = {written(value)} on: {words} predicted to take "
                    f"{units.seconds(time_s)}: over the limit of {units.seconds(limit_s)} "
                    "(--limit raises it)."
                )
                stops[backend] = Stop(backend, value, what, reason)
                break


@contextmanager
def _as_before(namespace: dict[str, Any], name: str) -> Iterator[None]:
    """Put the variable ``name`` back as it is now, or take it away."""
    was_there, value = name in namespace, namespace.get(name)
    try:
        yield
    finally:
        if was_there:
            namespace[name] = value
        else:
            namespace.pop(name, None)


def _check_use(text: str, variable: str) -> None:
    """See that the main part of the cell reads ``variable`` from outside, and never sets it.

    Raises:
        CellError: it is not so.
    """
    main, _ = split(text, first_line=2)
    try:
        with warnings.catch_warnings(action="ignore"):  # they come again when the cell is run
            code = compile(main, "<cell>", "exec", dont_inherit=True)
    except SyntaxError:
        return  # it is raised again when the cell is run, with its place
    used = set(_operations_on(variable, code))
    if used & {"STORE_GLOBAL", "STORE_NAME"}:
        message = f"the cell sets {variable} itself; remove that, the sweep gives it its values."
        raise CellError(message)
    if not used:
        message = (
            f"the cell does not use {variable}; use it in the call, for instance f({variable})."
        )
        raise CellError(message)


def _operations_on(variable: str, code: types.CodeType) -> Iterator[str]:
    """The operations on the global of that name; a local one is not meant, nor one of a class.

    The bytecode knows them apart, also for comprehensions, where the symbol table does not.
    """
    whole_cell = code.co_name == "<module>"
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        of_globals = "GLOBAL" in name or name == "LOAD_NAME" or (whole_cell and "_NAME" in name)
        if of_globals and instruction.argval == variable:
            yield name
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _operations_on(variable, inner)
