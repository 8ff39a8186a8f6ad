"""What holds for any tree: its totals are those of JAX, and equal parts have equal numbers."""

import jax
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxmagic.pytree import leaves, summarise, summarise_together, value_at


def elements(leaf):
    if hasattr(leaf, "shape"):
        return int(np.prod(leaf.shape))
    return int(isinstance(leaf, int | float | complex))


def size_bytes(leaf):
    return elements(leaf) * leaf.dtype.itemsize if hasattr(leaf, "dtype") else 0


def all_nodes(tree):
    """The leaves and containers of ``tree``, counted by JAX alone."""
    return jax.tree.structure(tree).num_nodes


@settings(deadline=None)
@given(data=st.data())
def test_totals_are_those_of_the_leaves(trees, data):
    tree = data.draw(trees)
    expected = jax.tree.leaves(tree)
    top = summarise(tree).top
    assert top.leaves == len(expected)
    assert top.parameters == sum(map(elements, expected))
    assert top.size_bytes == sum(map(size_bytes, expected))
    assert top.nodes == all_nodes(tree)
    assert (top.unsized, top.faults) == (0, 0)


@settings(deadline=None)
@given(data=st.data())
def test_paths_are_those_of_jax(trees, data):
    tree = data.draw(trees)
    model = summarise(tree)
    ours = [(model.path(place), leaf) for place, leaf in leaves(tree)]
    theirs = jax.tree_util.tree_leaves_with_path(tree)
    assert [id(leaf) for _, leaf in ours] == [id(leaf) for _, leaf in theirs]
    for (path, _), (keys, _) in zip(ours, theirs, strict=True):
        written = jax.tree_util.keystr(keys)
        if written.isascii():
            assert path == written


@settings(deadline=None)
@given(data=st.data())
def test_equal_structures_have_equal_numbers_and_no_others(trees, data):
    one, other = data.draw(trees), data.draw(trees)
    first, second, copied = summarise_together(one, other, jax.tree.map(lambda x: x, one))
    assert first.root == copied.root
    assert first.structures is second.structures

    def signature(tree):
        flat, treedef = jax.tree.flatten(tree)
        kinds = [(type(x), getattr(x, "shape", None), getattr(x, "dtype", None)) for x in flat]
        return kinds, treedef

    assert (first.root == second.root) == (signature(one) == signature(other))


@settings(deadline=None)
@given(data=st.data())
def test_children_come_before_parents_and_places_lead_to_their_structures(trees, data):
    tree = data.draw(trees)
    model = summarise(tree)
    for index, structure in enumerate(model.structures):
        assert len(structure.keys) == len(structure.children) == len(set(structure.keys))
        assert all(child < index for child in structure.children)
    for place, leaf in leaves(tree):
        assert value_at(tree, place) is leaf
        assert model.structures[model.at(place)].is_leaf


@settings(deadline=None)
@given(data=st.data())
def test_an_array_is_shared_as_often_as_it_is_met_again(trees, data):
    tree = data.draw(trees)
    model = summarise(tree)
    met = {}
    for place, leaf in leaves(tree):
        if isinstance(leaf, np.ndarray):
            met.setdefault(id(leaf), []).append(place)
    again = [places for places in met.values() if len(places) > 1]
    assert model.shared_arrays == len(again)
    assert model.repeated == sum(len(places) - 1 for places in again)
    assert model.repeated_bytes == sum(
        (len(places) - 1) * size_bytes(value_at(tree, places[0])) for places in again
    )
    by_first = {places[0]: places for places in again}
    for shared in model.shared:
        if shared.count <= 32:
            assert list(shared.places) == by_first[shared.places[0]]
