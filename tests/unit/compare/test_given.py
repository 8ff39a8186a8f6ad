"""Functions that exist already run as they are."""

import jax
import numba
import numpy as np
import pytest

from jaxmagic.compare.backend import Setup
from jaxmagic.compare.given import as_given


def double(x):
    return 2 * x


@pytest.mark.parametrize(
    ("function", "compiles", "parts"),
    [
        (double, False, set()),
        (np.square, False, set()),
        (jax.numpy.square, True, {"trace", "lower", "compile"}),
        (jax.jit(double), True, {"trace", "lower", "compile"}),
        (numba.njit(double), True, set()),
    ],
)
def test_compile_time_is_apart_where_there_is_one(function, compiles, parts):
    made = as_given("mine", function, (np.full(3, 2.0),))(Setup())
    assert made.label == made.contender.name == "mine"
    assert np.asarray(made.result).tolist() == [4, 4, 4]
    assert (made.compile_s is not None) == compiles
    assert made.compile_parts_s.keys() == parts
    assert made.contender.function is function


def test_a_result_on_the_device_is_waited_for():
    made = as_given("mine", lambda x: [jax.numpy.sin(x)], (jax.numpy.ones(3),))(Setup())
    assert made.contender.wait is not None
    assert as_given("mine", double, (1.0,))(Setup()).contender.wait is None


def test_arguments_are_copies():
    def change(x):
        x.append(1)
        return len(x)

    mine = []
    made = as_given("mine", change, (mine,))(Setup())
    assert made.result == 1
    assert mine == []
    assert made.contender.renew is not None


def test_the_limit_holds_for_functions_as_they_are():
    def endless():
        while True:
            pass

    with pytest.raises(Exception, match="over the limit"):
        as_given("mine", endless, ())(Setup(limit=0.1))
