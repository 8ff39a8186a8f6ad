"""Which parameter takes what, and the sentence if none does."""

from dataclasses import replace

import numpy as np
import pytest

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.cell import bind
from jaxmagic.compare.foreign import files, fortran
from jaxmagic.compare.foreign.glue import prototype
from jaxmagic.compare.foreign.matching import matched
from jaxmagic.compare.foreign.signature import find_signature


def plan(text, function, *arguments, like=None):
    call = bind("f()", function, function, arguments, {})
    given = files.arguments_of(call, "C")
    expected = files.expected(call, like, given)
    wanted = prototype("f", given, expected, "c")
    signature = find_signature(f'# 1 "section.c"\n{text}', "f", "section.c")
    return matched(signature, given, expected, wanted)


def sentence(*arguments, **options):
    with pytest.raises(RefusedError) as caught:
        plan(*arguments, **options)
    return str(caught.value)


def of_k_and_n(k, n):
    return k * n


def of_x(x):
    return x


def of_x_and_y(x, y):
    return x + y


X = np.ones(4)
A = np.ones((2, 3))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("void f(const double *x, long n, double *out) {}", "argument length result"),
        ("void f(const double *x, double *out) {}", "argument result"),
        ("void f(double *x, int n) {}", "argument length"),
        ("void f(double *x) {}", "argument"),
    ],
)
def test_one_array(text, kinds):
    assert [role.kind for role in plan(text, of_x, X, like=X).roles] == kinds.split()


def test_lengths_follow_each_array_or_all_of_them():
    each = plan("void f(double *x, int n, double *y, int m, double *out) {}", of_x_and_y, X, X)
    once = plan("void f(double *x, double *y, int n, double *out) {}", of_x_and_y, X, X)
    assert [role.kind for role in each.roles] == [*["argument", "length"] * 2, "result"]
    assert [role.kind for role in once.roles] == ["argument", "argument", "length", "result"]


def of_x_and_k(x, k):
    return x * k


def test_a_parameter_with_the_name_of_an_argument_takes_that_or_nothing():
    made = plan("double f(double *x, long k, long n) {}", of_x_and_k, X, 3, like=1.0)
    assert [role.kind for role in made.roles] == ["argument", "argument", "length"]
    said = sentence("double f(double n, double k) {}", of_k_and_n, 1.5, 2.5, like=1.0)
    assert said == "line 1: f does not fit this call; write `double f(double k, double n)`."


def test_each_dimension_has_a_length():
    roles = plan("double f(double *x, int rows, int columns) {}", of_x, A, like=1.0).roles
    assert [(role.kind, role.axis) for role in roles[1:]] == [("length", 0), ("length", 1)]


def test_several_results_come_last():
    made = plan("void f(double *x, int n, double *a, int *b) {}", of_x, X, like=(X, A.astype("i4")))
    assert [(str(r.dtype), r.shape) for r in made.results] == [("float64", (4,)), ("int32", (2, 3))]


def test_what_a_function_changes_is_its_result_where_it_returns_nothing():
    made = plan("void f(double *x, long n) {}", of_x, X, like=X)
    assert made.changed == 0
    assert made.notes == ("f returns nothing: x, which it may change, is taken for its result.",)


def of_x_in_place(x):
    x[0] = 1


def test_a_function_that_returns_nothing_has_no_result():
    made = plan("void f(double *x, long n) {}", of_x_in_place, X)
    assert (made.results, made.changed, made.notes) == ((), None, ())


def test_a_list_of_numbers_stands_for_an_array():
    made = plan("void f(double *x, long n, double *out) {}", of_x, X, like=[1.0, 2.0, 3.0])
    assert [result.shape for result in made.results] == [(3,)]


def test_numbers_that_fit_are_passed():
    made = plan("double f(float k, short n) {}", of_k_and_n, 0.1, 1000)
    assert [str(dtype) for dtype in made.dtypes] == ["float32", "int16"]
    assert made.notes == ("k is passed as float32: this row computes in 32 bits.",)
    k, n = 2, True
    assert plan("double f(double k, double n) {}", of_k_and_n, k, n).notes == ()


