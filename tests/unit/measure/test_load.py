"""What other programs used between two readings."""

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
    assert after.machine_s >= before.machine_s > 0
    assert after.wall_s > before.wall_s
