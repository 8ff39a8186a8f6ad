"""The values of leaves that belong together: what differs, by how much, and what was not read."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jaxmagic.pytree.diff import difference
from jaxmagic.pytree.diff.compare import Comparing
from jaxmagic.pytree.diff.deviation import CHUNK, deviation
from jaxmagic.pytree.diff.values import Budget, compare_values
from jaxmagic.pytree.walk import summarise_together


def hints(a, b):
    return {fault.path: fault.hint for fault in difference(a, b, values=True).faults}


@pytest.mark.parametrize(
    ("a", "b", "hint"),
    [
        (
            np.array([1.0, 2.0]),
            np.array([1.0, 2.5]),
            "1 of 2 elements differs by 0.5 (relative 0.2)",
        ),
        (np.array([1.0]), np.array([1.5]), "differs by 0.5 (relative 0.33)"),
        (np.array([2**62]), np.array([-(2**62)]), "differs by 9.22e+18"),
        (
            np.array([250, 3], "u1"),
            np.array([5, 3], "u1"),
            "1 of 2 elements differs by 245 (rel",
        ),
        (np.array([True, True]), np.array([False, False]), "all elements differ by up to 1"),
        (
            np.array([np.nan, 1]),
            np.array([1, np.nan]),
            "all elements differ, 2 are NaN on one side",
        ),
        (np.array([np.inf, 1]), np.array([-np.inf, 1]), "1 of 2 elements differs by inf"),
        (np.array([1j]), np.array([-1j]), "differs by 2"),
        (
            np.float16([1, 60000]),
            np.float16([1, -60000]),
            "1 of 2 elements differs by 1.2e+05",
        ),
        (
            jnp.ones(4, jnp.bfloat16),
            jnp.ones(4, jnp.bfloat16) * 2,
            "all elements differ by up to 1 (rel",
        ),
        (jnp.ones(4, jnp.int4), jnp.zeros(4, jnp.int4), "all elements differ by up to 1"),
        (
            jnp.ones(4, jnp.float8_e4m3fn),
            jnp.zeros(4, jnp.float8_e4m3fn),
            "all elements differ by up to 1",
        ),
        (np.arange(6.0).reshape(2, 3).T, np.zeros((3, 2)), "5 of 6 elements differ by up to 5"),
    ],
)
def test_how_much_arrays_differ(a, b, hint):
    assert difference([a], [a.copy()], values=True).equal
    [told] = hints([a], [b]).values()
    assert told.startswith(hint)


@settings(deadline=None)
@given(data=st.data())
def test_deviations_are_exact(data):
    dtype = data.draw(st.sampled_from(["i1", "u2", "i8", "u8", "f4", "f8"]))
    shape = data.draw(arrays.array_shapes(min_side=0))
    one, other = (data.draw(arrays.arrays(dtype, shape)) for _ in range(2))
    found = deviation(one, other)
    pairs = list(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    is_nan = [(math.isnan(x), math.isnan(y)) for x, y in pairs]
    unequal = [x != y and not all(nan) for (x, y), nan in zip(pairs, is_nan, strict=True)]
    assert found.different == sum(unequal)
    assert found.nan_twice == sum(map(all, is_nan))
    assert found.nan_once == sum(x != y for x, y in is_nan)
    apart = [
        abs(x - y)
        for (x, y), nan, differs in zip(pairs, is_nan, unequal, strict=True)
        if differs and not any(nan)
    ]
    assert found.largest == max(apart, default=0)


def test_more_than_one_chunk_is_read():
    one = np.zeros(3 * CHUNK + 5, "f4")
    other = one.copy()
    other[[0, CHUNK, -1]] = 1, 2, 3
    found = deviation(one, other)
    assert (found.different, found.largest, found.size) == (3, 3.0, one.size)


def test_plain_numbers_and_texts_are_compared():
    a = {"i": 2**70, "f": float("nan"), "s": "one", "t": "same", "b": True}
    b = {"i": 2**70 + 1, "f": float("nan"), "s": "two", "t": "same", "b": False}
    found = difference(a, b, values=True)
    assert found.counts == {"value": 3}
    assert {fault.path: (fault.left, fault.right) for fault in found.faults} == {
        "['i']": (str(2**70), str(2**70 + 1)),
        "['s']": ("'one'", "'two'"),
        "['b']": ("True", "False"),
    }
    assert found.equal_leaves == 2
    assert any("NaN" in note for note in found.notes)


def test_values_are_compared_across_an_insertion_and_a_rename_of_other_parts():
    a = [np.zeros(3), {"w": np.ones(2)}]
    b = ["new", np.ones(3), {"w": np.zeros(2)}]
    found = difference(a, b, values=True)
    assert [(f.kind, f.path, f.other_path) for f in found.faults] == [
        ("extra", "[0]", ""),
        ("value", "[0]", "[1]"),
        ("value", "[1]['w']", "[2]['w']"),
    ]


def test_numpy_and_jax_and_plain_numbers_are_compared_by_value():
    assert difference([np.ones(3, "f4"), 0.1], [jnp.ones(3), jnp.float32(0.1)], values=True).equal
    assert hints([np.ones(3, "f4")], [jnp.zeros(3)]) == {"[0]": "all elements differ by up to 1"}


def test_what_can_not_be_read_is_said():
    gone = jnp.ones(3)
    gone.delete()
    key = jax.random.key(0)
    a = [gone, key, len, np.array(["text"]), jax.ShapeDtypeStruct((2,), "f4")]
    b = [jnp.ones(3), jax.random.key(1), abs, np.array(["word"]), jnp.ones(2)]
    found = difference(a, b, values=True)
    assert found.equal
    assert [note for note in found.notes if note.startswith("The values")] == [
        "The values of 1 leaf were not compared: a deleted array has none to read.",
        "The values of 1 leaf were not compared: a key has none to read.",
        "The values of 2 leaves were not compared: they are no numbers.",
        "The values of 1 leaf were not compared: an abstract array has none to read.",
    ]


def test_tracers_are_not_read():
    found = []
    tree = [np.ones(3, "f4")]
    jax.jit(lambda x: found.append(difference([x], tree, values=True)))(tree[0])
    assert found[0].equal
    assert "The values of 1 leaf were not compared: a tracer" in found[0].notes[-1]


def values_of(a, b, **budget):
    one, two = summarise_together(a, b)
    key = one.root, two.root
    pairs = {}
    if key[0] != key[1]:
        comparing = Comparing(one.structures)
        comparing.run(key, a, b)
        pairs = comparing.pairs
    number = one.top.leaves
    return compare_values(one.structures, pairs, (key, a, b), number, Budget(**budget))


def test_the_budget_is_kept_and_said():
    a, b = [np.zeros(100) for _ in range(10)], [np.ones(100) for _ in range(10)]
    ticks = itertools.count()
    found = values_of(a, b, seconds=4.5, clock=lambda: next(ticks))
    assert (found.compared, found.skipped) == (4, {"4.50 s were over": 6})
    found = values_of(a, b, size_bytes=5 * 1600)
    assert (found.compared, found.skipped) == (5, {"7.81 KiB were read": 5})
    said = []
    values_of(a, b, progress=said.append)
    assert said[-1] == "9 leaves compared"


def test_a_tree_without_end_takes_no_longer_than_there_is_time():
    a, b = [np.zeros(2)], [np.zeros(2)]
    for _ in range(100):
        a, b = [a, a], [b, b]
    found = difference(a, b, values=True, seconds=0.1)
    [note] = found.notes
    assert note.endswith("were not compared: 100 ms were over.")
    assert found.equal


def test_ctrl_c_ends_it_with_what_was_compared():
    def interrupt(what):
        if what.startswith("3 "):
            raise KeyboardInterrupt

    a, b = [np.zeros(2) for _ in range(5)], [np.ones(2) for _ in range(5)]
    found = values_of(a, b, progress=interrupt)
    assert found.skipped == {"it was interrupted": 2}
    assert found.different == 3


def test_one_object_at_both_places_is_not_read():
    class Forbidden:
        shape, dtype = (3,), np.dtype("f4")

        def __array__(self, *_, **__):
            raise AssertionError

    leaf = Forbidden()
    found = difference([leaf, {"a": leaf}], [leaf, {"a": leaf}], values=True)
    assert (found.equal, found.notes) == (True, ())
    [note] = difference([Forbidden()], [Forbidden()], values=True).notes
    assert note == "The values of 1 leaf were not compared: they can't be read (AssertionError)."


def test_arrays_on_several_devices_are_compared(eight_devices):
    printed = eight_devices("""
import jax, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from jaxmagic.pytree.diff import difference
mesh = jax.make_mesh((4, 2), ("x", "y"))
x = np.arange(32.0, dtype="f4").reshape(8, 4)
both, none = NamedSharding(mesh, P("x", "y")), NamedSharding(mesh, P())
a = {"s": jax.device_put(x, both), "r": jax.device_put(x, none)}
b = {"s": x, "r": x + (x == 5)}
found = difference(a, b, values=True)
print(found.counts, found.faults[0].path, found.faults[0].hint)
other = {"s": jax.device_put(x, NamedSharding(mesh, P("y"))), "r": a["r"]}
found = difference(a, other, values=True)
print(found.equal, found.notes)
print(a["s"]._npy_value is None)
""")
    assert printed.splitlines() == [
        "{'value': 1} ['r'] 1 of 32 elements differs by 1 (relative 0.17)",
        "True ('1 leaf: another sharding. This is no fault.',)",
        "True",
    ]
