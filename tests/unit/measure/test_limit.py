"""Work is stopped when it takes too long; the clock that says so belongs to the test."""

import itertools
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.measure import limit
from jaxmagic.measure.limit import LimitError, Steps, run_limited

starts = st.integers(-50, 50)
ranges = st.builds(
    lambda *limits: limits, starts, starts, st.integers(-7, 7).filter(bool)
) | st.tuples(starts)


class Wall:
    """A clock that stands at 0 s until it is told to jump."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def wall():
    return Wall()


def spin():
    """Work until somebody stops it."""
    for _ in itertools.count():
        pass


def test_work_within_the_limit_gives_its_result(wall):
    assert run_limited(lambda: "done", 1.0, clock=wall) == "done"


def test_an_error_of_the_work_passes_through(wall):
    with pytest.raises(ZeroDivisionError):
        run_limited(lambda: 1 / 0, 1.0, clock=wall)
    with pytest.raises(KeyboardInterrupt):
        run_limited(lambda: exec("raise KeyboardInterrupt"), 1.0, clock=wall)


def test_work_without_a_loop_is_stopped_at_the_limit(wall):
    def work():
        wall.now_s = 10.5
        spin()

    with pytest.raises(LimitError) as caught:
        run_limited(work, 10.0, Steps(), clock=wall)
    assert (caught.value.limit_s, caught.value.elapsed_s) == (10.0, 10.5)
    assert caught.value.forecast_s is None


def test_a_loop_that_will_take_too_long_is_stopped_early_with_a_forecast(wall):
    steps = Steps()

    def work():
        for i in steps.range(1000):
            if i == 10:
                wall.now_s = 1.0
                spin()

    with pytest.raises(LimitError) as caught:
        run_limited(work, 50.0, steps, clock=wall)
    assert caught.value.elapsed_s == 1.0
    assert caught.value.forecast_s == pytest.approx(100.0)


def test_a_loop_that_will_end_in_time_is_left_alone(wall):
    steps = Steps()
    looked = threading.Event()

    def clock():
        if wall.now_s:
            looked.set()
        return wall.now_s

    def work():
        for i in steps.range(1000):
            if i == 500:
                wall.now_s = 20.0  # so 40 s in all
                looked.wait()
        return "done"

    assert run_limited(work, 50.0, steps, clock=clock) == "done"
    assert looked.is_set()


def test_no_forecast_is_made_from_the_first_instants(wall):
    steps = Steps()
    looks = []

    def clock():
        looks.append(wall.now_s)
        return wall.now_s

    def work():
        for i in steps.range(1000):
            if i == 1:
                wall.now_s = 0.4  # 400 s in all, if that were already known
                while looks.count(0.4) < 3:
                    pass
        return "done"

    assert run_limited(work, 50.0, steps, clock=clock) == "done"


def test_code_that_catches_every_exception_is_stopped_all_the_same(wall):
    caught = []

    def work():
        wall.now_s = 2.0
        while True:
            try:
                spin()
            except Exception as error:  # noqa: BLE001  as users write it
                caught.append(error)

    with pytest.raises(LimitError):
        run_limited(work, 1.0, clock=wall)
    assert caught == []


def test_code_that_swallows_the_stop_is_stopped_again(wall):
    swallowed = []

    def work():
        wall.now_s = 2.0
        for _ in range(3):
            try:
                spin()
            except BaseException as error:  # noqa: BLE001  as above
                swallowed.append(error)
        spin()

    with pytest.raises(LimitError):
        run_limited(work, 1.0, clock=wall)
    assert [type(error) for error in swallowed] == [limit.OverLimit] * 3


def test_a_stop_that_a_callback_swallows_is_not_reported(wall, monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda it: reported.append(it.exc_type))

    class Callback:
        def __init__(self, work):
            self.work = work

        def __del__(self):
            self.work()

    def work():
        Callback(lambda: 1 / 0)
        wall.now_s = 2.0
        Callback(spin)
        Callback(lambda: 1 / 0)
        spin()

    before = sys.unraisablehook
    with pytest.raises(LimitError):
        run_limited(work, 1.0, clock=wall)
    assert reported == [ZeroDivisionError] * 2
    assert sys.unraisablehook is before


def test_nothing_arrives_after_the_work_has_ended(monkeypatch):
    monkeypatch.setattr(limit, "_LOOK_EVERY_S", 0.0005)
    seconds = itertools.count()  # every look is another second later, so nearly all are too late
    lock = threading.Lock()

    def clock():
        with lock:
            return float(next(seconds))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    stopped = 0
    try:
        for n in range(300):
            try:
                run_limited(lambda n=n: sum(range(200 * n)), 0.5, clock=clock)
            except LimitError:
                stopped += 1
            for _ in range(200):  # here it would arrive
                pass
    finally:
        sys.setswitchinterval(before)
    assert 0 < stopped < 300


def test_no_thread_stays_behind(wall):
    def work():
        wall.now_s = 2.0
        spin()

    before = set(threading.enumerate())
    run_limited(lambda: None, 1.0, clock=wall)
    with pytest.raises(LimitError):
        run_limited(work, 1.0, clock=wall)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=60)
    assert set(threading.enumerate()) <= before


def test_the_share_of_nested_loops_is_that_of_the_outermost():
    steps = Steps()
    shares = [(i, j, steps.done) for i in steps.range(10) for j in steps.range(0, 40, 10)]
    assert shares == [(i, j, pytest.approx((i + j / 40) / 10)) for i, j, _ in shares]
    assert len(shares) == 40
    assert steps.done == 0


def test_a_loop_that_was_left_counts_no_more():
    steps = Steps()
    for i in steps.range(10):
        if i == 5:
            break
    assert steps.done == 0
    left = iter(steps.range(10))
    next(left), next(left)
    assert steps.done == pytest.approx(0.1)
    shares = [steps.done for _ in steps.range(2)]
    assert shares == pytest.approx([0.1, 0.15])
    left.close()
    assert steps.done == 0


@given(ranges, st.integers(-60, 60))
def test_a_counted_range_is_a_range(limits, item):
    plain, counted = range(*limits), Steps().range(*limits)
    assert list(counted) == list(plain)
    assert list(reversed(counted)) == list(reversed(plain))
    assert len(counted) == len(plain)
    assert bool(counted) == bool(plain)
    assert (item in counted) == (item in plain)
    assert counted[::2] == plain[::2]
    assert counted == plain
    assert counted == Steps().range(*limits)
    assert hash(counted) == hash(plain)
    assert (counted.start, counted.stop, counted.step) == (plain.start, plain.stop, plain.step)
    assert counted.count(item) == plain.count(item)
    if plain:
        assert counted[-1] == plain[-1]
        assert counted.index(plain[0]) == 0


def test_a_counted_range_fails_as_a_range_does():
    steps = Steps()
    with pytest.raises(TypeError):
        steps.range(1.5)
    with pytest.raises(ValueError, match="must not be zero"):
        steps.range(0, 1, 0)
    with pytest.raises(IndexError):
        steps.range(3)[3]
