"""Running a cell for every value: what is left out, what stays, and how it may end."""

from dataclasses import replace

import numpy as np
import pytest

from jaxmagic.compare import Setup
from jaxmagic.compare.backend import reason
from jaxmagic.compare.cell import CellError
from jaxmagic.compare.result import Comparison, Row
from jaxmagic.compare.sweep import sweep, sweep_cell
from jaxmagic.measure.limit import LimitError

CELL = "def f(k):\n    return k * n\n\nf(2)\n"
SETUP = Setup(limit=10.0)
EMPTY = Comparison("f(2)", (), 0.3, 0, False, None, 2, None, None, "Some Processor", {})  # noqa: FBT003


class Machine:
    """Compares without measuring: every backend takes as long as its function of n says.

    A function may also return a row, or raise; compile times are functions of n, too.
    """

    def __init__(self, times, compiles=None, interrupted_at=None):
        self.times = times
        self.compiles = compiles or {}
        self.interrupted_at = interrupted_at
        self.seen = []

    def __call__(self, value, left_out, setup):
        setup.progress("timing")
        self.seen.append((value, set(left_out)))
        rows = []
        for backend, time in self.times.items():
            if backend in left_out:
                continue
            time_s = time(value)
            if isinstance(time_s, Row):
                rows.append(time_s)
                continue
            compile_s = self.compiles[backend](value) if backend in self.compiles else None
            rows.append(Row(backend, backend.title(), time_s=time_s, compile_s=compile_s))
        interrupted = value == self.interrupted_at
        return replace(EMPTY, rows=tuple(rows), interrupted=interrupted)


def refused(backend, sentence):
    return Row(backend, backend.title(), reason=sentence)


def by_backend(result):
    return {series.backend: series for series in result.series}


def test_every_value_is_run_and_the_smallest_first():
    machine = Machine({"fast": lambda n: n / 1e6})
    said = []
    result = sweep("n", (1000, 10, 100), machine, replace(SETUP, progress=said.append))
    assert machine.seen == [(10, set()), (100, set()), (1000, set())]
    assert result.values == (1000, 10, 100)
    assert [c.rows[0].time_s for c in result.comparisons] == [1e-3, 1e-5, 1e-4]
    assert said == [f"n = {n} ({k} of 3): timing" for n, k in (("10", 1), ("100", 2), ("1,000", 3))]
    assert result.stops == ()
    assert not result.interrupted
    assert result.call == "f(2)"


@pytest.mark.parametrize("values", [(), (0, 1), (1, -1), ("a",), range(1, 40)])
def test_values_that_are_no_sweep_are_refused(values):
    with pytest.raises(CellError):
        sweep("n", values, Machine({"a": float}), SETUP)


def test_values_become_numbers_of_python_each_once():
    machine = Machine({"a": float})
    assert sweep("n", np.array([2, 1, 2]), machine, SETUP).values == (2, 1)
    assert [type(value) for value, _ in machine.seen] == [int, int]


def test_calls_that_differ_are_told_from_the_first_to_the_last():
    def compare_at(value, _left_out, _setup):
        return replace(EMPTY, call=f"f(float64[{value}])")

    result = sweep("n", (1, 2, 3), compare_at, SETUP)
    assert result.call == "f(float64[1]) to f(float64[3])"


def test_a_backend_that_is_going_to_be_too_slow_is_left_out_and_extrapolated():
    machine = Machine({"slow": lambda n: 0.9e-3 * n, "fast": lambda n: 1e-6 * n})
    result = sweep("n", (10, 100, 1000, 10_000, 100_000, 10**6), machine, SETUP)
    assert [left_out for _, left_out in machine.seen] == [set()] * 4 + [{"slow"}] * 2
    [stop] = result.stops
    assert (stop.backend, stop.value, stop.what) == ("slow", 100_000, "call")
    assert stop.reason == (
        "left out from n = 100,000 on: a call is predicted to take 1.50 min: over the limit of "
        "10.0 s (--limit raises it)."
    )
    slow = by_backend(result)["slow"]
    assert slow.extrapolated == pytest.approx({100_000: 90.0, 10**6: 900.0})
    assert max(slow.measured) == 10_000
    assert by_backend(result)["fast"].extrapolated == {}


