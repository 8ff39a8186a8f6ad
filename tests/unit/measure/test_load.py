"""What other programs used between two readings."""

import subprocess
import sys
import time

import pytest

from jaxmagic.measure.load import Reading, cores_taken, read_load


@pytest.mark.parametrize(
    ("machine_s", "own_s", "wall_s", "cores"),
    [
        (3.0, 1.0, 2.0, 1.0),
        (2.0, 2.0, 2.0, 0.0),
        (1.0, 1.5, 2.0, 0.0),  # counters that move in steps may disagree
        (8.0, 0.0, 2.0, 4.0),
        (0.09, 0.0, 0.09, None),
    ],
)
def test_cores_taken(machine_s, own_s, wall_s, cores):
    after = Reading(10 + machine_s, 20 + own_s, 30 + wall_s)
    taken = cores_taken(Reading(10.0, 20.0, 30.0), after)
    assert taken == (cores if cores is None else pytest.approx(cores))


def test_no_counter_goes_back_and_our_own_work_is_seen():
    before = after = read_load()
    while after.own_s == before.own_s:
        sum(range(100_000))
        after = read_load()
    assert after.machine_s >= before.machine_s - 1e-6  # it is a sum, and rounded
    assert before.machine_s > 0
    assert after.wall_s > before.wall_s


def test_the_work_of_a_child_that_lives_is_our_own():
    before = read_load()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        try:
            after = before
            while after.own_s - before.own_s < 0.3:
                time.sleep(0.05)  # so that the work is that of the child
                after = read_load()
                assert after.wall_s - before.wall_s < 60
        finally:
            child.kill()
