"""The rounds of a measurement, on a clock that only the contenders move."""

import gc
import itertools
import random

import pytest

from jaxmagic.measure.rounds import (
    LEAST_ROUNDS,
    SAMPLES_PER_SLICE,
    Contender,
    clock_cost_ns,
    run_rounds,
)


def timed(contenders, clock, seconds=0.1, **how):
    """Run rounds in a fixed order of chance, without looking at real threads."""
    how = {"rng": random.Random(1), "threads_clock": dict, **how}
    return run_rounds(contenders, seconds=seconds, clock=clock, **how)


def test_a_sample_is_what_the_clock_says_of_one_call(clock):
    done = timed([Contender("f", clock.after(1))], clock)
    assert {s for samples in done.timings["f"].samples_s.values() for s in samples} == {0.001}


def test_the_budget_is_shared_by_all(clock):
    contenders = [Contender("fast", clock.after(1)), Contender("slow", clock.after(30))]
    warm_up_ns = 20e6 + 30e6
    done = timed(contenders, clock, seconds=1)
    # no round is begun after the two seconds of two contenders; the last one takes 38 ms at most
    assert 2.0 <= (clock.now - warm_up_ns) / 1e9 < 2.04
    assert not done.interrupted


def test_every_contender_is_in_every_round(clock):
    contenders = [
        Contender(name, clock.after(ms)) for name, ms in [("a", 0.01), ("b", 3), ("c", 40)]
    ]
    done = timed(contenders, clock)
    assert done.rounds > LEAST_ROUNDS
    for timing in done.timings.values():
        assert list(timing.samples_s) == list(range(done.rounds))


def test_a_slow_contender_leaves_what_it_has_used_twice_over_to_the_others(clock):
    fast = [Contender(str(n), clock.after(1)) for n in range(6)]
    done = timed([*fast, Contender("slow", clock.after(300))], clock, seconds=0.3)
    assert len(done.timings["slow"].samples_s) == LEAST_ROUNDS
    # 2.1 s in all; three rounds take 0.45 s each, the next ones 0.15 s
    assert {len(done.timings[c.name].samples_s) for c in fast} == {done.rounds} == {8}


def test_there_are_three_rounds_however_short_the_budget_is(clock):
    contenders = [Contender("a", clock.after(1)), Contender("b", clock.after(1))]
    done = timed(contenders, clock, seconds=0.001)
    assert done.rounds == LEAST_ROUNDS == 3
    assert all(len(timing.samples_s) == 3 for timing in done.timings.values())


def order_of_calls(clock, seed):
    """Tell which of four contenders was called when; each call fills a whole slice."""
    called = []

    def contender(name):
        def function():
            called.append(name)
            clock.now += 6_000_000

        return Contender(name, function)

    timed([contender(name) for name in "abcd"], clock, rng=random.Random(seed))
    warm_up = 4 * 4  # 20 ms are four calls
    assert called[:warm_up] == [name for name in "abcd" for _ in range(4)]
    return called[warm_up:]


def test_the_order_is_drawn_anew_in_every_round_by_the_given_rng(clock):
    order = order_of_calls(clock, seed=1)
    rounds = ["".join(order[n : n + 4]) for n in range(0, len(order), 4)]
    assert len(rounds) > 10
    assert {"".join(sorted(calls)) for calls in rounds} == {"abcd"}
    assert len(set(rounds)) > 5
    assert order_of_calls(clock, seed=1) == order
    assert order_of_calls(clock, seed=2) != order


def test_a_slice_ends_after_its_time(clock):
    done = timed([Contender("f", clock.after(1))], clock)
    assert {len(samples) for samples in done.timings["f"].samples_s.values()} == {5}


def test_a_slice_ends_after_200_samples(clock):
    done = timed([Contender("f", clock.after(0.002))], clock)
    assert {len(s) for s in done.timings["f"].samples_s.values()} == {SAMPLES_PER_SLICE} == {200}


@pytest.mark.parametrize(("slow_ms", "samples_of_fast"), [(10, 5), (40, 20), (5000, 25)])
def test_slices_are_longer_beside_a_slow_contender(clock, slow_ms, samples_of_fast):
    contenders = [Contender("fast", clock.after(1)), Contender("slow", clock.after(slow_ms))]
    done = timed(contenders, clock, seconds=10)
    assert {len(s) for s in done.timings["fast"].samples_s.values()} == {samples_of_fast}


def test_a_call_beyond_the_whole_budget_is_made_once(clock):
    calls = []

    def endless():
        calls.append(1)
        clock.now += 100_000_000_000

    done = timed([Contender("endless", endless), Contender("f", clock.after(1))], clock, seconds=1)
    assert done.timings["endless"].samples_s == {0: [100.0]}
    assert len(calls) == 1
    assert len(done.timings["f"].samples_s) == done.rounds > LEAST_ROUNDS


