"""jaxmagic.compare() and the text of a cell, from outside: rows, figures, reasons."""

import random
import sys

import jax
import numba
import numpy as np
import pytest

import jaxmagic
from jaxmagic import _jax
from jaxmagic.compare import BACKENDS, CellError, with_numba

FAST = {"seconds": 0.02}  # of measuring, for each row


def wave(x):
    return np.sin(x) ** 2 + np.cos(x)


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def test_one_function_runs_on_every_backend():
    result = jaxmagic.compare(wave, (np.linspace(0, 1, 50),), rng=random.Random(1), **FAST)
    assert [row.backend for row in result.rows] == list(BACKENDS)
    assert [row.reason for row in result.rows] == [None] * 5
    assert {row.agreement for row in result.rows} <= {"same", "within precision"}
    assert result.call == "wave(float64[50])"
    assert result.rounds >= 3
    assert not result.interrupted
    assert [row.compile_s is None for row in result.rows] == [True, True, False, False, False]
    for row in result.rows:
        assert row.time_s > 0
        assert row.speedup > 0
        assert len(row.samples_s) == result.rounds
    assert result["jit"].compile_parts_s.keys() == {"trace", "lower", "compile"}
    assert result["jit"].temporary_bytes is not None
    assert result.device.startswith("cpu")
    assert result.versions["jax"] == jax.__version__


def test_the_backends_give_the_order_and_the_first_is_the_reference():
    result = jaxmagic.compare(wave, (0.5,), backends=["jit", "python", "jit"], **FAST)
    assert [row.backend for row in result.rows] == ["jit", "python"]
    assert result.reference is result["jit"]
    assert result["jit"].speedup == 1.0
    with pytest.raises(CellError, match="there is no backend 'rust'; choose from python, numpy,"):
        jaxmagic.compare(wave, (0.5,), backends=["rust"])
    with pytest.raises(CellError, match="there is no backend given"):
        jaxmagic.compare(wave, (0.5,), backends=[])


def test_given_functions_run_as_they_are():
    functions = {
        "plain": wave,
        "jitted": jax.jit(lambda x: jax.numpy.sin(x) ** 2 + jax.numpy.cos(x)),
        "njit": numba.njit(wave),
        "library": np.cos,
    }
    result = jaxmagic.compare(functions, (np.linspace(0, 1, 50),), **FAST)
    assert [row.backend for row in result.rows] == [row.label for row in result.rows]
    assert [row.label for row in result.rows] == list(functions)
    assert result.call == "plain | jitted | njit | library"
    assert [row.compile_s is None for row in result.rows] == [True, False, False, True]
    verdicts = [row.agreement for row in result.rows]
    assert verdicts[1] == "within precision"
    assert verdicts[2] in {"same", "within precision"}
    assert verdicts[3] == "different"


def test_what_has_no_source_can_only_be_given_by_name():
    with pytest.raises(CellError, match=r"is no Python function with source; give \{name: func"):
        jaxmagic.compare(np.sin, (0.5,))


def test_arguments_that_do_not_fit_raise_at_once():
    with pytest.raises(TypeError):
        jaxmagic.compare(solow, (0.5,))


@pytest.mark.parametrize(("x64", "dtype"), [(True, "float64"), (False, "float32")])
@pytest.mark.parametrize("before", [True, False])
def test_the_precision_of_jax_is_set_for_this_comparison_only(x64, dtype, before):
    with _jax.x64(before):
        result = jaxmagic.compare(wave, (0.5,), backends=["eager", "jit"], x64=x64, **FAST)
        assert _jax.x64_enabled() == before
    assert result.x64 == x64
    assert {row.dtypes for row in result.rows} == {(dtype,)}


def test_a_given_order_of_chance_gives_the_same_order_again():
    def order(seed):
        said = []
        functions = {name: (lambda name=name: said.append(name)) for name in "abc"}
        clock = iter(range(0, 10**12, 10**6)).__next__  # a millisecond at every reading
        jaxmagic.compare(functions, rng=random.Random(seed), clock=clock, seconds=0.05)
        return said

    assert order(1) == order(1) != order(2)


def test_progress_tells_what_is_being_done():
    told = []
    jaxmagic.compare(wave, (0.5,), backends=["python", "jit"], progress=told.append, **FAST)
    assert told[:3] == ["preparing Python", "first call of python", "preparing JAX jit"]
    assert "timing 2 rows, 0%" in told
    assert "timing 2 rows, 100%" in told
    assert told[-1] == "looking at the result of JAX jit"


