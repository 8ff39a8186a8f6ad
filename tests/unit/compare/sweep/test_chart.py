"""The picture of a sweep."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.compare.sweep.chart import _spread, _tick, _time_tick

pytest.importorskip("matplotlib")
# an older matplotlib beside a newer pyparsing
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:matplotlib")


def test_every_backend_and_every_crossing_is_in_the_sentence(sweep):
    picture = sweep.plot()
    assert picture.alt == (
        "Time of a call of f(np.ones(n), '<i>') against n: Python 1.20 µs to 124 µs for 10 to "
        "1,000, Numba 210 ns to 630 µs for 10 to 100,000, JAX eager 410 µs to 610 µs for 10 to "
        "100,000, JAX jit 5.20 µs to 110 µs for 10 to 100,000. JAX jit overtakes Python at n ≈ 42 "
        "(measured at 10 and 100). JAX jit overtakes Numba at n ≈ 1,300 and becomes the fastest "
        "(measured at 1,000 and 10,000). JAX eager overtakes Numba at n ≈ 96,000 "
        "(measured at 10,000 and 100,000)."
    )
    ET.fromstring(picture.svg)
    assert not re.search(r"<script|<image|href=\"http", picture.svg)


def test_the_picture_is_the_same_every_time(sweep):
    assert sweep.plot() == sweep.plot()


def test_what_is_extrapolated_is_dashed(sweep):
    assert "stroke-dasharray: 5.6,4.2" in sweep.plot().svg
    assert "stroke-dasharray: 5.6,4.2" not in replace(sweep, stops=()).plot().svg


def test_without_two_values_there_is_nothing_to_plot(sweep):
    with pytest.raises(ValueError, match="no line to plot"):
        replace(sweep, values=(10,), comparisons=sweep.comparisons[:1]).plot()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=15).map(sorted))
def test_names_are_never_on_each_other_and_stay_inside(shares):
    places = _spread(shares, 0.06)
    assert len(places) == len(shares)
    assert all(after - before >= 0.06 - 1e-9 for before, after in pairwise(places))
    assert min(places) >= -1e-9
    assert max(places) <= 1 + 1e-9


def test_names_with_room_stay_where_they_are():
    assert _spread([0.1, 0.5, 0.9], 0.06) == [0.1, 0.5, 0.9]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (10.0, "10"),
        (1024, "1,024"),
        (10_000, "10k"),
        (16_384, "16,384"),
        (150_000, "150k"),
        (1_500_000, "1.5M"),
        (1_250_000, "1.25M"),
        (0.25, "0.25"),
        (2.5, "2.5"),
    ],
)
def test_ticks_of_values(value, text):
    assert _tick(value) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(1e-6, "1 µs"), (1e-2, "10 ms"), (2e-3, "2 ms"), (1.0, "1 s"), (100.0, "100 s")],
)
def test_ticks_of_times(time_s, text):
    assert _time_tick(time_s) == text
