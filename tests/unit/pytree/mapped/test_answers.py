"""What each of the functions is shown to do."""

import functools
import operator
import time
from collections import OrderedDict, defaultdict
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxmagic.pytree as room
from jaxmagic import show
from jaxmagic.pytree.mapped import tree_call
from jaxmagic.pytree.mapped.result import ROWS, Mapped


def cells(result):
    return [(leaf.path, *leaf.cells) for leaf in result.leaves]


def drawn_texts(side):
    """The texts of a side with the number of the leaf that each belongs to."""
    numbers = {place: number for number, place in enumerate(side.places)}
    return [
        (next((numbers[p[:n]] for n in range(len(p) + 1) if p[:n] in numbers), None), text)
        for p, text in side.texts
    ]


def test_the_figure_of_the_lecture(ask, lecture):
    result = ask("jax.tree.map(lambda x, y: x + y, pytree1, pytree2)", **lecture)
    assert result.between == ("+", "=")
    assert [side.title for side in result.sides] == ["pytree1", "pytree2", "result"]
    assert result.columns == ("x ← pytree1", "y ← pytree2", "x + y")
    assert cells(result) == [
        ("['a'][0]", "1", "10", "11"),
        ("['a'][1]", "2", "20", "22"),
        ("['a'][2]", "3", "30", "33"),
        ("['b']['c']", "[4, 5]", "[40, 50]", "[44, 55]"),
        ("['b']['d']", "[[6, 7], [8, 9]]", "[[60, 70], [80, 90]]", "[[66, 77], [88, 99]]"),
    ]
    for number, side in enumerate(result.sides):
        assert drawn_texts(side) == [(n, row[number + 1]) for n, row in enumerate(cells(result))]
    assert result.value["a"] == [11, 22, 33]


def test_the_update_of_the_lecture(ask, training):
    result = ask("jax.tree.map(lambda p, g: p - lr * g, params, grads)", **training)
    assert result.between == (",", "→")
    assert result.operator == "p - lr * g"
    assert [side.title for side in result.sides] == ["p ← params", "g ← grads", "p - lr * g"]
    assert cells(result)[2:] == [
        ("[1]['b']", "[1.]", "[0.5]", "[0.95]"),
        ("[1]['w']", "f32[3,4]", "f32[3,4]", "f32[3,4]"),
    ]


@pytest.mark.parametrize(
    ("function", "sign"),
    [
        ("lambda x, y: x * y", "*"),
        ("lambda a, b: a @ b", "@"),
        ("lambda x, y: (x - y)", "-"),
        ("lambda x, y: y - x", ""),
        ("lambda x, y: x - y - x", ""),
        ("lambda x, y: x - 1", ""),
        ("lambda x, y, z=1: x - y", ""),
        ("lambda *x: x", ""),
        ("add", ""),
    ],
)
def test_a_sign_stands_for_what_is_nothing_but_that_sign(ask, function, sign):
    result = ask(f"jax.tree.map({function}, t, t)", add=operator.add, t=[jnp.ones((1, 1))])
    assert result.between == ((sign, "=") if sign else (",", "→"))
    assert (result.sides[-1].title == "result") == bool(sign)


def test_a_function_is_shown_by_its_name(ask):
    double = functools.partial(operator.mul, 2)
    assert ask("jax.tree.map(jnp.sin, [0.0])").operator == "jnp.sin"
    assert ask("jax.tree.map(double, [1])", double=double).operator == "double"


def test_three_operands_and_more(ask):
    result = ask("jax.tree.map(lambda x, y, z: x * y + z, t, t, [[1, 2], 3])", t=[[1, 2], 3])
    assert cells(result)[-1] == ("[1]", "3", "3", "3", "12")
    assert result.between == (",", ",", "→")
    many = ask("jax.tree.map(lambda *x: sum(x), *trees)", trees=[[1]] * 10)
    assert many.value == [10]
    assert len(many.sides) == 7
    assert many.notes == ("Shown are the first 6 of 10 trees.",)
    assert [side.title for side in many.sides[:2]] == ["trees[0]", "trees[1]"]


