"""From candidates to rows: figures on a clock of our own, results, interrupts, notes."""

import itertools
import random
import warnings

import numpy as np
import pytest

from jaxmagic.compare.backend import Prepared, RefusedError, Setup
from jaxmagic.compare.table import Candidate, run_candidates
from jaxmagic.measure.rounds import Contender


@pytest.fixture
def run(clock):
    """Run candidates, each given as what prepares it, on the fake clock."""

    def run(notes=(), seconds=0.1, **prepare):
        candidates = [
            Candidate(name, name.title(), lambda setup, made=made: made(setup))
            for name, made in prepare.items()
        ]
        setup = Setup(seconds, clock=clock, rng=random.Random(1), files=frozenset({__file__}))
        return run_candidates("f(x)", candidates, setup, notes)

    return run


def taking(clock, milliseconds, result=1.0, **more):
    """Prepare a backend whose call takes so long on the fake clock, and gives ``result``."""
    function = clock.after(milliseconds, result)
    name = f"of {milliseconds} ms"

    def prepare(_setup):
        return Prepared(name, Contender(name, function), result, **more)

    return prepare


def named(name, prepare):
    """Give the contender of ``prepare`` the name of its row."""

    def renamed(setup):
        prepared = prepare(setup)
        contender = Contender(name, prepared.contender.function)
        return Prepared(**{**vars(prepared), "contender": contender})

    return renamed


def test_times_and_ratios_are_those_of_the_clock(clock, run):
    result = run(
        slow=named("slow", taking(clock, 6)),
        fast=named("fast", taking(clock, 2, compile_s=0.01)),
        slower=named("slower", taking(clock, 12, compile_s=0.01)),
    )
    slow, fast, slower = result.rows
    assert (slow.time_s, fast.time_s, slower.time_s) == (0.006, 0.002, 0.012)
    assert [row.speedup for row in result.rows] == pytest.approx([1.0, 3.0, 0.5])
    assert (fast.speedup_low, fast.speedup_high) == pytest.approx((3.0, 3.0))
    assert (slow.speedup_low, slow.speedup_high) == (None, None)
    # 10 ms are won back by 4 ms a call after three calls
    assert (fast.pays_after_calls, fast.never_pays) == (3, False)
    assert (slower.pays_after_calls, slower.never_pays) == (None, True)
    assert (slow.pays_after_calls, slow.never_pays) == (None, False)
    assert result.reference is slow
    assert {number for row in result.rows for number in row.samples_s} == set(range(result.rounds))
    assert fast.calls == sum(map(len, fast.samples_s.values()))
    assert (result.call, result.seconds, result.interrupted) == ("f(x)", 0.1, False)


def test_the_first_row_that_runs_is_the_reference(clock, run):
    def refuse(_setup):
        message = "Not here."
        raise RefusedError(message)

    result = run(no=refuse, yes=named("yes", taking(clock, 1)))
    assert result.reference.backend == "yes"
    assert result["no"].reason == "Not here."
    assert (result["no"].label, result["no"].time_s, result["no"].ran) == ("No", None, False)
    with pytest.raises(KeyError):
        result["other"]


def test_an_error_of_a_backend_is_its_reason_with_the_line(clock, run):
    def fail(_setup):
        raise ValueError("no\nmore")  # noqa: EM101, TRY003  as users write it

    result = run(a=fail, b=named("b", taking(clock, 1)))
    line = fail.__code__.co_firstlineno + 1
    assert result["a"].reason == f"line {line}: ValueError: no"


def test_the_users_own_error_is_raised_when_nothing_runs(run):
    error = ZeroDivisionError("by zero")

    def refuse(_setup):
        message = "Not here."
        raise RefusedError(message)

    def fail(_setup):
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        run(a=refuse, b=fail)
    assert caught.value is error
    result = run(a=refuse, b=refuse)
    assert [row.reason for row in result.rows] == ["Not here.", "Not here."]
    assert result.reference is None
    assert result.rounds == 0


def test_a_call_that_fails_while_it_is_timed_is_a_row_with_a_reason(clock, run):
    calls = itertools.count()

    def wears_out():
        clock.now += 1_000_000
        if next(calls) == 3:
            raise RuntimeError("worn out")  # noqa: EM101, TRY003  as users write it

    def prepare(_setup):
        return Prepared("Worn", Contender("a", wears_out), 1.0, compile_s=0.5, notes=("old",))

    row = run(a=prepare, b=named("b", taking(clock, 1)))["a"]
    assert row.reason.endswith("RuntimeError: worn out")
    assert (row.label, row.compile_s, row.notes, row.time_s) == ("Worn", 0.5, ("old",), None)


