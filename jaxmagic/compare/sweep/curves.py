"""Times against a size on logarithmic axes: the slope at the end, and where two lines cross."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_APART = 1.5  # two sizes closer than this say more about noise than about growth


class Point(NamedTuple):
    """A time, in seconds, at a value of the variable."""

    value: float
    time_s: float


def predicted_s(measured: Sequence[Point], value: float) -> float | None:
    """The time at ``value`` on the line through the last two points of ``measured``, ascending.

    The line is straight on logarithmic axes, so a power law. The second point is the nearest one
    before the last that is at least a factor of 1.5 below it. A time that falls is taken to stay.
    None without two such points.
    """
    if not measured:
        return None
    last = measured[-1]
    earlier = [point for point in measured if point.value * _APART <= last.value]
    if not earlier:
        return None
    slope = max(_slope(earlier[-1], last), 0.0)
    exponent = math.log(last.time_s) + slope * math.log(value / last.value)
    return math.exp(min(exponent, 700.0))  # beyond lies no float


def _slope(first: Point, second: Point) -> float:
    return math.log(second.time_s / first.time_s) / math.log(second.value / first.value)


def interpolated_s(measured: Sequence[Point], value: float) -> float | None:
    """The time at ``value`` between the points of ``measured``, ascending; None outside of them."""
    for before, after in pairwise(measured):
        if before.value <= value <= after.value:
            share = math.log(value / before.value) / math.log(after.value / before.value)
            return _along(before.time_s, after.time_s, share)
    return None


def meeting(before: tuple[Point, Point], after: tuple[Point, Point]) -> Point:
    """Where the lines of two contenders meet, given the points of both before and after that.

    Both lines are straight on logarithmic axes. The order of the two must differ between
    ``before`` and ``after``, or be undecided in one of them.
    """
    lead_before = math.log(before[0].time_s / before[1].time_s)
    lead_after = math.log(after[0].time_s / after[1].time_s)
    share = lead_before / (lead_before - lead_after) if lead_before != lead_after else 0.5
    share = min(max(share, 0.0), 1.0)
    return Point(
        _along(before[0].value, after[0].value, share),
        _along(before[0].time_s, after[0].time_s, share),
    )


def _along(start: float, end: float, share: float) -> float:
    """The point at ``share`` of the way on a logarithmic axis."""
    return math.exp(math.log(start) + share * (math.log(end) - math.log(start)))
