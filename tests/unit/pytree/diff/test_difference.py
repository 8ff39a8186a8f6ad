"""Each kind of fault, at its path and with what is said of it."""

import dataclasses
import time
from collections import OrderedDict, defaultdict, namedtuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic import show
from jaxmagic.pytree.diff import difference

F32 = np.zeros((2, 3), "f4")


def only(a, b, **options):
    [fault] = difference(a, b, **options).faults
    return fault


@pytest.mark.parametrize(
    ("a", "b", "kind", "path", "left", "right", "hint"),
    [
        ({"a": 1, "b": F32}, {"a": 1}, "missing", "['b']", "f32[2,3]", "", ""),
        ({"a": 1}, {"a": 1, "b": [1]}, "extra", "['b']", "", "list 1", ""),
        ({"a": F32, "x": 1}, {"b": F32, "x": 1}, "renamed", "['a']", "f32[2,3]", "f32[2,3]", ""),
        ([1, (2,)], [1, [2]], "type", "[1]", "tuple 1", "list 1", ""),
        ({"a": 1}, OrderedDict(a=1), "type", "", "dict 1", "OrderedDict 1", ""),
        ({"a": None}, {"a": 1}, "none", "['a']", "None", "int", "JAX takes None for a container"),
        ({"a": {}}, {"a": None}, "none", "['a']", "dict 0", "None", "None is a container"),
        ([F32], [{"w": F32}], "leaf", "[0]", "f32[2,3]", "dict 1", ""),
        ([F32], [F32.T], "shape", "[0]", "f32[2,3]", "f32[3,2]", "transposed?"),
        ([np.zeros(4)], [np.zeros(5)], "shape", "[0]", "f64[4]", "f64[5]", ""),
        ([np.zeros(4)], [np.zeros((2, 2))], "shape", "[0]", "f64[4]", "f64[2,2]", "reshaped?"),
        ([F32], [F32.T.astype("f8")], "shape", "[0]", "f32[2,3]", "f64[3,2]", "the dtype, too"),
        ([F32], [F32.astype("f2")], "dtype", "[0]", "f32[2,3]", "f16[2,3]", ""),
        ([1], [1.0], "dtype", "[0]", "int", "float", ""),
        ([1], [np.float32(1)], "dtype", "[0]", "int", "f32[]", ""),
        ([1], [jnp.float32(1)], "dtype", "[0]", "int", "f32[]", ""),
        ([1.0], [F32], "shape", "[0]", "float", "f32[2,3]", ""),
        (["text"], [len], "type", "[0]", "str", "builtin_function_or_method", ""),
        (
            defaultdict(list, a=1),
            defaultdict(dict, a=1),
            "static",
            "",
            "list",
            "dict",
            "",
        ),
        (
            OrderedDict(a=1, b=2),
            OrderedDict(b=2, a=1),
            "static",
            "",
            "OrderedDict 2",
            "OrderedDict 2",
            "the keys are in another order",
        ),
    ],
)
def test_each_kind_of_fault(a, b, kind, path, left, right, hint):
    fault = only(a, b)
    assert (fault.kind, fault.path, fault.left, fault.right) == (kind, path, left, right)
    assert hint in fault.hint
    assert bool(fault.hint) == bool(hint)
    assert fault.count == 1
    assert fault.places == (path,)


def test_static_data_are_shown_where_they_differ(layer):
    fault = only([layer(1.0, 2.0, 3)], [layer(1.0, 2.0, 4)])
    assert (fault.kind, fault.path) == ("static", "[0]")
    assert (fault.left, fault.right) == ("width=3", "width=4")


def test_static_data_that_are_written_the_same_are_said_to_differ(bag):
    class Secret:
        pass

    fault = only(bag(1, label=Secret()), bag(1, label=Secret()))
    assert fault.kind == "static"
    assert fault.left == fault.right == "<Secret>"
    assert fault.hint == "they differ, though they are written the same"


