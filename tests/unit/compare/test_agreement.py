"""Do two results agree, how much do they deviate, and where."""

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jaxmagic.compare.agreement import TOLERANCE_EPS, agreement, dtypes

EPS32, EPS64 = np.finfo(np.float32).eps, np.finfo(np.float64).eps


@pytest.mark.parametrize(
    ("result", "reference", "verdict", "where"),
    [
        (1.5, 1.5, "same", ""),
        (np.nan, np.nan, "same", ""),
        (np.inf, np.inf, "same", ""),
        (3, 3.0, "same", ""),
        (True, True, "same", ""),
        ("a", "a", "same", ""),
        ("a", "b", "different", "'a' instead of 'b'"),
        (None, None, "same", "nothing is returned"),
        (1.0 + 500 * EPS64, 1.0, "within precision", ""),
        (1.0 + 1500 * EPS64, 1.0, "different", "1.000000000000333 instead of 1.0"),
        (np.float32(1 + 500 * EPS32), 1.0, "within precision", ""),
        (1.0, np.float32(1 + 500 * EPS32), "within precision", ""),
        (3, 4, "different", "3 instead of 4"),
        (2**53 + 1, 2**53, "different", "9007199254740993 instead of 9007199254740992"),
        (0, 2**70, "different", "0 instead of 1180591620717411303424"),
        (2**70, 2**70, "same", ""),
        (np.nan, 1.0, "different", "nan instead of 1.0"),
        (-np.inf, np.inf, "different", "-inf instead of inf"),
        (1.0, 0.0, "different", "1.0 instead of 0.0"),
        (np.ones((2, 3)), np.ones((3, 2)), "different", "shape (2, 3) instead of (3, 2)"),
        ((1.0, 2.0), (1.0,), "different", "shape (2,) instead of (1,)"),
        ((1.0, 2.0), (1.0, 3.0), "different", "in value 1, 2.0 instead of 3.0"),
        ({"a": 1.0, "b": [2.0]}, {"a": 1.0, "b": [2.0]}, "same", ""),
        ([1.0, 2.0], np.array([1.0, 2.0]), "same", ""),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 5]]), "different", "at [1, 1]: 4 instead of 5"),
        (jnp.arange(3), np.arange(3), "same", ""),
        (1 + 1j, 1 + 1j, "same", ""),
        (1 + 1j, 1 - 1j, "different", "(1+1j) instead of (1-1j)"),
        (ml_dtypes.bfloat16(1.0), 1.0, "same", ""),
        (np.array([1.05], ml_dtypes.bfloat16), np.array([1.0]), "within precision", ""),
    ],
)
def test_verdict_and_place(result, reference, verdict, where):
    found = agreement(result, reference)
    assert (found.verdict, found.where) == (verdict, where)
    assert (found.deviation == 0.0) == (verdict == "same")


def test_the_deviation_is_relative_to_the_largest_value_and_its_place_is_named():
    reference = np.array([[0.0, -50.0], [10.0, 3.0]])
    result = reference.copy()
    result[1, 1] += 1
    found = agreement(result, reference)
    assert found.verdict == "different"
    assert found.deviation == pytest.approx(1 / 50)
    assert found.where == "at [1, 1]: 4.0 instead of 3.0"


def test_the_worst_value_decides():
    one = (1.0, 2.0, np.float32(3.0))
    assert agreement((1.0, 2.0 + 1e-14, np.float32(3.0)), one).verdict == "within precision"
    found = agreement((1.1, 9.0, np.float32(3.0 + 1e-6)), one)
    assert found.where == "in value 1, 9.0 instead of 2.0"


def test_two_values_are_not_taken_for_one_array():
    found = agreement((np.ones(3), np.ones(3)), (np.ones(3), np.ones((3, 1))))
    assert found.where == "in value 1, shape (3,) instead of (3, 1)"
    found = agreement([1.0, [2.0, 3.0]], np.ones(2))
    assert found.where == "3 values instead of 1 are returned"


def test_infinity_does_not_hide_a_difference():
    found = agreement(np.array([np.inf, 1.0]), np.array([np.inf, 2.0]))
    assert (found.verdict, found.deviation) == ("different", 0.5)


finite = st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6) | st.just(0.0)  # none that float32 loses
several = arrays.arrays(float, arrays.array_shapes(max_dims=2, max_side=4), elements=finite)


@given(several)
def test_a_result_agrees_with_itself_in_any_form(x):
    assert agreement(x, x.copy()).verdict == "same"
    assert agreement(x.tolist(), x).verdict == "same"
    assert agreement(x, x.tolist()).verdict == "same"
    assert agreement(x.astype(np.float32), x).verdict in {"same", "within precision"}


@given(several, st.data(), st.floats(1e-3, 1e3))
def test_a_deviation_beyond_the_tolerance_is_found_wherever_it_is(x, data, by):
    at = tuple(data.draw(st.integers(0, side - 1)) for side in x.shape)
    y = x.copy()
    y[at] += by
    assume(y[at] != x[at])
    found = agreement(y, x)
    scale = np.abs(x).max()
    far = np.abs(y - x).max() > TOLERANCE_EPS * EPS64 * scale
    assert found.verdict == ("different" if far else "within precision")
    if scale and far:
        assert found.deviation == pytest.approx(abs(y[at] - x[at]) / scale)
        assert found.where.startswith(f"at [{', '.join(map(str, at))}]: ")


def test_dtypes_are_those_of_all_values_each_once():
    assert dtypes((1.0, np.float32(1), [np.ones(2)], jnp.arange(2, dtype="int8"))) == (
        "float64",
        "float32",
        "int8",
    )
    assert dtypes(None) == ()
