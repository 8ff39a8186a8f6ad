"""%%jaxcompare in a shell: what it gives back, what it keeps, what it says of mistakes."""

import types

import numpy as np
import pytest
from IPython.core.error import UsageError

from jaxmagic.compare.result import Comparison

FAST = "--seconds 0.02"
WAVE = "def f(x):\n    return np.sin(x) ** 2\n\nf(np.linspace(0, 1, 20))\n"


def public(shell):
    """The names that the user sees: not those in which IPython keeps inputs and outputs."""
    return {name for name in shell.user_ns if not name.startswith("_")}


def test_a_cell_gives_its_result_and_shows_it(shell, capsys):
    done = shell.run_cell(f"%%jaxcompare {FAST}\n{WAVE}")
    assert done.success
    assert isinstance(done.result, Comparison)
    assert [row.ran for row in done.result.rows] == [True] * 5
    assert done.result.call == "f(np.linspace(0, 1, 20))"
    out = capsys.readouterr().out
    for row in done.result.rows:
        assert row.label in out
    assert "against" in out


def test_definitions_stay_and_nothing_else_does(shell):
    shell.run_cell("scale = np.ones(3)")
    before = public(shell)
    shell.run_cell(f"%%jaxcompare {FAST}\nimport math\nn = 3\n{WAVE}%%jax\nother = 1\n{WAVE}")
    assert public(shell) - before == {"f", "math", "n"}
    assert shell.user_ns["n"] == 3
    np.testing.assert_allclose(shell.user_ns["f"](0.5), np.sin(0.5) ** 2)
    assert shell.user_ns["f"].__globals__ is shell.user_ns


def test_the_result_is_kept_under_a_name(shell):
    done = shell.run_cell(f"%%jaxcompare {FAST} --backends python,numpy -o kept\n{WAVE}")
    assert shell.user_ns["kept"] is done.result
    assert [row.backend for row in done.result.rows] == ["python", "numpy"]
    done = shell.run_cell(f"%%jaxcompare {FAST} --backends numpy --output other\n{WAVE}")
    assert shell.user_ns["other"] is done.result


@pytest.mark.parametrize(("flag", "x64"), [("--x64", True), ("--x32", False), ("", False)])
def test_the_precision_is_that_of_the_flag(shell, flag, x64):
    done = shell.run_cell(f"%%jaxcompare {FAST} --backends jit {flag}\n{WAVE}")
    assert done.result.x64 == x64
    assert done.result["jit"].dtypes == (("float64",) if x64 else ("float32",))


def test_seconds_and_limit_are_those_of_the_flags(shell):
    cell = (
        "%%jaxcompare --seconds 0.03 --limit 0.1 --backends python,numba\n"
        "def f(x, n):\n    for i in range(n):\n        x = 0.5 * x + 1\n    return x\nf(0.5, 10**8)"
    )
    result = shell.run_cell(cell).result
    assert result.seconds == 0.03
    assert result["python"].reason.startswith("predicted to take ")
    assert "over the limit of 100 ms (--limit raises it)." in result["python"].reason


@pytest.mark.parametrize(
    ("line", "body", "sentence"),
    [
        ("--fast", WAVE, "unrecognized arguments: --fast"),
        ("--backends rust", WAVE, "there is no 'rust'; choose from python, numpy, numba, eager"),
        ("--backends ,", WAVE, "the list is empty; choose from python, numpy"),
        ("--seconds 0", WAVE, "'0' is no number above 0"),
        ("--seconds long", WAVE, "'long' is no number above 0"),
        ("--limit -1", WAVE, "--limit: "),
        ("--limit inf", WAVE, "'inf' is no number above 0"),
        ("-o 1st", WAVE, "'1st' can't be the name of a variable"),
        ("--x64 --x32", WAVE, "--x64 and --x32 exclude each other: give one."),
        ("", "x = 1", "the last line must be the call to time, for instance f(x)."),
        ("", "# nothing", "the last line must be the call to time, for instance f(x)."),
        ("", f"{WAVE}%%cuda\n", "line 6: there is no section %%cuda; there are %%python, %%numpy"),
        ("", f"{WAVE}%%jax\ny = 1\n", "the section %%jax defines no function f; define it there"),
        ("", "def g(x, *, n=1):\n    return x\ng(1.0)", "g has keyword-only parameters (n): "),
    ],
)
def test_a_mistake_is_a_usage_error_of_one_sentence(shell, capsys, line, body, sentence):
    done = shell.run_cell(f"%%jaxcompare {line}\n{body}")
    assert isinstance(done.error_in_exec, UsageError)
    assert sentence in str(done.error_in_exec)
    captured = capsys.readouterr()
    assert sentence in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


