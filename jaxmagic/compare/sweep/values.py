"""From ``n=10**1..10**7`` to the variable of a sweep and its values."""

import keyword
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jaxmagic.compare.cell import CellError

MOST_VALUES = 30
_FEWEST_STEPS, _MOST_STEPS = 4, 8  # between ends that are no powers of ten
_STEPS_PER_DECADE = 3

_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=(?!=)(.*)", re.DOTALL)
_PIECES = re.compile(
    r"""(?P<skip>'[^']*'|"[^"]*")|(?P<open>[\[({])|(?P<close>[\])}])|(?P<dots>\.{2,})"""
    r"|(?P<second>(?<=[\s,])[^\W\d]\w*\s*=(?!=))"
)


def parse_sweep(text: str, namespace: Mapping[str, Any]) -> tuple[str, tuple[int | float, ...]]:
    """The variable of a sweep and its values, from what stands on the line of the magic.

    ``n=10**1..10**7`` goes through the decades, both ends included; between ends that are no
    powers of ten lie five to nine points at about equal ratios, integers between integers. Any
    expression that gives a sequence of numbers is taken as it is, in its order. Expressions are
    evaluated in ``namespace``, which does not change. No value is given twice.

    >>> parse_sweep("n=10**1..10**4", {})
    ('n', (10, 100, 1000, 10000))
    >>> parse_sweep("n=1..8", {})
    ('n', (1, 2, 3, 5, 8))

    Raises:
        CellError: there is no variable, more than one, or its values are not 1 to 30 positive
            numbers.
    """
    assignment = _ASSIGNMENT.fullmatch(text)
    if assignment is None:
        message = f"{text.strip()!r} is no sweep; write a variable and its values: n=10..10**6."
        raise CellError(message)
    variable, given = assignment[1], assignment[2].strip().rstrip(",").rstrip()
    if not variable.isidentifier() or keyword.iskeyword(variable):
        message = f"{variable!r} can't be the name of a variable; write for instance n=10..10**6."
        raise CellError(message)
    ends = _ends(variable, given)
    if not all(ends):
        message = f"{variable}={given} lacks values; write for instance {variable}=10..10**6."
        raise CellError(message)
    found = [_evaluated(variable, end, namespace) for end in ends]
    if len(found) == 1:
        return variable, _sequence(variable, given, found[0])
    start, end = (_number(variable, value) for value in found)
    if not start < end:
        message = f"{variable}={given}: the end must be above the start."
        raise CellError(message)
    return variable, as_values(variable, _between(start, end))


def as_values(variable: str, numbers: Iterable[Any]) -> tuple[int | float, ...]:
    """``numbers`` as Python numbers, each once.

    Raises:
        CellError: they are not 1 to 30 positive numbers.
    """
    values: dict[int | float, None] = {}
    for number in numbers:
        values[_number(variable, number)] = None
        if len(values) > MOST_VALUES:
            message = f"{variable} has more than {MOST_VALUES} values; give fewer."
            raise CellError(message)
    if not values:
        message = f"{variable} has no values; write for instance {variable}=10..10**6."
        raise CellError(message)
    return tuple(values)


def written(value: float) -> str:
    """A value of the variable as text: ``10,000``, ``0.25``."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _ends(variable: str, given: str) -> list[str]:
    """``given`` in two at its ``..``, or as a whole if there is none outside of brackets."""
    depth, cuts = 0, []
    for piece in _PIECES.finditer(given):
        depth += (piece["open"] is not None) - (piece["close"] is not None)
        if depth == 0 and piece["second"]:
            other = piece["second"].rstrip("= ")
            message = (
                f"a sweep goes over one variable, and here are {variable} and {other}; "
                f"set {other} in the cell."
            )
            raise CellError(message)
        if depth == 0 and piece["dots"]:
            cuts.append(piece)
    if not cuts:
        return [given]
    if len(cuts) > 1 or len(cuts[0]["dots"]) > 2:  # noqa: PLR2004  two dots are what is asked for
        message = f"{variable}={given} is not clear; write start, two dots, end: {variable}=10..99."
        raise CellError(message)
    return [given[: cuts[0].start()].strip(), given[cuts[0].end() :].strip()]


def _evaluated(variable: str, text: str, namespace: Mapping[str, Any]) -> Any:
    try:
        # in a copy: an expression may assign (:=), and eval adds __builtins__
        return eval(compile(text, "<sweep>", "eval"), dict(namespace))  # noqa: S307  the user's
    except SyntaxError:
        message = f"{variable}={text} is no Python expression; write for instance 10..10**6."
        raise CellError(message) from None
    except Exception as error:
        message = f"{variable}={text} can't be evaluated: {type(error).__name__}: {error}"
        raise CellError(message) from error


def _sequence(variable: str, given: str, found: Any) -> tuple[int | float, ...]:
    try:
        elements = None if isinstance(found, str | bytes | Mapping) else iter(found)
    except TypeError:  # an array without dimensions has __iter__ all the same
        elements = None
    if elements is None:
        message = (
            f"{variable}={given} is no sequence of numbers; write for instance "
            f"{variable}=10..10**6 or {variable}=[10, 100]."
        )
        raise CellError(message)
    return as_values(variable, elements)


def _number(variable: str, value: Any) -> int | float:
    """``value`` as a Python number: an integer of NumPy would be traced otherwise than n = 10."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"{variable} is to be a number, and one of its values is {value!r:.60}."
        raise CellError(message)
    if not (0 < value <= 1e300 and math.isfinite(value)):  # noqa: PLR2004  larger is no float
        shown = "too large" if value > 0 else written(value)
        message = f"{variable} must be above 0, as its axis is logarithmic; a value is {shown}."
        raise CellError(message)
    return value


def _between(start: float, end: float) -> Iterator[int | float]:
    """Values at about equal ratios from ``start`` to ``end``, both included."""
    whole = isinstance(start, int) and isinstance(end, int)
    first, last = _power_of_ten(start), _power_of_ten(end)
    if first is not None and last is not None:
        return (10**power if whole else float(f"1e{power}") for power in range(first, last + 1))
    steps = _steps(start, end, whole=whole)
    ratio = (end / start) ** (1 / steps)
    exact = whole and math.isclose(ratio, round(ratio), rel_tol=1e-9)
    inner = (
        start * round(ratio) ** step if exact else _rounded(start * ratio**step, whole=whole)
        for step in range(1, steps)
    )
    return iter([start, *(value for value in inner if start < value < end), end])


def _steps(start: float, end: float, *, whole: bool) -> int:
    """How many steps there are; between integers a number with an integer ratio is preferred."""
    wanted = round(_STEPS_PER_DECADE * math.log10(end / start))
    steps = min(max(wanted, _FEWEST_STEPS), _MOST_STEPS)
    choice = range(_FEWEST_STEPS, _MOST_STEPS + 1)
    integer = [n for n in choice if whole and round((end / start) ** (1 / n)) ** n * start == end]
    return min(integer, key=lambda n: abs(n - steps), default=steps)


def _power_of_ten(value: float) -> int | None:
    power = round(math.log10(value))
    exact = value == 10**power if power >= 0 else value == float(f"1e{power}")
    return power if exact else None


def _rounded(value: float, *, whole: bool) -> int | float:
    """``value`` with two digits: nobody wants to read 31,623."""
    digits = 1 - math.floor(math.log10(value))
    return round(round(value), min(digits, 0)) if whole else round(value, digits)