def test_calls_near_the_cost_of_the_clock_are_repeated_within_a_sample(coarse_clock):
    calls = []

    def short():
        calls.append(1)
        coarse_clock.now += 10

    contenders = [Contender("short", short), Contender("long", coarse_clock.after(0.1))]
    done = timed(contenders, coarse_clock, seconds=0.001)
    short_timing, long_timing = done.timings["short"], done.timings["long"]
    samples = [s for slice_ in short_timing.samples_s.values() for s in slice_]
    evals = short_timing.evals
    assert evals > 10
    # 200 to warm up, one by one, and one sample that is not kept in each round
    assert len(calls) == 200 + evals * (len(samples) + done.rounds)
    # what is left of the clock in a sample is divided by the calls in it
    assert samples == pytest.approx([10e-9 + 50e-9 / evals] * len(samples))
    assert long_timing.evals == 1


def test_the_cost_of_a_clock_is_its_smallest_step(coarse_clock):
    assert clock_cost_ns(coarse_clock) == 50


@pytest.mark.parametrize(("call_ms", "cost"), [(1, 0), (0.00001, 50)])
def test_waiting_for_the_result_is_timed(clock, call_ms, cost):
    clock.cost = cost
    waited_for = []

    def wait(result):
        waited_for.append(result)
        clock.now += 2_000_000

    done = timed([Contender("f", clock.after(call_ms, "result"), (), wait)], clock)
    samples = [s for samples in done.timings["f"].samples_s.values() for s in samples]
    evals = done.timings["f"].evals
    assert min(samples) >= (call_ms * 1e-3 + 0.002 / evals) * (1 - 1e-9)
    assert set(waited_for) == {"result"}


def test_fresh_arguments_are_made_for_every_call_and_are_not_timed(clock):
    made, used = [], []

    def renew():
        clock.now += 7_000_000
        made.append([len(made)])
        return (made[-1],)

    def change(argument):
        clock.now += 1_000_000
        used.append(argument[0])
        argument.clear()  # a second call with the same argument would fail

    done = timed([Contender("f", change, ([],), None, renew)], clock)
    timing = done.timings["f"]
    assert timing.failure is None
    assert {s for samples in timing.samples_s.values() for s in samples} == {0.001}
    assert used == [argument for [argument] in ([n] for n in range(len(made)))]


def test_fresh_arguments_are_made_for_every_call_of_a_short_function_too(coarse_clock):
    def pop(items):
        coarse_clock.now += 10
        items.pop()

    contender = Contender("pop", pop, ([1],), None, lambda: ([1],))
    done = timed([contender], coarse_clock, seconds=0.001)
    assert done.timings["pop"].failure is None
    assert done.rounds >= LEAST_ROUNDS


@pytest.mark.parametrize("calls_before", [0, 3, 60])
def test_a_contender_that_fails_is_dropped_and_the_others_go_on(clock, calls_before):
    error = RuntimeError("no more")
    calls = []

    def fails():
        if len(calls) == calls_before:
            raise error
        calls.append(1)
        clock.now += 1_000_000

    done = timed([Contender("fails", fails), Contender("f", clock.after(1))], clock)
    assert done.timings["fails"].failure is error
    assert len(done.timings["fails"].samples_s) < done.rounds
    assert len(done.timings["f"].samples_s) == done.rounds >= LEAST_ROUNDS
    assert done.timings["f"].failure is None


def test_rounds_end_when_all_have_failed(clock):
    def fails():
        raise ValueError

    done = timed([Contender("a", fails), Contender("b", fails)], clock)
    assert done.rounds == 0
    assert {type(timing.failure) for timing in done.timings.values()} == {ValueError}
    assert timed([], clock).timings == {}


def test_an_interrupt_keeps_what_was_measured(clock):
    rounds_before = []

    def interrupted():
        clock.now += 6_000_000
        rounds_before.append(1)
        if len(rounds_before) == 4 + 7:  # four calls to warm up
            raise KeyboardInterrupt

    done = timed([Contender("a", clock.after(6)), Contender("b", interrupted)], clock, seconds=9)
    assert done.interrupted
    assert done.rounds == 6
    assert list(done.timings["b"].samples_s) == [0, 1, 2, 3, 4, 5]
    assert len(done.timings["a"].samples_s) in {6, 7}
    assert done.timings["b"].failure is None


