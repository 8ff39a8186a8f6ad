"""From text to the call: sections, line numbers, arguments."""

import ast

import numpy as np
import pytest

from jaxmagic.compare.cell import CellError, bind, call_of, run_definitions, split


def call_in(text, namespace=None):
    namespace = {"np": np, **(namespace or {})}
    return call_of(run_definitions(text, "cell", namespace), "cell", namespace)


def test_sections_keep_the_line_numbers_of_the_cell():
    main, sections = split("a\nb\n%%numba\nc\n\n%%jax  \nd", first_line=2)
    assert main.splitlines() == ["", "a", "b"]
    assert [section.backend for section in sections] == ["numba", "jax"]
    assert [section.text.splitlines() for section in sections] == [
        ["", "", "", "", "c"],  # line 5 of the cell, whose first line is the magic's
        ["", "", "", "", "", "", "", "d"],
    ]


def test_a_cell_without_sections_is_all_main():
    assert split("f(1)\n") == ("f(1)", [])
    assert split("") == ("", [])
    assert split("x = 5 %2\n  %%numba") == ("x = 5 %2\n  %%numba", [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("f(1)\n%%rust\n", "line 3: there is no section %%rust; there are %%python, %%numpy"),
        ("f(1)\n%%c '-O2\n", "line 3: the flags \"'-O2\" can't be read"),
        ("f(1)\n%%numba --fast\n", "line 3: %%numba takes no flags, so remove '--fast'."),
        ("f(1)\n%%jax\n\n%%jax\n", "line 5: there are two sections %%jax; keep one."),
    ],
)
def test_a_section_that_makes_no_sense_is_named_with_its_line(text, sentence):
    with pytest.raises(CellError) as caught:
        split(text, first_line=2)
    assert str(caught.value).startswith(sentence)


def test_definitions_are_executed_and_the_last_expression_is_not():
    namespace = {}
    expression = run_definitions("a = 2\ndef f(x):\n    return x\na / 0", "cell", namespace)
    assert ast.unparse(expression) == "a / 0"
    assert namespace["a"] == 2
    assert namespace["f"].__code__.co_firstlineno == 2
    assert namespace["f"].__code__.co_filename == "cell"


@pytest.mark.parametrize("text", ["", "# only this", "a = 1", "def f(): pass", "f(1)\na = 1"])
def test_without_a_last_expression_there_is_none(text):
    assert run_definitions(text, "cell", {"f": abs}) is None


def test_an_error_in_the_definitions_is_the_users_own():
    with pytest.raises(ZeroDivisionError) as caught:
        run_definitions("a = 1\na / 0\na", "cell", {})
    assert caught.traceback[-1].lineno + 1 == 2
    with pytest.raises(SyntaxError) as syntax:
        run_definitions("\n\ndef f(:\n", "cell", {})
    assert (syntax.value.filename, syntax.value.lineno) == ("cell", 3)


def test_left_out_defaults_are_filled_in():
    call = call_in("def f(x, n=3, *, s=0.5): return x\ndef g(x, n=3, s=0.5): return x\ng(1.5, s=2)")
    assert call.source == "g(1.5, s=2)"
    assert call.arguments == (1.5, 3, 2)
    assert call.names == ("x", "n", "s")
    assert call.function is call.given


def test_arguments_are_evaluated_once():
    calls = []
    namespace = {"make": lambda: calls.append(1) or 5.0}
    call = call_in("def f(x, y): return x\nf(make(), y=make())", namespace)
    assert call.arguments == (5.0, 5.0)
    assert len(calls) == 2


def test_arguments_may_be_unpacked_and_named_as_in_any_call():
    call = call_in("def f(a, *rest): return a\nf(*[1, 2], 3)")
    assert call.arguments == (1, 2, 3)
    assert call.names == ("a", "rest[0]", "rest[1]")
    assert call_in("def f(a, b): return a\nf(**{'b': 1, 'a': 2})").arguments == (2, 1)
    capture = "def f(capture): return capture\ncapture = 7.0\nf(capture)"
    assert call_in(capture).arguments == (7.0,)


def test_keyword_only_parameters_are_refused_by_name():
    with pytest.raises(CellError, match=r"f has keyword-only parameters \(n\): remove the \*"):
        call_in("def f(x, *, n=3): return x\nf(1.0)")
    with pytest.raises(CellError, match="keyword-only parameters"):
        call_in("def f(x, **more): return x\nf(1.0, n=2)")


def test_arguments_that_do_not_fit_are_the_users_own_error():
    with pytest.raises(TypeError):
        call_in("def f(x): return x\nf(1.0, 2.0)")
    with pytest.raises(NameError):
        call_in("def f(x): return x\nf(unknown)")
    with pytest.raises(NameError):
        call_in("unknown(1.0)")


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("np.sum(x)", ("x",)),
        ("x @ y + 1", ("x", "y")),
        ("(y * x).sum() - n * y.sum()", ("y", "x", "n")),
        ("np.sin(scale(x))", ("x",)),
        ("x.T", ("x",)),
        ("max(n, 5)", ("n",)),
    ],
)
def test_any_other_expression_becomes_a_function_of_what_it_names(expression, names):
    text = (
        f"def scale(x): return 2 * x\nx, y, n, T = np.arange(3.0), np.ones(3), 4, 7\n{expression}"
    )
    call = call_in(text)
    assert call.source == expression
    assert sorted(call.names) == sorted(names)
    namespace = {"np": np}
    exec(text, namespace)
    np.testing.assert_array_equal(call.function(*call.arguments), eval(expression, namespace))


def test_a_function_below_jit_is_found():
    call = call_in("import jax\n@jax.jit\ndef f(x): return x\nf(1.0)")
    assert call.function.__name__ == "f"
    assert call.given is not call.function


def test_a_script_binds_the_same_way():
    def f(x, n=2):
        return x * n

    assert bind("f(1)", f, f, (1,), {}).arguments == (1, 2)


def test_a_section_in_another_language_may_have_flags():
    main, [c, fortran] = split("f(1)\n%%c -O3 -DNAME='two words'\nint f;\n%%fortran\nend\n")
    assert main == "f(1)"
    assert (c.backend, c.flags) == ("c", ("-O3", "-DNAME=two words"))
    assert c.text == "\n\nint f;"
    assert (fortran.flags, fortran.text) == ((), "\n\n\n\nend")