def test_containers_of_every_kind(layer, bag, moments, option):
    tree = {
        "dict": {"b": 1, "a": 2},
        "ordered": OrderedDict(b=3, a=4),
        "default": defaultdict(list, {"k": 5}),
        "list": [6, (7,)],
        "named": moments(8, None, 9),
        "data": layer(10, 11, 3),
        "bag": bag(12, 13, label="x"),
        "static": option("y"),
        "none": None,
        "empty": [[], {}, ()],
    }
    result = tree_call(jax.tree.map, lambda x, y: x + y, tree, tree)
    assert jax.tree.leaves(result.value) == [2 * leaf for leaf in jax.tree.leaves(tree)]
    assert [row[1:] for row in cells(result)] == [
        (str(leaf), str(leaf), str(2 * leaf)) for leaf in jax.tree.leaves(tree)
    ]
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)]
    assert [row[0] for row in cells(result)] == paths
    assert Mapped.from_json(result.to_json()) == result


def test_subtrees_that_is_leaf_takes_for_leaves_have_one_number(ask):
    tree = {"a": [1, 2], "b": (3, None, {"c": 4})}
    result = ask("jax.tree.map(lambda x: x, t, is_leaf=lambda x: isinstance(x, tuple))", t=tree)
    assert result.total == 3
    assert cells(result)[2] == ("['b']", "(3, None, {'c': 4})", "(3, None, {'c': 4})")
    expected = [(0, "1"), (1, "2"), (2, "3"), (2, "4")]
    assert [drawn_texts(side) for side in result.sides] == [expected, expected]


def test_none_is_a_leaf_if_is_leaf_says_so(ask):
    tree = [1, None]
    result = ask("jax.tree.map(lambda x: 0, t, is_leaf=lambda x: x is None)", t=tree)
    assert result.value == [0, 0]
    assert cells(result) == [("[0]", "1", "0"), ("[1]", "None", "0")]
    assert not result.notes
    without = ask("jax.tree.map(lambda x: 0, t)", t=tree)
    assert cells(without) == [("[0]", "1", "0")]
    assert "None" in without.notes[0]


def test_a_result_with_deeper_leaves_is_paired_by_place(ask):
    result = ask("jax.tree.map(lambda x: (x, [x]), {'a': 1, 'b': 2})")
    assert cells(result) == [("['a']", "1", "(1, [1])"), ("['b']", "2", "(2, [2])")]
    assert drawn_texts(result.sides[1]) == [(0, "1"), (0, "1"), (1, "2"), (1, "2")]
    deeper = ask("jax.tree.map(lambda x, y: x, {'a': 1}, {'a': [2, 3]})")
    assert cells(deeper) == [("['a']", "1", "[2, 3]", "1")]
    assert drawn_texts(deeper.sides[1]) == [(0, "2"), (0, "3")]


def test_a_result_that_loses_its_leaves_is_shown_too(ask):
    result = ask("jax.tree.map(lambda x: None, [1, 2])")
    assert cells(result) == [("[0]", "1", "None"), ("[1]", "2", "None")]
    assert result.sides[1].texts == ()


def test_a_container_that_is_made_anew_as_something_else():
    @jax.tree_util.register_pytree_node_class
    class Odd:
        def tree_flatten(self):
            return (1, 2), None

        @classmethod
        def tree_unflatten(cls, _, children):
            return list(children)[:1]

    result = tree_call(jax.tree.map, lambda x: x, [Odd()])
    assert result.value == [[1]]
    assert result.notes == ("The result has another structure: its leaves can't be paired.",)
    assert cells(result)[1][1:] == ("2", "")
    assert str(result)
    assert show.html(result)


def test_operands_are_shown_as_they_were_before_the_call():
    given_array = np.zeros(2)

    def changes(x):
        x += 1
        return x

    result = tree_call(jax.tree.map, changes, [given_array])
    assert cells(result) == [("[0]", "[0., 0.]", "[1., 1.]")]
    assert result.value[0] is given_array


def test_one_leaf_is_a_tree():
    result = tree_call(jax.tree.map, lambda x: x + 1, 1)
    assert cells(result) == [("", "1", "2")]
    assert "(root)" in str(result)
    nothing = tree_call(jax.tree.map, lambda x: x + 1, None)
    assert nothing.total == 0
    assert "the function was not called" in str(nothing)


