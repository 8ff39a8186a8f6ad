"""From samples to figures: the typical time of a call, and one contender relative to another.

The time of a slice is the median of its calls, and the typical time is the median of these over
the rounds. (The fastest call would be a rarity for a call with two speeds, and the more so the
more calls fit into a slice, so that it favours the short ones.) A ratio is the median of the
ratios within each round, for in one round both contenders met the same machine. Its range is the
distribution-free interval for a median (order statistics and the binomial distribution, e.g.
Conover, Practical Nonparametric Statistics, section 3.2). It describes this run: another day,
another machine or another load can lie outside.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

RANGE_CONFIDENCE = 0.99
Samples = Mapping[int, Sequence[float]]  # seconds of each call, by round


@dataclass(frozen=True)
class Ratio:
    """How many times slower the reference is than the other contender, in this run.

    ``low`` and ``high`` are None when too few rounds were measured to say.
    """

    point: float
    low: float | None
    high: float | None
    rounds: int

    @property
    def differs(self) -> bool:
        """Whether the range excludes a ratio of one; False when there is no range."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


def typical_s(samples: Samples) -> float:
    """The median over the rounds of the median call of each, in seconds.

    Raises:
        ValueError: there are no samples.
    """
    if not samples:
        message = "no samples were measured"
        raise ValueError(message)
    return median(median(calls) for calls in samples.values())


def ratio_in_rounds(reference: Samples, other: Samples) -> Ratio:
    """How many times the reference's time is that of the other, from the rounds they share.

    Without a common round it is the ratio of the typical times, and has no range.
    """
    ratios = sorted(
        _positive(median(reference[n])) / _positive(median(other[n]))
        for n in reference.keys() & other.keys()
    )
    if not ratios:
        point = _positive(typical_s(reference)) / _positive(typical_s(other))
        return Ratio(point, None, None, 0)
    rank = median_rank(len(ratios))
    low, high = (ratios[rank - 1], ratios[-rank]) if rank else (None, None)
    return Ratio(median(ratios), low, high, len(ratios))


def median_rank(number: int, confidence: float = RANGE_CONFIDENCE) -> int:
    """The k for which the k-th smallest and k-th largest of ``number`` samples hold the median.

    It is 0 when even the smallest and the largest hold it with less than ``confidence``, which
    for 99 % is so below eight samples.
    """
    tail, rank = 0.0, 0
    while rank < number // 2:
        tail += math.comb(number, rank) / 2**number
        if 2 * tail > 1 - confidence:
            break
        rank += 1
    return rank


def _positive(value_s: float) -> float:
    """A time that can be divided by: a clock that did not move has at least this resolution."""
    return max(value_s, 1e-12)
