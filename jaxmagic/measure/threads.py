"""How many threads really worked, from the CPU time that each one used.

CPU time over wall time says little on a busy machine (three programs on two cores make every
program look like 0.7 threads). CPU time of all threads over CPU time of the busiest thread does
not depend on what the others do: 1.0 is one thread, 2.0 two threads that worked equally long.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping

_LEAST_S = 1e-3  # below this, starting and stopping threads is most of what one sees
_QUIET_SHARE = 0.2  # of a core: nobody works, for to look costs some time as well
_LOOK_S = 5e-3


def thread_times() -> dict[int, float]:
    """CPU seconds used so far by every thread of this process, by thread id.

    On Linux from the clock of each thread (nanoseconds); elsewhere from psutil, whose figures
    come in steps of the scheduler (about 10 ms). Empty where neither can be read.
    """
    if sys.platform == "linux":
        return _linux_thread_times()
    import psutil  # noqa: PLC0415  not needed on Linux, and slow to import

    try:
        return {t.id: t.user_time + t.system_time for t in psutil.Process().threads()}
    except psutil.Error:
        return {}


def busy_threads(before: Mapping[int, float], after: Mapping[int, float]) -> float | None:
    """Threads that worked between two readings of :func:`thread_times`; None if unknown."""
    used = [seconds - before.get(thread, 0.0) for thread, seconds in after.items()]
    most = max(used, default=0.0)
    return sum(used) / most if most >= _LEAST_S else None


def _linux_thread_times() -> dict[int, float]:
    # The clock of a thread is made from its id as glibc's pthread_getcpuclockid makes it:
    # bit 2 says "of a thread", bits 0-1 are 2 for "as the scheduler counts".
    times = {}
    for name in os.listdir("/proc/self/task"):  # noqa: PTH208  many times cheaper than Path
        try:
            times[int(name)] = time.clock_gettime((~int(name) << 3) | 6)
        except OSError:  # the thread has ended since it was listed
            continue
    return times


def count_threads(
    work: Callable[[], object],
    clock: Callable[[], Mapping[int, float]] = thread_times,
    pause: Callable[[float], object] = time.sleep,
) -> float | None:
    """Threads that worked while ``work()`` ran; None if it was too short to tell."""
    wait_until_quiet(clock, pause)
    before = clock()
    work()
    return busy_threads(before, clock())


def wait_until_quiet(
    clock: Callable[[], Mapping[int, float]] = thread_times,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Wait for threads that are still busy from earlier work, 0.3 s at most.

    OpenBLAS's threads spin for some 0.1 s after their last call. They would be counted as threads
    of what comes next, and take the cores from it: on two cores a small matrix product of Numba
    (SciPy's OpenBLAS) right after one of NumPy (its own OpenBLAS) took 200 times as long.
    """
    for _ in range(60):
        if _used_in_a_pause(_LOOK_S, clock, pause) < _QUIET_SHARE * _LOOK_S:
            break


def threads_spin(
    clock: Callable[[], Mapping[int, float]] = thread_times,
    pause: Callable[[float], object] = time.sleep,
) -> bool:
    """Whether threads are busy now although nobody asked them to: asked right after a call."""
    # a longer look: on a busy machine a thread that spins may have to wait for a core
    return _used_in_a_pause(2 * _LOOK_S, clock, pause) > _QUIET_SHARE * _LOOK_S


def _used_in_a_pause(
    pause_s: float,
    clock: Callable[[], Mapping[int, float]],
    pause: Callable[[float], object],
) -> float:
    """CPU seconds that all threads use while this one pauses."""
    before = clock()
    pause(pause_s)
    return sum(clock().values()) - sum(before.values())
