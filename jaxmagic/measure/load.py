"""How busy other programs keep the machine while something is measured."""

import contextlib
import os
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Reading:
    """CPU seconds since some moment: of the whole machine, of this process, and of the wall."""

    machine_s: float
    own_s: float
    wall_s: float


def read_load() -> Reading:
    """What the machine and this process (children included) have used up to now."""
    machine = psutil.cpu_times()._asdict()
    # iowait is idle time; guest time is counted in user time already
    not_busy = ("idle", "iowait", "guest", "guest_nice")
    busy_s = sum(machine.values()) - sum(machine.get(name, 0.0) for name in not_busy)
    own = os.times()
    ended_s = own.children_user + own.children_system
    own_s = own.user + own.system + ended_s + _living_children_s()
    return Reading(busy_s, own_s, time.perf_counter())


def _living_children_s() -> float:
    """CPU seconds of the processes that this one has started and that still live."""
    used_s = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            times = child.cpu_times()
            used_s += times.user + times.system
    return used_s


def cores_taken(before: Reading, after: Reading) -> float | None:
    """Cores that other programs kept busy between two readings; None if too short to tell.

    The counters move in steps of about 10 ms, so less than 0.1 s tells nothing.
    """
    wall_s = after.wall_s - before.wall_s
    if wall_s < 0.1:  # noqa: PLR2004  see above
        return None
    others = (after.machine_s - before.machine_s) - (after.own_s - before.own_s)
    return max(0.0, others / wall_s)
