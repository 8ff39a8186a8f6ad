"""What can't be stopped does not take the kernel with it."""

import os

import psutil
import pytest

SPIN = """
def spin(x):
    while x > 0:
        x = 3.7 - x / 2
    return x

spin(1.0)
"""
# one multiplication for Numba's compiler, so done at once on a busy machine, too
LONG = """
def long(x, n):
    for i in range(n):
        x = x + i
    return x

long(1, 10**8)
"""
QUICK = """
def quick(x):
    while x < 10:
        x = x + 1.0
    return x

quick(1.0)
"""


def children():
    """Give the processes in which something is tried; others belong to other tests."""
    found = psutil.Process().children(recursive=True)
    return [child for child in found if "jaxmagic.compare.isolation" in child.cmdline()]


def test_a_loop_without_end_is_over_the_limit_also_where_it_cannot_be_stopped(shell):
    cell = f"%%jaxcompare --limit 0.5 --backends python,numba,jit\n{SPIN}"
    result = shell.run_cell(cell).result
    for row in result.rows:
        assert row.reason.startswith("stopped after ")
        assert "over the limit of 500 ms (--limit raises it)." in row.reason
    assert not children()
    assert shell.run_cell("1 + 1").result == 2


def test_a_loop_too_long_for_python_is_tried_first_and_then_timed(shell):
    cell = f"%%jaxcompare --limit 1 --seconds 0.02 --backends python,numba\n{LONG}"
    result = shell.run_cell(cell).result
    assert result["python"].reason.startswith("predicted to take ")
    assert result["numba"].ran


def test_a_loop_that_python_finishes_is_tried_nowhere_else(shell, monkeypatch):
    from jaxmagic.compare import isolation

    monkeypatch.setattr(isolation, "try_elsewhere", lambda *_: pytest.fail("not needed"))
    for backends in ("python,numba", "numba"):
        cell = f"%%jaxcompare --seconds 0.02 --backends {backends}\n{QUICK}"
        assert shell.run_cell(cell).result["numba"].ran


@pytest.mark.parametrize("backend", ["eager", "jit"])
def test_a_lax_loop_without_end_is_killed_in_another_process(shell, backend):
    shell.run_cell("import jax, jax.numpy as jnp")
    cell = (
        f"%%jaxcompare --timeout 6 --backends {backend}\n"
        "def forever(x):\n"
        "    return jax.lax.while_loop(lambda c: c[0] > 0, lambda c: jnp.sin(c) + 2, x)\n"
        "forever(jnp.ones(3))\n"
    )
    result = shell.run_cell(cell).result
    assert result[backend].reason.startswith("killed after ")
    assert not children()


def test_a_jitted_function_without_end_is_killed_in_another_process(shell):
    shell.run_cell(
        "import jax, jax.numpy as jnp\n"
        "@jax.jit\n"
        "def forever(x):\n"
        "    return jax.lax.while_loop(lambda c: c[0] > 0, lambda c: jnp.sin(c) + 2, x)\n"
        "x = jnp.ones(3)"
    )
    result = shell.run_cell("%jaxcompare --timeout 6 --seconds 0.02 forever(x), np.sin(x)").result
    assert result["forever(x)"].reason.startswith("killed after ")
    assert result["np.sin(x)"].ran


def test_a_tolerance_out_of_reach_for_32_bits_takes_no_kernel_with_it(shell):
    cell = (
        "def root(x):\n"
        "    while abs(x * x - 2) > 1e-10:\n"
        "        x = (x + 2 / x) / 2\n"
        "    return x\n"
        "root(1.0)\n"
    )
    flags = "--seconds 0.02 --limit 1 --backends python,jit"
    result = shell.run_cell(f"%%jaxcompare {flags}\n{cell}").result
    assert result["python"].ran
    assert result["jit"].reason.startswith("stopped after ")
    result = shell.run_cell(f"%%jaxcompare {flags} --x64\n{cell}").result
    assert result["jit"].agreement == "same"


COUNT = "jax.lax.while_loop(lambda c: c < 9, lambda c: c + 1, x)"


def test_a_crash_there_is_a_row_here(shell):
    shell.run_cell("import jax, os, signal")
    cell = (
        "%%jaxcompare --seconds 0.02 --backends jit,python\n"
        "def f(x):\n    return x + 1.0\nf(1.0)\n"
        "%%jax\n"
        "def f(x):\n"
        f"    if os.getpid() != {os.getpid()}:\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        f"    return {COUNT}\n"
    )
    result = shell.run_cell(cell).result
    assert result["jit"].reason == "crashed (SIGSEGV) in another process, where it was tried first."
    assert result["python"].ran


def test_what_cannot_be_pickled_is_run_here_and_said(shell):
    shell.run_cell("import jax, threading\nlock = threading.Lock()")
    cell = (
        "%%jaxcompare --seconds 0.02 --backends jit,python\n"
        "def f(x):\n    return x + 1.0\nf(1.0)\n"
        f"%%jax\ndef f(x):\n    with lock:\n        return {COUNT}\n"
    )
    row = shell.run_cell(cell).result["jit"]
    assert row.ran
    assert "could not be tried in another process first (TypeError: " in row.notes[-1]
