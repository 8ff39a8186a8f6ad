"""What holds for any two trees: the faults are those that were put in, and those that JAX sees."""

from collections import OrderedDict, defaultdict
from typing import NamedTuple

import jax
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jaxmagic.pytree import leaves, summarise, value_at
from jaxmagic.pytree.diff import Difference, difference

OF_LEAVES = {"shape", "dtype", "type"}
NEW = np.zeros((9, 9, 9, 9), "int16")  # a leaf that no tree has


class Other(NamedTuple):
    count: object
    mu: object
    nu: object


def edited(tree, place, change):
    """A copy of ``tree`` in which ``change`` was applied to what is at ``place``."""
    if not place:
        return change(tree)
    children, treedef = jax.tree.flatten(tree, is_leaf=lambda x: x is not tree)
    children[place[0]] = edited(children[place[0]], place[1:], change)
    return jax.tree.unflatten(treedef, children)


def places_of(tree):
    """Each place of a tree, those of containers and of None, too, with what is there."""
    waiting = [((), tree)]
    while waiting:
        place, there = waiting.pop()
        yield place, there
        children, treedef = jax.tree.flatten(there, is_leaf=lambda x, there=there: x is not there)
        if treedef != jax.tree.structure(0):
            waiting += [((*place, n), child) for n, child in enumerate(children)]


def told(difference):
    """Each path that a difference names."""
    assert all(fault.count == len(fault.places) for fault in difference.faults)
    assert difference.counts == {
        kind: sum(fault.count for fault in difference.faults if fault.kind == kind)
        for kind in {fault.kind for fault in difference.faults}
    }
    return sorted(path for fault in difference.faults for path in fault.places)


def wrongs_of(there, at):
    """Every fault that can be put in where ``there`` is: its kind, what is there then, its key.

    What is put in at a key of its own has that key, and ``at`` is where in a sequence.
    """
    kind = type(there)
    if there is None:
        return [("none", 1, ""), ("none", [NEW], ""), ("none", {}, "")]
    if jax.tree.structure(there) == jax.tree.structure(0):
        wrong = [("leaf", [there], ""), ("leaf", {"a": there}, ""), ("none", None, "")]
        if hasattr(there, "dtype"):
            wrong += [("shape", np.zeros((*there.shape, 5), there.dtype), "")]
            wrong += [("dtype", np.zeros(there.shape, "uint64"), ""), ("type", "other", "")]
        else:
            wrong += [("type", object(), "")]
        return wrong
    wrong = [("leaf", NEW, "")]
    if kind.__name__ != "Option":
        wrong += [("none", None, "")]
    if kind in (list, tuple):
        wrong += [("type", (tuple if kind is list else list)(there), "")]
        wrong += [("extra", kind([*there[:at], NEW, *there[at:]]), f"[{at}]")]
    elif isinstance(there, dict):
        wrong += _wrongs_of_a_dict(there, at)
    elif kind.__name__ == "Moments":
        wrong += [("type", Other(*there), "")]
    elif kind.__name__ == "Layer":
        wrong += [("static", kind(there.kernel, there.bias, -1), "")]
    elif kind.__name__ == "Bag":
        children = list(there.children)
        longer = kind(*children[:at], NEW, *children[at:], label=there.label)
        wrong += [("static", kind(*children, label="another"), "")]
        wrong += [("extra", longer, f"[<flat index {at}>]")]
    else:
        wrong += [("static", kind("another"), "")]
    return wrong


def _wrongs_of_a_dict(there, at):
    kind = type(there)
    items = list(there.items())
    new = 10**9 if any(type(key) is int for key in there) else "another"

    def like(pairs):
        return defaultdict(there.default_factory, pairs) if kind is defaultdict else kind(pairs)

    wrong = [("extra", like([*items[:at], (new, NEW), *items[at:]]), f"[{new!r}]")]
    wrong += [("type", (OrderedDict if kind is not OrderedDict else dict)(items), "")]
    if kind is defaultdict:
        wrong += [("static", defaultdict(set, items), "")]
    if kind is OrderedDict and len(items) > 1:
        wrong += [("static", OrderedDict(reversed(items)), "")]
    if at < len(items):
        old, value = items[at]
        label = clean_key(old)
        wrong += [("missing", like([*items[:at], *items[at + 1 :]]), label)]
        wrong += [("renamed", like([*items[:at], (new, value), *items[at + 1 :]]), label)]
    return wrong


def clean_key(key):
    """How a key is written in a path."""
    return summarise({key: 0}).path((0,))