def test_static_data_that_can_not_be_compared_are_said_to_be(bag):
    fault = only(bag(1, label=np.zeros(2)), bag(1, label=np.zeros(2)))
    assert fault.hint == "these static data can't be compared"


def test_static_data_and_a_child_are_two_faults(bag):
    found = difference([bag(1, label="a")], [bag(F32, label="b")])
    assert [(fault.kind, fault.path) for fault in found.faults] == [
        ("static", "[0]"),
        ("shape", "[0][<flat index 0>]"),
    ]


def test_classes_of_one_name_are_told_apart():
    one, other = (namedtuple("Point", "x y") for _ in range(2))  # noqa: PYI024
    fault = only([one(1, 2)], [other(1, 2)])
    assert (fault.kind, fault.hint) == ("type", "two classes of this name; was it defined again?")
    other.__module__ = "somewhere"
    fault = only([one(1, 2)], [other(1, 2)])
    assert "two classes: from" in fault.hint
    assert "somewhere" in fault.hint


def test_what_is_below_two_types_is_compared_where_it_has_the_same_keys():
    found = difference([1, {"a": F32}], (1, OrderedDict(a=F32.T)))
    assert [(fault.kind, fault.path) for fault in found.faults] == [
        ("type", ""),
        ("type", "[1]"),
        ("shape", "[1]['a']"),
    ]


def test_a_checkpoint_of_plain_dicts_is_compared_by_names(moments):
    state = (moments(1, [F32] * 11, {"w": F32}), ())
    layers = {str(n): F32 for n in range(11)}
    kept = {"0": {"count": 1, "mu": {**layers, "10": F32.T}, "nu": {"w": F32}}, "1": {}}
    found = difference(state, kept)
    assert [(fault.kind, fault.path, fault.other_path) for fault in found.faults] == [
        ("type", "", ""),
        ("type", "[0]", "['0']"),
        ("type", "[0].mu", "['0']['mu']"),
        ("shape", "[0].mu[10]", "['0']['mu']['10']"),
        ("type", "[1]", "['1']"),
    ]
    assert found.equal_leaves == 12


def test_a_rename_must_be_unique():
    found = difference({"a": F32, "b": F32}, {"c": F32, "d": F32})
    assert found.counts == {"missing": 2, "extra": 2}
    found = difference({"a": F32, "b": F32}, {"c": F32})
    assert found.counts == {"missing": 2, "extra": 1}
    fault = only({"a": [F32]}, {"z": [jnp.asarray(F32)]})
    assert (fault.kind, fault.other_path) == ("renamed", "['z']")


def test_behind_an_insertion_paths_are_right_on_both_sides():
    a = [{"w": F32}, {"v": 1}, {"u": 2}]
    b = ["new", {"w": F32}, {"v": 1}, {"u": ""}]
    extra, inner = difference(a, b).faults
    assert (extra.kind, extra.path) == ("extra", "[0]")
    assert (inner.kind, inner.path, inner.other_path) == ("type", "[2]['u']", "[3]['u']")


def test_a_list_of_a_million_with_one_item_more_is_compared_in_no_time():
    a = [1.0, 2] * 500_000
    started = time.perf_counter()
    found = difference(a, [*a[:700_000], "new", *a[700_000:]])
    assert time.perf_counter() - started < 20
    assert [(fault.kind, fault.path) for fault in found.faults] == [("extra", "[700000]")]
    assert found.equal_leaves == 1_000_000


def test_lists_that_differ_in_too_much_are_compared_by_position_and_say_so():
    a = [np.zeros((n % 7, 1)) for n in range(3000)]
    b = [np.zeros((n % 5, 1)) for n in range(2000)]
    found = difference(a, b)
    assert found.counts["missing"] == 1000
    assert any("position by position" in note for note in found.notes)


