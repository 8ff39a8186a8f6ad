"""Values on their way into a call and out of it."""

import collections
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic import _jax
from jaxmagic.compare.values import (
    OwnCopies,
    as_jax_library,
    as_numpy_library,
    free_arrays,
    holds_arrays,
    is_array,
    is_array_library,
    own_copy,
    ready,
    same_values,
    to_jax,
    to_numpy,
    waiting_for,
)


class Pair(NamedTuple):
    a: object
    b: object


numbers = st.integers(-5, 5) | st.floats(allow_infinity=True) | st.booleans() | st.text(max_size=2)
values = st.recursive(
    numbers | st.lists(st.floats(), max_size=3).map(np.array) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner).map(lambda pair: Pair(*pair))
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def spoil(value):
    """Change everything in ``value`` that can be changed."""
    if isinstance(value, np.ndarray):
        value.fill(99)
    elif isinstance(value, list):
        for inner in value:
            spoil(inner)
        value.append("spoilt")
    elif isinstance(value, tuple):
        for inner in value:
            spoil(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            spoil(inner)
        value["spoilt"] = 1


@given(values)
def test_nothing_done_to_a_copy_is_seen_in_the_original(value):
    before, copy = own_copy(value), own_copy(value)
    assert same_values(value, copy)
    assert type(copy) is type(value)
    spoil(copy)
    assert same_values(value, before)
    assert repr(value) == repr(before)


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({1}, lambda copy: copy.add(2)),
        (bytearray(b"a"), lambda copy: copy.extend(b"b")),
        (collections.deque([1]), lambda copy: copy.append(2)),
        (collections.Counter("a"), lambda copy: copy.update("b")),
        (collections.defaultdict(list, a=[1]), lambda copy: copy["a"].append(2)),
        (collections.OrderedDict(a=[1]), lambda copy: copy["a"].append(2)),
        ([{1}], lambda copy: copy[0].add(2)),
    ],
)
def test_containers_of_the_standard_library_are_copied_too(value, change):
    before = repr(value)
    copy = own_copy(value)
    change(copy)
    assert repr(value) == before != repr(copy)
    assert type(copy) is type(value)


def test_a_copy_keeps_the_layout_of_an_array():
    fortran = np.asfortranarray(np.ones((3, 4)))
    assert own_copy(fortran).flags.f_contiguous
    assert own_copy(fortran).flags.owndata


def test_the_same_value_has_the_same_copy():
    copies, shared = OwnCopies(), [1]
    assert copies(shared) is copies(shared) is not shared
    assert copies([1]) is not copies([1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0]), np.array([2.0]), False),
        (np.array([1.0]), np.array([1], np.int64), False),
        (np.array([1.0]), np.array([1.0, 1.0]), False),
        (1, 1.0, False),
        (1, True, False),
        ([1, 2], [1], False),
        ("a", "a", True),
        ({"a": 1}, {"a": 1}, True),
    ],
)
def test_same_values(one, other, same):
    assert same_values(one, other) == same


def test_an_array_whose_memory_was_given_away_has_changed():
    x = jnp.ones(3)
    assert same_values(x, x)
    x.delete()
    assert not same_values(x, x)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (np.ones(2), True),
        (np.float64(1), True),
        (jnp.ones(2), True),
        ({"w": [np.ones(2)]}, True),
        (1.0, False),
        ([1.0, "text", None], False),
        (np, False),
        (np.float64, False),
        (abs, False),
        (test_same_values, False),
    ],
)
def test_which_values_hold_arrays(value, holds):
    assert holds_arrays(value) == holds


def test_an_array_is_numpys_or_jaxs_and_no_python_number():
    assert all(map(is_array, [np.ones(1), np.int32(1), jnp.ones(1)]))
    assert not any(map(is_array, [1, 1.0, [1.0], None, "text"]))


GRID = np.arange(3.0)
PARAMETERS = {"w": np.ones(2)}


def helper(x):
    return x * GRID


def uses_arrays(x):
    return helper(x) + GRID + PARAMETERS["w"][0] + len("text")


def test_free_arrays_are_found_through_helpers_each_once():
    found = free_arrays(uses_arrays)
    assert sorted(use.name for use in found) == ["GRID", "PARAMETERS"]
    assert {id(use.value) for use in found} == {id(GRID), id(PARAMETERS)}


def test_to_jax_moves_floats_and_arrays_only():
    moved = to_jax({"f": 0.5, "c": 1j, "i": 3, "b": True, "s": "text", "a": np.ones(2), "n": None})
    assert {key for key, value in moved.items() if isinstance(value, jax.Array)} == {"f", "c", "a"}
    assert (moved["i"], moved["b"], moved["s"], moved["n"]) == (3, True, "text", None)
    assert moved["f"].weak_type
    assert not moved["a"].weak_type
    with _jax.x64(enabled=True):
        assert (to_jax(0.5) * jnp.ones(2, np.float32)).dtype == np.float32


def test_to_numpy_copies_jaxs_arrays_only():
    mine, theirs = np.ones(2), jnp.ones(2)
    back = to_numpy([mine, theirs, 1])
    assert back[0] is mine
    assert type(back[1]) is np.ndarray
    assert back[1].flags.writeable
    assert back[2] == 1


def test_results_that_are_being_computed_are_waited_for():
    assert waiting_for(1.0) is None
    assert waiting_for([np.ones(2)]) is None
    array = jnp.ones(2)
    assert waiting_for(array)(array) is array
    assert waiting_for([array, 1]) is ready
    assert ready([array, 1])[0] is array


@pytest.mark.parametrize(
    ("numpys", "jaxs"),
    [(np, jnp), (np.linalg, jnp.linalg), (np.fft, jnp.fft), (np.sin, jnp.sin), (np.dot, jnp.dot)],
)
def test_each_library_stands_for_the_other(numpys, jaxs):
    assert as_jax_library(numpys) is jaxs
    assert as_numpy_library(jaxs) is numpys
    assert as_jax_library(jaxs) is jaxs
    assert as_numpy_library(numpys) is numpys
    assert is_array_library(numpys)
    assert is_array_library(jaxs)


@pytest.mark.parametrize("value", [np.random, jax, jax.lax, abs, 5, "sin", helper, GRID, None])
def test_anything_else_stands_for_itself(value):
    assert as_jax_library(value) is value
    assert as_numpy_library(value) is value
    assert not is_array_library(value)
