"""How many threads worked, from their CPU time."""

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from jaxmagic.measure.threads import busy_threads, count_threads, thread_times


@pytest.mark.parametrize(
    ("before", "after", "threads"),
    [
        ({1: 5.0}, {1: 6.0}, 1.0),
        ({1: 5.0, 2: 1.0}, {1: 6.0, 2: 2.0}, 2.0),
        ({1: 5.0, 2: 1.0}, {1: 6.0, 2: 1.5}, 1.5),
        ({1: 5.0}, {1: 6.0, 7: 1.0}, 2.0),  # a thread that was started meanwhile
        ({1: 5.0, 2: 9.0}, {1: 6.0}, 1.0),  # one that has ended
        ({1: 5.0}, {1: 5.0009}, None),  # too short to tell
        ({}, {}, None),  # not known on this system
    ],
)
def test_busy_threads_are_all_work_over_that_of_the_busiest(before, after, threads):
    assert busy_threads(before, after) == (threads and pytest.approx(threads))


class Threads:
    """Two threads; the second one still spins for so many pauses, without being asked to."""

    def __init__(self, spins):
        self.spins = spins
        self.pauses = 0
        self.used = {1: 5.0, 2: 7.0}

    def clock(self):
        return dict(self.used)

    def pause(self, _seconds):
        self.pauses += 1
        self.used[2] += 0.005 if self.pauses <= self.spins else 0.0

    def work(self):
        self.used[1] += 0.02
        self.used[2] += 0.02 if self.pauses < self.spins else 0.0


@pytest.mark.parametrize(
    ("spins", "pauses", "counted"), [(0, 1, 1.0), (6, 7, 1.0), (10**6, 60, 2.0)]
)
def test_threads_that_are_busy_from_before_are_waited_for_but_not_for_ever(spins, pauses, counted):
    threads = Threads(spins)
    assert count_threads(threads.work, threads.clock, threads.pause) == pytest.approx(counted)
    assert threads.pauses == pauses


@pytest.mark.alone
def test_a_thread_of_numpys_that_spins_on_is_not_counted_for_the_next_work():
    x = np.ones((300, 300))
    x @ x  # OpenBLAS, where NumPy has it, uses all cores, and its threads spin on
    assert count_threads(lambda: sum(range(1_000_000))) == pytest.approx(1, abs=0.5)


def test_this_thread_is_among_the_threads_and_its_time_rises():
    # if it never rose, this would not end
    start = thread_times()
    while busy_threads(start, thread_times()) is None:
        sum(range(10_000))
    assert len(start) >= threading.active_count()
    if Path("/proc/self/task").is_dir():
        assert threading.get_native_id() in start


def hash_on(number):
    """Let so many threads do the same work beside each other; each stays until it was seen."""
    worked, seen = threading.Barrier(number + 1), threading.Barrier(number + 1)

    def work():
        for _ in range(20):
            hashlib.sha256(bytes(1_000_000)).digest()  # without the interpreter's lock
        worked.wait()
        seen.wait()

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, worked.wait, seen.wait


@pytest.mark.alone
@pytest.mark.parametrize("number", [1, 2, 3])
def test_threads_of_the_system_are_counted(number):
    started = []

    def work():
        threads, wait, release = hash_on(number)
        started.append((threads, release))
        wait()

    def clock():
        # threads of a library, as of OpenBLAS, still spin for a while after their last call
        ours = {thread.native_id for thread in threading.enumerate()}
        return {thread: time_s for thread, time_s in thread_times().items() if thread in ours}

    counted = count_threads(work, clock)
    [(threads, release)] = started
    release()
    for thread in threads:
        thread.join()
    assert counted == pytest.approx(number, abs=0.4)
