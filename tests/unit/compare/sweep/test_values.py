"""What may stand behind %%jaxcompare as a sweep, and what is said about anything else."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.compare.cell import CellError
from jaxmagic.compare.sweep import parse_sweep
from jaxmagic.compare.sweep.values import MOST_VALUES, written


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("n=10**1..10**7", tuple(10**power for power in range(1, 8))),
        (" n = 10 .. 1000 ", (10, 100, 1000)),
        ("n=1..1000,", (1, 10, 100, 1000)),
        ("n=1..8", (1, 2, 3, 5, 8)),
        ("n=1..2", (1, 2)),
        ("n=2**10..2**20", (1024, 4096, 16_384, 65_536, 262_144, 1_048_576)),
        ("n=100..5000", (100, 220, 480, 1000, 2300, 5000)),
        ("n=1..n_max", (1, 10, 100)),
        ("n=sizes[0]..sizes[-1]", (10, 100)),
        ("n=x[..., 0]", (3.0,)),
        ("n=10, 100, 1000", (10, 100, 1000)),
        ("n=[1000, 10]", (1000, 10)),
        ("n=(10, 10, 20)", (10, 20)),
        ("n=np.arange(1, 4)", (1, 2, 3)),
        ("n=range(1, 4)", (1, 2, 3)),
        ("n=[k for k in sizes if k == 10]", (10,)),
        ("n={5}", (5,)),
        ("h=0.001..1", (0.001, 0.01, 0.1, 1.0)),
        ("h=0.5..4", (0.5, 0.84, 1.4, 2.4, 4)),
        ("h=np.array([0.5, 1])", (0.5, 1.0)),
        ("größe=[len('a..b'), 7]", (4, 7)),
    ],
)
def test_a_sweep_is_read(text, values):
    namespace = {"np": np, "n_max": 100, "sizes": [10, 100], "x": np.full((1, 2), 3.0)}
    before = dict(namespace)
    variable, found = parse_sweep(text, namespace)
    assert variable == text.partition("=")[0].strip()
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]
    assert namespace == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' is no sweep; write a variable and its values: n=10..10**6."),
        ("10..100", "'10..100' is no sweep"),
        ("n==3", "'n==3' is no sweep"),
        ("for=1..3", "'for' can't be the name of a variable"),
        ("1n=1..3", "'1n' can't be the name of a variable"),
        ("n=", "n= lacks values; write for instance n=10..10**6."),
        ("n=..10", "n=..10 lacks values"),
        ("n=10..", "n=10.. lacks values"),
        ("n=1..10, m=1..10", "a sweep goes over one variable, and here are n and m; set m in the"),
        ("n=1..10 m=[1]", "a sweep goes over one variable, and here are n and m"),
        ("n=1...10", "n=1...10 is not clear; write start, two dots, end"),
        ("n=1..2..3", "n=1..2..3 is not clear"),
        ("n=10..1", "n=10..1: the end must be above the start."),
        ("n=10..10", "n=10..10: the end must be above the start."),
        ("n=0..10", "n must be above 0, as its axis is logarithmic; a value is 0."),
        ("n=[-1, 3]", "n must be above 0, as its axis is logarithmic; a value is -1."),
        ("n=[float('nan')]", "n must be above 0, as its axis is logarithmic; a value is nan."),
        (
            "n=[float('inf')]",
            "n must be above 0, as its axis is logarithmic; a value is too large.",
        ),
        ("n=10**400..10**401", "n must be above 0, as its axis is logarithmic; a value is too"),
        ("n=['a']", "n is to be a number, and one of its values is 'a'."),
        ("n=[True]", "n is to be a number, and one of its values is True."),
        ("n='1'..2", "n is to be a number, and one of its values is '1'."),
        ("n=np.ones((2, 2))", "n is to be a number, and one of its values is array([1., 1.])."),
        ("n=np.array(3)", "n=np.array(3) is no sequence of numbers"),
        ("n=3", "n=3 is no sequence of numbers; write for instance n=10..10**6 or n=[10, 100]."),
        ("n='abc'", "n='abc' is no sequence of numbers"),
        ("n={1: 2}", "n={1: 2} is no sequence of numbers"),
        ("n=[]", "n has no values"),
        ("n=range(1, 32)", "n has more than 30 values; give fewer."),
        ("n=itertools.count(1)", "n has more than 30 values; give fewer."),
        ("n=10**-20..10**20", "n has more than 30 values; give fewer."),
        ("n=[1", "n=[1 is no Python expression"),
        ("n=missing", "n=missing can't be evaluated: NameError: name 'missing' is not defined"),
        ("n=1/0..3", "n=1/0 can't be evaluated: ZeroDivisionError: "),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(CellError) as caught:
        parse_sweep(text, {"np": np, "itertools": itertools})
    assert str(caught.value).startswith(sentence)


@given(st.integers(1, 10**9), st.integers(2, 10**9))
def test_between_integers_lie_integers_at_about_equal_ratios(start, factor):
    end = start + factor
    _, values = parse_sweep(f"n={start}..{end}", {})
    assert values[0] == start
    assert values[-1] == end
    assert list(values) == sorted(set(values))
    assert all(type(value) is int for value in values)
    assert 2 <= len(values) <= 19
    if start >= 100:
        ratios = [math.log(b / a) for a, b in itertools.pairwise(values)]
        assert max(ratios) <= 2 * math.log(end / start) / len(ratios) + 0.1


@given(st.floats(1e-9, 1e9), st.floats(1.5, 1e9))
def test_between_floats_lie_floats(start, factor):
    _, values = parse_sweep(f"h={start!r}..{start * factor!r}", {})
    assert values[0] == start
    assert values[-1] == start * factor
    assert list(values) == sorted(set(values))
    assert 2 <= len(values) <= 20


@given(st.integers(-9, 9), st.integers(1, 12))
def test_between_powers_of_ten_lie_the_decades(power, decades):
    _, values = parse_sweep(f"h=1e{power}..1e{power + decades}", {})
    assert values == tuple(float(f"1e{n}") for n in range(power, power + decades + 1))


@given(st.lists(st.integers(1, 10**12) | st.floats(1e-6, 1e6), min_size=1))
def test_a_list_is_taken_as_it_is_without_what_comes_again(numbers):
    once = tuple(dict.fromkeys(numbers))
    if len(once) > MOST_VALUES:
        with pytest.raises(CellError):
            parse_sweep(f"n={numbers!r}", {})
    else:
        assert parse_sweep(f"n={numbers!r}", {}) == ("n", once)


@given(st.text("n0123.,=[]() ", max_size=30))
def test_whatever_is_typed_is_a_sweep_or_is_refused_in_a_sentence(text):
    try:
        variable, values = parse_sweep(f"n={text}", {})
    except CellError as error:
        assert str(error)  # noqa: PT017  both are fine
    else:
        assert variable == "n"
        assert 1 <= len(values) <= MOST_VALUES


@pytest.mark.parametrize(
    ("value", "text"),
    [(10, "10"), (1_234_567, "1,234,567"), (0.25, "0.25"), (1e-9, "1e-09"), (1000.0, "1,000")],
)
def test_values_are_written(value, text):
    assert written(value) == text