def test_equal_changes_are_told_once(params, ckpt):
    found = difference(params, ckpt)
    assert found.counts == {
        "missing": 2,
        "extra": 1,
        "type": 1,
        "shape": 11,
        "dtype": 1,
        "renamed": 11,
    }
    by_kind = {fault.kind: fault for fault in found.faults if fault.count > 1}
    assert by_kind["shape"].places[3] == "['blocks'][3]['attn']['qkv']['kernel']"
    assert len(found.outline) < 25


def test_numpy_and_jax_weak_types_and_shardings_are_no_faults():
    weak = jnp.asarray(1.0)
    assert weak.weak_type
    found = difference([np.zeros(3, "f4"), weak], [jnp.zeros(3), jnp.float32(1)])
    assert found.equal
    assert found.notes == (
        "1 leaf: arrays of NumPy in a, arrays of JAX in b. This is no fault.",
        "1 leaf: a weak type in a only. This is no fault.",
    )
    assert difference([1, 2.0, True], [np.int32(1), jnp.float32(2), jnp.ones((), bool)]).equal


def test_deleted_arrays_and_tracers_are_compared_like_others():
    gone = jnp.zeros(3)
    gone.delete()
    assert difference([gone], [np.zeros(3, "f4")]).equal
    seen = []
    jax.jit(lambda x: seen.append(difference([x], [np.zeros(4, "f4")], values=True)))(np.ones(3))
    assert seen[0].counts == {"shape": 1}


@jax.tree_util.register_pytree_node_class
class Restless:
    """A container that has other children at each look."""

    looks = 0

    def tree_flatten(self):
        type(self).looks += 1
        return [0] * type(self).looks, None

    @classmethod
    def tree_unflatten(cls, _data, _children):
        return cls()


@jax.tree_util.register_pytree_node_class
@dataclasses.dataclass
class Broken:
    """A container that can't be taken apart."""

    reason: str

    def tree_flatten(self):
        raise ValueError(self.reason)

    @classmethod
    def tree_unflatten(cls, _data, _children):
        return cls("")


def test_what_can_not_be_flattened_is_a_fault_with_its_reason():
    fault = only([Broken("no")], [1])
    assert fault.kind == "unreadable"
    assert "ValueError: no" in fault.hint
    assert difference([Restless()], [Restless()]).faults[0].kind == "unreadable"


def nested(depth, leaf):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def test_trees_of_any_depth_and_cycles_are_compared():
    fault = only(nested(30_000, 1), nested(30_000, ""))
    assert fault.kind == "type"
    assert len(fault.path) < 100
    assert "…29,988 more…" in fault.path
    assert only(nested(1000, 1), nested(1001, 1)).kind == "leaf"
    cycle, other = [1], ["x"]
    cycle.append(cycle)
    other.append(other)
    found = difference(cycle, other)
    assert found.counts == {"type": 1}
    assert "can't be flattened" in found.notes[-1]
    assert difference(cycle, [1, 2], values=True).counts == {"unreadable": 1}


def test_a_deep_tree_with_faults_on_every_level_is_compared():
    def comb(depth, leaf):
        tree = leaf
        for n in range(depth):
            tree = {"below": tree, "x": (leaf, n % 7)}
        return tree

    found = difference(comb(3000, 1), comb(3000, ""))
    assert sum(found.counts.values()) == 3001
    assert len(str(found).splitlines()) < 120
    assert max(map(len, str(found).splitlines())) <= 100


def test_shared_parts_are_counted_at_each_place_and_compared_once():
    a, b = F32, F32.T
    for _ in range(200):
        a, b = [a, a], [b, b]
    fault = only(a, b)
    assert fault.count == 2**200
    assert "more" in str(difference(a, b)) or fault.count in difference(a, b).counts.values()


HOSTILE = ["<script>alert(1)</script>", "a\nb", "\u202eabc", "", "x" * 500, "'\"", "\x00", "é", "`"]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_are_shown_as_text(key):
    found = difference({key: {key: 1.0, "z": 1}}, {key: {key: "", "y": F32}}, names=(key, key))
    assert found.counts["type"] == 1
    told = str(found)
    assert max(map(len, told.splitlines())) <= 100
    assert all(part.isprintable() for part in told.splitlines())
    assert "<script" not in show.html(found)


