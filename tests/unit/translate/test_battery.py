"""Every loop of the battery gives what Python gives: called as it is, and jitted."""

import copy
import time

import in_sample
import jax
import numpy as np
import pytest

from jaxmagic import _jax
from jaxmagic.translate import translate


def is_number(value):
    return isinstance(value, float | complex | np.ndarray | dict)


def check(got, wanted):
    got, wanted = jax.tree_util.tree_leaves(got), jax.tree_util.tree_leaves(wanted)
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype.kind == np.asarray(other).dtype.kind
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("function", "arguments"),
    in_sample.CALLS,
    ids=[f"{function.__name__}-{n}" for n, (function, _) in enumerate(in_sample.CALLS)],
)
def test_a_translated_loop_gives_what_python_gives(function, arguments):
    given = copy.deepcopy(arguments)
    wanted = function(*copy.deepcopy(arguments))
    translation = translate(function)
    assert translation.loops >= 1
    check(translation.function(*given), wanted)
    jax.tree_util.tree_map(np.testing.assert_array_equal, given, arguments)  # nothing was changed
    static = [n for n, argument in enumerate(arguments) if not is_number(argument)]
    check(jax.jit(translation.function, static_argnums=static)(*arguments), wanted)


LENGTH_TRACED = [
    (in_sample.solow, (0.2, 50)),
    (in_sample.grid_maximum, (7,)),
    (in_sample.greatest_common_divisor, (48, 36)),
    (in_sample.is_prime, (91,)),
    (in_sample.sum_of_odd, (20,)),
    (in_sample.countdown, (20,)),
    (in_sample.digits, (12345,)),
    (in_sample.two_stops, (1.0, 50)),
    (in_sample.heat, (in_sample.X, 5)),
]


@pytest.mark.parametrize(("function", "arguments"), LENGTH_TRACED)
def test_the_number_of_steps_may_be_known_only_when_the_program_runs(function, arguments):
    check(jax.jit(translate(function).function)(*arguments), function(*arguments))


def test_ten_thousand_steps_compile_at_once():
    function = jax.jit(translate(in_sample.solow).function, static_argnums=1)
    start = time.perf_counter()
    check(function(0.2, 10_000), in_sample.solow(0.2, 10_000))
    assert time.perf_counter() - start < 30  # unrolled, the process would have died


def test_a_loop_of_known_length_can_be_differentiated():
    function = translate(in_sample.solow).function
    slope = jax.grad(lambda k: function(k, 5))(0.2)
    width = 1e-6
    wanted = (in_sample.solow(0.2 + width, 5) - in_sample.solow(0.2 - width, 5)) / (2 * width)
    np.testing.assert_allclose(slope, wanted, rtol=1e-3)


def test_it_computes_in_64_bits_where_jax_does():
    function = translate(in_sample.solow).function
    with _jax.x64(enabled=True):
        got = jax.jit(function)(0.2, 1000)
    np.testing.assert_allclose(got, in_sample.solow(0.2, 1000), rtol=1e-12)
