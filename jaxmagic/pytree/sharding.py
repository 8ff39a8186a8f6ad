"""How arrays lie on devices, in words and in bytes."""

from __future__ import annotations

import math
from typing import Any

from jaxmagic.pytree.names import clean


class Devices:
    """The shardings and groups of devices that one walk has met, by number."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], int] = {}
        self._numbers: dict[int, int] = {}
        self._equal: dict[Any, int] = {}
        self._alive: list[Any] = []

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups in the order of their numbers."""
        return tuple(self._groups)

    def number(self, sharding: Any) -> int:
        """The same number for equal shardings; hashing one is slow, its identity is not."""
        number = self._numbers.get(id(sharding))
        if number is None:
            self._alive.append(sharding)  # its identity must not be used again
            try:
                number = self._equal.setdefault(sharding, len(self._alive))
            except Exception:  # noqa: BLE001  one that can't be compared equals itself only
                number = len(self._alive)
            self._numbers[id(sharding)] = number
        return number

    def numbers(self, identities: set[int]) -> set[int | None]:
        """The numbers of shardings by their identities, None for one that was not met."""
        return set(map(self._numbers.get, identities))

    def placed(self, sharding: Any, shape: Any, itemsize: int) -> tuple[tuple[int, int], ...]:
        """Group and bytes on each of its devices; nothing if that is not known."""
        if sharding is None:
            return ()
        try:
            names = device_names(sharding)
            size_bytes = math.prod(sharding.shard_shape(shape)) * itemsize
        except Exception:  # noqa: BLE001  an abstract mesh has no devices, a bad spec no shards
            return ()
        return ((self._groups.setdefault(names, len(self._groups)), size_bytes),)


def device_names(sharding: Any) -> tuple[str, ...]:
    """The devices of a sharding, in order of their ids: ``("gpu:0", "gpu:1")``."""
    ordered = sorted(sharding.device_set, key=lambda device: (device.platform, device.id))
    return tuple(clean(f"{device.platform}:{device.id}") for device in ordered)


def sharding_text(sharding: Any) -> str:
    """How an array lies on its devices: ``cpu:0``, or ``P('x', None) on x=4, y=2``.

    Empty if it lies nowhere, or if nothing is known.
    """
    if sharding is None:
        return ""
    try:
        return clean(_where(sharding) + _memory(sharding))
    except Exception:  # noqa: BLE001  shardings of other libraries may have any form
        return clean(type(sharding).__name__)


def _where(sharding: Any) -> str:
    spec = getattr(sharding, "spec", None)
    if spec is None:
        names = device_names(sharding)
        return names[0] if len(names) == 1 else f"{len(names)} devices"
    axes = ", ".join(f"{name}={length}" for name, length in sharding.mesh.shape.items())
    return f"P({', '.join(map(_axes, spec))}) on {axes}"


def _axes(part: Any) -> str:
    """What one dimension is split over: None, an axis, or several."""
    if part is None or type(part) is str:
        return repr(part)
    if isinstance(part, tuple):
        return f"({', '.join(map(_axes, part))})"
    return type(part).__name__


def _memory(sharding: Any) -> str:
    kind = getattr(sharding, "memory_kind", None)
    return f" in {kind}" if kind == "pinned_host" else ""
