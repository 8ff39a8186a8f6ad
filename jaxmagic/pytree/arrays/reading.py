"""How the numbers of one leaf are read: in chunks, on a view of its memory, without a compile.

Arrays on a CPU are read where they are. Of arrays on other devices, a sample is copied.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jaxmagic.pytree.arrays.sums import Sums, sums

if TYPE_CHECKING:
    import numpy as np

CHUNK = 1 << 18
"""Elements that are read at once: what they are converted to stays in the processor's cache."""

_BLOCKS = 64
_SMALL_COPY = 4096


def is_numeric(dtype_name: str) -> bool:
    """Whether the values of a dtype of this name are numbers."""
    return dtype_name.startswith(("float", "bfloat", "int", "uint", "bool", "complex"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a leaf: ``size`` elements in ``blocks``, which are arrays.

    Those of an array on several devices are its different shards. What does not lie
    ``on_host`` is only sampled.
    """

    size: int
    blocks: tuple[Any, ...]
    on_host: bool = True

    def all(self, may_go_on: Callable[[], bool]) -> Sums:
        """The figures of everything, or of what was read while ``may_go_on``."""
        import numpy as np  # noqa: PLC0415  as above

        total = Sums()
        for block in self.blocks:
            values = np.asarray(block)
            if values.size <= CHUNK and values.flags.forc:
                total += sums(values.ravel(order="K"))
                continue
            for chunk in np.nditer(
                values, ["external_loop", "buffered"], buffersize=CHUNK, order="K"
            ):
                total += sums(chunk)  # type: ignore[arg-type]
                if not may_go_on():
                    return total
        return total

    def sample(self, size: int, rng: random.Random) -> Sums:
        """The figures of about ``size`` elements, spread at random over all blocks."""
        total = Sums()
        each = max(1, size // max(1, len(self.blocks)))
        for block in self.blocks:
            for values in _sample(block, each, rng) if self.on_host else _copied(block, each, rng):
                total += sums(values)
        return total


def together(leaves: Sequence[Numbers]) -> Sums:
    """The figures of many small leaves in this machine's memory."""
    import numpy as np  # noqa: PLC0415  as above

    of_dtype: dict[Any, list[np.ndarray[Any, Any]]] = {}
    for leaf in leaves:
        for block in leaf.blocks:
            values = np.asarray(block)
            of_dtype.setdefault(values.dtype, []).append(values.ravel())
    return sum((sums(np.concatenate(group)) for group in of_dtype.values()), Sums())


def numbers(leaf: Any) -> Numbers | str:
    """The numbers of a leaf, or why they can't be had; an empty text if it has none."""
    import jax  # noqa: PLC0415  as above
    import numpy as np  # noqa: PLC0415  as above

    if isinstance(leaf, jax.core.Tracer):
        return "tracer"
    if isinstance(leaf, np.ndarray | np.generic):
        return Numbers(leaf.size, (leaf,)) if is_numeric(leaf.dtype.name) else ""
    if isinstance(leaf, int | float | complex):
        return _number(leaf)
    if isinstance(leaf, jax.ShapeDtypeStruct):
        return "abstract"
    if type(leaf).__name__ == "Ref":
        return "ref"
    if not isinstance(leaf, jax.Array):
        return "not an array of JAX or NumPy" if hasattr(leaf, "shape") else ""
    if jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return "key"
    if leaf.is_deleted():
        return "deleted"
    devices = leaf.devices()
    if len(devices) == 1:
        return Numbers(leaf.size, (leaf,), devices.pop().platform == "cpu")
    different = {_where(shard.index): shard for shard in leaf.addressable_shards}
    shards = different.values()
    on_host = all(shard.device.platform == "cpu" for shard in shards)
    return Numbers(leaf.size, tuple(shard.data for shard in shards), on_host)


def _number(number: complex) -> Numbers | str:
    """One of Python's numbers."""
    import numpy as np  # noqa: PLC0415  as above

    whole = isinstance(number, int) and not isinstance(number, bool)
    try:
        return Numbers(1, (np.asarray(float(number.real) if whole else number),))
    except OverflowError:
        return "too large for a float"


def _where(index: tuple[slice, ...]) -> tuple[tuple[Any, ...], ...]:
    """The place of a shard, to tell replicas: slices have no hash before Python 3.12."""
    return tuple((part.start, part.stop, part.step) for part in index)


def _sample(block: Any, size: int, rng: random.Random) -> Iterator[np.ndarray[Any, Any]]:
    """About ``size`` elements of an array in this machine's memory, in runs."""
    import numpy as np  # noqa: PLC0415  as above

    values = np.asarray(block)
    if values.size <= size:
        yield values
        return
    if values.flags.f_contiguous:
        values = values.T
    if not values.flags.c_contiguous:
        stride = values.size / size
        yield values.flat[[int((n + rng.random()) * stride) for n in range(size)]]
        return
    flat = values.reshape(-1)
    blocks = min(_BLOCKS, size)
    length, stride = size // blocks, values.size // blocks
    starts = [n * stride + rng.randrange(stride - length + 1) for n in range(blocks)]
    yield np.concatenate([flat[start : start + length] for start in starts])


def _copied(block: Any, size: int, rng: random.Random) -> Iterator[np.ndarray[Any, Any]]:
    """About ``size`` elements of an array on another device: one run of its last dimensions."""
    import jax  # noqa: PLC0415  as above
    import numpy as np  # noqa: PLC0415  as above

    if block.size <= max(size, _SMALL_COPY):
        yield np.asarray(block)
        return
    lengths: list[int] = []
    for length in reversed(block.shape):
        lengths.insert(0, max(1, min(length, size // math.prod(lengths))))
    starts = [
        rng.randrange(whole - part + 1) for whole, part in zip(block.shape, lengths, strict=True)
    ]
    # that there are NaNs may be what is asked
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  named so by JAX
        yield np.asarray(jax.lax.dynamic_slice(block, starts, lengths))
