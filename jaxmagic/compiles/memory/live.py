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

from jaxmagic.pytree.names import clean, message, type_name
from jaxmagic.pytree.sharding import sharding_text

_AT_ONCE = 1024
_AVAL, _SHARDING = attrgetter("aval"), attrgetter("sharding")


@dataclass(slots=True, eq=False)
class Kind:
    """The arrays of one group: the ``first`` of them, their number, and where their parts lie."""

    first: Any
    shape: tuple[int, ...]
    dtype: str
    sharding: str
    array_bytes: int
    part_bytes: int = 0
    devices: tuple[str, ...] = ()
    device_count: int = 0
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
        avals, shardings = list(map(_AVAL, arrays)), list(map(_SHARDING, arrays))
        keys = list(map(id, avals)), list(map(id, shardings))
        different = set(zip(*keys, strict=True))
        if fresh := different - known.keys():
            for key, array, *pair in zip(
                zip(*keys, strict=True), arrays, avals, shardings, strict=True
            ):
                if key in fresh:
                    fresh.remove(key)
                    kept += pair  # so that their identities are not used again
                    known[key] = _number(live.kinds, numbers, array, pair)
        if len({known[key] for key in different}) == 1:
            group = known[different.pop()]
            live.kinds[group].arrays += len(arrays)
            live.group_of.update(dict.fromkeys(map(id, arrays), group))
            continue
        groups = list(map(known.__getitem__, zip(*keys, strict=True)))
        for group, number in Counter(groups).items():
            live.kinds[group].arrays += number
        live.group_of.update(zip(map(id, arrays), groups, strict=True))
    return live


def _number(kinds: list[Kind], numbers: dict[Any, int], array: Any, pair: list[Any]) -> int:
    """The number of the group of ``array``, whose aval and sharding are ``pair``; maybe a new one.

    Equal shardings, of which every array may have its own, are only written out once.
    """
    try:
        same = numbers.setdefault((array.shape, array.dtype, pair[1]), -1 - len(numbers))
        if same >= 0:
            return same
    except Exception:  # noqa: BLE001  a sharding of the user's that can't be hashed or compared
        same = 0
    kind = _kind(array, pair[1])
    alike = kind.shape, kind.dtype, kind.sharding, kind.devices, kind.part_bytes
    number = numbers.setdefault(alike, len(kinds))
    if number == len(kinds):
        kinds.append(kind)
    if same < 0:
        numbers[array.shape, array.dtype, pair[1]] = number
    return number


def _kind(array: Any, sharding: Any) -> Kind:
    shape, itemsize = tuple(array.shape), array.dtype.itemsize
    kind = Kind(array, shape, str(array.dtype), "", math.prod(shape) * itemsize)
    try:
        devices = sorted(
            sharding.addressable_devices, key=lambda device: (device.platform, device.id)
        )
        kind.sharding = sharding_text(sharding)
        kind.part_bytes = math.prod(sharding.shard_shape(shape)) * itemsize
        kind.devices = tuple(clean(f"{device.platform}:{device.id}") for device in devices)
        kind.device_count = len(sharding.device_set)
    except Exception as error:  # noqa: BLE001  a sharding of the user's may raise anything
        kind.sharding = f"{type_name(type(sharding))}, which fails: {message(error)}"
    return kind
