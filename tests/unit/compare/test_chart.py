"""The picture of a comparison."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

pytest.importorskip("matplotlib")
# an older matplotlib beside a newer pyparsing
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:matplotlib")


def test_every_row_with_a_time_is_in_the_picture_and_in_its_sentence(comparison):
    picture = comparison.plot()
    assert picture.alt == (
        "Time of a call of f(np.ones(3), '<i>'): Python (elements) 1.23 ms, Numba 45.6 µs, "
        "JAX eager 36.9 ms, JAX jit 1.24 ms, Noise 30.0 ns"
    )
    ET.fromstring(picture.svg)
    assert not re.search(r"<script|<image|href=\"http", picture.svg)


def test_the_picture_is_the_same_every_time(comparison):
    assert comparison.plot() == comparison.plot()


def test_many_calls_do_not_make_a_large_picture(comparison):
    many = {n: (0.001 + n * 1e-9,) * 200 for n in range(500)}
    rows = tuple(replace(row, samples_s=many) for row in comparison.rows)
    assert len(replace(comparison, rows=rows).plot().svg) < 300_000


def test_without_a_time_there_is_nothing_to_plot(comparison):
    with pytest.raises(ValueError, match="nothing to plot"):
        replace(comparison, rows=comparison.rows[:1]).plot()
