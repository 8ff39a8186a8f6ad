"""The live arrays of JAX, grouped by shape, dtype and sharding, and what they take on each device.

No values are read, and no array is kept once the caller lets go of what :func:`look` gives back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from jaxmagic.pytree.names import clean
from jaxmagic.pytree.sharding import sharding_text

_AT_ONCE = 2048
_AVAL, _SHARDING = attrgetter("aval"), attrgetter("sharding")


@dataclass(slots=True, eq=False)
class Kind:
    """The arrays of one group: the ``first`` of them, their number, and where their parts lie."""

    first: Any
    shape: tuple[int, ...]
    dtype: str
    sharding: str
    array_bytes: int
    part_bytes: int
    devices: tuple[str, ...]
    device_count: int
    arrays: int = 0

    @property
    def device_bytes(self) -> int:
        """What all of them take on the devices of this process."""
        return self.arrays * self.part_bytes * len(self.devices)


@dataclass
class Live:
    """All live arrays, the groups, and the group of each array by its identity.

    ``unseen`` of the arrays were not grouped, as there was no time.
    """

    arrays: list[Any] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    group_of: dict[int, int] = field(default_factory=dict)
    unseen: int = 0


def look(platforms: Sequence[str], clock: Callable[[], float], until: float) -> Live:
    """The arrays that are alive on ``platforms``, grouped until the clock says ``until``."""
    import jax  # noqa: PLC0415  only once the user has imported it

    live = Live()
    for platform in platforms:
        live.arrays += jax.live_arrays(platform)
    known: dict[tuple[int, int], int] = {}
    kept: list[Any] = []
    numbers: dict[Any, int] = {}
    for start in range(0, len(live.arrays), _AT_ONCE):
        if clock() > until:
            live.unseen = len(live.arrays) - start
            break
        arrays = live.arrays[start : start + _AT_ONCE]
        pairs = list(zip(map(_AVAL, arrays), map(_SHARDING, arrays), strict=True))
        keys = [(id(aval), id(sharding)) for aval, sharding in pairs]
        fresh = dict(zip(keys, zip(arrays, pairs, strict=True), strict=True))
        for key in fresh.keys() - known.keys():
            array, pair = fresh[key]
            kept.append(pair)  # so that its identity is not used again
            kind = _kind(array, pair[1])
            alike = kind.shape, kind.dtype, kind.sharding, kind.devices, kind.part_bytes
            known[key] = numbers.setdefault(alike, len(live.kinds))
            if known[key] == len(live.kinds):
                live.kinds.append(kind)
        groups = [known[key] for key in keys]
        for group, number in Counter(groups).items():
            live.kinds[group].arrays += number
        live.group_of.update(zip(map(id, arrays), groups, strict=True))
    return live


def _kind(array: Any, sharding: Any) -> Kind:
    shape, itemsize = tuple(array.shape), array.dtype.itemsize
    devices = sorted(sharding.addressable_devices, key=lambda device: (device.platform, device.id))
    return Kind(
        array,
        shape,
        str(array.dtype),
        sharding_text(sharding),
        math.prod(shape) * itemsize,
        math.prod(sharding.shard_shape(shape)) * itemsize,
        tuple(clean(f"{device.platform}:{device.id}") for device in devices),
        len(sharding.device_set),
    )
