"""Which lines are calls that are shown, and how their arguments are evaluated."""

import ast
import linecache
import traceback
import types

import jax
import pytest

from jaxmagic.pytree.mapped import call_result, recognised
from jaxmagic.pytree.mapped.functions import NAMES

FORMS = [
    "jax.tree.map(f, t)",
    "jax.tree.map_with_path(f, t)",
    "jax.tree.reduce(f, t)",
    "jax.tree.leaves(t)",
    "jax.tree.leaves_with_path(t)",
    "jax.tree.flatten(t)",
    "jax.tree.flatten_with_path(t)",
    "jax.tree.unflatten(d, t)",
    "jax.tree.structure(t)",
    "jax.tree_util.tree_map(f, t)",
    "jax.tree_util.tree_map_with_path(f, t)",
    "jax.tree_util.tree_reduce(f, t)",
    "jax.tree_util.tree_leaves(t)",
    "jax.tree_util.tree_leaves_with_path(t)",
    "jax.tree_util.tree_flatten(t)",
    "jax.tree_util.tree_flatten_with_path(t)",
    "jax.tree_util.tree_unflatten(d, t)",
    "jax.tree_util.tree_structure(t)",
]


@pytest.mark.parametrize("code", FORMS)
def test_a_call_of_a_known_function_is_recognised_by_its_full_name(code):
    call = recognised(code, {"jax": jax}, "<line>")
    name = code.partition("(")[0]
    assert call.known.name == name
    assert call.function is eval(name)


def test_the_message_of_what_can_be_called_names_functions_that_are_there():
    for name in NAMES.split(", "):
        assert callable(eval(name))
        assert recognised(f"{name}()", {"jax": jax}, "<line>")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("tm(f, t)", {"tm": jax.tree_util.tree_map}),
        ("jtu.tree_map(f, t)", {"jtu": jax.tree_util}),
        ("tree.map(f, t)", {"tree": jax.tree}),
        ("mine.jax.tree.map(f, t)", {"mine": types.SimpleNamespace(jax=jax)}),
        ("  jax.tree.map(f, t)  ", {"jax": jax}),
    ],
)
def test_an_alias_is_the_same_function(code, names):
    assert recognised(code, names, "<line>").known.question == "map"


@pytest.mark.parametrize(
    "code",
    [
        "jax.tree.map",
        "jax.tree.map(f, t)[0]",
        "jax.tree.map(f, t) + 1",
        "jax.tree.transpose(a, b, c)",
        "jax.jit(f)",
        "jax.nothing.map(f, t)",
        "unknown.tree.map(f, t)",
        "print(t)",
        "(lambda: jax.tree.map)()(f, t)",
        "functions[0](f, t)",
        "t = jax.tree.map(f, t)",
        "jax.tree.map(",
        "jax.tree.map(f, t); 1",
        "",
        "\0",
        "(" * 5000,
        "-" * 100_000 + "1",
    ],
)
def test_other_code_is_left_alone(code):
    assert recognised(code, {"jax": jax, "functions": [jax.tree.map]}, "<line>") is None


def test_names_that_the_user_gave_to_other_things_are_left_alone():
    other = types.SimpleNamespace(tree=types.SimpleNamespace(map=map))
    assert recognised("jax.tree.map(f, t)", {"jax": other}, "<line>") is None
    assert recognised("jax.tree.map(f, t)", {}, "<line>") is None
    assert recognised("map(f, t)", {"map": jax.tree.map}, "<line>")
    assert recognised("map(f, t)", {}, "<line>") is None


def test_nothing_of_the_user_runs_before_it_is_a_call():
    class Loud:
        def __getattr__(self, name):
            pytest.fail("an attribute was asked for")

        @property
        def map(self):
            pytest.fail("a property ran")

        def __eq__(self, other):
            pytest.fail("it was compared")

        __hash__ = None

        def __call__(self):
            pytest.fail("it was called")

    loud = Loud()
    for code in ("it.tree.map(f(), t)", "it.map(f(), t)", "it(f())", "it.nothing(f())"):
        assert recognised(code, {"it": loud, "f": loud}, "<line>") is None


@pytest.fixture
def order():
    return []


@pytest.fixture
def seen(order):
    def seen(name, value):
        order.append(name)
        return value

    return seen


def test_each_argument_is_evaluated_once_in_the_order_of_the_line(ask, order, seen):
    code = (
        "jax.tree.map(seen('f', lambda *x: sum(x)), seen('a', [1, 2]), *seen('b', [[3, 4]]),"
        " is_leaf=seen('l', None), **seen('k', {}))"
    )
    result = ask(code, seen=seen)
    assert order == ["f", "a", "b", "l", "k"]
    assert result.value == [4, 6]


def test_the_function_runs_once_for_each_leaf(ask, order, seen):
    ask("jax.tree.map(lambda x: seen(x, x), {'a': 1, 'b': [2, 3]})", seen=seen)
    assert order == [1, 2, 3]
    order.clear()
    ask("jax.tree.reduce(lambda a, x: seen((a, x), a + x), [1, 2, 3])", seen=seen)
    assert order == [(1, 2), (3, 3)]


def test_is_leaf_is_asked_as_often_as_by_jax(ask, order, seen):
    tree = {"a": [1, 2], "b": (3, None)}

    def stops(thing):
        return seen(str(thing), isinstance(thing, tuple))

    for name in ("map", "map_with_path"):
        function = getattr(jax.tree, name)
        function(lambda *x: x[-1], tree, is_leaf=stops)
        usual = list(order)
        order.clear()
        ask(f"jax.tree.{name}(lambda *x: x[-1], tree, is_leaf=stops)", tree=tree, stops=stops)
        assert order == usual
        assert str({"a": [1, 2], "b": (3, None)}) in order
        order.clear()


