"""The figures of a sweep that is built by hand, and the ways to keep it."""

from dataclasses import FrozenInstanceError, replace

import pytest

from jaxmagic.compare.result import Row
from jaxmagic.compare.sweep.result import BreakEven, Sweep, order


def test_what_json_keeps_is_everything(sweep):
    text = sweep.to_json()
    assert Sweep.from_json(text) == sweep
    assert Sweep.from_json(text).to_json() == text
    floats = replace(sweep, values=(0.5, 1, 2.0, 3, 4, 5))
    again = Sweep.from_json(floats.to_json())
    assert [type(value) for value in again.values] == [float, int, float, int, int, int]


def test_what_was_kept_is_read(golden, sweep):
    text = golden("data/sweep.json", f"{sweep.to_json(indent=1)}\n")
    assert Sweep.from_json(text) == sweep


def test_series_tell_measured_from_extrapolated(sweep):
    python, numba, eager, jit = sweep.series
    assert (python.backend, python.label) == ("python", "Python")
    assert list(python.measured) == [10, 100, 1000]
    assert list(python.extrapolated) == [10_000, 100_000, 1_000_000]
    assert python.extrapolated[10_000] == pytest.approx(1.24e-4**2 / 1.3e-5)
    assert python.at(10) == 1.2e-6
    assert python.at(10_000) == python.extrapolated[10_000]
    assert list(numba.measured) == [10, 1000, 10_000, 100_000]
    assert numba.at(100) is None
    assert numba.extrapolated == eager.extrapolated == jit.extrapolated == {}
    assert sweep.reference == python


def test_crossings_lie_between_measured_points_only(sweep):
    found = [(c.faster, c.slower, c.low, c.high) for c in sweep.crossings]
    assert found == [
        ("jit", "python", 10, 100),
        ("jit", "numba", 1000, 10_000),
        ("eager", "numba", 10_000, 100_000),
    ]
    # Python and JAX eager cross as well, where Python is only extrapolated
    first = sweep.crossings[0]
    assert 10 < first.value < 100
    assert 5.2e-6 < first.time_s < 5.3e-6
    assert first.has_range
    # where JAX jit overtakes Python, Numba is faster than both: it only was not run at 100
    assert [crossing.leads for crossing in sweep.crossings] == [False, True, False]


def test_what_cannot_be_told_apart_does_not_cross(sweep):
    """Between 100 and 10,000 the order of these two is in doubt at 1000."""

    def noisy(row, value):
        if row.backend != "jit" or value != 1000:
            return row
        numba_s = 6.1e-6
        return replace(row, samples_s={n: (numba_s * (0.9 + 0.03 * n),) for n in range(8)})

    comparisons = tuple(
        comparison and replace(comparison, rows=tuple(noisy(row, value) for row in comparison.rows))
        for value, comparison in zip(sweep.values, sweep.comparisons, strict=True)
    )
    doubtful = replace(sweep, comparisons=comparisons)
    crossing = next(c for c in doubtful.crossings if {c.faster, c.slower} == {"jit", "numba"})
    assert (crossing.low, crossing.high) == (10, 10_000)
    assert 1000 < crossing.value < 10_000
    assert doubtful.fastest(1000) == ["numba", "jit"]


def test_without_enough_rounds_a_crossing_says_so(sweep):
    few = tuple(
        comparison
        and replace(
            comparison,
            rows=tuple(
                replace(row, samples_s={0: row.samples_s.get(0, ())}) for row in comparison.rows
            ),
        )
        for comparison in sweep.comparisons
    )
    few_rounds = replace(sweep, comparisons=few)
    assert not any(crossing.has_range for crossing in few_rounds.crossings)
    assert "(measured at 10 and 100, no range)." in str(few_rounds)
    assert "(measured at 10 and 100)." in str(sweep)


def test_the_fastest_of_a_value(sweep):
    assert [sweep.fastest(value) for value in sweep.values] == [
        ["numba"],
        ["jit"],
        ["numba"],
        ["jit"],
        ["jit"],
        [],
    ]


def test_order_of_two_rows():
    def row(*samples):
        return Row("a", "A", time_s=samples[0], samples_s={n: (s,) for n, s in enumerate(samples)})

    assert order(row(1.0), row(2.0)) == (-1, False)
    assert order(row(2.0), row(1.0)) == (1, False)
    assert order(row(1.0), row(1.0)) == (0, False)
    assert order(Row("a", "A", time_s=1.0), Row("b", "B", time_s=2.0)) == (-1, False)
    assert order(row(*[1.0] * 8), row(*[2.0] * 8)) == (-1, True)
    assert order(row(*[2.0] * 8), row(*[1.0] * 8)) == (1, True)
    assert order(row(*[1.0] * 8), row(*[0.9, 1.1] * 4)) == (0, True)


def test_every_fresh_compile_is_counted(sweep):
    assert sweep.compiles("python") == []
    assert sweep.compiles("numba") == [0.31] * 4
    assert sweep.compiles("jit") == [0.041] * 5
    assert sweep.compiles("missing") == []


def test_compiling_pays_against_the_first_backend_even_where_that_is_extrapolated(sweep):
    assert sweep.break_even("python", 10) is None
    assert sweep.break_even("jit", 10) == BreakEven(None, never=True)
    assert sweep.break_even("jit", 1000) == BreakEven(351)
    assert sweep.break_even("jit", 10_000) == BreakEven(36, extrapolated=True)
    assert sweep.break_even("numba", 100) is None
    assert sweep.break_even("jit", 1_000_000) is None


def test_it_pays_at_the_call_that_the_comparison_says(sweep):
    from jaxmagic.compare.result import calls_to_pay

    row, reference = sweep.comparisons[2]["jit"], sweep.comparisons[2]["python"]
    calls = calls_to_pay(row.compile_s, row.time_s, reference.time_s)
    assert sweep.break_even("jit", 1000).calls == calls


def test_a_frame_has_one_line_for_each_value_and_backend(sweep):
    pytest.importorskip("pandas")
    frame = sweep.to_pandas()
    assert len(frame) == 6 * 4
    lines = frame.set_index(["value", "backend"])
    assert lines.loc[(100, "jit"), "time_s"] == 5.3e-6
    assert lines.loc[(100, "numba"), "reason"] == "line 3: TypeError: not <this> type"
    assert lines["time_s"].isna().sum() == 3 + 2 + 1 + 1
    assert lines["extrapolated_s"].notna().sum() == 3
    assert lines.loc[(10_000, "jit"), "pays_after_calls"] == 36
    assert lines["pays_is_extrapolated"].sum() == 2 * 3


def test_a_result_does_not_change(sweep):
    with pytest.raises(FrozenInstanceError):
        sweep.variable = "m"
