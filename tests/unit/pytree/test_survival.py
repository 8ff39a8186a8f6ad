"""Trees that JAX, or a plain recursion, can't take."""

import jax
import numpy as np
import pytest

from jaxmagic.pytree import leaves, summarise, summarise_together


def test_a_container_within_itself():
    inner = {"w": 1}
    inner["me"] = [inner]
    model = summarise(inner)
    assert model.top.leaves == 1
    assert model.top.faults == 1
    cycle = model.structures[model.at((0, 0))]
    assert (cycle.kind, cycle.note) == (
        "cycle",
        "This dict contains itself, 2 levels up; JAX can't flatten it.",
    )
    assert [place for place, _ in leaves(inner)] == [(1,)]


def test_two_containers_within_each_other():
    one, other = [1], [2]
    one.append(other)
    other.append(one)
    assert summarise([one, other]).top.faults == 2


def test_a_depth_of_100_000():
    tree = np.zeros(3)
    for _ in range(100_000):
        tree = [tree]
    model = summarise(tree)
    assert (model.top.depth, model.top.leaves, model.top.size_bytes) == (100_000, 1, 24)
    assert len(model.path(next(leaves(tree))[0])) == 300_000


def test_a_container_that_is_met_exponentially_often():
    tree = [np.zeros(2)]
    for _ in range(100):
        tree = (tree, tree)
    model = summarise(tree)
    assert model.top.leaves == 2**100
    (shared,) = model.shared
    assert shared.count == 2**100
    assert len(shared.places) == 32
    assert model.repeated == 2**100 - 1
    assert model.repeated_bytes == 16 * (2**100 - 1)


def test_keys_that_cannot_be_sorted():
    model = summarise([{1: 2, "a": 3}, 4])
    assert model.top.leaves == 3
    assert model.top.faults == 1
    mixed = model.structures[model.at((0,))]
    assert list(mixed.keys) == ["[1]", "['a']"]
    assert mixed.note == (
        "JAX can't flatten this dict: its keys can't be sorted. Use keys of one type."
    )


def register(flatten):
    kind = type("Broken", (), {})
    jax.tree_util.register_pytree_node(kind, flatten, lambda *_: None)
    return kind()


class TooMuch(Exception):  # noqa: N818  it is what it says
    def __str__(self):
        raise ValueError


def raising(error):
    def flatten(_):
        raise error

    return flatten


@pytest.mark.parametrize(
    "flatten",
    [
        raising(ValueError("no such layer")),
        raising(TooMuch()),
        lambda _: None,
        lambda _: ((1,),),
        lambda _: (1, 2),
        lambda _: ((1, 2), (3,), (4,), (5,)),
        lambda _: ((1 / zero for zero in (0,)), None),
    ],
)
def test_a_flatten_function_that_fails(flatten):
    model = summarise({"a": register(flatten), "b": 1})
    assert model.top.leaves == 1
    assert model.top.faults == 1
    broken = model.structures[model.at((0,))]
    assert broken.kind == "error"
    assert broken.note.startswith("Broken could not be flattened: ")


def test_what_a_failing_flatten_function_says_is_kept():
    model = summarise(register(raising(ValueError("no such\u202e layer"))))
    assert model.top.note == ("Broken could not be flattened: ValueError: no such\\u202e layer")


def test_an_interrupt_is_not_held_back():
    with pytest.raises(KeyboardInterrupt):
        summarise(register(raising(KeyboardInterrupt())))


def test_a_container_that_makes_new_children_at_each_look(monkeypatch):
    monkeypatch.setattr("jaxmagic.pytree.walk.DEEPEST", 500)
    kind = type("Endless", (), {})
    jax.tree_util.register_pytree_node(kind, lambda _: ((kind(), kind()), None), lambda *_: None)
    model = summarise(kind())
    assert model.top.faults > 0
    assert model.top.depth == 500


def test_static_data_that_is_equal_is_one_and_what_cannot_be_compared_is_not(bag):
    class Rude:
        def __eq__(self, _):
            raise RuntimeError

        __hash__ = object.__hash__

    array = np.arange(3)
    trees = [bag(1, label=label) for label in ([1], [1], [2], array, np.arange(3), array, Rude())]
    roots = [model.root for model in summarise_together(*trees)]
    assert roots[0] == roots[1] != roots[2]
    assert roots[3] != roots[4]
    assert len(set(roots)) == 5


class Loud:
    """A leaf that must be left alone."""

    def __repr__(self):
        raise AssertionError

    __str__ = __hash__ = __eq__ = __len__ = __iter__ = __bool__ = __array__ = __repr__


def test_no_leaf_is_asked_for_anything():
    model = summarise({"a": Loud(), "b": [Loud(), Loud(), Loud(), Loud(), Loud()]})
    assert model.top.leaves == 6
    assert len(model.structures) == 3


def test_a_leaf_whose_shape_fails_says_so():
    class Odd:
        dtype = np.dtype("int8")

        @property
        def shape(self):
            message = "not now"
            raise RuntimeError(message)

    model = summarise([Odd(), Odd(), Odd(), Odd()])
    assert (model.top.leaves, model.top.unsized) == (4, 4)
    odd = model.structures[0]
    assert odd.kind == "opaque"
    assert odd.note == "Its shape and dtype can't be read: RuntimeError: not now"


def test_a_wide_list():
    model = summarise([0.5] * 300_000)
    assert model.top.leaves == 300_000
    assert model.top.keys[299_999] == "[299999]"


def test_the_model_keeps_no_array_alive():
    class Array(np.ndarray):
        alive = 0

        def __del__(self):
            Array.alive -= 1

    def made():
        Array.alive += 1
        return np.zeros(3).view(Array)

    tree = {"a": made(), "b": [made(), made()]}
    tree["c"] = tree["a"]
    model = summarise(tree)
    assert model.shared_arrays == 1
    del tree
    assert Array.alive == 0
