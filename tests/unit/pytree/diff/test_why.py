"""From an error back to the trees that did not fit together."""

import functools
import gc
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic.pytree.diff import DifferenceError, why

MODES = ["auto", "off", "tracebackhide", "remove_frames", "quiet_remove_frames"]
ALL_FRAMES = ["off", "tracebackhide", "remove_frames"]


@pytest.fixture(params=MODES)
def filtering(request):
    before = jax.config.jax_traceback_filtering
    jax.config.update("jax_traceback_filtering", request.param)
    yield request.param
    jax.config.update("jax_traceback_filtering", before)


def error_of(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:  # noqa: BLE001  whatever it is
        return error
    pytest.fail("no error")


def params():
    return {"a": jnp.ones(3), "b": [jnp.ones(2)]}


def grads():
    return {"a": jnp.ones(3), "c": [jnp.ones(2)], "d": 1}


def told(difference):
    return {(fault.kind, fault.path) for fault in difference.faults}


def add(left, right):
    return jax.tree.map(lambda x, y: x + y, left, right)


@pytest.mark.usefixtures("filtering")
def test_the_trees_of_a_failed_map_are_compared_under_their_own_names():
    found = why(error_of(add, params(), grads()))
    assert found.names == ("left", "right")
    assert told(found) == {("renamed", "['b']"), ("extra", "['d']")}


@pytest.mark.usefixtures("filtering")
def test_a_map_in_a_jitted_function_is_explained():
    found = why(error_of(jax.jit(add), params(), grads()))
    assert found.names == ("left", "right")
    assert told(found) == {("renamed", "['b']"), ("extra", "['d']")}


@pytest.mark.usefixtures("filtering")
def test_a_map_by_its_older_name_in_a_jitted_function_is_explained():
    def older(left, right):
        return jax.tree_util.tree_map(lambda x, y: x + y, left, right)

    found = why(error_of(jax.jit(older), params(), grads()))
    assert found.names == ("left", "right")
    assert told(found) == {("renamed", "['b']"), ("extra", "['d']")}


@pytest.mark.usefixtures("filtering")
def test_a_map_in_a_library_is_explained():
    optax = pytest.importorskip("optax")
    found = why(error_of(optax.apply_updates, params(), grads()))
    assert found.names == ("params", "updates")
    assert ("extra", "['d']") in told(found)
    assert any("is_leaf" in note for note in found.notes)


@pytest.mark.usefixtures("filtering")
def test_a_step_of_an_optimiser_is_explained():
    optax = pytest.importorskip("optax")
    adam = optax.adam(1e-3)
    state = adam.init(params())
    found = why(error_of(jax.jit(adam.update), grads(), state))
    assert {fault.path for fault in found.faults} >= {"['d']"}


def test_of_three_trees_the_first_is_compared_with_each_that_differs():
    def three(a, b, c, d):
        return jax.tree.map(lambda *x: x, a, b, c, d)

    found = why(error_of(three, params(), grads(), params(), [1]))
    assert found.names == ("a", "b")
    assert [other.names for other in found.more] == [("a", "d")]
    assert "type" in found.more[0].counts
    assert type(found).from_json(found.to_json()) == found


def test_a_call_over_several_lines_and_with_expressions_has_their_text_as_names():
    def call(trees):
        return jax.tree_util.tree_map(
            lambda x, y: (x, y),
            trees[0],  # a comment
            {"é": trees[1], "long": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)},
        )

    found = why(error_of(call, [params(), grads()]))
    assert found.names[0] == "trees[0]"
    assert found.names[1].startswith("{'é': trees[1]")
    assert len(found.names[1]) == 40


def test_trees_that_are_not_in_the_source_are_counted():
    def call(*trees):
        return jax.tree.map(lambda *x: x, *trees)

    assert why(error_of(call, [1], [1, 2])).names == ("the first tree", "the second tree")
    told = str(why(error_of(call, [1], [1, 2])))
    assert told.startswith(
        "The first tree and the second tree differ at 1 place: only in the second"
    )
    assert "\nThe first tree: 1 leaf in 1 container" in told
    mapped = functools.partial(jax.tree.map, max)
    assert why(error_of(lambda: mapped([1], [1, 2]))).names == ("the first tree", "the second tree")

    def twice(tree):
        return jax.tree.map(lambda *x: x, tree, tree)

    unequal = iter([[1], [1, 2]])

    class Two:
        @property
        def tree(self):
            return next(unequal)

    def same(two):
        return jax.tree.map(lambda *x: x, two.tree, two.tree)

    assert why(error_of(same, Two())).names == ("two.tree", "two.tree (second tree)")


def test_source_that_is_gone_is_done_without():
    namespace = {"jax": jax}
    exec(compile("def f(a, b):\n    jax.tree.map(min, a, b)", "nowhere", "exec"), namespace)
    assert why(error_of(namespace["f"], [1], [1, 2])).names == ("the first tree", "the second tree")


def test_an_error_that_came_from_a_failed_map_is_explained_by_that():
    def wrapped():
        try:
            add(params(), grads())
        except ValueError:
            raise KeyError  # noqa: B904  that is what users do

    def chained():
        try:
            add(params(), grads())
        except ValueError as error:
            raise KeyError from error

    for function in (wrapped, chained):
        found = why(error_of(function))
        assert ("extra", "['d']") in told(found)
        assert found.names == ("left", "right")


def test_shapes_over_which_the_function_failed_are_explained():
    found = why(error_of(add, {"a": np.ones(3)}, {"a": np.ones(4)}))
    assert told(found) == {("shape", "['a']")}