def test_arrays_are_converted_if_nothing_is_lost():
    made = plan("double f(const long *x, long n) {}", of_x, np.ones(3, "int32"), like=1)
    assert made.notes == ("x is converted from int32 to int64 once, before the timing.",)


WRITE = "write `double f(double k, long n)`."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("double f(double k) {}", f"line 1: f has 1 parameter, but this call needs 2; {WRITE}"),
        ("double f(int k, long n) {}", f"line 1: k is `int k`, but k is a float; {WRITE}"),
        (
            "double f(double k, signed char n) {}",
            f"line 1: n is `signed char n`, but n is 1000; {WRITE}",
        ),
        ("double f(double *k, long n) {}", f"line 1: f does not fit this call; {WRITE}"),
        (
            "double f(double k, char *n) {}",
            (
                "line 1: `char *n` is neither a number nor an array of numbers that NumPy has; "
                f"{WRITE}"
            ),
        ),
        (
            "double *f(double k, long n) {}",
            f"line 1: f returns `double *`, which can't be read back; {WRITE}",
        ),
        ("void f(double k, long n) {}", f"line 1: f returns nothing; {WRITE}"),
    ],
)
def test_a_wrong_signature_of_numbers(text, said):
    assert sentence(text, of_k_and_n, 0.2, 1000, like=1.0) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "void f(const float *x, long n, double *out) {}",
            (
                "line 1: x is `const float *x`, but x is float64; "
                "write `void f(const double *x, long n, double *out)`."
            ),
        ),
        (
            "double f(const double *x, long n) {}",
            (
                "line 1: f returns one number, but the result is an array; "
                "write `void f(const double *x, long n, double *out)`."
            ),
        ),
        (
            "void f(const double *x, long n, const double *out) {}",
            (
                "line 1: f does not fit this call; "
                "write `void f(const double *x, long n, double *out)`."
            ),
        ),
        (
            "void f(const double *x, long n) {}",
            (
                "line 1: f has 2 parameters, but this call needs 3; "
                "write `void f(const double *x, long n, double *out)`."
            ),
        ),
    ],
)
def test_a_wrong_signature_of_an_array(text, said):
    assert sentence(text, of_x, X, like=X) == said


def test_an_integer_that_a_double_does_not_hold_is_refused():
    assert "n is 9007199254740993, which float64 does not hold" in sentence(
        "double f(double k, double n) {}", of_k_and_n, 1.0, 2**53 + 1
    )
    big = np.full(2, 2**53 + 1)
    assert "x is int64" in sentence("double f(double *x, int n) {}", of_x, big, like=1.0)


def test_what_to_write_for_more_than_one_array():
    call = bind("f()", of_x_and_y, of_x_and_y, (X, A), {})
    given = files.arguments_of(call, "C")
    [result] = files.expected(call, A + 1j, given)
    assert prototype("f", given, [result], "c") == (
        "void f(const double *x, long n_x, const double *y, long rows_y, long columns_y, "
        "double _Complex *out)"
    )
    assert "std::complex<double> *out)" in prototype("f", given, [result], "cpp")
    alike = (given[0], replace(given[0], name="z"))
    assert prototype("f", alike, [], "c") == "void f(const double *x, const double *z, long n)"
    assert fortran.prototype("f", alike, [files.Result(np.dtype(float), ())]) == (
        "real(8) function f(x, z, n); integer :: n; real(8) :: x(n); real(8) :: z(n)"
    )
    assert fortran.prototype("f", given, [result]) == (
        "subroutine f(x, n_x, y, rows_y, columns_y, out); integer :: n_x; integer :: rows_y; "
        "integer :: columns_y; real(8) :: x(n_x); real(8) :: y(rows_y, columns_y); "
        "complex(8), intent(out) :: out(rows_y, columns_y)"
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("text", "x is a str; a section in C takes numbers and arrays, so pass what is in it "),
        ([1, 2], "x is a list; a section in C takes numbers and arrays"),
        (10**30, "x is too large an integer, which C does not have."),
        (np.array(["a"]), "x is of dtype <U1, which C does not have."),
    ],
)
def test_only_numbers_and_arrays_are_passed(value, said):
    with pytest.raises(RefusedError) as caught:
        files.arguments_of(bind("f()", of_x, of_x, (value,), {}), "C")
    assert str(caught.value).startswith(said)