def test_a_loop_over_the_limit_says_how_long_it_would_take():
    # what is compiled for the first step does not count
    jaxmagic.compare(solow, (0.2, 2), backends=["eager"], **FAST)
    result = jaxmagic.compare(
        solow,
        (0.2, 10**9),
        backends=["python", "numpy", "eager", "jit", "unrolled"],
        limit=0.2,
        **FAST,
    )
    assert [row.ran for row in result.rows] == [False] * 5
    for row in result.rows[:3]:
        assert row.reason.startswith("predicted to take ")
        assert row.reason.endswith("over the limit of 200 ms (--limit raises it).")
    # the loop of XLA can't be stopped, and runs in another process until it is killed
    assert result["jit"].reason.startswith("stopped after ")
    assert result["unrolled"].reason.startswith("jax.jit unrolls the loop, and tracing it takes ")


def test_rows_that_cannot_run_leave_the_others_alone(ask):
    result = ask("def f(x):\n    if x > 0:\n        return x\n    return -x\n\nf(0.5)")
    assert [row.ran for row in result.rows] == [True] * 5
    assert result["jit"].label == "JAX jit (if -> lax)"
    assert "cond(" in result["jit"].translated
    result = ask("def f(x):\n    import math\n    return math.sin(x)\n\nf(0.5)")
    assert [row.ran for row in result.rows] == [True, True, False, False, False]