@settings(deadline=None)
@given(data=st.data())
def test_the_faults_that_were_put_in_are_named_each_at_its_path_and_no_other(trees, data):
    tree = data.draw(st.lists(trees, min_size=1, max_size=6))
    path = summarise(tree).path
    known = sorted(places_of(tree), key=lambda known: known[0])
    sides, expected, taken = [tree, tree], [], []
    for _ in range(data.draw(st.integers(1, 5))):
        place, there = data.draw(st.sampled_from(known))
        if any(place[: len(at)] == at or at[: len(place)] == place for at in taken):
            continue  # one is inside of the other
        taken.append(place)
        children = len(jax.tree.leaves(there, is_leaf=lambda x, there=there: x is not there))
        at = data.draw(st.integers(0, children))
        kind, wrong, key = data.draw(st.sampled_from(wrongs_of(there, at)))
        side = data.draw(st.integers(0, 1)) if kind != "renamed" else 1
        sides[side] = edited(sides[side], place, lambda _, wrong=wrong: wrong)
        if side == 0:
            kind = {"missing": "extra", "extra": "missing"}.get(kind, kind)
        expected.append((kind, path(place) + key))
    found = difference(*sides)
    named = [(fault.kind, at) for fault in found.faults for at in fault.places]
    assert sorted(named) == sorted(expected)
    assert told(found) == sorted(at for _, at in expected)


@settings(deadline=None)
@given(data=st.data())
def test_a_tree_does_not_differ_from_itself_nor_from_its_copy(trees, data):
    tree = data.draw(trees)
    as_jax = jax.tree.map(lambda x: jax.numpy.asarray(x) if type(x) is np.ndarray else x, tree)
    for other in (tree, jax.tree.map(lambda x: x, tree), as_jax):
        found = difference(tree, other)
        assert found.equal
        assert (found.outline, found.counts) == ((), {})
        total = found.totals[0]
        assert (found.equal_leaves, found.equal_containers) == (total.leaves, total.containers)


def alike(one, other):
    """Whether two leaves are the same to a computation."""
    arrays = [hasattr(leaf, "dtype") for leaf in (one, other)]
    if all(arrays):
        return (one.shape, one.dtype) == (other.shape, other.dtype)
    if any(arrays):
        plain, array = (other, one) if arrays[0] else (one, other)
        kinds = {bool: "b", int: "iu", float: "f", complex: "c"}
        return array.shape == () and array.dtype.kind in kinds.get(type(plain), "")
    return type(one) is type(other)


def fails(*trees):
    try:
        jax.tree.map(lambda *_: None, *trees)
    except ValueError:
        return True
    return False


@settings(deadline=None)
@given(data=st.data())
def test_there_is_a_fault_exactly_if_jax_sees_one(trees, data):
    one, other = data.draw(trees), data.draw(trees)
    if data.draw(st.booleans()):  # two unlike parts in like surroundings
        around = data.draw(trees)
        known = [place for place, _ in leaves(around)]
        assume(known)
        place = data.draw(st.sampled_from(known))
        one, other = (edited(around, place, lambda _, x=x: x) for x in (one, other))
    found = difference(one, other)
    if jax.tree.structure(one) != jax.tree.structure(other):
        assert {fault.kind for fault in found.faults} - {"shape", "dtype"}
    else:
        pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
        assert found.equal == all(alike(*pair) for pair in pairs)
        assert {fault.kind for fault in found.faults} <= OF_LEAVES
        assert not fails(one, other)
    if fails(one, other) or fails(other, one):
        assert not found.equal


@settings(deadline=None)
@given(data=st.data())
def test_what_is_equal_and_what_is_not_is_all_there_is(trees, data):
    one, other = data.draw(trees), data.draw(trees)
    found = difference([one, other, one], [one, one, one])
    assert found.equal_leaves >= 2 * summarise(one).top.leaves
    assert found.equal_leaves <= min(total.leaves for total in found.totals)
    assert found.equal_containers <= min(total.containers for total in found.totals)
    back = difference([one, one, one], [one, other, one])
    assert (back.equal_leaves, back.equal_containers) == (
        found.equal_leaves,
        found.equal_containers,
    )
    turned = {"missing": "extra", "extra": "missing"}
    assert {turned.get(kind, kind): n for kind, n in found.counts.items()} == back.counts


@settings(deadline=None)
@given(data=st.data())
def test_any_difference_is_shown_and_kept(trees, data):
    one, other = data.draw(trees), data.draw(trees)
    for prefix in (False, True):
        found = difference(one, other, prefix=prefix)
        assert Difference.from_json(found.to_json()) == found
        assert max(map(len, str(found).splitlines())) <= 100


def is_prefix(prefix, full):
    """Whether JAX takes the one for a tree prefix of the other, None for a leaf."""
    try:
        jax.tree.map(lambda *_: None, prefix, full, is_leaf=lambda x: x is None)
    except ValueError:
        return False
    return True


@settings(deadline=None)
@given(data=st.data())
def test_a_prefix_is_what_jax_takes_for_one(trees, data):
    full = data.draw(trees)
    known = [place for place, _ in leaves(full)]
    prefix = full
    for place in data.draw(st.lists(st.sampled_from(known), max_size=3)) if known else []:
        cut = place[: data.draw(st.integers(0, len(place)))]
        try:
            value_at(prefix, cut)
        except IndexError:
            continue  # below what was cut before
        prefix = edited(prefix, cut, lambda _: data.draw(st.sampled_from([0, None])))
    assert is_prefix(prefix, full)
    assert difference(prefix, full, prefix=True).equal
    other = data.draw(trees)
    assert difference(other, full, prefix=True).equal == is_prefix(other, full)
