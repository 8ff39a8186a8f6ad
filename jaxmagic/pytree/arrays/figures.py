"""What the numbers in a tree are: smallest, largest, mean, and what is no number, by row.

Collected by :func:`jaxmagic.pytree.arrays.stats.stats_of`; this is the result and its words, and
needs no JAX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaxmagic.pytree.model import Place
from jaxmagic.show import units

TITLES = ("min", "max", "mean", "NaN, inf")
"""What stands above the cells of :func:`figures_cells`."""

_SHORT, _LARGE = 999.5, 99_999.5


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of all leaves that a row stands for, or of those that were read.

    ``min``, ``max`` and ``mean`` are over the finite values, None if there are none; of complex
    numbers they are of the magnitudes, of bools False is 0 and True is 1. ``nans`` and
    ``infinities`` are how many values are not finite. Of the ``elements`` that there are,
    ``read`` were looked at, of the ``leaves`` that hold them ``leaves_read``, in part at least.
    ``skipped`` has what kept leaves from being read ("deleted", "abstract", "key", ...), each
    with the number of leaves.
    """

    min: float | None = None
    max: float | None = None
    mean: float | None = None
    nans: int = 0
    infinities: int = 0
    elements: int = 0
    read: int = 0
    leaves: int = 0
    leaves_read: int = 0
    skipped: tuple[tuple[str, int], ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every number was read, so that these are not figures of a sample."""
        return self.read == self.elements

    @property
    def how(self) -> str:
        """What was read: ``all``, ``sampled 65.5k of 38.6M elements``, ``skipped: deleted``."""
        words = ", ".join(
            word if self.leaves <= 1 else f"{number:,} {'leaf' if number == 1 else 'leaves'} {word}"
            for word, number in self.skipped
        )
        if not self.read:
            reason = words or ("not reached" if self.elements else "")
            if reason:
                return f"skipped: {reason}"
            return "empty" if self.leaves else "no numbers"
        if self.is_complete:
            done = "all"
        else:
            done = f"sampled {units.count(self.read)} of {units.count(self.elements)} elements"
        return f"{done}; skipped: {words}" if words else done


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of each row of an outline.

    ``at`` has them by the place of each part that is shown; a part that stands for twelve equal
    siblings has the figures of all twelve, a container those of everything below it. ``note``
    says in sentences what the figures are and what was not read.
    """

    at: Mapping[Place, Figures]
    note: str = ""
    seconds: float = 0.0


def figures_cells(figures: Figures) -> tuple[str, str, str, str]:
    """Smallest, largest, mean, and how many are not finite, as the cells of a row.

    Of a sample they say what it proves: the smallest of all is at most ``≤ -0.31``, the mean
    about ``≈ 0.002``, and ``2 NaN seen`` are there at least.
    """
    if not figures.read:
        return ("", "", "", "")
    below, above, about, seen = ("", "", "", "")
    if not figures.is_complete:
        below, above, about, seen = "≤ ", "≥ ", "≈ ", " seen"
    odd = [
        f"{units.count(number)} {word}"
        for number, word in ((figures.nans, "NaN"), (figures.infinities, "inf"))
        if number
    ]
    return (
        _cell(below, figures.min),
        _cell(above, figures.max),
        _cell(about, figures.mean),
        (", ".join(odd) or "0") + seen,
    )


def _cell(sign: str, value: float | None) -> str:
    return "" if value is None else sign + number(value)


def number(value: float) -> str:
    """A value in three significant digits; below 100,000 with all digits before the point.

    >>> number(0.0123456), number(50256), number(1234.5), number(-1.5e-08)
    ('0.0123', '50256', '1234', '-1.5e-08')
    """
    if abs(value) < _LARGE and value == int(value):
        return str(int(value))
    if _SHORT <= abs(value) < _LARGE:
        return str(round(value))
    try:
        return f"{float(value):.3g}"
    except OverflowError:  # a whole number beyond all floats
        return "-huge" if value < 0 else "huge"
