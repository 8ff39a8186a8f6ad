"""From the text of a call to its function and arguments; it is not made."""

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.ir.asked import AskError, call_of
from jaxmagic.ir.traced import trace


def fail(*_args, **_kwargs):
    pytest.fail("it was called")


def names():
    return {"f": fail, "x": jnp.ones(3), "jax": jax, "more": [1, 2], "named": {"n": 3}}


def test_function_and_arguments_are_evaluated_and_the_call_is_not_made():
    namespace = names()
    call = call_of("f(x, *more, k='a', **named)", namespace)
    assert call.function is fail
    assert call.args[0] is namespace["x"]
    assert call.args[1:] == (1, 2)
    assert call.kwargs == {"k": "a", "n": 3}
    assert call.code == "f(x, *more, k='a', **named)"
    assert namespace.keys() - names().keys() <= {"__builtins__"}


def test_only_the_outermost_call_is_not_made():
    call = call_of("jax.grad(lambda x: x ** 2)(float('3'))", names())
    assert call.args == (3.0,)
    assert call.function(2.0) == 4.0


@pytest.mark.parametrize(
    ("code", "shape", "dtype"),
    [
        ("f32[1000, 10]", (1000, 10), "float32"),
        ("f32[4]", (4,), "float32"),
        ("f32[]", (), "float32"),
        ("bf16[2,3]", (2, 3), "bfloat16"),
        ("i8[1]", (1,), "int8"),
        ("bool[3]", (3,), "bool"),
        ("f32[2 * more[1], len(x)]", (4, 3), "float32"),
    ],
)
def test_a_type_stands_for_an_array(code, shape, dtype):
    [found] = call_of(f"f({code})", names()).args
    assert isinstance(found, jax.ShapeDtypeStruct)
    assert (found.shape, str(found.dtype)) == (shape, dtype)


def test_types_may_be_anywhere_in_the_arguments():
    call = call_of("f({'w': f32[3, 2], 'b': [f32[], 'f32[]']}, bool(1))", names())
    assert call.args[0]["w"].shape == (3, 2)
    assert call.args[0]["b"][0].shape == ()
    assert call.args[0]["b"][1] == "f32[]"
    assert call.args[1] is True


def test_a_name_that_the_user_has_is_the_users():
    assert call_of("f(f32[0])", {**names(), "f32": ["mine"]}).args == ("mine",)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "this is no Python expression"),
        ("f(", "this is no Python expression"),
        ("f", "write a call, such as f(x): it is not made, only traced."),
        ("x + 1", "write a call, such as f(x)"),
        ("f(f32['a'])", "a shape is of whole numbers, such as f32[1000, 10], and not 'a'."),
        ("f(f32[-1])", "a shape is of whole numbers"),
        ("f(i32[2.0, 1])", "a shape is of whole numbers"),
    ],
)
def test_what_is_no_call_is_said_in_one_sentence(code, words):
    with pytest.raises(AskError) as caught:
        call_of(code, names())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_errors_in_arguments_are_the_users_own():
    with pytest.raises(NameError, match="nothing"):
        call_of("f(nothing)", names())
    with pytest.raises(ZeroDivisionError):
        call_of("f(1 / 0)", names())


def test_what_was_asked_is_traced():
    call = call_of("jax.numpy.dot(f32[3, 4], f32[4])", names())
    traced = trace(call.function, *call.args, **call.kwargs)
    assert [one.results for one in traced.equations if one.primitive == "dot_general"] == [
        ("f32[3]",)
    ]
