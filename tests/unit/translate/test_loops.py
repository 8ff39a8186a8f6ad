# ruff: noqa: ARG005, FBT003  a body takes what a loop gives it
"""The wrappers of lax do what Python's loops and branches do."""

import builtins

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from jaxmagic.translate import TranslationError, python, translate
from jaxmagic.translate.loops import (
    both,
    cond,
    either,
    for_loop,
    for_loop_until,
    negated,
    not_yet,
    unset,
    while_loop,
    while_loop_until,
)

FEW = hypothesis.settings(deadline=None, max_examples=40)
SMALL = st.integers(-6, 6)


def digits_of(bounds):
    """A number that tells which indices were visited, in which order."""
    return for_loop(python.range(*bounds), lambda i, s: (s * 7 + i + 20) % 10_007, 0)


jitted_digits = jax.jit(lambda *bounds: digits_of(bounds))


@FEW
@hypothesis.given(SMALL, SMALL, SMALL.filter(bool))
def test_a_loop_visits_the_numbers_of_a_range(start, stop, step):
    wanted = 0
    for i in range(start, stop, step):
        wanted = (wanted * 7 + i + 20) % 10_007
    assert int(jitted_digits(start, stop, step)) == wanted
    assert int(digits_of((start, stop, step))) == wanted


@FEW
@hypothesis.given(st.lists(st.integers(-50, 50), max_size=6), st.integers(-60, 200))
def test_a_loop_ends_where_python_breaks(values, limit):
    wanted = 0
    for value in values:
        if wanted + value > limit:
            break
        wanted += value

    def body(value, s, stopped):
        stopped = s + value > limit
        return jnp.where(stopped, s, s + value), stopped

    if values:
        got, _ = for_loop_until(jnp.asarray(values), body, 0, False)
        assert int(got) == wanted


LINES = st.sampled_from(
    ["a = b + i", "b = a - c", "c = c + 1", "a, b = b, a", "c = a if a > b else b", "a += 0.5",
     "a = a * 0.5", "if c > 3:\n            b = a\n        else:\n            c += 2",
     "if a > 2:\n            continue", "if c > 9:\n            break", "b = i"]
)  # fmt: skip


@hypothesis.settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(st.lists(LINES, min_size=1, max_size=6), st.integers(1, 7))
def test_random_bodies_compute_what_python_computes(defined, lines, n):
    body = "\n        ".join(lines)
    text = f"def f(a, n):\n    b, c = 1, 2\n    for i in range(n):\n        {body}\n"
    text += "    return a, b, c\n"
    function = defined(text)["f"]
    got = translate(function).function(1.25, n)
    np.testing.assert_allclose(got, function(1.25, n), rtol=1e-5)


def test_what_is_carried_takes_the_type_that_holds_all_steps():
    assert for_loop(range(3), lambda i, s: s + 0.5, 0) == 1.5
    assert for_loop(range(3), lambda i, s: s * 1j, 2) == -2j
    whole = for_loop(range(3), lambda i, s: s + i, 0)
    assert whole.dtype.kind == "i"
    assert for_loop(range(0), lambda i, s: s + 0.5, 3) == 3  # no step, nothing changes
    half = for_loop(range(3), lambda i, s: s + 0.5, jnp.zeros((), "float16"))
    assert half.dtype == "float16"


def test_a_first_step_that_changes_the_shape_is_done_apart():
    x = jnp.arange(3.0)
    np.testing.assert_array_equal(for_loop(range(4), lambda i, s: s + x, 0), 4 * x)
    np.testing.assert_array_equal(for_loop(range(1), lambda i, s: s + x, 0), x)


def test_a_short_loop_that_cannot_be_compiled_is_run_by_step():
    assert for_loop(range(3), lambda i, s: s + "ab"[i % 2], "") == "aba"
    assert while_loop(lambda s: len(s) < 3, lambda s: s + "a", "") == "aaa"
    assert for_loop(["a", "b"], lambda item, s: s + item, "") == "ab"


def test_a_long_one_is_refused():
    with pytest.raises(TranslationError, match="of type str"):
        for_loop(range(101), lambda i, s: s + "a", "")


