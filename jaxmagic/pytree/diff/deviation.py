"""How far the elements of two arrays of one shape are from each other.

On NumPy's view of the memory, in chunks and without a compile; integers exactly.
"""

from dataclasses import dataclass
from typing import Any

CHUNK = 1 << 18
_LONG = 10**9


@dataclass(slots=True)
class Deviation:
    """What was found so far.

    ``different`` of ``size`` elements differ: by ``largest`` at most and by ``relative`` in
    relation to the larger of the two. ``nan_once`` is at how many of them one side only is NaN,
    ``nan_twice`` the number of elements that are NaN on both sides, which count as equal.
    """

    size: int = 0
    different: int = 0
    largest: float | int = 0
    relative: float = 0.0
    nan_once: int = 0
    nan_twice: int = 0

    def __str__(self) -> str:
        """In words."""
        if self.size > 1:
            some = f"{self.different:,} of {self.size:,}"
            verb = "differs" if self.different == 1 else "differ"
            told = [f"{'all' if self.different == self.size else some} elements {verb}"]
        else:
            told = ["differs"]
        if self.different > self.nan_once:
            told[0] += f" by {'up to ' if self.different > 1 else ''}{_figure(self.largest)}"
            if self.relative < 1:
                told[0] += f" (relative {self.relative:.2g})"
        if self.nan_once:
            told.append("NaN on one side" if self.size == 1 else _nan(self.nan_once))
        return ", ".join(told)


def _nan(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'} NaN on one side"


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) and abs(value) < _LONG else f"{value:.3g}"


def deviation(left: Any, right: Any) -> Deviation:
    """Compare all elements of two NumPy arrays of one shape and one dtype of numbers."""
    import numpy as np  # noqa: PLC0415  nothing is imported before it is asked for

    found = Deviation(size=left.size)
    if left.size <= CHUNK and (left == right).all():  # as nearly all small ones are
        return found
    chunks = np.nditer(
        [left, right],
        flags=["external_loop", "buffered"],
        op_flags=[["readonly"], ["readonly"]],
        buffersize=CHUNK,
        order="C",
    )
    with np.errstate(all="ignore"):
        for one, other in chunks:
            _add(found, _plain(one), _plain(other))
    return found


def _plain(chunk: Any) -> Any:
    """Numbers of a kind that NumPy itself knows: not those of four or eight bits, nor bfloat16."""
    import numpy as np  # noqa: PLC0415  as above

    if chunk.dtype.isbuiltin == 1:
        return chunk.astype(np.float32) if chunk.dtype == np.float16 else chunk
    return chunk.astype(np.int16 if "int" in chunk.dtype.name else np.float32)


def _add(found: Deviation, one: Any, other: Any) -> None:
    """Add the elements of one chunk."""
    import numpy as np  # noqa: PLC0415  as above

    unequal = one != other
    if one.dtype.kind in "fc":
        nan_one, nan_other = np.isnan(one), np.isnan(other)
        found.nan_twice += int(np.count_nonzero(nan_one & nan_other))
        found.nan_once += int(np.count_nonzero(nan_one ^ nan_other))
        unequal &= ~(nan_one & nan_other)
    number = int(np.count_nonzero(unequal))
    if not number:
        return
    found.different += number
    x, y = one[unequal], other[unequal]
    if x.dtype.kind in "iu":
        unsigned = np.dtype(f"u{x.dtype.itemsize}")
        # the difference of the two may be too large for their own type
        apart = np.maximum(x, y).astype(unsigned) - np.minimum(x, y).astype(unsigned)
        largest: float | int = int(apart.max())
    elif x.dtype.kind == "b":
        apart, largest = np.ones(number), 1
    else:
        wide = np.complex128 if x.dtype.kind == "c" else np.float64
        apart = np.abs(x.astype(wide) - y.astype(wide))
        apart = apart[~np.isnan(apart)]
        largest = float(apart.max()) if apart.size else 0
        known = ~(np.isnan(x) | np.isnan(y))
        x, y = x[known], y[known]
    found.largest = max(found.largest, largest)
    size = np.maximum(np.abs(x.astype(np.complex128)), np.abs(y.astype(np.complex128)))
    if apart.size == size.size and size.size:
        ratio = apart / size
        ratio = ratio[~np.isnan(ratio)]
        found.relative = max(found.relative, float(ratio.max()) if ratio.size else 1.0)
