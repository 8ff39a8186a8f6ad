"""C, C++ and Fortran for real: compiled, called and timed."""

import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from jaxmagic.compare.backend import RefusedError

SOLOW_C = """

#include <math.h>
double solow(double k, long n) {
    for (long i = 0; i < n; i++)
        k = 0.3 * pow(k, 0.4) + 0.9 * k;
    return k;
}
"""
SOLOW_FORTRAN = """

function solow(k0, n) result(k)
    double precision, intent(in) :: k0
    integer, intent(in) :: n
    double precision :: k
    k = k0
    do i = 1, n
        k = 0.3d0 * k**0.4d0 + 0.9d0 * k
    end do
end function
"""
SOLOW = {"c": SOLOW_C, "cpp": SOLOW_C.replace("math.h", "cmath"), "fortran": SOLOW_FORTRAN}
LABELS = {"c": "C (gcc -O3)", "cpp": "C++ (g++ -O3)", "fortran": "Fortran (gfortran -O3)"}


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def f(x):
    return x


def state_of(pid):
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0]


def pid_of(row):
    return row.contender.sampler.__self__.process.pid


@pytest.mark.parametrize("language", ["c", "cpp", "fortran"])
def test_a_recursion_is_computed_as_python_computes_it(needs, ask, language):
    needs(language)
    row = ask(language, SOLOW[language], solow, 0.2, 1000)
    assert row.result == solow(0.2, 1000)
    assert row.label == LABELS[language]
    assert 0 < row.compile_s < 60
    assert "-ffp-contract=off; flags after %%" in row.notes[0]
    samples = row.contender.sampler(3_000_000, 2)
    assert 1 < len(samples) <= 200
    assert 1e-6 < statistics.median(samples) < 1e-2
    assert row.contender.function(*row.contender.arguments) == row.result


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_it_is_stopped_while_it_is_not_asked_and_gone_when_it_is_closed(needs, ask):
    needs("c")
    row = ask("c", SOLOW_C, solow, 0.2, 1000)
    pid = pid_of(row)
    deadline = time.monotonic() + 5
    while state_of(pid) != "T" and time.monotonic() < deadline:
        time.sleep(0.001)
    assert state_of(pid) == "T"
    row.contender.sampler(1_000_000, 1)
    row.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RefusedError, match="its process has ended"):
        row.contender.sampler(1_000_000, 1)


DTYPES_C = {
    "bool": "_Bool",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long",
    "uint8": "unsigned char",
    "uint16": "unsigned short",
    "uint32": "unsigned",
    "uint64": "unsigned long",
    "float32": "float",
    "float64": "double",
    "complex64": "float _Complex",
    "complex128": "double _Complex",
}
DTYPES_FORTRAN = {
    "bool": "logical",
    "int8": "integer(1)",
    "int16": "integer(2)",
    "int32": "integer",
    "int64": "integer(8)",
    "float32": "real",
    "float64": "double precision",
    "complex64": "complex",
    "complex128": "complex(8)",
}


def some_values(dtype):
    values = np.array([[1, 0, 100], [7, 55, 3]])
    return (values * (1 + 1j) if "complex" in dtype else values).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES_C)
def test_every_dtype_goes_through_c(needs, ask, dtype):
    needs("c")
    x, kind = some_values(dtype), DTYPES_C[dtype]
    text = f"""void f(const {kind} *x, long rows, long columns, {kind} *out) {{
        for (long i = 0; i < rows * columns; i++) out[i] = x[i];
    }}"""
    result = ask("c", text, f, x, like=x).result
    assert result.dtype == x.dtype
    np.testing.assert_array_equal(result, x)


