"""The integers that a traced program can compute, as intervals.

An interval that is ``known`` holds all values that are possible. One that is not begins with an
integer that is only known when the program runs; there, only how it grows means anything.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN = 1000
"""Stands for the size of an integer that is not known."""


@dataclass(frozen=True)
class Interval:
    """The integers from ``low`` to ``high``; no others are possible if it is ``known``."""

    low: int
    high: int
    known: bool = True

    @property
    def size(self) -> int:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    def fits(self, dtype: Any) -> bool:
        """Whether an integer type holds all of it."""
        import numpy as np  # noqa: PLC0415  slow to import, and not needed to translate

        limits = np.iinfo(dtype)
        return int(limits.min) <= self.low and self.high <= int(limits.max)


ANY = Interval(-UNKNOWN, UNKNOWN, known=False)
_BIT = Interval(0, 1)


def around(values: Sequence[int], *inputs: Interval) -> Interval:
    """The interval that holds ``values``; known if all ``inputs`` are."""
    return Interval(min(values), max(values), all(value.known for value in inputs))


def joined(intervals: Sequence[Interval]) -> Interval:
    """All integers of any."""
    return around([end for i in intervals for end in (i.low, i.high)], *intervals)


def outputs(
    jaxpr: Any,
    inputs: Sequence[Interval | None],
    constants: Sequence[Any],
    overflow: Callable[[Any], None],
) -> list[Interval | None]:
    """The integers that ``jaxpr`` gives for ``inputs``; None for what is no integer.

    ``overflow`` is told of each equation whose result is known not to fit its type.
    """
    values: dict[Any, Interval | None] = {}
    for variable, constant in zip(jaxpr.constvars, constants, strict=True):
        values[variable] = of_value(constant)
    values.update(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> Interval | None:
        return of_value(atom.val) if hasattr(atom, "val") else values.get(atom)

    for equation in jaxpr.eqns:
        given = [read(atom) for atom in equation.invars]
        found = _results(equation, given, overflow)
        for variable, interval in zip(equation.outvars, found, strict=True):
            dtype = getattr(variable.aval, "dtype", None)
            if getattr(dtype, "kind", "") not in "iu" or dtype is None:
                values[variable] = _BIT if getattr(dtype, "kind", "") == "b" else None
                continue
            values[variable] = integers = interval or ANY
            if integers.known and not integers.fits(dtype):
                overflow(equation)
    return [read(atom) for atom in jaxpr.outvars]


def of_value(value: Any) -> Interval | None:
    """The interval of an array that is at hand; ANY for a traced one, None if no integers."""
    import jax  # noqa: PLC0415  as above
    import numpy as np  # noqa: PLC0415  as above

    if isinstance(value, jax.core.Tracer):
        return ANY if value.dtype.kind in "iu" else None
    array = np.asarray(value)
    if array.dtype.kind == "b":
        return _BIT
    if array.dtype.kind not in "iu" or not array.size:
        return None
    return Interval(int(array.min()), int(array.max()))


def _results(  # noqa: C901, PLR0911  one case for each kind of equation
    equation: Any, given: list[Interval | None], overflow: Callable[[Any], None]
) -> list[Interval | None]:
    name, parameters = equation.primitive.name, equation.params
    many = len(equation.outvars)
    if name == "cond":
        branches = [outputs(b.jaxpr, given[1:], b.consts, overflow) for b in parameters["branches"]]
        return [
            joined([i for i in found if i is not None]) if any(found) else None
            for found in zip(*branches, strict=True)
        ]
    if name in ("while", "scan"):
        return [ANY] * many
    numbers = [i for i in given if i is not None]
    if parameters.get("name") == "whole_power" and len(numbers) == 2:  # noqa: PLR2004  two operands
        return [_ends(numbers[0], numbers[1], lambda a, b: a ** min(max(b, 0), 256))]
    if parameters.get("name") in ("remainder", "floor_divide") and len(numbers) == 2:  # noqa: PLR2004  two operands
        rule = _remainder if parameters["name"] == "remainder" else _quotient
        return [rule(*numbers)]
    inner = parameters.get("jaxpr") or parameters.get("call_jaxpr")
    if inner is not None:
        closed = getattr(inner, "jaxpr", inner)
        if len(closed.invars) == len(given):
            return outputs(closed, given, getattr(inner, "consts", ()), overflow)
        return [ANY] * many
    if not numbers:
        return [None] * many
    if name in _JOINING:
        return [joined(numbers)] * many
    if name == "select_n":
        chosen = [i for i in given[1:] if i is not None]
        return [joined(chosen) if chosen else None]
    if name in _FIRST:
        return [given[0]] * many
    if name == "reduce_sum" and given[0] is not None:
        count = math.prod(equation.invars[0].aval.shape[a] for a in parameters["axes"])
        low, high = given[0].low * count, given[0].high * count
        return [Interval(min(low, given[0].low), max(high, given[0].high), given[0].known)]
    two = numbers if len(numbers) == 2 else [numbers[0], numbers[0]]  # noqa: PLR2004  as above
    if name in _RULES:
        return [_RULES[name](two[0], two[1], parameters)]
    return [ANY] * many


_JOINING = {"concatenate", "dynamic_update_slice", "scatter", "pad", "clamp"}
_FIRST = frozenset(
    [
        "convert_element_type",
        "broadcast_in_dim",
        "reshape",
        "squeeze",
        "copy",
        "slice",
        "dynamic_slice",
        "gather",
        "rev",
        "transpose",
        "expand_dims",
        "reduce_max",
        "reduce_min",
        "sort",
        "copy_p",
        "stop_gradient",
        "cummax",
        "cummin",
    ]
)


def _ends(one: Interval, other: Interval, rule: Callable[[int, int], int]) -> Interval:
    pairs = [(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return around([rule(a, b) for a, b in pairs], one, other)


def _remainder(one: Interval, other: Interval) -> Interval:
    """As Python's ``%``: it has the sign of the divisor."""
    if one.low >= 0 and one.high < other.low:
        return around([one.low, one.high], one, other)
    return Interval(min(other.low + 1, 0), max(other.high - 1, 0), other.known)


