"""Which parts of a tree are shown, and that no leaf is forgotten."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree import summarise
from jaxmagic.pytree.model import Structure, Tree
from jaxmagic.pytree.unfold import LEVELS, ROWS, Part, runs, unfold


def labels(part):
    return [below.label for below in part.parts]


def layer(width=3):
    return {"kernel": np.ones((width, width)), "bias": np.ones(width)}


def test_equal_siblings_are_one_part_with_the_weight_of_all():
    root = unfold(summarise([layer() for _ in range(12)]))
    [part] = root.parts
    assert (part.label, part.times, part.weight, part.place) == ("[0…11]", 12, 12, (0,))
    assert labels(part) == ["['bias']", "['kernel']"]
    assert {below.weight for below in part.parts} == {12}


def test_runs_are_told_from_their_neighbours():
    root = unfold(summarise([1, layer(), layer(), layer(), layer(4), None, None]))
    assert labels(root) == ["[0]", "[1…3]", "[4]", "[5]", "[6]"]


def test_equal_items_of_a_dict_are_named_by_the_first_and_the_last():
    root = unfold(summarise({f"layer_{i}": layer() for i in range(4)}))
    assert labels(root) == ["['layer_0']…['layer_3']"]


def test_weights_of_nested_runs_multiply():
    root = unfold(summarise([[layer() for _ in range(3)] for _ in range(4)]))
    [outer] = root.parts
    [inner] = outer.parts
    assert (outer.weight, inner.weight, inner.label) == (4, 12, "[0…2]")


def test_a_container_with_one_child_is_one_part_with_it():
    tree = summarise({"wte": {"embedding": np.ones(3)}, "b": 1})
    part = unfold(tree).parts[1]
    assert (part.label, part.place) == ("['wte']['embedding']", (1, 0))
    assert [tree.structures[index].kind for index in part.through] == ["dict"]
    assert labels(unfold(tree, chains=False)) == ["['b']", "['wte']"]


def test_a_long_chain_is_named_by_its_ends():
    tree = np.ones(2)
    for number in range(50):
        tree = [tree] if number % 2 else {"a": tree}
    assert unfold(summarise((tree, 1))).parts[0].label == "[0][0]['a']…46 more…[0]['a']"


def test_a_chain_ends_where_a_container_contains_itself():
    container = []
    container.append(container)
    tree = summarise(([container], 1))
    part = unfold(tree).parts[0]
    assert (part.label, part.parts) == ("[0][0][0]", [])
    assert tree.structures[part.structure].kind == "cycle"


def test_many_different_siblings_are_counted_after_some():
    tree = summarise([np.ones(n % 7 + 1) for n in range(1000)])
    root = unfold(tree)
    assert len(root.parts) == 20
    assert (root.hidden, root.hidden_leaves) == (980, 980)
    assert len(unfold(summarise([np.ones(n + 1) for n in range(40)])).parts) == 40


def test_a_container_shows_all_of_its_parts_or_stays_closed_when_space_is_short():
    tree = summarise([{key: np.ones(n + 1) for key in "ab"} for n in range(10)])
    root = unfold(tree, rows=21)
    assert [len(part.parts) for part in root.parts] == [2] * 5 + [0] * 5
    assert [part.hidden for part in root.parts] == [0] * 5 + [2] * 5
    assert [part.hidden_leaves for part in root.parts] == [0] * 5 + [2] * 5


def test_large_siblings_share_the_space():
    root = unfold(summarise([[np.ones(n % 9 + m) for n in range(999)] for m in range(3)]))
    assert [len(part.parts) for part in root.parts] == [20, 20, 20]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_depth_is_how_many_levels_are_opened(depth):
    root = unfold(summarise([[[1, 2.0], 3], 4]), depth=depth)
    assert max(level for level, _ in root.walk()) == depth


def test_what_nnx_keeps_beside_the_fields_is_not_shown():
    nothing = Structure("none", "NoneType")
    number = Structure("number", "int", leaves=1, parameters=1)
    keys = ("._pytree__state", ".w1", ".w2", ".w3")
    module = Structure("object", "Norm", keys=keys, children=(0, 1, 1, 1), leaves=3)
    root = unfold(Tree(2, (nothing, number, module)))
    assert [(part.label, part.times) for part in root.parts] == [(".w1….w3", 3)]
    assert (root.hidden, root.hidden_leaves) == (0, 0)
    holder = Structure("object", "Holder", keys=keys[:2], children=(0, 1), leaves=1)
    pair = Structure("tuple", "tuple", keys=("[0]", "[1]"), children=(2, 1), leaves=2)
    first = unfold(Tree(3, (nothing, number, holder, pair))).parts[0]
    assert (first.label, first.structure) == ("[0].w1", 1)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["lr", "beta", "eps"], ["['beta']", "['eps']", "['lr']"]),
        (["layer_0", "layer_1", "layer_10"], ["['layer_0']…['layer_10']"]),
        (["layer_0", "layer_1"], ["['layer_0']", "['layer_1']"]),
        (list("abcdefghij"), ["['a']…['j']"]),
    ],
)
def test_names_say_more_than_numbers(names, shown):
    assert labels(unfold(summarise({name: np.ones(2) for name in names}))) == shown


def test_a_part_can_be_opened_later():
    tree = summarise({"a": [1, 2.0, layer()], "b": 1})
    closed = unfold(tree, depth=1).parts[0]
    assert labels(closed) == []
    opened = Part(closed.label, closed.structure, closed.place)
    assert unfold(tree, start=opened) is opened
    assert labels(opened) == ["[0]", "[1]", "[2]"]
    assert tree.path(opened.parts[2].place) == "['a'][2]"


def test_a_million_siblings_are_not_looked_at_one_by_one():
    class Counted(tuple):
        __slots__ = ()
        read = 0

        def __getitem__(self, index):
            Counted.read += 1
            return super().__getitem__(index)

    number = Structure("number", "int", leaves=1)
    many = Counted([0]) * 1_000_000
    top = Structure(
        "list", "list", keys=("",) * len(many), children=Counted(many), leaves=len(many)
    )
    assert list(runs(Tree(1, (number, top)), 1)) == [(0, 1_000_000)]
    assert 0 < Counted.read < 100


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(2, 5))
def test_runs_are_those_that_a_reader_would_find(children, folded_from):
    leaf = Structure("number", "int", leaves=1)
    top = Structure("list", "list", children=tuple(children))
    tree = Tree(3, (leaf, leaf, leaf, top))
    expected, at = [], 0
    for _, group in itertools.groupby(children):
        length = len(list(group))
        if length >= folded_from:
            expected.append((at, at + length))
        else:
            expected += [(single, single + 1) for single in range(at, at + length)]
        at += length
    assert list(runs(tree, 3, folded_from)) == expected


@given(st.data(), st.integers(2, 40), st.none() | st.integers(0, 4))
def test_shown_and_hidden_are_all(trees, data, rows, depth):
    tree = summarise(data.draw(trees))
    root = unfold(tree, rows=rows, depth=depth)
    parts = [part for _, part in root.walk()]
    assert len(parts) <= max(rows, 1) <= ROWS
    assert max(level for level, _ in root.walk()) <= LEVELS
    for part in parts:
        here = tree.structures[part.structure]
        below = sum(child.weight * tree.structures[child.structure].leaves for child in part.parts)
        if here.children:
            assert below + part.hidden_leaves == part.weight * here.leaves
        assert tree.at(part.place) == part.structure
        shown = sum(child.times for child in part.parts)
        assert shown + part.hidden == len(here.children)