def test_map_with_path_passes_paths(ask):
    result = ask("jax.tree.map_with_path(lambda p, x, y: len(p), {'a': [1]}, {'a': [2]})")
    assert cells(result) == [("['a'][0]", "1", "2", "2")]
    assert result.columns == ("x ← {'a': [1]}", "y ← {'a': [2]}", "len(p)")
    stops = ask(
        "jax.tree.map_with_path(lambda p, x: len(x), t, is_leaf=lambda p, x: len(p) == 1,"
        " is_leaf_takes_path=True)",
        t={"a": [1, 2]},
    )
    assert cells(stops) == [("['a']", "[1, 2]", "2")]


def test_a_reduction_is_told_step_by_step(ask):
    tree = {"a": 1, "b": [2, 3]}
    result = ask("jax.tree.reduce(lambda total, x: total + x, t, 10)", t=tree)
    assert cells(result) == [("['a']", "1", "11"), ("['b'][0]", "2", "13"), ("['b'][1]", "3", "16")]
    assert result.chain == "10 + 1 + 2 + 3 = 16"
    assert result.value == 16
    bare = ask("jax.tree.reduce(lambda total, x: total + x, t)", t=tree)
    assert [row[2] for row in cells(bare)] == ["1", "3", "6"]
    assert bare.chain == "1 + 2 + 3 = 6"
    power = ask("jax.tree.reduce(lambda x, y: x ** y, [2, 3, 2])")
    assert power.chain == ""
    assert "The result is 64." in str(power)


def test_a_reduction_to_another_tree_and_of_nothing(ask):
    grown = ask("jax.tree.reduce(lambda seen, x: [*seen, x], (1, (2, 3)), [])")
    assert [row[2] for row in cells(grown)] == ["[1]", "[1, 2]", "[1, 2, 3]"]
    assert grown.notes == ("It starts with [].",)
    empty = ask("jax.tree.reduce(lambda a, b: a + b, [], 5)")
    assert empty.value == 5
    assert "5" in str(empty)
    builtin = ask("jax.tree_util.tree_reduce(max, [1, 3, 2])")
    assert [row[2] for row in cells(builtin)] == ["1", "3", "3"]


def test_steps_show_what_the_running_value_was_then(ask):
    def appends(seen, x):
        seen.append(x)
        return seen

    result = ask("jax.tree.reduce(appends, [1, 2], [])", appends=appends)
    assert [row[2] for row in cells(result)] == ["[1]", "[1, 2]"]


@pytest.mark.parametrize("name", ["leaves", "leaves_with_path", "flatten", "flatten_with_path"])
def test_leaves_stand_in_their_order(ask, name):
    tree = {"b": [1, None], "a": (2, 3)}
    result = ask(f"jax.tree.{name}(t)", t=tree)
    assert [row[1] for row in cells(result)] == ["2", "3", "1"]
    assert drawn_texts(result.sides[0]) == [(0, "2"), (1, "3"), (2, "1")]
    assert result.sides[1].places == ((0,), (1,), (2,))
    assert [text for _, text in result.sides[1].texts] == ["2", "3", "1"]
    assert str(result.value) == str(getattr(jax.tree, name)(tree))
    if name.startswith("flatten"):
        assert drawn_texts(result.sides[2]) == [(0, "*"), (1, "*"), (2, "*")]
        assert result.between == ("→", ",")


def test_a_treedef_has_no_more_than_its_leaves(ask):
    code = "jax.tree.structure(t, is_leaf=lambda x: isinstance(x, tuple))"
    result = ask(code, t={"a": [1], "b": (2, {"c": 3})})
    side = result.sides[1]
    assert side.tree.top.leaves == 2
    assert side.tree.top.nodes == 4
    assert [text for _, text in side.texts] == ["*", "*"]
    assert result.value.num_leaves == 2