def test_a_backend_that_was_over_the_limit_is_left_out_above():
    forecast = reason(LimitError(10.0, 0.5, 15.5), ())
    machine = Machine(
        {
            "slow": lambda n: refused("slow", forecast) if n >= 1000 else 0.9e-4 * n**1.5,
            "b": lambda n: 0.0099 * n,
        }
    )
    result = sweep("n", (10, 100, 1000, 2000, 3000), machine, replace(SETUP, limit=3.0))
    b, slow = result.stops
    assert (slow.value, slow.what) == (1000, "call")
    assert slow.reason == (
        "left out from n = 1,000 on: predicted to take 15.5 s: over the limit of 10.0 s "
        "(--limit raises it)."
    )
    assert (b.backend, b.value) == ("b", 1000)
    assert machine.seen[2:] == [(1000, {"b"})]  # at 2000 nobody is left
    assert result.comparisons[3] is None
    assert by_backend(result)["slow"].extrapolated == pytest.approx(
        {1000: 3.0, 2000: 0.9e-4 * 2000**1.5, 3000: 0.9e-4 * 3000**1.5}
    )


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        (reason(LimitError(10.0, 10.0, None), ()), "call"),
        ("killed after 10.0 s in its first call: over the limit (--limit raises it).", "call"),
        ("jax.jit unrolls the loop, and tracing it takes 9 s or more: over the limit", "preparing"),
        ("killed after 1 min in another process: over the time-out (--timeout)", "preparing"),
        ("line 3: TypeError: no", None),
    ],
)
def test_too_slow_is_told_from_other_reasons(sentence, what):
    machine = Machine(
        {
            "slow": lambda n: refused("slow", sentence) if n == 1000 else 0.007 * n,
            "b": lambda _: 1.0,
        }
    )
    result = sweep("n", (10, 100, 1000, 2000), machine, replace(SETUP, limit=10.0))
    if what is None:
        # a gap; what was seen of it says already that the next value is too slow
        [stop] = result.stops
        assert (stop.value, stop.what) == (2000, "call")
        return
    assert [stop.what for stop in result.stops] == [what]
    assert bool(by_backend(result)["slow"].extrapolated) == (what == "call")


def test_an_extrapolation_that_the_limit_refutes_is_not_shown():
    over = reason(LimitError(10.0, 10.0, None), ())
    machine = Machine({"slow": lambda n: refused("slow", over) if n > 100 else 1e-6, "b": float})
    result = sweep("n", (1, 10, 100, 1000), machine, replace(SETUP, limit=1e9))
    assert by_backend(result)["slow"].extrapolated == {}
    assert "> 16,667 min" not in str(result)
    [line] = [line for line in str(result).splitlines() if line.startswith("1,000 ")]
    assert "> " in line


def test_what_takes_too_long_to_compile_is_left_out_and_not_extrapolated():
    machine = Machine(
        {"unrolled": lambda n: 1e-6 * n, "b": lambda _: 1e-6},
        {"unrolled": lambda n: 0.9e-2 * n},
    )
    result = sweep("n", (10, 100, 1000, 10_000), machine, SETUP)
    [stop] = result.stops
    assert (stop.backend, stop.value, stop.what) == ("unrolled", 10_000, "preparing")
    assert "compiling it is predicted to take 1.50 min" in stop.reason
    assert by_backend(result)["unrolled"].extrapolated == {}
    assert result.compiles("unrolled") == pytest.approx([0.09, 0.9, 9.0])


def test_noise_between_close_values_predicts_nothing():
    times = iter((1.0, 3.0, 1.0, 3.0))
    machine = Machine({"noisy": lambda _n: next(times)})
    result = sweep("n", (100, 101, 102, 103), machine, SETUP)
    assert result.stops == ()


def test_a_row_that_is_refused_for_another_reason_is_asked_again():
    machine = Machine({"odd": lambda n: refused("odd", "no.") if n == 10 else 1.0})
    result = sweep("n", (1, 10, 100), machine, SETUP)
    assert result.stops == ()
    assert by_backend(result)["odd"].measured == {1: 1.0, 100: 1.0}