def test_all_forms_of_arguments_fit(ask):
    two = {"one": [1, 2], "two": {"tree": [1, 2]}, "f": {"f": lambda x: x + 1}}
    assert ask("jax.tree.map(f=lambda x: x + 1, tree=one)", **two).value == [2, 3]
    assert ask("jax.tree.map(lambda x: x + 1, **two)", **two).value == [2, 3]
    assert ask("jax.tree.map(**f, **two)", **two).value == [2, 3]
    assert ask("jax.tree.map(*[lambda x: x + 1], *[one])", **two).value == [2, 3]
    assert ask("jax.tree.reduce(lambda a, x: a + x, one, initializer=10)", **two).value == 13
    assert ask("jax.tree.reduce(lambda a, x: a + x, one, 10)", **two).value == 13
    assert ask("jax.tree.leaves(one, lambda x: True)", **two).value == [[1, 2]]
    treedef = jax.tree.structure([0, 0])
    code = "jax.tree.unflatten(leaves=(x for x in one), treedef=d)"
    assert ask(code, d=treedef, **two).value == [1, 2]


def test_an_assignment_in_an_argument_lands_with_the_user():
    namespace = {"jax": jax}
    call_result(recognised("jax.tree.leaves(t := [1])", namespace, "<line>"), namespace)
    assert namespace["t"] == [1]


@pytest.mark.parametrize(
    "code",
    [
        "jax.tree.map(lambda x: x)",
        "jax.tree.map(f, [1], nothing=2)",
        "jax.tree.map(f, [1], **{'tree': [1]})",
        "jax.tree.leaves([1], **{1: 2})",
        "jax.tree.leaves(**5)",
        "jax.tree.leaves(missing)",
        "jax.tree.map(f, [1], [1, 2])",
        "jax.tree.map(f, {'a': [1]}, {'a': (1,)})",
        "jax.tree.map(f, {'a': 1}, {'b': 1})",
        "jax.tree.map(f, None, 1)",
        "jax.tree.unflatten(jax.tree.structure([1]), [1, 2])",
        "jax.tree.unflatten([1], [1, 2])",
        "jax.tree.unflatten(jax.tree.structure([1]), 1)",
        "jax.tree.unflatten(jax.tree.structure([1]), iter(int, 1))",
        "jax.tree.reduce(f, [])",
        "jax.tree.leaves({1: 0, 'a': 0})",
        "jax.tree.map(5, [1])",
        "jax.tree.map(f, [1], is_leaf=5)",
    ],
)
def test_what_python_and_jax_refuse_they_refuse_in_their_own_words(ask, code):
    def f(*leaves):
        return leaves

    with pytest.raises(Exception) as usual:  # noqa: PT011  it says what is to be expected
        eval(code, {"jax": jax, "f": f})
    with pytest.raises(usual.type) as caught:
        ask(code, f=f)
    assert str(caught.value).partition("keyword")[2] == str(usual.value).partition("keyword")[2]
    if usual.type is ValueError:
        assert str(caught.value) == str(usual.value)
    assert caught.value.__context__ is None or usual.value.__context__ is not None


def test_an_argument_that_is_named_twice_is_refused_as_by_python(ask):
    with pytest.raises(TypeError, match="multiple values for keyword argument 'is_leaf'"):
        ask("jax.tree.leaves([1], is_leaf=None, **{'is_leaf': None})")
    with pytest.raises(TypeError, match="after \\* must be an iterable, not int"):
        ask("jax.tree.leaves(*5)")
    assert recognised("jax.tree.leaves([1], is_leaf=1, is_leaf=2)", {"jax": jax}, "<line>") is None


def test_an_error_of_the_user_is_the_very_object(ask):
    class OwnError(BaseException):
        pass

    problem = OwnError("mine")

    def fail(*_):
        raise problem

    for code in (
        "jax.tree.map(fail, [1])",
        "jax.tree.map(str, [1], is_leaf=fail)",
        "jax.tree.map_with_path(lambda p, x: x, [1], is_leaf=fail)",
        "jax.tree.reduce(fail, [1, 2])",
        "jax.tree.leaves(fail())",
    ):
        with pytest.raises(OwnError) as caught:
            ask(code, fail=fail)
        assert caught.value is problem
        assert caught.traceback[-1].name == "fail"


def test_the_traceback_shows_the_line_and_the_place_in_it():
    code = "jax.tree.map(lambda x: 1 / x, [1, 0])"
    cell = f"%pytree {code}"
    linecache.cache["<cell>"] = (len(cell), None, [cell], "<cell>")
    try:
        namespace = {"jax": jax}
        with pytest.raises(ZeroDivisionError) as caught:
            call_result(recognised(code, namespace, "<cell>"), namespace)
        frame = traceback.extract_tb(caught.tb)[-1]
        assert frame.filename == "<cell>"
        assert frame.line == cell
        assert cell[frame.colno : frame.end_colno] == "1 / x"
    finally:
        del linecache.cache["<cell>"]


def test_the_call_keeps_the_syntax_tree_as_it_was():
    call = recognised("jax.tree.leaves(*a, **b)", {"jax": jax}, "<line>")
    before = ast.dump(call.node)
    namespace = {"a": [[1]], "b": {}}
    call_result(call, namespace)
    assert ast.dump(call.node) == before
