"""Figures of numbers that can be added: chunks to arrays, arrays to rows, rows to a tree."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jaxmagic.pytree.arrays.figures import Figures

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures of the values that were read so far; ``mean`` is over the ``finite`` ones."""

    read: int = 0
    finite: int = 0
    mean: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    nans: int = 0
    infinities: int = 0

    def __add__(self, other: Sums) -> Sums:
        finite = self.finite + other.finite
        share = other.finite / finite if finite else 0.0
        return Sums(
            self.read + other.read,
            finite,
            self.mean * (1 - share) + other.mean * share,  # no sum that could overflow
            min(self.low, other.low),
            max(self.high, other.high),
            self.nans + other.nans,
            self.infinities + other.infinities,
        )


def sums(values: np.ndarray[Any, Any]) -> Sums:
    """The figures of a chunk of values of any numeric dtype."""
    import numpy as np  # noqa: PLC0415  with JAX, not before

    kind = values.dtype.kind
    if kind == "c":
        values = _magnitudes(values)
    elif kind == "b":
        values = values.view(np.uint8) if values.dtype.isnative else values.astype(np.uint8)
    elif kind == "V" or values.dtype == np.float16:  # bfloat16, float8, int4: all fit exactly
        values = values.astype(np.float32)
    size = values.size
    if not size:
        return Sums()
    nans = infinities = 0
    with np.errstate(all="ignore"):
        low, high = values.min().item(), values.max().item()
        if not (math.isfinite(low) and math.isfinite(high)):
            nans = int(np.isnan(values).sum())
            infinities = int(np.isinf(values).sum())
            values = values[np.isfinite(values)]
            if not values.size:
                return Sums(size, nans=nans, infinities=infinities)
            low, high = values.min().item(), values.max().item()
        mean = values.mean(dtype=np.float64).item()
        if not math.isfinite(mean):
            mean = (values / values.size).sum(dtype=np.float64).item()
    return Sums(size, values.size, float(mean), low, high, nans, infinities)


def _magnitudes(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Of complex numbers; one with a NaN in it is NaN, though its magnitude may be infinite."""
    import numpy as np  # noqa: PLC0415  as above

    with np.errstate(all="ignore"):
        return np.where(np.isnan(values), np.nan, np.abs(values.astype(np.complex128)))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of rows: ``sums`` of what was read for ``elements`` that there are.

    The mean is that of all elements, as far as samples tell: a small array that was read whole
    does not outweigh a large one of which there is a sample. ``finite`` is how many of the
    elements are finite, by the same reckoning.
    """

    sums: Sums = Sums()
    mean: float = 0.0
    finite: float = 0.0
    elements: int = 0
    leaves: int = 0
    leaves_read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, sums: Sums, elements: int) -> Known:
        """What ``sums`` tell of ``elements``."""
        finite = elements * sums.finite / sums.read if sums.read else 0.0
        return cls(sums, sums.mean, finite, elements)

    def scaled(self, elements: int) -> Known:
        """The same for more elements than those that were read."""
        if elements <= self.elements:
            return self
        grown = elements / self.elements if self.elements else 0.0
        return replace(self, elements=elements, finite=self.finite * grown)

    def __add__(self, other: Known) -> Known:
        finite = self.finite + other.finite
        share = other.finite / finite if finite else 0.0
        return Known(
            self.sums + other.sums,
            self.mean * (1 - share) + other.mean * share,
            finite,
            self.elements + other.elements,
            self.leaves + other.leaves,
            self.leaves_read + other.leaves_read,
            self.skipped + other.skipped,
        )

    def figures(self) -> Figures:
        """The same to show and to keep."""
        sums = self.sums
        return Figures(
            sums.low if sums.finite else None,
            sums.high if sums.finite else None,
            self.mean if sums.finite else None,
            sums.nans,
            sums.infinities,
            self.elements,
            sums.read,
            self.leaves,
            self.leaves_read,
            tuple(sorted(self.skipped.items())),
        )
