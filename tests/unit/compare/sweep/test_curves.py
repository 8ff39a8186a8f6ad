"""Lines on logarithmic axes: where they go on, and where they meet."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jaxmagic.compare.sweep.curves import Point, interpolated_s, meeting, predicted_s

times = st.floats(1e-9, 1e3)
values = st.floats(1.0, 1e9)


@pytest.mark.parametrize(
    ("points", "value", "time_s"),
    [
        ([], 10, None),
        ([(10, 1.0)], 100, None),
        ([(10, 1.0), (100, 10.0)], 1000, 100.0),
        ([(1, 7.0), (10, 1.0), (100, 100.0)], 1000, 10_000.0),  # the last two count
        ([(10, 1.0), (100, 0.5)], 1000, 0.5),  # a time that falls is taken to stay
        ([(100, 1.0), (101, 2.0)], 200, None),  # too close to tell
        ([(10, 1.0), (100, 5.0), (101, 10.0)], 10_000, 10.0 * (10_000 / 101)),
        ([(1, 1e-300), (10, 1e300)], 1e9, math.exp(700)),
    ],
)
def test_predictions(points, value, time_s):
    if len(points) == 3 and points[1][0] == 100:
        points[0] = (10, 10.0 * 10 / 101)  # 100 is no factor of 1.5 below 101, and is left out
    found = predicted_s([Point(*point) for point in points], value)
    assert found == (None if time_s is None else pytest.approx(time_s))


@given(values, st.floats(1.6, 1e3), times, st.floats(0, 4), st.floats(1, 1e3))
def test_a_power_law_is_continued(value, apart, time_s, power, beyond):
    points = [Point(value, time_s), Point(value * apart, time_s * apart**power)]
    expected = points[1].time_s * beyond**power
    assume(expected < 1e300)
    assert predicted_s(points, points[1].value * beyond) == pytest.approx(expected, rel=1e-6)


@given(values, st.floats(1.01, 1e6), times, times, st.floats(1.001, 1e6), st.floats(1.001, 1e6))
def test_lines_meet_where_both_have_the_same_time(value, apart, start_s, end_s, lead, lag):
    end = value * apart
    before = Point(value, start_s), Point(value, start_s * lead)
    after = Point(end, end_s * lag), Point(end, end_s)
    point = meeting(before, after)
    assert value * (1 - 1e-9) <= point.value <= end * (1 + 1e-9)
    for first, last in zip(before, after, strict=True):
        inside = min(max(point.value, value), end)
        assert interpolated_s([first, last], inside) == pytest.approx(point.time_s, rel=1e-4)


def test_lines_whose_order_stays_meet_at_an_end_at_most():
    before, after = (Point(1, 1.0), Point(1, 2.0)), (Point(10, 1.0), Point(10, 3.0))
    assert meeting(before, after).value in (pytest.approx(1), pytest.approx(10))
    assert 1 <= meeting(before, (Point(10, 1.0), Point(10, 2.0))).value <= 10


def test_outside_of_what_was_measured_nothing_is_interpolated():
    points = [Point(1, 1.0), Point(100, 100.0)]
    assert interpolated_s(points, 10) == pytest.approx(10.0)
    assert interpolated_s(points, 0.9) is None
    assert interpolated_s(points, 101) is None
    assert interpolated_s([], 1) is None