def _quotient(one: Interval, other: Interval) -> Interval:
    if other.low > 0 or other.high < 0:
        return _ends(one, other, lambda a, b: a // b)
    return Interval(-one.size - 1, one.size, one.known and other.known)


def _power(one: Interval, exponent: int) -> Interval:
    if exponent < 0:
        return ANY
    low = 0 if one.low <= 0 <= one.high and exponent % 2 == 0 else one.low**exponent
    return around([low, one.low**exponent, one.high**exponent], one)


def _and(one: Interval, other: Interval) -> Interval:
    masks = [i for i in (one, other) if i.low >= 0]
    if not masks:
        return joined([one, other])
    smallest = min(masks, key=lambda i: i.high)
    return Interval(0, smallest.high, smallest.known)


def _or(one: Interval, other: Interval) -> Interval:
    high = (1 << max(one.high, other.high, 0).bit_length()) - 1
    low = -(1 << max(-one.low, -other.low, 0).bit_length()) if min(one.low, other.low) < 0 else 0
    return Interval(low, high, one.known and other.known)


def _shifted(one: Interval, other: Interval) -> Interval:
    return _ends(one, other, lambda a, b: a << min(max(b, 0), 64))


_RULES: dict[str, Callable[[Interval, Interval, dict[str, Any]], Interval]] = {
    "add": lambda a, b, _: around([a.low + b.low, a.high + b.high], a, b),
    "add_any": lambda a, b, _: around([a.low + b.low, a.high + b.high], a, b),
    "sub": lambda a, b, _: around([a.low - b.high, a.high - b.low], a, b),
    "mul": lambda a, b, _: _ends(a, b, lambda x, y: x * y),
    "neg": lambda a, _b, _: around([-a.low, -a.high], a),
    "abs": lambda a, _b, _: around(
        [
            0 if a.low <= 0 <= a.high else a.size,
            a.low if a.low > 0 else 0 if a.high >= 0 else -a.high,
            a.size,
        ],
        a,
    ),
    "sign": lambda _a, _b, _: Interval(-1, 1),
    "max": lambda a, b, _: around([max(a.low, b.low), max(a.high, b.high)], a, b),
    "min": lambda a, b, _: around([min(a.low, b.low), min(a.high, b.high)], a, b),
    "div": lambda a, b, _: _quotient(a, b),
    "rem": lambda a, b, _: Interval(
        0 if a.low >= 0 else -max(b.size - 1, 0), 0 if a.high <= 0 else max(b.size - 1, 0), b.known
    ),
    "integer_pow": lambda a, _b, given: _power(a, given["y"]),
    "square": lambda a, _b, _: _power(a, 2),
    "shift_left": lambda a, b, _: _shifted(a, b),
    "shift_right_arithmetic": lambda a, b, _: _ends(a, b, lambda x, y: x >> min(max(y, 0), 64)),
    "shift_right_logical": lambda a, b, _: _ends(a, b, lambda x, y: x >> min(max(y, 0), 64)),
    "and": lambda a, b, _: _and(a, b),
    "or": lambda a, b, _: _or(a, b),
    "xor": lambda a, b, _: _or(a, b),
    "not": lambda a, _b, _: around([~a.low, ~a.high], a),
    "scatter-add": lambda a, b, _: around([a.low + min(b.low, 0), a.high + max(b.high, 0)], a, b),
}