@pytest.fixture
def collector():
    """Put the garbage collector back, whatever a test does."""
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("on_before", [True, False])
@pytest.mark.usefixtures("collector")
def test_no_garbage_is_collected_during_a_slice_only(clock, failure, on_before):
    (gc.enable if on_before else gc.disable)()
    seen = set()

    def function():
        clock.now += 1_000_000
        seen.add(gc.isenabled())
        if failure:
            raise failure

    timed([Contender("f", function)], clock)
    assert seen == {False}
    assert gc.isenabled() == on_before


def test_progress_rises_to_one(clock):
    told = []
    timed([Contender("f", clock.after(1))], clock, progress=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert len(told) > 10


def test_threads_are_counted_while_a_contender_warms_up(clock):
    used = {1: 0.0, 2: 0.0}

    def on_two_threads():
        clock.now += 1_000_000
        for thread in used:
            used[thread] += 0.001

    contenders = [Contender("two", on_two_threads), Contender("none", clock.after(1))]
    done = timed(contenders, clock, threads_clock=lambda: dict(used))
    assert done.timings["two"].threads == pytest.approx(2)
    assert done.timings["none"].threads is None


def test_a_contender_is_measured_when_the_threads_of_the_one_before_rest(clock):
    used = {1: 0.0, 2: 0.0}
    told = []
    is_spinning = []

    def threads_clock():
        used[2] += 0.01 * len(is_spinning)
        return dict(used)

    def spinning():
        told.append("spinning")
        clock.now += 6_000_000
        is_spinning[:] = [True]

    def quiet():
        told.append("quiet")
        is_spinning.clear()
        clock.now += 50_000_000

    single = Contender("single", clock.after(6))
    done = timed(
        [single, Contender("spinning", spinning)],
        clock,
        seconds=0.1,
        threads_clock=threads_clock,
        quiet=quiet,
    )
    told = told[told.index("quiet") :]
    pairs = [(a, b) for a, b in itertools.pairwise(told) if a == "spinning"]
    assert pairs
    assert all(b == "quiet" for _, b in pairs)
    # the waiting is not taken from the budget, as long as it takes no longer than the measuring
    assert sum(s for samples in done.timings["spinning"].samples_s.values() for s in samples) > 0.02
    assert done.rounds >= 6


def test_nobody_waits_after_a_single_thread(clock):
    waits = []
    contenders = [Contender("a", clock.after(1)), Contender("b", clock.after(1))]
    done = timed(contenders, clock, quiet=lambda: waits.append(1))
    assert len(waits) == 1  # before the first slice: who knows what ran before
    assert done.rounds > LEAST_ROUNDS


def test_the_first_call_of_a_slice_is_not_counted(clock):
    class Waking:
        """Takes 3 ms after another contender ran, and 0.1 ms otherwise."""

        asleep = True

        def __call__(self):
            clock.now += 3_000_000 if self.asleep else 100_000
            self.asleep = False

    waking = Waking()

    def other():
        clock.now += 6_000_000
        waking.asleep = True

    done = timed([Contender("waking", waking), Contender("other", other)], clock)
    assert {s for samples in done.timings["waking"].samples_s.values() for s in samples} == {0.0001}


def test_a_contender_in_another_process_times_itself(clock):
    asked = []

    def sampler(slice_ns, evals):
        asked.append((slice_ns, evals))
        clock.now += slice_ns
        return [0.25e-3, 0.5e-3]

    away = Contender("away", lambda: pytest.fail("called here"), sampler=sampler)
    done = timed([away, Contender("here", clock.after(10))], clock)
    timing = done.timings["away"]
    assert {tuple(samples) for samples in timing.samples_s.values()} == {(0.25e-3, 0.5e-3)}
    assert timing.best_s == 0.25e-3
    assert timing.threads is None
    assert {slice_ns for slice_ns, _ in asked[1:]} <= {0, 5_000_000}
    assert {evals for _, evals in asked} == {1}


def test_what_is_compiled_while_a_contender_is_timed_is_counted_as_its_own(clock):
    programs = []
    calm = clock.after(1)

    def compiles_again():
        programs.append("one more")
        clock.now += 1_000_000

    contenders = [
        Contender("calm", calm, compiled=lambda: len(programs)),
        Contender("restless", compiles_again, compiled=lambda: len(programs)),
    ]
    done = timed(contenders, clock)
    assert done.timings["calm"].recompiled == 0
    warm_up = 20
    assert done.timings["restless"].recompiled == len(programs) - warm_up > 0


def test_a_call_beyond_the_whole_budget_that_compiles_again_is_found_out(clock):
    programs = []
    wait = clock.after(500)

    def compiles_again():
        programs.append("one more")
        wait()

    contender = Contender("restless", compiles_again, compiled=lambda: len(programs))
    timing = run_rounds([contender], seconds=0.1, clock=clock).timings["restless"]
    assert timing.samples_s == {0: [0.5]}
    assert timing.recompiled == len(programs) > 0
