"""What is read from the source of a function in C or C++, without a compiler."""

import numpy as np
import pytest

from jaxmagic.compare.foreign.signature import find_signature

HEADER = '# 1 "/usr/include/stdint.h" 1 3\ntypedef signed long int __int64_t;\n'
HEADER += 'typedef __int64_t int64_t;\ndouble f(int);\n# 3 "section.c" 2\n'


def read(text, name="f"):
    return find_signature(f"{HEADER}{text}", name, "section.c")


@pytest.mark.parametrize(
    ("text", "prototype"),
    [
        ("double f(double k, long n) { return k; }", "double f(double, long)"),
        ("double f(void) { return 1; }", "double f(void)"),
        ("void f(const double *restrict x, double out[]) {}", "void f(const double *, double *)"),
        ("void f(double (*a)[3], float b[2][3]) {}", "void f(double *, float *)"),
        ("int64_t f(const int64_t n) { return n; }", "signed long int f(signed long int)"),
        ("unsigned long int\nf(unsigned n)\n{ return n; }", "unsigned long int f(unsigned)"),
        ("_Bool f(bool b) { return b; }", "_Bool f(_Bool)"),
        ("double complex f(_Complex float z) { }", "double _Complex f(float _Complex)"),
        (
            "std::complex<double> f(const std::complex<double>* z, int) {}",
            "double _Complex f(const double _Complex *, int)",
        ),
        ("typedef double real;\ntypedef real *row;\nreal f(row x) {}", "double f(double *)"),
        ("using real = float;\nreal f(real x = 1.5) {}", "float f(float)"),
        ('extern "C" {\nint g(int a) { return a; }\nint f(int a) { return a; }\n}', "int f(int)"),
        (
            'char *s = "f(int a) {"; static int g() { return f(1); }\nint f(int *a) {}',
            "int f(int *)",
        ),
        ("int f(int a) noexcept {}", "int f(int) noexcept"),
        ("__attribute__((noinline)) int f(int a) {}", "int f(int)"),
    ],
)
def test_a_definition_is_read(text, prototype):
    assert read(text).prototype == prototype


@pytest.mark.parametrize(
    ("parameter", "dtype"),
    [
        ("signed char a", "int8"),
        ("unsigned char a", "uint8"),
        ("short int a", "int16"),
        ("unsigned short a", "uint16"),
        ("int a", "int32"),
        ("unsigned a", "uint32"),
        ("int64_t a", "int64"),
        ("long long unsigned a", "uint64"),
        ("float a", "float32"),
        ("double complex a", "complex128"),
        ("_Complex float a", "complex64"),
        ("bool a", "bool"),
    ],
)
def test_types_are_those_of_numpy(parameter, dtype):
    [read_parameter] = read(f"void f({parameter}) {{}}").parameters
    assert read_parameter.dtype == np.dtype(dtype)
    assert read_parameter.name == "a"


@pytest.mark.parametrize(
    "parameter",
    ["char a", "long double a", "double **a", "struct s a", "double &a", "void *a", "char *a[]"],
)
def test_what_numpy_does_not_have_has_no_dtype(parameter):
    assert read(f"void f({parameter}) {{}}").parameters[0].dtype is None


def test_a_declaration_a_call_and_an_inner_function_are_no_definition():
    assert read("double f(int);") is None
    assert read("int g(void) { return f(1); }") is None
    assert read("namespace n { int f(int a) { return a; } }") is None


def test_lines_and_words_are_the_users():
    found = read('\n# 7 "section.c"\n\nstatic inline double\n f(double x)\n{ return x; }')
    assert found.line == 9
    assert {"static", "inline"} <= found.words


def test_a_pragma_is_a_line():
    assert read("#pragma omp declare simd\nint f(int a) { return a; }").line == 4
