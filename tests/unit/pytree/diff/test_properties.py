"""What holds for any two trees: the faults are those that were put in, and those that JAX sees."""

from collections import OrderedDict, defaultdict

import jax
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jaxmagic.pytree import leaves, summarise, value_at
from jaxmagic.pytree.diff import Difference, difference

OF_LEAVES = {"shape", "dtype", "type"}
DICTS = (dict, OrderedDict, defaultdict)
NEW = np.zeros((9, 9, 9, 9), "int16")  # a leaf that no tree has


def edited(tree, place, change):
    """A copy of ``tree`` in which ``change`` was applied to what is at ``place``."""
    if not place:
        return change(tree)
    children, treedef = jax.tree.flatten(tree, is_leaf=lambda x: x is not tree)
    children[place[0]] = edited(children[place[0]], place[1:], change)
    return jax.tree.unflatten(treedef, children)


def places_of(tree, types):
    """Each place at which there is a container of one of ``types``."""
    found = {place[:n] for place, _ in leaves(tree) for n in range(len(place))}
    return sorted(place for place in found if type(value_at(tree, place)) in types)


def told(difference):
    """Each path that a difference names."""
    assert all(fault.count == len(fault.places) for fault in difference.faults)
    assert difference.counts == {
        kind: sum(fault.count for fault in difference.faults if fault.kind == kind)
        for kind in {fault.kind for fault in difference.faults}
    }
    return sorted(path for fault in difference.faults for path in fault.places)


@settings(deadline=None)
@given(data=st.data())
def test_faults_at_leaves_are_named_at_their_places_and_at_no_other(trees, data):
    tree = data.draw(trees)
    known = [place for place, _ in leaves(tree)]
    assume(known)
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    wrong = tree
    for place in chosen:
        new = data.draw(st.sampled_from([NEW, None, [NEW], {"a": NEW}, (), NEW.astype("int8")]))
        wrong = edited(wrong, place, lambda _, new=new: new)
    model = summarise(tree)
    expected = sorted(model.path(place) for place in chosen)
    assert told(difference(tree, wrong)) == expected
    assert told(difference(wrong, tree)) == expected


def without(key):
    def change(container):
        other = container.copy()
        del other[key]
        return other

    return change


def with_new(container):
    other = container.copy()
    other[next(key for key in ("new", "other") if key not in other)] = NEW
    return other


def as_other_type(container):
    return OrderedDict(container) if type(container) is dict else dict(container)


@settings(deadline=None)
@given(data=st.data())
def test_faults_of_dicts_are_named_together_with_those_of_leaves(trees, data):
    tree = data.draw(trees)
    dicts = places_of(tree, DICTS)
    assume(dicts)
    place = data.draw(st.sampled_from(dicts))
    there = value_at(tree, place)
    path = summarise(tree).path
    what = data.draw(st.sampled_from(["missing", "extra", "type"]))
    if what == "missing":
        position = data.draw(st.integers(0, len(there) - 1))
        keys = sorted(there) if type(there) is not OrderedDict else list(there)
        wrong = edited(tree, place, without(keys[position]))
        expected = path((*place, position))
    elif what == "extra":
        assume(type(next(iter(there))) is str)
        wrong = edited(tree, place, with_new)
        expected = path(place) + ("['other']" if "new" in there else "['new']")
    else:
        wrong = edited(tree, place, as_other_type)
        expected = path(place)
    found = difference(tree, wrong)
    assert [fault.kind for fault in found.faults] == [what]
    assert told(found) == [expected]
    elsewhere = [at for at, _ in leaves(tree) if at[: len(place)] != place]
    if elsewhere:
        at = data.draw(st.sampled_from(elsewhere))
        both = edited(wrong, at, lambda _: NEW)
        assert told(difference(tree, both)) == sorted([expected, path(at)])


@settings(deadline=None)
@given(data=st.data())
def test_an_inserted_item_is_one_fault(trees, data):
    tree = data.draw(trees)
    lists = places_of(tree, (list, tuple))
    assume(lists)
    place = data.draw(st.sampled_from(lists))
    there = value_at(tree, place)
    at = data.draw(st.integers(0, len(there)))
    longer = edited(tree, place, lambda x: type(x)([*x[:at], NEW, *x[at:]]))
    [fault] = difference(tree, longer).faults
    assert (fault.kind, fault.path) == ("extra", f"{summarise(tree).path(place)}[{at}]")
    [fault] = difference(longer, tree).faults
    assert (fault.kind, fault.path) == ("missing", f"{summarise(tree).path(place)}[{at}]")


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