@pytest.mark.usefixtures("filtering")
@pytest.mark.parametrize("what", ["in_axes", "out_axes"])
def test_axes_that_are_no_prefix_are_explained(what):
    if what == "in_axes":
        mapped = jax.vmap(lambda x, _: x, in_axes=((0, None), {"u": None}))
        found = why(error_of(mapped, [jnp.ones(3), jnp.ones(3)], {"u": (1, 2)}))
        assert found.names == ("in_axes", "arguments")
        [fault] = found.faults
        assert (fault.path, fault.hint) == ("[0]", "write [0, None]")
    else:
        mapped = jax.vmap(lambda x: {"a": x, "b": [x]}, out_axes={"a": 0, "b": (0,)})
        found = why(error_of(mapped, jnp.ones(3)))
        assert found.names == ("out_axes", "results")
        [fault] = found.faults
        assert (fault.path, fault.hint) == ("['b']", "write [0]")
    assert found.prefix


def test_shardings_that_are_no_prefix_are_explained_if_jax_left_them_in(filtering):
    one = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    for options, names in (
        ({"in_shardings": ((one, one),)}, ("in_shardings", "arguments")),
        ({"out_shardings": (one, one)}, ("out_shardings", "results")),
    ):
        error = error_of(jax.jit(lambda x: [x[0], x[1]], **options), [jnp.ones(3), jnp.ones(3)])
        if filtering in ALL_FRAMES:
            found = why(error)
            assert found.names == names
            assert [fault.kind for fault in found.faults] == ["type"]
        else:
            with pytest.raises(DifferenceError, match="%pytree --diff --prefix in_axes, args"):
                why(error)


def test_a_wrong_number_of_axes_is_explained_if_jax_left_it_in(filtering):
    error = error_of(jax.vmap(lambda x: x, in_axes=(0, 0)), jnp.ones(3))
    if filtering in ALL_FRAMES:
        assert [fault.kind for fault in why(error).faults] == ["length"]
    else:
        with pytest.raises(DifferenceError, match="--prefix"):
            why(error)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (
            lambda: jax.lax.scan(lambda c, x: ([c[0]], x), [1.0, 2.0], jnp.ones(3)),
            "%pytree --diff init, jax.eval_shape(body, init, x)[0].",
        ),
        (
            lambda: jax.lax.scan(lambda c, x: (c.astype(int), x), 1.0, jnp.ones(3)),
            "%pytree --diff init, jax.eval_shape(body, init, x)[0].",
        ),
        (
            lambda: jax.lax.while_loop(lambda _: False, lambda c: [c[0]], [1.0, 2.0]),
            "%pytree --diff init, jax.eval_shape(body, init).",
        ),
        (
            lambda: jax.lax.fori_loop(0, 3, lambda _, c: [c[0]], [1.0, 2.0]),
            "%pytree --diff init, jax.eval_shape(body, 0, init).",
        ),
        (
            lambda: jax.lax.cond(1, lambda: [1.0], lambda: [1.0, 2.0]),
            "%pytree --diff jax.eval_shape(one, x), jax.eval_shape(other, x).",
        ),
        (
            lambda: jax.lax.switch(0, [lambda: [1.0], lambda: [1.0, 2.0]]),
            "%pytree --diff jax.eval_shape(one, x), jax.eval_shape(other, x).",
        ),
    ],
)
@pytest.mark.usefixtures("filtering")
def test_of_loops_and_branches_it_is_said_what_to_type(call, advice):
    with pytest.raises(DifferenceError) as reason:
        why(error_of(call))
    assert str(reason.value).startswith("JAX keeps no trees in the traceback of this TypeError")
    assert str(reason.value).endswith(advice)


class Unspeakable(Exception):  # noqa: N818  it is none of ours
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error",
    [SyntaxError("no"), KeyboardInterrupt(), ValueError(), Unspeakable(), RecursionError("deep")],
)
def test_what_has_no_trees_is_not_explained(error):
    with pytest.raises(DifferenceError) as reason:
        why(error)
    assert str(reason.value) == (
        f"There are no trees in the traceback of this {type(error).__name__}: compare two trees "
        "with %pytree --diff a, b."
    )


def test_an_error_of_the_function_itself_is_not_explained_by_equal_trees():
    def fail(*_):
        raise ZeroDivisionError

    with pytest.raises(DifferenceError, match="the error came from the function itself"):
        why(error_of(lambda: jax.tree.map(fail, params(), params())))


def test_errors_in_a_circle_come_to_an_end():
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    with pytest.raises(DifferenceError):
        why(one)


def test_nothing_of_the_error_is_kept_alive():
    class Leaf:
        pass

    leaf = Leaf()
    alive = weakref.ref(leaf)
    error = error_of(jax.tree.map, min, [leaf], [1, 2])
    found = why(error)
    del leaf, error
    gc.collect()
    assert alive() is None
    assert found.counts


def test_hostile_source_is_shown_as_text():
    def call(trees):
        return jax.tree.map(min, trees["\u202e<script>\n"], trees["b"])

    found = why(error_of(call, {"\u202e<script>\n": [1], "b": [1, 2]}))
    assert all(line.isprintable() for line in str(found).splitlines())


def test_shapes_are_no_fault_where_the_structure_is():
    found = why(error_of(add, {"a": jnp.ones(3), "b": 1}, {"a": jnp.ones(4), "b": (1,)}))
    assert told(found) == {("leaf", "['b']")}
    assert found.notes == ("1 leaf: another shape. This is no fault.",)


def test_shapes_are_what_is_told_where_the_function_failed():
    found = why(error_of(add, {"a": jnp.ones(3), "b": 1}, {"a": jnp.ones(4), "b": 1}))
    assert told(found) == {("shape", "['a']")}
