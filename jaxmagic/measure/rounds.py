"""Contenders timed side by side: rounds in random order, calls timed one by one in small slices.

Whatever disturbs the machine for a while disturbs all contenders of that round alike, so the
ratio of two of them is steadier than either time. Interleaving in random order is what
Chairmarks.jl and Google Benchmark (``--benchmark_enable_random_interleaving``) do as well.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from typing import Any

from jaxmagic.measure.garbage import uncollected
from jaxmagic.measure.threads import count_threads, thread_times, threads_spin, wait_until_quiet

Clock = Callable[[], int]  # nanoseconds since any origin, as time.perf_counter_ns

SLICE_NS = 5_000_000
LONGEST_SLICE_NS = 25_000_000
SAMPLES_PER_SLICE = 200  # so that the raw samples of a short call can still be handed out
CLOCK_SHARE = 0.02  # of a sample at most; a shorter call is repeated within one sample
WARM_UP_NS = 20_000_000
LEAST_ROUNDS = 3


@dataclass(frozen=True)
class Contender:
    """What is timed under one name: ``wait(function(*arguments))``.

    ``wait`` returns when a result that is still being computed is ready. ``renew`` makes fresh
    arguments before each call, outside the timing; it is for functions that change theirs.
    A contender that lives in another process times itself: ``sampler(slice_ns, evals)`` makes
    calls there for that long, at least one, ``evals`` of them in each sample, and returns the
    seconds per call of each sample. ``compiled`` tells how many programs were compiled in this
    process so far, whoever asks.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    wait: Callable[[Any], Any] | None = None
    renew: Callable[[], tuple[Any, ...]] | None = None
    sampler: Callable[[int, int], list[float]] | None = None
    compiled: Callable[[], int] = lambda: 0


@dataclass
class Timing:
    """What was measured of one contender: seconds of each call, by round.

    ``recompiled`` counts the programs that were compiled while it was timed, so that its time is
    not that of running alone.
    """

    samples_s: dict[int, list[float]] = field(default_factory=dict)
    evals: int = 1  # calls in one sample, more than one only for calls near the clock's own cost
    threads: float | None = None
    spins: bool = False  # its threads go on working after a call
    best_s: float = 0.0  # of the warm-up
    recompiled: int = 0
    used_s: float = 0.0  # of the budget
    failure: Exception | None = None


@dataclass
class Rounds:
    """The timings of all contenders that ran together, by name."""

    timings: dict[str, Timing]
    rounds: int = 0
    interrupted: bool = False


def run_rounds(
    contenders: Sequence[Contender],
    *,
    seconds: float,
    clock: Clock = time.perf_counter_ns,
    rng: random.Random | None = None,
    threads_clock: Callable[[], Mapping[int, float]] = thread_times,
    quiet: Callable[[], object] = wait_until_quiet,
    progress: Callable[[float], None] = lambda _share: None,
) -> Rounds:
    """Time ``contenders`` together for ``seconds`` each, and for at least three rounds.

    They share one budget of ``seconds * len(contenders)``, so that a slow contender takes part in
    as many rounds as a fast one, and the slices of the fast ones are longer beside it (half of its
    call, from 5 to 25 ms). But after three rounds one whose call is longer than a slice, and that
    has used twice its part of the budget, leaves the rest to the others, if it is not the first,
    which the others are compared with. A contender whose single call outlasts the whole budget is
    timed once. After one whose threads go on spinning ``quiet`` waits until they rest, which is not
    taken from the budget as long as it takes no longer than twice the measuring. A contender that
    raises is dropped, and its exception kept. Ctrl-C ends the rounds: what was measured so far is
    returned, marked as interrupted. ``progress`` is told the share of the budget that is spent.
    """
    done = Rounds({contender.name: Timing() for contender in contenders})
    order = list(contenders)
    rng = rng or random.Random()  # noqa: S311  an order, not a secret
    budget_ns = seconds * 1e9 * len(order)
    try:
        cost_ns = clock_cost_ns(clock)
        for contender in contenders:
            timing, compiled_before = done.timings[contender.name], contender.compiled()
            _warm_up(contender, timing, clock, threads_clock, cost_ns)
            timing.recompiled = contender.compiled() - compiled_before
        order = [c for c in contenders if _takes_part(done.timings[c.name], budget_ns)]
        longest_ns = max((done.timings[c.name].best_s for c in order), default=0.0) * 1e9
        slice_ns = max(SLICE_NS, min(int(longest_ns / 2), LONGEST_SLICE_NS))
        start, waited_ns, loud = clock(), 0, True
        while order:
            measured_ns = clock() - start - min(waited_ns, 2 * budget_ns)
            spent = measured_ns / budget_ns if budget_ns else 1.0
            progress(min(spent, 1.0))
            if spent >= 1 and done.rounds >= LEAST_ROUNDS:
                break
            rng.shuffle(order)
            for contender in tuple(order):
                timing = done.timings[contender.name]
                slow = timing.best_s * 1e9 > slice_ns and timing.used_s > 2 * seconds
                if slow and done.rounds >= LEAST_ROUNDS and contender is not contenders[0]:
                    order.remove(contender)
                    continue
                if loud:
                    began = clock()
                    quiet()
                    waited_ns += clock() - began
                loud = timing.spins
                compiled_before = contender.compiled()
                began = clock()
                with _failure_kept(timing):
                    # the first call wakes threads and fills caches, which is not what a call costs
                    if timing.best_s * 1e9 < slice_ns / 4:
                        _slice(contender, timing.evals, clock, 0)
                    samples = _slice(contender, timing.evals, clock, slice_ns)
                    timing.samples_s[done.rounds] = samples
                timing.used_s += (clock() - began) / 1e9
                timing.recompiled += contender.compiled() - compiled_before
                if timing.failure:
                    order.remove(contender)
            done.rounds += 1
    except KeyboardInterrupt:
        done.interrupted = True
    return done


