"""The memory of a device, as JAX's allocator there reports it."""

from __future__ import annotations

from typing import Any

from jaxmagic.compiles.memory.result import Device
from jaxmagic.pytree.names import clean, message

_REPORTED = "reported by memory_stats() of the device"
_SILENT = "memory in use is not reported on {platform}"


def device_with_memory(device: Any) -> Device:
    """A device of JAX, with what it reports of its memory; -1 there means that it is not set."""
    platform = clean(str(device.platform))
    stats: dict[str, int] = {}
    note = _REPORTED
    try:
        reported = device.memory_stats()
    except Exception as error:  # noqa: BLE001  a plugin's device may raise anything
        reported, note = None, f"memory_stats() of the device failed: {message(error)}"
    else:
        if not reported:
            said = platform.upper() if platform in ("cpu", "gpu", "tpu") else platform
            note = _SILENT.format(platform=said)
    for name, value in (reported or {}).items():
        if isinstance(value, int) and value >= 0:
            stats[clean(str(name))] = int(value)
    return Device(
        f"{platform}:{device.id}",
        platform,
        clean(str(device.device_kind)),
        int(device.process_index),
        stats.get("bytes_in_use"),
        stats.get("peak_bytes_in_use"),
        stats.get("bytes_limit"),
        note,
        stats,
    )
