"""What a function uses, and copies of it that use something else."""

import ast
import functools
import types

import jax
import numba
import numpy as np
import pytest

from jaxmagic.source import all_uses, copied, is_own, rebound, underlying

WEIGHT = 3.0
shape = "not what x.shape asks for"


def scaled(x):
    return WEIGHT * x


def doubled(x, factor=2.0):
    return factor * scaled(x)


def of_attributes(x):
    return x.shape


def nested(x):
    weight = lambda: [WEIGHT]  # noqa: E731  a function inside, as users write it
    return [scaled(y) for y in x] + weight()


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def closure(weight):
    def inner(x):
        return weight * scaled(x)

    return inner


def test_uses_are_globals_cells_and_defaults_of_all_functions_that_are_reached():
    used = {(use.function.__name__, use.name) for use in all_uses(doubled)}
    assert used == {("doubled", "scaled"), ("scaled", "WEIGHT")}
    used = {(use.function.__name__, use.name) for use in all_uses(closure(1.5))}
    assert used == {("inner", "scaled"), ("inner", "weight"), ("scaled", "WEIGHT")}

    def caller(x):
        return doubled(x)

    assert ("doubled", "factor", 2.0) in {
        (use.function.__name__, use.name, use.value)
        for use in all_uses(caller)
        if isinstance(use.value, float)
    }


def test_a_name_that_is_only_an_attribute_is_no_use():
    assert [use.name for use in all_uses(of_attributes)] == []


def test_names_inside_comprehensions_and_lambdas_are_uses():
    assert {use.name for use in all_uses(nested)} == {"scaled", "WEIGHT"}


def test_functions_that_call_each_other_are_each_seen_once():
    assert sorted(use.name for use in all_uses(even)) == ["even", "odd"]
    copy = rebound(even, lambda value: value)
    assert [copy(n) for n in range(5)] == [True, False, True, False, True]
    assert copy.__globals__["odd"].__globals__["even"] is copy
    assert copy.__globals__["odd"] is not odd


def test_helpers_read_what_was_exchanged():
    copy = rebound(doubled, lambda value: 5.0 if value is WEIGHT else value)
    assert copy(1.0) == 10.0
    assert doubled(1.0) == 6.0
    assert WEIGHT == 3.0
    assert rebound(nested, lambda value: 5.0 if value is WEIGHT else value)([1.0]) == [5.0, 5.0]


def test_closures_and_defaults_read_what_was_exchanged():
    marked = object()
    inner = closure(marked)
    assert rebound(inner, lambda value: 2.0 if value is marked else value)(1.0) == 6.0
    assert any(cell.cell_contents is marked for cell in inner.__closure__)

    def with_defaults(x, y=marked, *, z=marked):
        return x, y, z

    copy = rebound(with_defaults, lambda value: 1 if value is marked else value)
    assert copy(0) == (0, 1, 1)
    assert with_defaults(0) == (0, marked, marked)


def test_a_closure_that_calls_itself_stays_connected():
    def count(n):
        return 0 if n == 0 else WEIGHT + count(n - 1)

    assert rebound(count, lambda value: 1.0 if value is WEIGHT else value)(4) == 4.0


def test_functions_that_share_a_variable_share_it_in_their_copies():
    count = 0

    def bump():
        nonlocal count
        count += 1

    def f():
        bump()
        return count

    copy = rebound(f, lambda value: value)
    assert [copy(), copy()] == [1, 2]
    assert count == 0
    assert f() == 1


def test_a_cell_that_is_not_filled_yet_is_left_empty():
    def f():
        return later

    assert all_uses(f) == []
    copy = rebound(f, lambda value: value)
    with pytest.raises(NameError):
        copy()
    later = 1
    assert f() == later


def test_extra_names_reach_all_copies_unless_the_user_has_them():
    def loop(n):
        return list(range(n))

    extra = {"range": lambda n: "abc"[:n]}
    assert rebound(loop, lambda value: value, extra=extra)(2) == ["a", "b"]
    own = types.FunctionType(loop.__code__, {**globals(), "range": lambda _n: [7]})
    assert rebound(own, lambda value: value, extra=extra)(2) == [7]


def test_every_copy_is_finished_and_told_what_stood_there():
    told = []

    def finish(copy, given):
        told.append((copy.__name__, given))
        return copy

    assert rebound(doubled, lambda value: value, finish, given="given")(1.0) == 6.0
    assert sorted(told, key=str) == [("doubled", "given"), ("scaled", scaled)]


def test_a_copy_has_the_lines_and_names_of_the_original():
    copy = rebound(closure(1.0), lambda value: value)
    assert copy.__qualname__ == "closure.<locals>.inner"
    assert copy.__module__ == __name__
    with pytest.raises(TypeError) as caught:
        copy("text")
    lines = [entry for entry in caught.traceback if str(entry.path) == __file__]
    assert lines[-1].lineno + 1 == scaled.__code__.co_firstlineno + 1


def test_compiled_functions_are_looked_below_and_transformed_ones_are_not():
    assert underlying(scaled) is scaled
    assert underlying(jax.jit(scaled)) is scaled
    assert underlying(jax.jit(numba.njit(scaled))) is scaled
    assert underlying(numba.njit(scaled)) is scaled
    assert underlying(jax.vmap(scaled)) is not scaled
    assert underlying(functools.partial(scaled)) is None
    for other in (abs, float, np.sin, np.sum, np.linalg.norm, jax.numpy.sin, None, 5, "text", np):
        assert underlying(other) is None, other


def test_functions_of_libraries_are_not_the_users():
    assert is_own(scaled)
    assert is_own(eval("lambda: 0"))
    assert not is_own(functools.partialmethod.__get__)
    assert not is_own(np.block.__wrapped__)


def test_jax_functions_around_the_users_are_kept_as_they_are():
    batched = jax.vmap(scaled)

    def f(x):
        return batched(x)

    assert rebound(f, lambda value: value)(np.ones(2)).tolist() == [3.0, 3.0]


def test_a_copy_of_a_tree_takes_no_other_program_with_it():
    other = ast.parse("x[y + 1] = z")
    for node in ast.walk(other):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # as a traceback of IPython does; there is one Load() for all
    try:
        tree = ast.parse("def f(x, *, y=1):\n    return [x + 1.5j, 'é', *x] if not y else -x")
        tree.body[0].ours = True
        made = copied(tree)
        assert ast.dump(made, include_attributes=True) == ast.dump(tree, include_attributes=True)
        assert made.body[0].ours
        old = {id(node) for node in ast.walk(tree)}
        assert any(hasattr(node, "parent") for node in ast.walk(made))
        for node in ast.walk(made):
            assert (id(node) in old) == (
                ast.dump(node) in {"Load()", "Store()", "Not()", "USub()", "Add()"}
            )
    finally:
        for node in ast.walk(other):
            vars(node).pop("parent", None)