REASONS = {
    "unrolled": (
        "def f(x, n):\n    for i in range(n):\n        x = x / 2 + 1\n    return x\nf(0.5, 10_000)",
        "unrolled",
        "jax.jit unrolls the loop into 20,000 equations; above 6,000 XLA compiles for minutes",
    ),
    "at trace time": (
        "def f(n):\n    s = 0.0\n    for i in range(n):\n        s += i\n    return s\nf(100)",
        "unrolled",
        "everything was computed while tracing, nothing is left to run",
    ),
    "in place": (
        "def f(x):\n    x[0] = 1.0\n    return x\nf(np.ones(3))",
        "jit",
        "line 3: JAX arrays can't be changed in place; write x = x.at[i].set(v).",
    ),
    "in place, eager": (
        "def f(x):\n    x[0] = 1.0\n    return x\nf(np.ones(3))",
        "eager",
        "line 3: JAX arrays can't be changed in place; write x = x.at[i].set(v).",
    ),
    "NumPy's random numbers": (
        "def f(x):\n    return x + np.random.rand()\nf(0.5)",
        "jit",
        "line 3: module 'jax.numpy' has no attribute 'random'",
    ),
    "math": (
        "import math\ndef f(x):\n    return math.sin(x)\nf(0.5)",
        "jit",
        "line 4: a Python number is needed where there is a traced array; write np.exp, not math",
    ),
    "no JAX in it": (
        "def f(n):\n    return n + 1\nf(3)",
        "eager",
        "the result is no JAX array, so Python or NumPy computed it",
    ),
    "Numba's types": (
        "strange = object()\ndef f(x):\n    y = x\n    return strange.value\nf(0.5)\n%%numpy\n1.0",
        "numba",
        "line 5: TypingError: Untyped global name 'strange'",
    ),
    "needs NumPy": (
        "def f(x):\n    return np.linalg.inv(x)\nf(np.eye(2))",
        "python",
        "line 3 uses NumPy's linalg; plain Python needs a %%python section.",
    ),
    "a free array": (
        "grid = np.ones(3)\ndef f(x):\n    return x * grid\nf(0.5)",
        "python",
        "it uses the array grid; plain Python needs a %%python section.",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_row_that_cannot_run_says_why_in_a_sentence(ask, name):
    text, backend, sentence = REASONS[name]
    row = ask(text, backends=["numpy", "python", backend])[backend]
    assert row.time_s is None
    assert row.reason.startswith(sentence)


def test_without_numba_the_row_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(with_numba, "find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "numba", None)
    result = jaxmagic.compare(wave, (0.5,), backends=["numba", "jit"], **FAST)
    assert result["numba"].reason == "Numba is not installed: pip install numba"
    assert result.reference is result["jit"]


def test_sections_give_a_backend_code_of_its_own(ask):
    result = ask(
        "def f(x, n=3):\n"
        "    for i in range(n):\n"
        "        x = 0.5 * x + 1\n"
        "    return x\n"
        "\n"
        "f(0.5, 10_000)\n"
        "%%jax\n"
        "import jax\n"
        "\n"
        "def f(x, n):\n"
        "    return jax.lax.fori_loop(0, n, lambda i, x: 0.5 * x + 1, x)\n"
        "%%python\n"
        "def g(x):\n"
        "    return unknown\n"
        "g(0.5)\n",
        backends=["numpy", "python", "jit"],
    )
    assert result["jit"].ran
    assert result["jit"].agreement in {"same", "within precision"}
    assert result["python"].reason == "line 15: NameError: name 'unknown' is not defined"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("f(0.5)\n%%jax\nx = 1", "the section %%jax defines no function f; define it there"),
        ("f(0.5)\n%%jax\ndef g(x):\n    return x", "the section %%jax defines no function f"),
        ("x = 1", "the last line must be the call to time, for instance f(x)."),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused_before_anything_runs(ask, text, sentence):
    with pytest.raises(CellError) as caught:
        ask(f"def f(x):\n    return x\n{text}")
    assert str(caught.value).startswith(sentence)


def test_definitions_stay_and_those_of_sections_do_not(ask):
    namespace = {}
    before = {"__name__", "np", "__builtins__"}
    ask(
        "scale = 2.0\ndef f(x):\n    return scale * x\nf(0.5)\n%%numpy\nother = 1\n"
        "def f(x):\n    return x * 2\n",
        namespace,
        backends=["python", "numpy"],
    )
    assert namespace.keys() - before == {"scale", "f"}
    assert namespace["f"].__code__.co_firstlineno == 3


def test_arrays_of_the_notebook_are_not_folded_into_the_program(ask):
    namespace = {"grid": np.linspace(0.0, 1.0, 100_000)}
    result = ask(
        "def f(x):\n    return (x * grid).sum()\nf(0.5)", namespace, backends=["numba", "jit"]
    )
    assert [row.notes for row in result.rows] == [(), ()]
    assert result["jit"].agreement in {"same", "within precision"}
    assert type(namespace["grid"]) is np.ndarray


def test_what_differs_from_call_to_call_is_random(ask):
    result = ask("def f(x):\n    return x + np.random.rand()\nf(0.5)", backends=["numpy", "numba"])
    assert [row.agreement for row in result.rows] == ["random", "random"]


def test_a_different_result_is_shown_with_its_place(ask):
    result = ask(
        "def f(x):\n    return x + 1\nf(np.zeros(3))\n%%jax\ndef f(x):\n    return x.at[2].set(5)",
        backends=["numpy", "jit"],
    )
    assert result["jit"].agreement == "different"
    assert result["jit"].where == "at [2]: 5.0 instead of 1.0"
    assert "JAX jit gives a different result: at [2]: 5.0 instead of 1.0." in str(result)


def test_prints_and_warnings_are_noted_and_not_shown(ask, capsys):
    result = ask("def f(x):\n    print('hello')\n    return x\nf(0.5)", backends=["numpy"])
    assert capsys.readouterr().out == ""
    assert result.notes[0].startswith("The code printed ")
    assert result.notes[0].endswith(" lines while it was measured; they are not shown.")


@pytest.mark.filterwarnings("default")
def test_warnings_of_the_code_are_noted_with_their_line(ask, recwarn):
    result = ask("def f(x):\n    return np.log(x)\nf(np.zeros(3))", backends=["numpy"])
    assert result.notes == ("RuntimeWarning (line 3): divide by zero encountered in log",)
    assert len(recwarn) == 0


def test_rows_in_different_precision_are_warned_of(ask):
    text = "def f(x):\n    return 2 * x\nf(0.5)"
    assert "Not like with like: JAX jit in 32 bits, Python in 64 bits. --x64" in " ".join(
        str(ask(text, backends=["python", "jit"])).split()
    )
    assert "Not like" not in str(ask(text, backends=["python", "jit"], x64=True))


def test_the_users_own_error_is_raised(ask):
    with pytest.raises(IndexError):
        ask("def f(x):\n    return x + [][0]\nf(0.5)")
    with pytest.raises(NameError):
        ask("def f(x):\n    return x + unknown\nf(0.5)")


def test_what_a_compiler_can_not_take_is_a_row_even_if_it_is_the_only_one(ask):
    text = "def f(x):\n    if x > 0:\n        return x\n    return -x\nf(0.5)"
    result = ask(text, backends=["unrolled"])
    assert result["unrolled"].reason.startswith("line 3: an if, while, and, or or not needs")
    assert result.reference is None


def test_compiled_functions_are_taken_apart_and_it_says_so(ask):
    result = ask("import jax\n@jax.jit\ndef f(x):\n    return 2 * x\nf(0.5)", backends=["python"])
    assert result.notes == ("f is decorated with jax.jit; the rows use what is below.",)
    assert result["python"].ran


def test_the_package_is_called_and_gives_its_names():
    assert jaxmagic.compare is sys.modules["jaxmagic.compare"]
    assert {"compare", "Comparison", "Row"} <= set(dir(jaxmagic))
    result = jaxmagic.compare({"f": abs}, (1,), **FAST)
    assert isinstance(result, jaxmagic.Comparison)
    assert isinstance(result.rows[0], jaxmagic.Row)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        jaxmagic.nothing  # noqa: B018  asking for it raises