def test_unflatten_puts_leaves_where_they_belong(ask):
    treedef = jax.tree.structure({"b": [0, None], "a": (0, 0)})
    result = ask("jax.tree.unflatten(d, iter('xyz'))", d=treedef)
    assert result.value == {"a": ("x", "y"), "b": ["z", None]}
    assert cells(result) == [("['a'][0]", "'x'"), ("['a'][1]", "'y'"), ("['b'][0]", "'z'")]
    assert drawn_texts(result.sides[2]) == [(0, "'x'"), (1, "'y'"), (2, "'z'")]
    deeper = ask("jax.tree.unflatten(d, [[1], (2, 3), 4])", d=treedef)
    assert drawn_texts(deeper.sides[2]) == [(0, "1"), (1, "2"), (1, "3"), (2, "4")]
    assert deeper.sides[0].tree.top.leaves == 3


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (1, "1"),
        (True, "True"),
        (1.0, "1.0"),
        (1 / 3, "0.3333"),
        (float("nan"), "nan"),
        (1e-8, "1e-08"),
        (2 - 1j, "2-1j"),
        (10**30, "int"),
        ("text", "'text'"),
        (b"bytes", "bytes"),
        (len, "builtin_function_or_method"),
        (np.float32(0.1), "0.1"),
        (np.int8(-3), "-3"),
        (np.bool_(1), "True"),
        (np.arange(6), "[0, 1, 2, 3, 4, 5]"),
        (np.arange(7), "i64[7]"),
        (np.ones((0, 3), "float32"), "f32[0,3]"),
        (np.array([[1.5, 2], [3, 4]]), "[[1.5, 2.], [3., 4.]]"),
        (np.array([True, False]), "[True, False]"),
        (np.array(["a"]), "str32[1]"),
        (jnp.array([1, 2.5], "bfloat16"), "[1., 2.5]"),
        (jnp.array([1, -2], "int4"), "[1, -2]"),
        (jnp.array(3.0), "3.0"),
        (jnp.array([1 + 2j]), "[1+2j]"),
        (jax.ShapeDtypeStruct((2,), "int16"), "i16[2]"),
        (np.ma.masked_array([1, 2], [True, False], "int8"), "i8[2]"),
        (np.array(2**64 - 1, "uint64"), "18446744073709551615"),
    ],
)
def test_what_is_written_at_a_leaf(leaf, text):
    result = tree_call(jax.tree.leaves, [leaf])
    assert cells(result) == [("[0]", text)]
    assert drawn_texts(result.sides[0]) == [(0, text)]


def test_keys_deleted_arrays_and_tracers_are_not_read():
    gone = jnp.ones(2)
    gone.delete()
    result = tree_call(jax.tree.leaves, [jax.random.key(0), gone])
    assert cells(result) == [("[0]", "key<fry>[]"), ("[1]", "f32[2] deleted")]

    @jax.jit
    def traced(x):
        inside = tree_call(jax.tree.map, lambda leaf: leaf * 2, {"x": x})
        assert cells(inside) == [("['x']", "f32[2]", "f32[2]")]
        return inside.value["x"]

    assert traced(jnp.ones(2)).tolist() == [2, 2]


def test_nothing_asks_for_the_text_of_an_object():
    class Mine(int):
        def __repr__(self):
            pytest.fail("its repr was asked for")

        __str__ = __format__ = __repr__

    class Sub(np.ndarray):
        def __repr__(self):
            pytest.fail("its repr was asked for")

        __str__ = __array__ = tolist = __repr__

    leaves = [Mine(3), np.zeros(2).view(Sub), SimpleNamespace()]
    result = tree_call(jax.tree.map, lambda x: x, leaves)
    assert [row[1] for row in cells(result)] == ["Mine", "f64[2]", "SimpleNamespace"]
    assert show.html(result)


def test_a_tree_of_many_leaves_takes_bounded_time_and_room(ask):
    tree = {f"layer_{n}": {"w": np.ones(10), "b": n} for n in range(10_000)}
    for code in (
        "jax.tree.map(lambda x, y: y, t, t)",
        "jax.tree.reduce(lambda a, x: 1, t, 0)",
        "jax.tree.flatten(t)",
        "jax.tree.map(lambda x: x, t, is_leaf=lambda x: False)",
        "jax.tree.unflatten(jax.tree.structure(t), range(20_000))",
    ):
        start = time.process_time()
        result = ask(code, t=tree)
        text, html = str(result), show.html(result)
        assert time.process_time() - start < 4
        assert result.total == 20_000
        assert len(result.leaves) == ROWS
        assert "19,960 more leaves" in text
        assert len(text.splitlines()) < 60
        assert len(html) < 40_000


