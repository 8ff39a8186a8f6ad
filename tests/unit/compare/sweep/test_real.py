"""A sweep that is measured: the smallest budget, so nothing is said about which is faster."""

import linecache
import random

import numpy as np
import pytest

from jaxmagic import show
from jaxmagic.compare import Setup, Wanted, compare_cell
from jaxmagic.compare.sweep import parse_sweep, sweep_cell
from jaxmagic.compare.sweep.result import Sweep

CELL = """\
def f(x):
    return np.sin(x) ** 2 + scale

scale = 2.0
f(np.linspace(0, 1, n))
"""


@pytest.fixture
def file():
    text = f"%%jaxcompare\n{CELL}"
    linecache.cache["swept"] = (len(text), None, text.splitlines(keepends=True), "swept")
    yield "swept"
    linecache.cache.pop("swept")


# an older matplotlib beside a newer pyparsing
@pytest.mark.filterwarnings("ignore::DeprecationWarning:matplotlib")
def test_a_cell_is_measured_for_every_value(file):
    namespace = {"__name__": "__main__", "np": np, "n": "mine"}

    def compare(left_out, setup):
        names = tuple(name for name in ("python", "numpy", "jit") if name not in left_out)
        return compare_cell(CELL, namespace, file, Wanted(names), setup)

    variable, values = parse_sweep("n=10..1000", namespace)
    setup = Setup(seconds=0.005, limit=1000.0, rng=random.Random(1))
    result = sweep_cell(CELL, variable, values, namespace, compare, setup)
    assert result.values == (10, 100, 1000)
    assert [one.label for one in result.series] == ["Python (elements)", "NumPy", "JAX jit"]
    assert all(len(one.measured) == 3 for one in result.series)
    assert len(result.compiles("jit")) == 3
    assert result.stops == ()
    assert result.call == "f(np.linspace(0, 1, n))"
    assert namespace["n"] == "mine"
    assert namespace["scale"] == 2.0
    assert Sweep.from_json(result.to_json()) == result
    assert "Compiled afresh for every value of n that was run: JAX jit 3 times" in str(result)
    assert "n = 1,000: the whole comparison" in show.html(result)
