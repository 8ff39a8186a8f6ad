# ruff: noqa: E501  short programs in one line
"""What a translation tells: its text, its lines, its names, and how it is shown.

``JAXMAGIC_GOLDEN=write pytest tests/unit/translate/test_translate.py`` writes the texts in
tests/golden anew: look at them before they are kept.
"""

import traceback

import in_sample
import jax
import numba
import numpy as np
import pytest

from jaxmagic import show
from jaxmagic.source import underlying
from jaxmagic.translate import Translation, translate, view

SHOWN = [
    in_sample.solow,
    in_sample.quadratic_map,
    in_sample.newton,
    in_sample.first_index,
    in_sample.bubble_sort,
]


@pytest.mark.parametrize("function", SHOWN, ids=[function.__name__ for function in SHOWN])
def test_the_text_is_what_a_class_can_read(golden, function):
    source = translate(function).source
    first = function.__code__.co_firstlineno  # the lines of the battery may move
    for line in range(first, first + 40):
        source = source.replace(f"# line {line}\n", f"# line +{line - first}\n")
    golden(f"golden/translate_{function.__name__}.py.txt", source)


@pytest.mark.parametrize("function", SHOWN, ids=[function.__name__ for function in SHOWN])
def test_the_text_runs_by_itself(function):
    arguments = next(given for f, given in in_sample.CALLS if f is function)
    namespace = {}
    exec(translate(function).source, namespace)
    got, wanted = namespace[function.__name__](*arguments), function(*arguments)
    got, wanted = map(jax.tree_util.tree_leaves, (got, wanted))
    np.testing.assert_allclose(got, wanted, rtol=1e-4)


def test_lines_of_the_text_lead_to_lines_of_the_original(defined):
    text = "def f(k, n):\n\n    for i in range(n):\n        k = 0.5 * k\n    return k\n"
    translation = translate(defined(text)["f"])
    lines = translation.source.splitlines()
    original = {lines[shown - 1].strip(): line for shown, line in translation.lines.items()}
    assert original["k = 0.5 * k"] == 4
    assert original["def body(i, k):  # line 3"] == 3
    assert original["k = for_loop(range(n), body, k)"] == 3
    assert (translation.loops, translation.name) == (1, "f")


def test_tracebacks_show_the_users_lines(defined):
    text = "def f(k, n):\n    for i in range(n):\n        k = k + missing\n    return k\n"
    function = defined(text)["f"]
    with pytest.raises(NameError) as caught:
        translate(function).function(1.0, 200)
    frames = traceback.extract_tb(caught.value.__traceback__)
    last = frames[-1]
    assert (last.filename, last.lineno, last.line) == (
        function.__code__.co_filename,
        3,
        "k = k + missing",
    )


def test_a_function_without_loops_has_none(defined):
    function = defined("def f(x):\n    return np.sin(x) + 1\n")["f"]
    translation = translate(function)
    assert translation.loops == 0
    np.testing.assert_allclose(translation.function(0.5), np.sin(0.5) + 1, rtol=1e-6)


@pytest.mark.parametrize("compiler", [jax.jit, numba.njit])
def test_compiled_functions_are_translated_from_the_python_below(compiler):
    assert translate(compiler(in_sample.solow)) == translate(in_sample.solow)


def test_the_result_is_a_function_of_the_user(defined):
    function = defined(
        "def f(x):\n    for v in GRID:\n        x += v\n    return x\n", GRID=np.arange(3.0)
    )["f"]
    made = translate(function).function
    assert underlying(made) is made
    assert made.__globals__["GRID"] is function.__globals__["GRID"]
    assert made.__globals__ is not function.__globals__
    assert float(made(1.0)) == 4.0


def test_values_from_outside_and_defaults_stay_the_users():
    def outer(weight):
        def f(x, n=4, *, shift=1.0):
            for _ in range(n):
                x = weight * x + shift
            return x

        return f

    translation = translate(outer(0.5))
    assert translation.function(1.0) == outer(0.5)(1.0)
    assert translation.function(1.0, 2, shift=3.0) == outer(0.5)(1.0, 2, shift=3.0)
    assert "weight = 0.5" in translation.source


def test_lambdas_and_names_that_are_taken(defined):
    names = defined(
        "def cond(body):\n    for then in range(3):\n        if body > then:\n            body = body + 1\n"
        "            jnp = 2\n            body = body * jnp\n    return body\n"
        "g = lambda x: sum([x for i in range(3)])\n"
    )
    assert float(translate(names["cond"]).function(1.5)) == names["cond"](1.5)
    assert translate(names["g"]).function(2) == 6


def test_no_name_of_the_user_is_taken_from_him(defined):
    names = defined(
        "def g(x):\n    return 2 * x\n\nh = g\n\ndef g(x):\n    return 3 * x\n\n"
        "def f(a, n):\n    t = a[0]\n    a[0] = n\n    for i in range(n):\n"
        "        t = h(t) + g(t) + number + power + cond + as_int + min(int(t), 3)\n    return t, a\n"
        "def k(x, n):\n    g = 1.5\n    for i in range(n):\n        x = h(x) + g\n    return x\n",
        number=5.0,
        power=7.0,
        cond=11.0,
        as_int=13.0,
    )
    got, wanted = translate(names["f"]).function(np.ones(2), 3), names["f"](np.ones(2), 3)
    np.testing.assert_allclose(got[0], wanted[0])
    np.testing.assert_allclose(translate(names["k"]).function(1.0, 3), names["k"](1.0, 3))


def test_it_is_shown_as_its_text_and_in_a_fold():
    translation = translate(in_sample.solow)
    assert isinstance(translation, Translation)
    assert repr(translation) == translation.source.rstrip("\n")
    html = show.html(translation)
    assert "<details open><summary>solow: 1 loop as lax</summary><pre>" in html
    assert "<details><summary>" in view.folded(translation)
    assert "k ** alpha" in html


def test_what_the_user_wrote_is_escaped(defined):
    translation = translate(
        defined(
            "def f(x, n):\n    t = '<b>'\n    for i in range(n):\n        x = x < 2\n    return x, t\n"
        )["f"]
    )
    assert "<b>" not in show.html(translation)
    assert "x &lt; 2" in show.html(translation)
