"""%jaxcompare on one line: functions that exist, as they are."""

import pytest
from IPython.core.error import UsageError

FUNCTIONS = """
import jax, jax.numpy as jnp
x = np.linspace(0.0, 1.0, 50)
plain = lambda x: np.sin(x) ** 2
jitted = jax.jit(lambda x: jnp.sin(x) ** 2)
def scaled(x, *, by):
    return plain(x) * by
"""
FAST = "--seconds 0.02"


@pytest.fixture
def ready_shell(shell):
    """Start a shell in which the functions are."""
    assert shell.run_cell(FUNCTIONS, silent=True).success
    return shell


def test_calls_are_rows_and_each_may_have_its_own_arguments(ready_shell):
    code = "plain(x), jitted(x), scaled(x, by=1.0), plain(x[:3]), np.sin(x) ** 2"
    result = ready_shell.run_cell(f"%jaxcompare {FAST} {code}").result
    labels = ["plain(x)", "jitted(x)", "scaled(x, by=1.0)", "plain(x[:3])", "np.sin(x) ** 2"]
    assert [row.label for row in result.rows] == labels
    assert all(row.ran for row in result.rows)
    assert [row.agreement for row in result.rows] == [
        "same",
        "within precision",
        "same",
        "different",
        "same",
    ]
    compiled = [row.label for row in result.rows if row.compile_s]
    assert compiled == ["jitted(x)"]


def test_a_jitted_function_may_have_arguments_by_name(ready_shell):
    ready_shell.run_cell("@jax.jit\ndef times(x, by):\n    return x * by", silent=True)
    result = ready_shell.run_cell(f"%jaxcompare {FAST} times(x, by=2.0), 2 * x").result
    assert [row.agreement for row in result.rows] == ["same", "within precision"]
    assert result["times(x, by=2.0)"].compile_s > 0


def test_the_same_call_twice_is_two_rows(ready_shell):
    result = ready_shell.run_cell(f"%jaxcompare {FAST} plain(x), plain(x)").result
    assert [row.label for row in result.rows] == ["plain(x)", "plain(x) (2)"]


def test_the_result_is_kept_and_nothing_else_is(ready_shell):
    before = {name for name in ready_shell.user_ns if not name.startswith("_")}
    ready_shell.run_cell(f"%jaxcompare {FAST} -o kept plain(x), jitted(x)")
    after = {name for name in ready_shell.user_ns if not name.startswith("_")}
    assert after - before == {"kept"}
    assert len(ready_shell.user_ns["kept"].rows) == 2


def test_a_comparison_may_be_assigned(ready_shell):
    assert ready_shell.run_cell(f"r = %jaxcompare {FAST} plain(x)").success
    assert ready_shell.user_ns["r"]["plain(x)"].ran


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "give calls of functions that exist: %jaxcompare f(x), g(x)"),
        ("plain(x", "plain(x is no Python expression ('(' was never closed)."),
        ("--backends jit plain(x)", "takes functions as they are: remove --backends."),
        ("--device cpu plain(x)", "takes functions as they are: remove --device."),
        ("--mesh 2 plain(x)", "takes functions as they are: remove --mesh."),
        ("--mesh 0 plain(x)", "'0' is no whole number above 0"),
    ],
)
def test_a_mistake_is_one_sentence(ready_shell, line, sentence):
    done = ready_shell.run_cell(f"%jaxcompare {line}")
    assert isinstance(done.error_in_exec, UsageError)
    assert sentence in str(done.error_in_exec)


def test_an_error_in_an_argument_is_the_users_own(ready_shell):
    done = ready_shell.run_cell("%jaxcompare plain(1 / 0)")
    assert isinstance(done.error_in_exec, ZeroDivisionError)


def test_a_fresh_lambda_as_a_static_argument_is_found_out(ready_shell):
    # the published comparison that fooled its authors: each call compiles again
    ready_shell.run_cell(
        "apply = jax.jit(lambda x, f: f(x), static_argnums=1)\n"
        "def restless(x):\n"
        "    return apply(x, lambda y: y + 1)\n"
        "once = lambda y: y + 1\n"
        "def calm(x):\n"
        "    return apply(x, once)\n",
        silent=True,
    )
    result = ready_shell.run_cell(f"%jaxcompare {FAST} restless(x), calm(x)").result
    assert result["restless(x)"].recompiled > 0
    assert result["calm(x)"].recompiled == 0
    text = str(result)
    assert "restless(x): " in text
    assert "compiled while it was timed" in text.replace("\n  ", " ")
