"""Whatever a row does, the kernel lives, and it is a row."""

import json
import shutil

import pytest

DEFINED = """
def f(x, n):
    for i in range(n):
        x = 0.5 * x + 1
    return x
"""
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
needs_gfortran = pytest.mark.skipif(
    shutil.which("gfortran") is None, reason="gfortran is not installed"
)

ENDLESS_C = "%%c\ndouble f(double x, long n) { volatile int on = 1; while (on) x += n; return x; }"
ENDLESS_FORTRAN = """%%fortran
function f(x, n) result(y)
    real(8), intent(in) :: x
    integer(8), intent(in) :: n
    real(8) :: y
    y = x
    do while (y > -1.0d0)
        y = mod(y, 2.0d0) + 1.0d0
    end do
end function
"""


def compared(notebook, flags, call, sections=""):
    """Run a comparison in the kernel; the rows by backend, and that the kernel still answers."""
    cell = f"%%jaxcompare --seconds 0.02 {flags} -o _kept\n{DEFINED}\n{call}\n{sections}"
    reply, _ = notebook.run(cell)
    assert reply["status"] == "ok", reply
    reply, messages = notebook.run("print(_kept.to_json())")
    assert reply["status"] == "ok"
    (said,) = [m["content"]["text"] for m in messages if m["msg_type"] == "stream"]
    return {row["backend"]: row for row in json.loads(said)["rows"]}


@needs_gcc
def test_a_segmentation_fault_in_c(notebook):
    sections = "%%c\ndouble f(double x, long n) { double *p = 0; return p[n]; }"
    rows = compared(notebook, "--backends python,c", "f(0.5, 3)", sections)
    assert rows["c"]["reason"] == "crashed: SIGSEGV (in the first call)."
    assert rows["python"]["reason"] is None


@needs_gcc
def test_an_endless_loop_in_c(notebook):
    rows = compared(notebook, "--limit 1 --backends python,c", "f(0.5, 3)", ENDLESS_C)
    assert "over the limit" in rows["c"]["reason"]
    assert rows["python"]["reason"] is None


@needs_gfortran
def test_an_endless_loop_in_fortran(notebook):
    rows = compared(notebook, "--limit 1 --backends python,fortran", "f(0.5, 3)", ENDLESS_FORTRAN)
    assert "over the limit" in rows["fortran"]["reason"]
    assert rows["python"]["reason"] is None


def test_ten_thousand_steps_unrolled(notebook):
    rows = compared(notebook, "--limit 100 --backends jit,unrolled", "f(0.5, 10_000)")
    assert "unrolls the loop into 20,000 equations" in rows["unrolled"]["reason"]
    assert rows["jit"]["label"] == "JAX jit (loop -> lax)"


def test_a_hundred_million_steps_in_python(notebook):
    # which is one multiplication for Numba: done at once on a busy machine, too
    total = (
        "def total(x, n):\n    for i in range(n):\n        x = x + i\n    return x\ntotal(1, 10**8)"
    )
    rows = compared(notebook, "--limit 1 --backends python,numba", total)
    assert rows["python"]["reason"].startswith("predicted to take ")
    assert rows["numba"]["reason"] is None


@needs_gcc
def test_all_rows_fail_at_once(notebook):
    backends = "python,numpy,numba,eager,jit,unrolled,c"
    flags = f"--limit 0.3 --timeout 20 --backends {backends}"
    rows = compared(notebook, flags, "f(0.5, 10**12)", ENDLESS_C)
    assert list(rows) == backends.split(",")
    assert all(row["reason"] for row in rows.values())