def clock_cost_ns(clock: Clock) -> float:
    """What one reading of ``clock`` costs, in nanoseconds (the least of 100 differences)."""
    readings = [clock() for _ in repeat(None, 101)]
    return min(later - earlier for earlier, later in pairwise(readings))


def _warm_up(
    contender: Contender,
    timing: Timing,
    clock: Clock,
    threads_clock: Callable[[], Mapping[int, float]],
    clock_cost_ns: float,
) -> None:
    """Run ``contender`` for a while, to see how long its best call is and how many threads work."""
    samples: list[float] = []

    def work() -> None:
        samples.extend(_slice(contender, 1, clock, WARM_UP_NS))

    with _failure_kept(timing):
        if contender.sampler is not None:  # its threads are in another process
            work()
        else:
            timing.threads = count_threads(work, threads_clock)
            timing.spins = threads_spin(threads_clock)
        timing.best_s = min(samples)
        if contender.renew is None:  # else every call needs arguments of its own
            best_ns = timing.best_s * 1e9 + 1
            timing.evals = max(1, math.ceil(clock_cost_ns / CLOCK_SHARE / best_ns))


def _takes_part(timing: Timing, budget_ns: float) -> bool:
    """Whether there are rounds for it; a call beyond the whole budget is its own only sample."""
    if timing.failure is None and timing.best_s * 1e9 > budget_ns:
        timing.samples_s[0] = [timing.best_s]
    else:
        timing.recompiled = 0  # what the warm-up compiles is in no sample
    return timing.failure is None and not timing.samples_s


@contextmanager
def _failure_kept(timing: Timing) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  it is the user's, and is shown in the row
        timing.failure = error


def _slice(contender: Contender, evals: int, clock: Clock, slice_ns: int) -> list[float]:
    """Seconds per call of the calls that fit into ``slice_ns``; at least one."""
    if contender.sampler is not None:
        return contender.sampler(slice_ns, evals)
    function, wait, renew = contender.function, contender.wait, contender.renew
    arguments = contender.arguments
    samples: list[float] = []
    end = clock() + slice_ns
    with uncollected():
        while True:
            if renew is not None:
                arguments = renew()
            if evals == 1 and wait is None:
                start = clock()
                function(*arguments)
                stop = clock()
            elif evals == 1 and wait is not None:
                start = clock()
                wait(function(*arguments))
                stop = clock()
            else:
                start = clock()
                for _ in repeat(None, evals):
                    result = function(*arguments)
                if wait is not None:
                    wait(result)
                stop = clock()
            samples.append((stop - start) / evals / 1e9)
            if stop >= end or len(samples) >= SAMPLES_PER_SLICE:
                return samples
