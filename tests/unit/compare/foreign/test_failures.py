"""What goes wrong in C, C++ and Fortran is one sentence, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.foreign import native

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


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def f(x):
    return x


REFUSALS = {
    "missing semicolon": (
        "c",
        SOLOW_C.replace("0.9 * k;", "0.9 * k"),
        "line 6: expected ';' before 'return'",
    ),
    "two errors": (
        "c",
        SOLOW_C.replace("return k", "retrn k").replace("0.9 * k", "0.9 * j"),
        "line 6: 'j' undeclared (first use in this function) (and 2 more)",
    ),
    "missing header": (
        "c",
        SOLOW_C.replace("math.h", "none.h"),
        "line 3: none.h: No such file or directory",
    ),
    "not there": (
        "c",
        SOLOW_C.replace("solow", "slow"),
        "the section has no function solow; write `double solow(double k, long n)`.",
    ),
    "static": (
        "c",
        SOLOW_C.replace("double s", "static double s"),
        "line 4: solow can't be called from outside; leave out static.",
    ),
    "wrong type": (
        "c",
        SOLOW_C.replace("long n", "const char *n"),
        (
            "line 4: `const char *n` is neither a number nor an array of numbers that NumPy has; "
            "write `double solow(double k, long n)`."
        ),
    ),
    "unknown symbol": (
        "c",
        "double g(double);\ndouble solow(double k, long n) { return g(k); }",
        (
            "g is used but not defined in the section; define it, or name its library after the "
            "section's name, for instance -lopenblas."
        ),
    ),
    "main": (
        "c",
        f"{SOLOW_C}\nint main(void) {{ return 0; }}",
        "the section has a function main: leave it out, the function is called as it is.",
    ),
    "null pointer": (
        "c",
        "double solow(double k, long n) { return *(volatile double *)(n - 1000); }",
        "crashed: SIGSEGV (in the first call).",
    ),
    "exit": (
        "c",
        (
            '#include <stdlib.h>\n#include <stdio.h>\ndouble solow(double k, long n) { fputs("no", '
            "stderr); exit(3); }"
        ),
        "ended by itself with exit code 3 (in the first call): no",
    ),
    "exception": (
        "cpp",
        '#include <stdexcept>\ndouble solow(double k, long n) { throw std::runtime_error("no"); }',
        (
            "crashed: SIGABRT (in the first call): terminate called after throwing an instance of "
            "'std::runtime_error'"
        ),
    ),
    "template": (
        "cpp",
        "template <class T> T solow(T k, long n) { return kk; }",
        "line 1: 'kk' was not declared in this scope; did you mean 'k'?",
    ),
    "vector": (
        "cpp",
        "#include <vector>\ndouble solow(std::vector<double> k, long n) { return 0; }",
        (
            "line 2: `std::vector<double> k` is neither a number nor an array of numbers that "
            "NumPy has; write `double solow(double k, long n)`."
        ),
    ),
    "fortran error": (
        "fortran",
        SOLOW_FORTRAN.replace("k = k0", "k = = k0"),
        "line 7: Invalid character in name at (1)",
    ),
    "fortran name": (
        "fortran",
        SOLOW_FORTRAN.replace("solow", "slow"),
        (
            "the section has no function or subroutine solow; "
            "write `real(8) function solow(k, n); real(8) :: k; integer :: n`."
        ),
    ),
    "fortran type": (
        "fortran",
        SOLOW_FORTRAN.replace("double precision,", "real(16),"),
        (
            "line 3: `real(16) :: k0` is neither a number nor an array of numbers that NumPy "
            "has; write `real(8) function solow(k, n); real(8) :: k; integer :: n`."
        ),
    ),
    "fortran shape": (
        "fortran",
        "function solow(k, n)\n real(8) :: k(:)\n end",
        (
            "line 1: k has no shape of its own (it is k(:), allocatable or a pointer): pass its "
            "length too, and write k(n)."
        ),
    ),
    "fortran array": (
        "fortran",
        "function solow(k, n)\n real(8) :: k, solow(n)\n integer :: n\n solow = k\n end",
        (
            "line 1: solow is a function that returns an array: make it a subroutine with the "
            "array as its last argument, intent(out)."
        ),
    ),
    "error stop": (
        "fortran",
        SOLOW_FORTRAN.replace("k = k0", "error stop 'too small'"),
        "ended by itself with exit code 1 (in the first call): ERROR STOP too small",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_goes_wrong_is_one_sentence(needs, refused, case):
    language, text, said = REFUSALS[case]
    needs(language)
    assert refused(language, text, solow, 0.2, 1000) == said


ENDLESS = {
    "c": SOLOW_C.replace("i < n", "1"),
    "fortran": SOLOW_FORTRAN.replace("do i = 1, n", "do while (n > 0)"),
}


@pytest.mark.parametrize("language", ENDLESS)
def test_an_endless_loop_is_killed_at_the_limit(needs, refused, language):
    needs(language)
    assert refused(language, ENDLESS[language], solow, 0.2, 1000, limit=0.3) == (
        "killed after 300 ms in the first call: over the limit (--limit raises it)."
    )


@pytest.mark.alone
@pytest.mark.parametrize(
    ("later", "said"),
    [
        ("for (;;);", "killed after 300 ms while it was timed: over the limit"),
        ("return *(volatile int *)0;", r"crashed: SIGSEGV \(while it was timed\)."),
    ],
)
def test_what_goes_wrong_only_later_is_said_then(needs, ask, later, said):
    needs("c")
    text = f"static int calls;\nint f(int x) {{ if (calls++ > 2) {{ {later} }} return x; }}"
    row = ask("c", text, f, 1, limit=0.3)
    with pytest.raises(RefusedError, match=said):
        row.contender.sampler(5_000_000, 1)
    with pytest.raises(RefusedError, match="its process has ended before this call"):
        row.contender.function()


@pytest.mark.alone
@pytest.mark.parametrize("phase", ["compile", "first call", "timing"])
def test_ctrl_c_passes_through_and_leaves_nothing(needs, ask, phase, monkeypatch, on_path):
    needs("c")
    monkeypatch.delenv("CC", raising=False)
    if phase == "compile":
        on_path("gcc", "#!/bin/sh\nsleep 60\n")
    endless = "int f(int x) { static int calls; if (calls++ >= WHEN) for (;;); return x; }"
    flags = [f"-DWHEN={1 if phase == 'timing' else 0}"]
    threading.Timer(1, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        ask("c", endless, f, 1, flags=flags, limit=60).contender.sampler(5_000_000, 1)


def test_without_a_compiler_it_says_how_to_get_one(refused, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for variable in ("CC", "CXX", "FC"):
        monkeypatch.delenv(variable, raising=False)
    assert refused("c", SOLOW_C, solow, 0.2, 1) == (
        "there is no C compiler: sudo apt install gcc, xcode-select --install, or "
        "conda install -c conda-forge c-compiler."
    )
    assert "there is no C++ compiler: sudo apt install g++" in refused("cpp", "", solow, 0.2, 1)
    said = refused("fortran", "", solow, 0.2, 1)
    assert said.startswith("there is no Fortran compiler: sudo apt install gfortran")


def test_a_compiler_that_does_not_end_is_killed(refused, monkeypatch, on_path):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(native, "COMPILE_LIMIT_S", 0.2)
    on_path("gcc", "#!/bin/sh\nsleep 60 & wait\n")
    assert refused("c", SOLOW_C, solow, 0.2, 1) == "gcc was killed after 200 ms, while it compiled."


def test_the_compiler_that_the_environment_names_is_taken(needs, ask, monkeypatch):
    needs("c")
    monkeypatch.setenv("CC", "gcc -DFACTOR=3")
    assert ask("c", "int f(int x) { return FACTOR * x; }", f, 2).result == 6


def test_a_function_without_a_name_is_refused(refused):
    assert refused("c", SOLOW_C, lambda x: x, 1.0).endswith("has none: define it with def.")


def test_on_windows_it_is_refused(refused, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert refused("c", SOLOW_C, solow, 0.2, 1) == (
        "a section in another language needs Linux or macOS."
    )


def is_alive(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # dead, and nobody here to ask for it


ORPHAN = """
import os, sys
from jaxmagic.compare import foreign
from jaxmagic.compare.backend import Setup
from jaxmagic.compare.cell import Section, bind
def f(x): return x
row = foreign.prepared(
    Section("c", "int f(int x) { return x; }"), bind("f()", f, f, (1,), {}), Setup(), None)
print(row.contender.sampler.__self__.process.pid, flush=True)
if sys.argv[1] == "kill":
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("how", ["kill", "exit"])
def test_it_does_not_outlive_the_kernel(needs, tmp_path, how):
    needs("c")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN, how],
        stdout=subprocess.PIPE,
        env=environment,
        check=False,
        start_new_session=True,
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)
    if how == "exit":
        assert list(tmp_path.iterdir()) == []