def test_results_are_compared_with_the_first(clock, run):
    result = run(
        a=named("a", taking(clock, 1, np.array([1.0, 2.0]))),
        b=named("b", taking(clock, 1, np.array([1.0, 2.0]))),
        c=named("c", taking(clock, 1, np.array([1.0, 2.0 + 1e-14]))),
        d=named("d", taking(clock, 1, np.array([1.0, 3.0]))),
    )
    assert [row.agreement for row in result.rows] == [
        "same",
        "same",
        "within precision",
        "different",
    ]
    assert result["d"].where == "at [1]: 3.0 instead of 2.0"
    assert result["d"].deviation == 0.5
    assert result["d"].dtypes == ("float64",)


def test_a_result_that_differs_from_call_to_call_is_random(clock, run):
    rng = random.Random(3)

    def draw():
        clock.now += 1_000_000
        return rng.random()

    def prepare(_setup):
        return Prepared("Draw", Contender("a", draw), draw())

    result = run(a=prepare, b=named("b", taking(clock, 1)))
    # nothing can be said of the others if the reference is random
    assert [row.agreement for row in result.rows] == ["random", "random"]
    result = run(b=named("b", taking(clock, 1)), a=prepare)
    assert [row.agreement for row in result.rows] == ["same", "random"]


def test_a_call_that_fails_afterwards_leaves_a_note(clock, run):
    def prepare(_setup):
        def no_bytes():
            raise MemoryError("too much")  # noqa: EM101, TRY003  as users write it

        return Prepared("A", Contender("a", clock.after(1, 1.0)), 1.0, temporary_bytes=no_bytes)

    row = run(a=prepare)["a"]
    assert row.ran
    assert row.notes == ("A later call failed: MemoryError: too much",)


def test_a_long_call_is_not_made_again_for_the_sake_of_a_column(clock, run):
    asked = []
    more = {"temporary_bytes": lambda: asked.append(1) or 8}
    result = run(long=named("long", taking(clock, 1500, **more)))
    assert asked == []
    assert result["long"].temporary_bytes is None
    assert run(short=named("short", taking(clock, 15, **more)))["short"].temporary_bytes == 8


def test_an_interrupt_while_preparing_shows_what_was_prepared(clock, run):
    def interrupt(_setup):
        raise KeyboardInterrupt

    result = run(
        a=named("a", taking(clock, 1, compile_s=2.0)),
        b=interrupt,
        c=named("c", taking(clock, 1)),
    )
    assert result.interrupted
    assert {row.reason for row in result.rows} == {"Interrupted before it was timed."}
    assert result["a"].compile_s == 2.0
    assert result["c"].label == "C"


@pytest.mark.parametrize("after_calls", [5, 60])
def test_an_interrupt_while_timing_shows_what_was_timed(clock, run, after_calls):
    calls = itertools.count()

    def interrupted():
        clock.now += 1_000_000
        if next(calls) == after_calls:
            raise KeyboardInterrupt
        return 1.0

    def prepare(_setup):
        return Prepared("B", Contender("b", interrupted), 1.0)

    result = run(a=named("a", taking(clock, 1)), b=prepare)
    assert result.interrupted
    timed = after_calls > 20  # the first 20 warm up
    assert [row.ran for row in result.rows] == [timed, timed]
    assert (result.rounds > 0) == timed


@pytest.mark.filterwarnings("always")
def test_notes_are_those_of_the_call_then_what_the_code_said(clock, run):
    def talks():
        clock.now += 1_000_000
        warnings.warn("odd", UserWarning, stacklevel=1)
        return 1.0

    result = run(notes=("of the call",), a=lambda _: Prepared("A", Contender("a", talks), 1.0))
    line = talks.__code__.co_firstlineno + 2
    assert result.notes == ("of the call", f"UserWarning (line {line}): odd")


def test_the_machine_is_described(clock, run):
    result = run(a=named("a", taking(clock, 1)))
    assert result.cores >= 1
    assert result.processor
    assert {"python", "numpy", "jax", "jaxlib"} <= result.versions.keys()
    assert result.device is None  # JAX took no part
