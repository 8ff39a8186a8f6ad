"""How many threads worked, from their CPU time."""

import hashlib
import threading
from pathlib import Path

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


def test_counting_reads_the_clock_before_and_after_the_work():
    said = []
    readings = iter([{1: 0.0}, {1: 1.0, 2: 1.0}])

    def clock():
        said.append("clock")
        return next(readings)

    assert count_threads(lambda: said.append("work"), clock) == 2.0
    assert said == ["clock", "work", "clock"]


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


@pytest.mark.parametrize("number", [1, 2, 3])
def test_threads_of_the_system_are_counted(number):
    started = []

    def work():
        threads, wait, release = hash_on(number)
        started.append((threads, release))
        wait()

    counted = count_threads(work)
    [(threads, release)] = started
    release()
    for thread in threads:
        thread.join()
    assert counted == pytest.approx(number, abs=0.4)