@pytest.mark.parametrize("dtype", DTYPES_FORTRAN)
def test_every_dtype_goes_through_fortran(needs, ask, dtype):
    needs("fortran")
    x, kind = some_values(dtype), DTYPES_FORTRAN[dtype]
    text = f"""subroutine f(x, rows, columns, out)
        integer, intent(in) :: rows, columns
        {kind}, intent(in) :: x(rows, columns)
        {kind}, intent(out) :: out(rows, columns)
        out = x
        end subroutine"""
    result = ask("fortran", text, f, x, like=x).result
    assert result.dtype == x.dtype
    np.testing.assert_array_equal(result, x)


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32", "complex128"])
def test_numbers_come_back_with_their_dtype(needs, ask, dtype):
    needs("c")
    kind = DTYPES_C[dtype]
    result = ask("c", f"{kind} f({kind} x) {{ return x; }}", f, np.dtype(dtype).type(1)).result
    assert (result, str(result.dtype)) == (1, dtype)


def test_indices_mean_the_same_element_in_c_and_in_fortran(needs, ask):
    needs("fortran")
    x = np.arange(6.0).reshape(2, 3)
    c = "void f(double *x, int rows, int columns, double *out) { out[0] = x[1 * columns + 0]; }"
    fortran = """subroutine f(x, rows, columns, out)
        integer :: rows, columns
        real(8) :: x(rows, columns), out
        out = x(2, 1)
        end"""
    assert ask("c", c, f, np.asfortranarray(x), like=3.0).result == 3.0
    assert ask("fortran", fortran, f, x, like=3.0).result == 3.0


def test_a_complex_number_in_cpp(needs, ask):
    needs("cpp")
    text = '#include <complex>\nextern "C" std::complex<double> f(std::complex<double> x)'
    assert ask("cpp", f"{text} {{ return x * x; }}", f, 1 + 2j).result == (1 + 2j) ** 2


def test_an_argument_that_is_changed_is_fresh_in_every_call(needs, ask):
    needs("c")
    mine = np.ones(3)
    row = ask("c", "void f(double *x, long n) { x[0] += 1; }", f, mine, like=mine)
    row.contender.sampler(100_000, 1)
    assert row.contender.function(*row.contender.renew()).tolist() == [2, 1, 1]
    assert row.result.tolist() == [2, 1, 1]
    assert mine.tolist() == [1, 1, 1]
    assert row.notes[-1].startswith("The call changes its arguments: each call gets a fresh copy")


def test_lengths_that_a_procedure_changes_are_right_in_the_next_call(needs, ask):
    needs("fortran")
    text = "integer function f(x, n)\n real(8) :: x(n)\n f = n\n n = 0\n end"
    row = ask("fortran", text, f, np.ones(3), like=3)
    assert (row.result, row.contender.function()) == (3, 3)


def test_a_procedure_in_a_module_or_with_a_name_for_c(needs, ask):
    needs("fortran")
    inside = f"module growth\ncontains\n{SOLOW_FORTRAN}\nend module"
    named = SOLOW_FORTRAN.replace("result(k)", 'result(k) bind(C, name="Solow1")')
    assert ask("fortran", inside, solow, 0.2, 10).result == solow(0.2, 10)
    assert ask("fortran", named, solow, 0.2, 10).result == solow(0.2, 10)


@pytest.mark.parametrize("name", ["call", "load", "results", "slots", "sample"])
def test_a_function_may_have_any_name(needs, ask, name):
    needs("c")
    f.__name__ = name
    try:
        assert ask("c", f"double {name}(double x) {{ return 2 * x; }}", f, 1.5).result == 3
    finally:
        f.__name__ = "f"


def test_flags_replace_the_usual_ones(needs, ask):
    needs("c")
    text = "int f(int x) { return FACTOR * x; }"
    row = ask("c", text, f, 2, flags=("-O1", "-DFACTOR=21"))
    assert (row.result, row.label) == (42, "C (gcc -O1)")
    assert row.notes[0].endswith("with -O1 -DFACTOR=21.")


def test_printing_does_not_disturb(needs, ask):
    needs("c")
    text = '#include <stdio.h>\nint f(int x) { puts("error x"); fflush(stdout); return x; }'
    row = ask("c", text, f, 2)
    assert row.contender.sampler(1_000_000, 1)
    assert "The code prints while it runs; what it prints is not shown." in row.notes