def test_ctrl_c_within_a_comparison_ends_the_sweep():
    machine = Machine({"a": float}, interrupted_at=2)
    result = sweep("n", (1, 2, 3), machine, SETUP)
    assert result.interrupted
    assert [comparison is None for comparison in result.comparisons] == [False, False, True]


def test_ctrl_c_between_comparisons_keeps_what_was_measured():
    def time(n):
        if n == 2:
            raise KeyboardInterrupt
        return 1.0

    result = sweep("n", (1, 2, 3), Machine({"a": time}), SETUP)
    assert result.interrupted
    assert [comparison is None for comparison in result.comparisons] == [False, True, True]
    with pytest.raises(KeyboardInterrupt):
        sweep("n", (2, 3), Machine({"a": time}), SETUP)


def test_an_error_at_a_larger_value_keeps_what_was_measured():
    def time(n):
        if n == 2:
            message = "Unable to allocate 10 GiB\nand more"
            raise MemoryError(message)
        return 1.0

    result = sweep("n", (1, 2, 3), Machine({"a": time}), SETUP)
    assert not result.interrupted
    assert result.failure == "At n = 2 the cell raised MemoryError: Unable to allocate 10 GiB"
    assert "! At n = 2 the cell raised MemoryError: Unable to allocate 10 GiB; 2 values not" in str(
        result
    )
    with pytest.raises(MemoryError):
        sweep("n", (2, 3), Machine({"a": time}), SETUP)


@pytest.mark.parametrize("before", [{}, {"n": "mine"}])
def test_the_variable_is_set_for_each_value_and_then_as_before(before):
    namespace = dict(before)
    seen = []

    def compare(_left_out, _setup):
        seen.append(namespace["n"])
        namespace["made_by_the_cell"] = True
        return EMPTY

    sweep_cell(CELL, "n", (1, 2), namespace, compare)
    assert seen == [1, 2]
    assert namespace == {**before, "made_by_the_cell": True}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, CellError])
def test_the_variable_is_as_before_after_an_error(error):
    namespace = {"n": "mine"}

    def compare(_left_out, _setup):
        raise error

    with pytest.raises(error):
        sweep_cell(CELL, "n", (1, 2), namespace, compare)
    assert namespace == {"n": "mine"}


@pytest.mark.parametrize(
    "cell",
    [
        "f(n)",
        "f(x=[n for _ in range(3)])",
        "def f():\n    return n\nf()",
        "def f():\n    def g():\n        return n\n    return g()\nf()",
        "class A:\n    size = n\nf(A.size)",
        "def f(n):\n    return n\nf(n)",
        "def f(x):\n    return x\nf(n)\n%%c\nint n = 3;",
        "f(",  # a mistake, which running the cell shows with its place
    ],
)
def test_a_cell_that_uses_the_variable_is_run(cell):
    assert sweep_cell(cell, "n", (1,), {}, lambda _left_out, _setup: EMPTY).values == (1,)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("f(m)", "the cell does not use n; use it in the call, for instance f(n)."),
        ("def f(n):\n    return n\nf(3)", "the cell does not use n"),
        ("def f():\n    n = 3\n    return n\nf()", "the cell does not use n"),
        ("f(lambda n: n)", "the cell does not use n"),
        ("f([n for n in range(3)])", "the cell does not use n"),
        ("f(m)\n%%python\nf(n)", "the cell does not use n"),
        ("n = 3\nf(n)", "the cell sets n itself; remove that, the sweep gives it its values."),
        ("n += 3\nf(n)", "the cell sets n itself"),
        ("for n in range(3):\n    pass\nf(n)", "the cell sets n itself"),
        ("import numpy as n\nf(n)", "the cell sets n itself"),
        ("def f():\n    global n\n    n = 3\nf()", "the cell sets n itself"),
        ("def n():\n    pass\nf(n)", "the cell sets n itself"),
    ],
)
def test_a_cell_that_does_not_use_the_variable_is_refused(cell, sentence):
    with pytest.raises(CellError) as caught:
        sweep_cell(cell, "n", (1,), {}, lambda _left_out, _setup: EMPTY)
    assert str(caught.value).startswith(sentence)