def test_an_empty_cell_is_a_usage_error(shell):
    done = shell.run_cell("%%jaxcompare\n")
    assert isinstance(done.error_in_exec, UsageError)


@pytest.mark.parametrize(
    ("body", "error", "line"),
    [
        ("a = 1\na / 0\nf(1.0)", ZeroDivisionError, "a / 0"),
        ("def f(x):\n    return x + [][0]\nf(1.0)", IndexError, "return x + [][0]"),
        ("def f(x):\n    return x\nf(unknown)", NameError, "f(unknown)"),
        ("def f(x):\n    return x\nf(1.0)\n%%jax\nb = 1 / 0\n", ZeroDivisionError, "b = 1 / 0"),
        ("def f(x:\n    return x\n", SyntaxError, "def f(x:"),
    ],
)
def test_an_error_in_the_users_code_is_the_users_own(shell, capsys, body, error, line):
    done = shell.run_cell(f"%%jaxcompare {FAST}\n{body}")
    assert type(done.error_in_exec) is error
    captured = capsys.readouterr()
    assert line in captured.out + captured.err


def test_an_error_has_the_line_of_the_cell(shell, capsys):
    shell.run_cell(f"%%jaxcompare {FAST}\n\n\ndef f(x):\n    return x + [][0]\n\nf(1.0)")
    out = capsys.readouterr().out
    assert "----> 5     return x + [][0]" in out


def test_reasons_have_the_line_of_the_cell(shell):
    cell = (
        f"%%jaxcompare {FAST} --backends jit,unrolled\n"
        "\ndef f(x):\n    return x if x > 0 else -x\n\nf(0.5)"
    )
    result = shell.run_cell(cell).result
    assert result["unrolled"].reason.startswith("line 4: an if, while, ")
    assert result["jit"].ran


@pytest.fixture
def interrupts():
    """Give an object whose call raises KeyboardInterrupt once, after so many others."""

    class Interrupts(types.SimpleNamespace):
        def __call__(self):
            self.calls += 1
            if self.calls == self.after:
                raise KeyboardInterrupt

    return Interrupts(calls=0, after=None)


INTERRUPTED = (
    "%%jaxcompare --seconds 100 --backends python,numpy -o kept\n"
    "def f(x):\n    interrupts()\n    return x + 1\n\nf(0.5)"
)


def test_an_interrupt_shows_what_was_measured(shell, capsys, interrupts):
    shell.user_ns["interrupts"] = interrupts
    interrupts.after = 50_000
    done = shell.run_cell(INTERRUPTED)
    assert done.success
    assert done.result.interrupted
    assert [row.ran for row in done.result.rows] == [True, True]
    assert shell.user_ns["kept"] is done.result
    assert "! Interrupted: this is what was measured in " in capsys.readouterr().out
    assert interrupts.calls == interrupts.after


def test_an_interrupt_of_the_first_call_shows_that_nothing_was_measured(shell, interrupts):
    shell.user_ns["interrupts"] = interrupts
    interrupts.after = 1
    done = shell.run_cell(INTERRUPTED)
    assert done.result.interrupted
    assert {row.reason for row in done.result.rows} == {"Interrupted before it was timed."}
    # and the next cell runs as if nothing had happened
    assert shell.run_cell(f"%%jaxcompare {FAST} --backends numpy\n{WAVE}").result["numpy"].ran


def test_names_in_braces_are_left_alone(shell):
    body = "name = 'x'\ndef f(x):\n    return {f'{name}$name': x}['x$name']\nf(0.5)"
    assert shell.run_cell(f"%%jaxcompare {FAST} --backends python\n{body}").success