def test_keys_that_are_written_the_same_are_still_two():
    long = "x" * 300
    found = difference({f"{long}a{long}": 1}, {f"{long}b{long}": F32})
    assert found.counts == {"missing": 1, "extra": 1}
    assert difference({1: F32}, {True: F32}).equal


def test_dicts_whose_keys_can_not_be_sorted_are_compared():
    found = difference({1: F32, "a": 2}, {1: F32, "a": ""})
    assert [fault.path for fault in found.faults] == ["['a']"]


def test_prefixes_are_explained_in_words():
    args = ([1.0, 2.0], {"x": 3.0})
    fault = only(((0, None), None), args, prefix=True)
    assert (fault.path, fault.hint) == ("[0]", "write [0, None]")
    found = difference(((0, None), None), args, prefix=True, names=("in_axes", "args"))
    assert "in_axes: tuple 2, args: list 2  write [0, None]" in str(found)
    assert difference((0, {"y": None}), args, prefix=True).counts == {"missing": 1, "extra": 1}
    assert difference((0, None), args, prefix=True).equal
    assert difference(None, args, prefix=True).equal
    fault = only((0,), args, prefix=True)
    assert fault.kind == "length"
    assert "or one for the whole" in fault.hint
    assert only((0, (None,)), ([1.0], None), prefix=True).kind == "none"


@pytest.mark.parametrize(
    ("axes", "args", "advice"),
    [
        ([0, None], (1, 2), ["write (0, None)"]),
        ((0,), [1, 2], ["give 2 values in a list, or one for the whole list"]),
        ([0] * 12, (1,) * 12, ["give 12 values in a tuple, or one for the whole tuple"]),
        ((0, 1), OrderedDict(a=1), ["give 1 value in an OrderedDict, or one for the whole"]),
        ((0, 1), (1, 2, 3), ["give 3 values, or one for the whole tuple"]),
        ([0], [], ["write one for the whole list"]),
        ({"a": (0, 1)}, {"a": 1}, ["write one value here"]),
        ({"a": 0}, None, ["write None here, or one value"]),
        ({"a": 0, "c": 0}, {"a": 1, "b": 2}, ["give it a value, too", "take it out"]),
        ((F32, 0), [F32, F32], ["give 2 values in a list, or one for the whole list"]),
    ],
)
def test_a_prefix_that_does_not_fit_is_told_what_to_write(axes, args, advice):
    found = difference(axes, args, prefix=True)
    assert all(told in fault.hint for told, fault in zip(advice, sort(found), strict=True))
    assert all(told in str(found) for told in advice)


def sort(found):
    return sorted(found.faults, key=lambda fault: fault.kind)


def test_a_mapping_of_another_type_is_compared_by_its_keys():
    class Mapping(dict):
        pass

    jax.tree_util.register_pytree_with_keys(
        Mapping,
        lambda m: ([(jax.tree_util.DictKey(k), m[k]) for k in sorted(m)], tuple(sorted(m))),
        lambda keys, children: Mapping(zip(keys, children, strict=True)),
    )
    found = difference(Mapping(a=F32, b=1), {"a": F32.T, "b": 1})
    assert [(fault.kind, fault.path) for fault in found.faults] == [
        ("type", ""),
        ("shape", "['a']"),
    ]
    found = difference({"a": F32.T, "b": 1}, Mapping(a=F32, c=""))
    assert found.counts == {"type": 1, "shape": 1, "missing": 1, "extra": 1}


def test_what_depends_on_values_is_not_asked():
    class Silent:
        def __repr__(self):
            raise AssertionError

        __str__ = __eq__ = __bool__ = __repr__
        __hash__ = None

    assert difference([Silent()], [Silent()]).equal
    assert only([Silent()], [1]).kind == "type"
