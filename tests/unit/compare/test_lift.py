"""Free arrays become parameters, through all functions that need them."""

import numpy as np
import pytest

from jaxmagic.compare.lift import NoLiftError, lifted

TWO_HELPERS = """
grid, other = np.arange(3.0), np.arange(2.0)

def weight(x):
    return x * grid

def shift(x, by=1.0):
    return weight(x) + by

def plain(x):
    return x

def f(x, n=2):
    return plain(shift(x)) + shift(weight(x)[1], by=other[1]) * n
"""


def test_arrays_are_handed_through_two_helpers(defined):
    namespace = defined(TWO_HELPERS)
    function, arrays = lifted(namespace["f"])
    assert {id(array) for array in arrays} == {id(namespace["grid"]), id(namespace["other"])}
    np.testing.assert_array_equal(function(*arrays, 2.0), namespace["f"](2.0))
    np.testing.assert_array_equal(function(*arrays, 2.0, 5), namespace["f"](2.0, 5))
    # it is computed from what is passed in, in the helpers too
    zeros = tuple(np.zeros_like(array) for array in arrays)
    np.testing.assert_array_equal(function(*zeros, 2.0), np.full(3, 1.0))


def test_the_users_functions_stay_as_they_were(defined):
    namespace = defined(TWO_HELPERS)
    before = dict(namespace)
    function, _ = lifted(namespace["f"])
    assert namespace == before
    assert function is not namespace["f"]
    assert function.__code__.co_firstlineno == namespace["f"].__code__.co_firstlineno
    assert function.__code__.co_filename == namespace["f"].__code__.co_filename


def test_a_function_without_free_arrays_comes_back_as_it_is(defined):
    f = defined("def f(x):\n    return np.sin(x)\n")["f"]
    assert lifted(f) == (f, ())


def test_a_function_that_calls_itself_is_lifted(defined):
    namespace = defined(
        "grid = np.ones(3)\ndef f(n):\n    return grid if n == 0 else grid + f(n - 1)\n"
    )
    function, arrays = lifted(namespace["f"])
    assert function(*arrays, 3).tolist() == [4.0] * 3


def test_decorators_of_the_functions_are_not_applied_again(defined):
    namespace = defined(
        "import numba\n"
        "grid = np.ones(3)\n"
        "@numba.njit\n"
        "def g(x):\n"
        "    return x * grid\n"
        "def f(x):\n"
        "    return g(x)\n"
    )
    function, arrays = lifted(namespace["f"])
    assert function(*arrays, 2.0).tolist() == [2.0] * 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "g = np.ones(3)\ndef h(x):\n    return x * g\ndef f(x):\n    return list(map(h, x))\n",
            "line 5 uses h as a value, not as a call",
        ),
        (
            "def m(g):\n    def f(x):\n        return x * g\n    return f\nf = m(np.ones(3))\n",
            "f is a closure",
        ),
        (
            "g = np.ones(3)\nf, h = lambda x: x * g, lambda x: x + g\n",
            "the source of <lambda> can't be found",
        ),
        ("g = np.ones(3)\ndef f(x, *y):\n    return x * g\n", "f has parameters that can only be"),
        ("g = np.ones(3)\ndef f(x, /):\n    return x * g\n", "f has parameters that can only be"),
        (
            "g = np.ones(3)\ndef h(g=g):\n    return g\ndef f(x):\n    return x * h()\n",
            "h has it as a default",
        ),
        (
            "g = np.ones(3)\ndef h(x):\n    return x * g\ndef f(g):\n    return h(g)\n",
            "a parameter of f has the array's name",
        ),
    ],
)
def test_what_cannot_be_lifted_is_refused_in_a_sentence(defined, text, sentence):
    with pytest.raises(NoLiftError) as caught:
        lifted(defined(text)["f"])
    assert sentence in str(caught.value)


def test_a_function_without_source_is_refused():
    namespace = {"g": np.ones(3)}
    exec("def f(x):\n    return x * g\n", namespace)
    with pytest.raises(NoLiftError, match="source of f can't be found"):
        lifted(namespace["f"])


def test_two_arrays_of_one_name_are_refused(defined):
    namespace = defined("g = np.ones(3)\ndef h(x):\n    return x * g\n")
    other = defined("g = np.zeros(3)\ndef f(x):\n    return h(x) + g\n")
    other["h"] = namespace["h"]
    with pytest.raises(NoLiftError, match="two different arrays of the same name"):
        lifted(other["f"])


def test_a_lambda_and_an_expression_are_lifted_too(defined):
    function, arrays = lifted(defined("g = np.ones(3)\nf = lambda x: x * g\n")["f"])
    assert function(*arrays, 2.0).tolist() == [2.0] * 3


def test_a_function_is_lifted_under_all_of_its_names(defined):
    text = "g = np.ones(3)\ndef h(x):\n    return x * g\nk = h\ndef f(x):\n    return k(x)\n"
    namespace = defined(text)
    function, arrays = lifted(namespace["f"])
    namespace["g"] *= 5
    assert function(np.ones(3), 2.0).tolist() == [2.0] * 3
    assert arrays[0] is namespace["g"]