def test_a_deep_tree_has_a_short_path():
    deep = 1
    for _ in range(900):
        deep = [deep]
    result = tree_call(jax.tree.map, lambda x: x + 1, deep)
    [(path, before, after)] = cells(result)
    assert path.startswith("[0][0]")
    assert len(path) == 120
    assert (before, after) == ("1", "2")
    assert len(show.html(result)) < 10_000


def test_a_tree_within_itself_fails_as_in_jax():
    tree = [1]
    tree.append(tree)
    for function, arguments in (
        (jax.tree.map, (str, tree)),
        (jax.tree.reduce, (max, tree)),
        (jax.tree.leaves, (tree,)),
    ):
        with pytest.raises(SystemError):
            function(*arguments)
        with pytest.raises(SystemError):
            tree_call(function, *arguments)


def test_large_containers_in_a_leaf_stay_short():
    result = tree_call(jax.tree.map, len, [list(range(1000))], is_leaf=lambda x: len(x) > 1)
    assert cells(result) == [("[0]", "list 1,000", "1000")]


def test_names_of_the_python_form():
    result = tree_call(jax.tree.map, operator.add, [1], [2], names=["old", "new"])
    assert result.call == "jax.tree.map(add, old, new)"
    assert result.columns == ("old", "new", "add")
    plain = tree_call(jax.tree.map, lambda x, y: x * y, [3], [4])
    assert plain.call == "jax.tree.map(lambda x, y: x * y, tree 1, tree 2)"
    assert plain.between == ("*", "=")
    assert tree_call(jax.tree.leaves, [1]).call == "jax.tree.leaves(tree)"
    with pytest.raises(ValueError, match=r"Give one of these functions first: jax\.tree\.map, "):
        tree_call(jax.tree.transpose, 1, 2, 3)
    with pytest.raises(ValueError, match="Give one of these functions first"):
        tree_call(map, str, [1])


def test_any_tree_is_mapped_and_leaf_belongs_to_leaf(trees):
    @settings(max_examples=150, deadline=None)
    @given(trees, st.booleans())
    def holds(tree, twice):
        rest = [tree] if twice else []
        result = tree_call(jax.tree.map, lambda x, *_: x, tree, *rest)
        leaves = jax.tree.leaves(tree)
        assert result.total == len(leaves)
        for side in result.sides:
            assert len(side.places) == len(result.leaves) == min(len(leaves), ROWS)
            for number, place in enumerate(side.places):
                assert room.value_at(tree, place) is leaves[number]
                assert side.tree.path(place) == result.leaves[number].path
        assert all(len(set(leaf.cells)) == 1 for leaf in result.leaves)
        assert all(x is y for x, y in zip(jax.tree.leaves(result.value), leaves, strict=True))
        assert Mapped.from_json(result.to_json()) == result

    holds()


def test_any_tree_is_taken_apart_and_put_together(trees):
    def same(tree):
        return tree

    @settings(max_examples=100, deadline=None)
    @given(trees)
    def holds(tree):
        leaves, treedef = jax.tree.flatten(tree)
        results = [
            tree_call(jax.tree.leaves, tree),
            tree_call(jax.tree.flatten, tree),
            tree_call(jax.tree.structure, tree),
            tree_call(jax.tree.leaves_with_path, tree),
            tree_call(jax.tree.unflatten, treedef, leaves),
            tree_call(jax.tree.reduce, lambda count, _: count + 1, tree, 0),
            tree_call(jax.tree.map_with_path, lambda _, x: x, tree),
        ]
        for result in results:
            assert result.total == len(leaves)
            assert len(result.leaves) == min(len(leaves), ROWS)
            assert str(result)
            assert Mapped.from_json(result.to_json()) == result
        assert results[0].value == results[1].value[0]
        assert results[1].value[1] == results[2].value == treedef
        assert results[5].value == len(leaves)
        stopped = tree_call(jax.tree.map, same, tree, is_leaf=lambda x: x is not tree)
        children = jax.tree.leaves(tree, is_leaf=lambda x: x is not tree)
        assert stopped.total == len(children)

    holds()
