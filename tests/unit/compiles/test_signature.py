"""What two signatures differ in, told by the names of the arguments."""

import gc
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxmagic._jax import Call
from jaxmagic.compiles.difference import between, closest
from jaxmagic.compiles.signature import argument, signature_of
from jaxmagic.compiles.static import Static, static_text


def signature(function, *args, static=(), **kwargs):
    parameters = inspect.signature(function).parameters
    return signature_of(Call(1, "call", function, args, kwargs, static, (), parameters))


def f(x, *rest, scale=1.0):
    pass


def test_arguments_have_the_names_of_the_function():
    found = signature(f, np.ones(3), 1, *[True], scale=2)
    assert found.text() == (
        "x: float32[3], rest[0]: weak int32[], rest[1]: bool[], scale: weak int32[]"
    )


def test_paths_are_those_of_jax():
    tree = {"a": [np.ones(1), (np.ones(2), {3: np.ones(3)})], "b": None}
    expected = [
        "p" + jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)
    ]
    found = argument("p", tree)
    assert [found.path(index) for index in range(len(found.leaves))] == expected
    assert argument("p", tree).structure is found.structure  # it is remembered


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        ("relu", "'relu'"),
        ((1, (2.5, None)), "(1, (2.5, None))"),
        pytest.param(10**9000, "an int of 29898 bits", id="a long number"),
        (np.dtype("float32"), "float32"),
        (len, "len"),
        (np.ndarray, "ndarray"),
        (object(), "a object"),
        ("x" * 10_000, None),
        (tuple(range(10_000)), None),
    ],
)
def test_static_values_are_written_briefly(value, text):
    assert len(static_text(value)) <= 60
    assert text is None or static_text(value) == text


def test_static_values_are_equal_as_jax_takes_them():
    class ByIdentity:
        pass

    class ByValue:
        def __eq__(self, other):
            return isinstance(other, ByValue)

        def __hash__(self):
            return 1

    one = ByIdentity()
    assert Static("s", one) == Static("s", one)
    assert Static("s", one) != Static("s", ByIdentity())
    first, second = ByValue(), ByValue()
    assert Static("s", first) == Static("s", second)
    assert Static("s", -1) != Static("s", -2)  # these have the same hash
    assert Static("s", 1) != Static("t", 1)
    gone = Static("s", one)
    del one
    gc.collect()
    assert gone != Static("s", ByIdentity())


LEAVES = st.sampled_from([np.ones(1), np.ones(2), np.ones((2, 2), np.int32), 1, 2.0, True])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.none()
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(TREES, TREES)
def test_signatures_differ_exactly_where_jax_would_trace_again(one, other):
    def key(tree):
        leaves, structure = jax.tree.flatten(tree)
        return structure, [(jax.typeof(leaf), jax.typeof(leaf).weak_type) for leaf in leaves]

    before, after = (signature(lambda tree: tree, tree) for tree in (one, other))
    assert (before == after) == (key(one) == key(other))
    assert bool(between(before, after)) == (before != after)
    assert all(change.changed.startswith("tree") for change in between(before, after))


def test_the_closest_of_earlier_signatures_is_told():
    earlier = [
        signature(f, np.ones(1), np.ones(1), np.ones(1)),
        signature(f, np.ones(9), np.ones(2), np.ones(3)),
        signature(f, np.ones(8), np.ones(8), np.ones(8)),
    ]
    nearest, [change] = closest(earlier, signature(f, np.ones(1), np.ones(2), np.ones(3)))
    assert nearest == 1
    assert (change.changed, change.before, change.after) == ("x", "float32[9]", "float32[1]")
    assert closest(earlier, signature(f, *map(np.ones, (1, 1, 1)))) == (0, [])


def test_where_an_array_was_put_is_told():
    committed = jax.device_put(jnp.ones(3), jax.devices()[0])
    [change] = between(signature(f, jnp.ones(3)), signature(f, committed))
    assert (change.kind, change.before, change.after) == ("device", "the default device", "cpu:0")


def test_a_large_tree_has_no_paths_and_is_told_apart_by_its_form():
    large = {"w": [1.0] * 10_001}
    found = argument("p", large)
    assert (found.structure.ways, found.leaves) == ((), ())
    assert between(signature(f, large), signature(f, {"w": [1.0] * 10_002}))
