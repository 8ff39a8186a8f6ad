"""%%jaxcompare n=...: a sweep over one variable of a cell."""

import pytest
from IPython.core.error import UsageError

from jaxmagic.compare.result import Comparison
from jaxmagic.compare.sweep.result import Sweep

CELL = "def f(x):\n    return np.sin(x) ** 2\n\nf(np.linspace(0, 1, n))\n"
FAST = "--seconds 0.01 --backends numpy,jit"


def test_the_cell_is_compared_for_every_value(shell, capsys):
    done = shell.run_cell(f"%%jaxcompare {FAST} n=10**1..10**3\n{CELL}")
    assert done.success
    sweep = done.result
    assert isinstance(sweep, Sweep)
    assert (sweep.variable, sweep.values) == ("n", (10, 100, 1000))
    assert all(isinstance(comparison, Comparison) for comparison in sweep.comparisons)
    out = capsys.readouterr().out
    assert "f(np.linspace(0, 1, n)), 3 values of n: 10 to 1,000" in out
    assert "Compiled afresh for every value of n that was run: JAX jit 3 times" in out


@pytest.mark.parametrize("before", ["n = 7", "pass"])
def test_the_variable_is_as_it_was_and_the_definitions_stay(shell, before):
    shell.run_cell(before)
    assert shell.run_cell(f"%%jaxcompare {FAST} -o kept n=[20, 10]\n{CELL}").success
    assert shell.user_ns.get("n") == (7 if before == "n = 7" else None)
    assert ("n" in shell.user_ns) == (before == "n = 7")
    assert callable(shell.user_ns["f"])
    assert shell.user_ns["kept"].values == (20, 10)


@pytest.mark.parametrize(
    ("sweep", "sentence"),
    [
        ("n=10..100, m=1..2", "over one variable"),
        ("n=[]", "n"),
        ("n=nothing", "nothing"),
        ("m=10..100", "the cell does not use m"),
        ("10..100", "n="),
    ],
)
def test_a_mistake_is_one_sentence(shell, sweep, sentence):
    done = shell.run_cell(f"%%jaxcompare {FAST} {sweep}\n{CELL}")
    assert isinstance(done.error_in_exec, UsageError)
    assert sentence in str(done.error_in_exec)


def test_a_section_in_c_is_swept_as_well(shell):
    cell = (
        "def twice(x):\n    return 2 * x\n\ntwice(1.0 * n)\n"
        "%%c\ndouble twice(double x) { return 2 * x; }\n"
    )
    sweep = shell.run_cell(f"%%jaxcompare --seconds 0.01 --backends python n=1..10\n{cell}").result
    labels = {row.backend for comparison in sweep.comparisons for row in comparison.rows}
    assert labels == {"python", "c"}
    assert all(row.ran for comparison in sweep.comparisons for row in comparison.rows)