def test_what_has_no_value_needs_a_step_that_sets_it():
    assert for_loop(range(3), lambda i, y: i * 2.0, unset) == 4.0
    with pytest.raises(TranslationError, match="y has no value"):
        jax.jit(lambda n: for_loop(python.range(n), lambda i, y: i * 2.0, unset))(3)
    assert while_loop_until(lambda x, _: True, lambda x, _: (x + 1, x > 3), 0, False)[0] == 5


@pytest.mark.parametrize("x", [-1.0, 0.0, 2.0])
def test_conditions_are_python_s_known_or_not(x):
    def all_of(x):
        return (
            cond(x, lambda: 1, lambda: 2),
            both(x, lambda: x - 2),
            either(x, lambda: 7.0),
            negated(x),
        )

    wanted = (1 if x else 2, x and x - 2, x or 7.0, not x)
    assert all_of(x) == wanted
    assert [float(value) for value in jax.jit(all_of)(x)] == [float(value) for value in wanted]


def test_a_known_condition_never_looks_at_the_other_branch():
    assert cond("text" == "text", lambda: "yes", lambda: 1 / 0) == "yes"  # noqa: PLR0133
    assert jax.jit(lambda x: cond(x is None, lambda: 0.0, lambda: x + 1))(1.0) == 2.0


def test_branches_must_give_the_same_kinds_of_things():
    def both_branches(then, otherwise):
        return jax.jit(lambda x: cond(x > 0, then, otherwise))

    assert both_branches(lambda: 1, lambda: 2.5)(1.0) == 1.0
    assert both_branches(lambda: not_yet, lambda: 2.5)(-1.0) == 2.5
    for then, otherwise, said in [
        (lambda: jnp.zeros(2), lambda: jnp.zeros(3), "shape"),
        (lambda: 1.0, lambda: None, "nothing"),
        (lambda: "a", lambda: "b", "'a' and 'b'"),
        (lambda: unset, lambda: 1.0, "only if the condition holds"),
    ]:
        with pytest.raises(TranslationError, match=said):
            both_branches(then, otherwise)(1.0)


def test_large_branches_are_not_both_computed():
    def large(x):
        return for_loop(range(5), lambda i, s: s + x, 0.0)

    program = str(jax.make_jaxpr(lambda x: cond(x > 0, lambda: large(x), lambda: 0.0))(1.0))
    assert "cond[" in program
    assert "cond[" not in str(jax.make_jaxpr(lambda x: cond(x > 0, lambda: x, lambda: -x))(1.0))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("min", (2.0, 1.0, 3.0)),
        ("max", (2.0, float("nan"))),
        ("max", (float("nan"), 2.0)),
        ("round", (2.5,)),
        ("round", (-3.5,)),
        ("round", (2.345, 1)),
    ],
)
def test_built_in_functions_do_the_same_to_traced_values(name, arguments):
    mine, plain = getattr(python, name), getattr(builtins, name)
    digits = arguments[1:] if name == "round" else ()
    traced = arguments[:1] if name == "round" else arguments
    assert mine(*arguments) == plain(*arguments) or plain(*arguments) != plain(*arguments)
    got = jax.jit(lambda *values: mine(*values, *digits))(*traced)
    np.testing.assert_allclose(got, plain(*arguments), rtol=1e-6)


@pytest.mark.parametrize("x", [2.7, -2.7, 0.0])
def test_conversions_cut_off_towards_zero(x):
    assert int(jax.jit(python.as_int)(x)) == int(x)
    assert bool(jax.jit(python.as_bool)(x)) == bool(x)
    assert python.as_int("12") == 12
    assert complex(jax.jit(python.as_complex)(x, 1.0)) == pytest.approx(complex(x, 1.0))


@pytest.mark.parametrize("name", sorted(python.MATH))
def test_math_gives_the_same_for_traced_numbers(name):
    import math

    plain = getattr(math, name)
    if not callable(plain):
        assert python.MATH[name] is plain
        return
    two = name in ("atan2", "pow", "hypot", "copysign", "fmod")
    if name in ("gcd", "lcm", "factorial", "isqrt", "comb", "perm", "fsum", "prod", "dist"):
        return
    values = (0.7, 0.3) if two else (1.7,) if name == "acosh" else (0.7,)
    assert getattr(python.math, name)(*values) == plain(*values)
    np.testing.assert_allclose(
        jax.jit(getattr(python.math, name))(*values), plain(*values), rtol=1e-5
    )
