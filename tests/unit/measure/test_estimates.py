"""Medians, ratios and their ranges, against counting and against simulated noise."""

import itertools
import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.measure.estimates import Ratio, median_rank, ratio_in_rounds, typical_s

times = st.floats(min_value=1e-9, max_value=1e3)
slices = st.lists(times, min_size=1, max_size=3)
measured = st.dictionaries(st.integers(0, 15), slices, min_size=1, max_size=12)


def test_the_typical_time_is_the_median_of_the_median_calls():
    assert typical_s({0: [5, 1, 9], 1: [2], 2: [4, 3]}) == 3.5
    assert typical_s({0: [1.0], 3: [2.0]}) == 1.5


def test_there_is_no_typical_time_of_nothing():
    with pytest.raises(ValueError, match="no samples"):
        typical_s({})


def test_a_ratio_is_the_median_of_the_ratios_within_rounds():
    # the machine is ten times slower in round 1, and both notice
    reference = {0: [2.0], 1: [15.0, 25.0], 2: [2.0], 5: [1e-9]}
    other = {0: [1.0, 1.5, 0.5], 1: [10.0], 2: [0.5]}
    assert ratio_in_rounds(reference, other) == Ratio(2.0, None, None, 3)


def test_without_a_common_round_it_is_the_ratio_of_the_typical_times():
    assert ratio_in_rounds({0: [6.0]}, {1: [2.0], 2: [4.0]}) == Ratio(2.0, None, None, 0)


def test_a_clock_that_did_not_move_gives_no_division_by_zero():
    ratio = ratio_in_rounds({0: [1.0]}, {0: [0.0]})
    assert 0 < ratio.point < float("inf")


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("number", [*range(1, 41), 100, 501])
def test_the_rank_is_the_exact_one_of_the_binomial_distribution(number, confidence):
    def held(rank):
        """How likely the rank-th smallest and largest hold the median, exactly."""
        return 1 - 2 * sum(Fraction(comb(number, k), 2**number) for k in range(rank))

    best = max((k for k in range(1, number // 2 + 1) if held(k) >= Fraction(confidence)), default=0)
    assert median_rank(number, confidence) == best


def test_below_eight_rounds_there_is_no_range_of_99_percent():
    assert [median_rank(number) for number in (7, 8)] == [0, 1]
    for number in (7, 8):
        samples = {n: [1.0 + n] for n in range(number)}
        assert (ratio_in_rounds(samples, samples).low is None) == (number < 8)


def test_a_rank_holds_the_median_of_tosses_as_often_as_it_says():
    # all 2**10 ways in which ten samples can lie below (0) or above (1) the median
    rank = median_rank(10)
    ways = itertools.product((0, 1), repeat=10)
    held = sum(rank <= sum(way) <= 10 - rank for way in ways) / 2**10
    assert 0.99 <= held < 0.999


@given(measured, measured, st.floats(min_value=1e-2, max_value=1e2))
def test_a_ratio_does_not_depend_on_the_unit_of_time(reference, other, scale):
    def scaled(samples):
        return {n: [scale * s for s in calls] for n, calls in samples.items()}

    before = ratio_in_rounds(reference, other)
    after = ratio_in_rounds(scaled(reference), scaled(other))
    assert after.point == pytest.approx(before.point)
    assert after.rounds == before.rounds == len(reference.keys() & other.keys())
    if before.low is not None:
        assert (after.low, after.high) == pytest.approx((before.low, before.high))


@given(st.lists(st.tuples(times, times), min_size=1, max_size=31).filter(lambda x: len(x) % 2))
def test_the_ratio_the_other_way_round_is_the_reciprocal(pairs):
    # an odd number of rounds: the median of an even one is a mean, whose reciprocal is no mean
    one = {n: [a] for n, (a, _) in enumerate(pairs)}
    two = {n: [b] for n, (_, b) in enumerate(pairs)}
    there, back = ratio_in_rounds(one, two), ratio_in_rounds(two, one)
    assert back.point == pytest.approx(1 / there.point)
    if there.low is not None:
        assert (back.low, back.high) == pytest.approx((1 / there.high, 1 / there.low))
        assert there.low <= there.point <= there.high


def noisy(rng, number, typical, machine):
    """Simulate rounds of three calls: noise only adds, and the machine is slow at times."""
    return {
        n: [typical * machine[n] * (1 + rng.lognormvariate(-4, 1)) for _ in range(3)]
        for n in range(number)
    }


def found_different(rng, true_ratio):
    number = rng.randint(8, 60)
    machine = [rng.choice([1.0, 1.0, 1.3, 2.0]) for _ in range(number)]
    one, two = noisy(rng, number, true_ratio, machine), noisy(rng, number, 1.0, machine)
    return ratio_in_rounds(one, two).differs


def test_the_same_thing_twice_is_hardly_ever_found_different():
    rng = random.Random(7)
    assert sum(found_different(rng, 1.0) for _ in range(2000)) <= 40


def test_a_difference_of_a_tenth_is_nearly_always_found():
    rng = random.Random(7)
    assert sum(found_different(rng, 1.1) for _ in range(500)) >= 450
