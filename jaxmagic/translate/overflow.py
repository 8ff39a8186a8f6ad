"""Whether an integer of a loop may outgrow its type.

Python's integers have no end, those of a compiled program wrap around silently. The step of a
loop is computed with intervals, again and again, from what is known of the first step. What is
known exactly has to stay within its type. Of what is not known, an argument or the number of
steps, the growth is judged: sums grow evenly and pass, products and ``a, b = b, a + b`` grow
faster and faster and are refused.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from jaxmagic.translate.carry import Unset
from jaxmagic.translate.intervals import ANY, Interval, of_value, outputs
from jaxmagic.translate.result import TranslationError
from jaxmagic.translate.trace import current_file, current_line

STEPS = 192
"""How many steps are computed; what many more would give is extrapolated."""

EVEN_GROWTH = 32.0
"""Over the second half of these steps: the fourth power grows 16 times."""


def check_integers(  # noqa: C901  what is unknown is passed over in several places
    step: Callable[..., tuple[Any, ...]],
    carry: tuple[Any, ...],
    given: tuple[Any, ...],
    names: Sequence[str],
    length: int | None,
) -> None:
    """Refuse a loop whose integers may outgrow their type.

    Args:
        step: what the loop does to its carry.
        carry: what it begins with, as arrays of the types that the loop uses.
        given: the same before it was made arrays, maybe as Python numbers.
        names: what it is called.
        length: the number of steps, if it is known.

    Raises:
        TranslationError: an integer may.
    """
    import jax  # noqa: PLC0415  slow to import, and not needed to translate

    leaves, tree = jax.tree_util.tree_flatten(carry)
    owners, start = _start(carry, given, names)
    if all(
        interval is None or name == COUNTER for name, interval in zip(owners, start, strict=True)
    ):
        return

    def flat(*arrays: Any) -> list[Any]:
        todo = iter(arrays)
        now = [leaf if isinstance(leaf, Unset) else next(todo) for leaf in leaves]
        after = step(*jax.tree_util.tree_unflatten(tree, now))
        return [leaf for leaf in jax.tree_util.tree_leaves(after) if not isinstance(leaf, Unset)]

    closed = jax.make_jaxpr(flat)(*(leaf for leaf in leaves if not isinstance(leaf, Unset)))
    if len(closed.jaxpr.outvars) != len(owners):
        return  # what a function returns from within: the settled step has it
    here = current_line()

    def refuse(name: str, equation: Any, dtype: Any) -> None:
        who = f"the integer {name}" if name else "an integer"
        advice = "with floats or in 64 bits" if dtype.itemsize < 8 else "with floats"  # noqa: PLR2004  bytes
        reason = f"{who} may outgrow {dtype}, and would wrap around; compute {advice}"
        raise TranslationError(_line_of(equation, here), reason, final=True)

    def overflow(equation: Any) -> None:
        refuse("", equation, equation.outvars[0].aval.dtype)

    at_least = UNKNOWN_FOR if owners[0] == COUNTER else UNKNOWN_WHILE
    series: list[list[Interval | None]] = [start]
    steps = STEPS if length is None or not all(i is None or i.known for i in start) else length
    for _ in range(min(steps, STEPS)):
        series.append(outputs(closed.jaxpr, series[-1], closed.consts, overflow))
        sizes = [interval.size for interval in series[-1] if interval is not None]
        if max(sizes) > 1 << 200:
            break
    for number, name in enumerate(owners):
        variable: Any = closed.jaxpr.outvars[number]
        dtype = variable.aval.dtype
        known = [found for intervals in series if (found := intervals[number]) is not None]
        if name == COUNTER or not known or start[number] is None:
            continue
        if _outgrows(known, dtype, length, at_least):
            refuse(name, _maker(closed.jaxpr, variable), dtype)


UNKNOWN_FOR, UNKNOWN_WHILE = 10_000, 1_000
"""How many steps a loop must bear whose number of steps is not known."""

COUNTER = "the counter"
"""The name of the first carry of a for loop: the number of the step."""


def _start(
    carry: tuple[Any, ...], given: tuple[Any, ...], names: Sequence[str]
) -> tuple[list[str], list[Interval | None]]:
    """For each array of the carry, what it belongs to and its integers at the start."""
    import jax  # noqa: PLC0415  as above

    owners: list[str] = []
    start: list[Interval | None] = []
    for name, value, before in zip(names, carry, given, strict=True):
        leaves = jax.tree_util.tree_leaves(value)
        others = jax.tree_util.tree_leaves(before)
        for place, leaf in enumerate(leaves):
            if isinstance(leaf, Unset):
                continue
            owners.append(name)
            like_numpy = leaf.ndim > 0 and leaf.dtype.itemsize == 8  # noqa: PLR2004  bytes: wraps too
            if leaf.dtype.kind not in "iu" or like_numpy:
                start.append(None)
                continue
            first = others[place] if len(others) == len(leaves) else leaf
            known = isinstance(first, int) or not isinstance(first, Unset)
            start.append((of_value(first) if known else Interval(0, 0)) or ANY)
    return owners, start


def _outgrows(history: list[Interval], dtype: Any, length: int | None, at_least: int) -> bool:
    """Whether an integer with this history of its first steps does not stay within ``dtype``."""
    sizes = [interval.size for interval in history]
    last = history[-1]
    if sizes[-1] > 1 << 200:
        return True
    if len(sizes) > STEPS and sizes[-1] > EVEN_GROWTH * max(sizes[len(sizes) // 2], 1000):
        return True
    if not last.known:
        return False
    if length is None:
        length = at_least
    if length < len(sizes):
        return not last.fits(dtype)
    ends = ([i.low for i in history], [i.high for i in history])
    low, high = (_extrapolated(end, length) for end in ends)
    return not Interval(min(low, last.low), max(high, last.high)).fits(dtype)


def _extrapolated(values: list[int], length: int) -> int:
    """The value after ``length`` steps of a sequence that is a polynomial of their number."""
    tail = values[-8:]
    distance = length - (len(values) - 1)
    total, factor = tail[-1], 1
    differences = tail
    for order in range(1, 5):
        differences = [b - a for a, b in itertools.pairwise(differences)]
        factor = factor * (distance + order - 1) // order
        total += factor * differences[-1]
        if not any(b - a for a, b in itertools.pairwise(differences)):
            return total
    return tail[-1] + distance * (tail[-1] - tail[-2])  # not a polynomial: at this speed


def _maker(jaxpr: Any, variable: Any) -> Any:
    for equation in reversed(jaxpr.eqns):
        if any(made is variable for made in equation.outvars):
            return equation
    return None


def _line_of(equation: Any, otherwise: int) -> int:
    """The line of the user's file that ``equation`` was traced in.

    From the traceback that JAX keeps with each equation; where there is none, ``otherwise``.
    """
    traceback = getattr(getattr(equation, "source_info", None), "traceback", None)
    file = current_file()
    for frame in getattr(traceback, "frames", ()):
        if frame.file_name == file:
            return int(frame.line_num)
    return otherwise
