"""Devices, their memory, and live arrays with the names that hold them.

    >>> from jaxmagic.compiles.memory import devices
    >>> devices({"params": params})
    1 device (cpu), process 0 of 1; 2 live arrays, 80 B

No backend of JAX is started to answer, no values are read, and no array is kept alive.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jaxmagic import _jax
from jaxmagic.compiles.memory import referrers, roots
from jaxmagic.compiles.memory.live import Kind, Live, look
from jaxmagic.compiles.memory.memory import device_with_memory
from jaxmagic.compiles.memory.owners import Owners
from jaxmagic.compiles.memory.result import Device, Devices, Group, Name, Rest
from jaxmagic.pytree import summarise
from jaxmagic.pytree.arrays.layouts import Layout
from jaxmagic.pytree.arrays.placement import MOST as MOST_LAYOUTS
from jaxmagic.pytree.arrays.placement import layouts_of
from jaxmagic.show import units

__all__ = ["Device", "Devices", "Group", "Name", "Rest", "devices"]

_MOST_GROUPS = 500
_FOR_ARRAYS = 0.7  # of the time; the rest is for their names
_NO_JAX = "JAX is not imported yet, so there is no device and no array to show."
_NOT_STARTED = (
    "JAX has not started yet: it looks for devices when the first array is made. "
    "Run a computation, then ask again."
)
_UNTOLD = (
    "This version of JAX does not tell whether it has started, and asking for its devices would "
    "start it: they are not shown."
)


def devices(
    namespace: Mapping[str, Any] | None = None,
    *,
    seconds: float = 0.05,
    clock: Callable[[], float] = time.perf_counter,
) -> Devices:
    """The devices of this process, their memory, and live arrays with the names that hold them.

    Starts no backend and imports no JAX: where there is none yet, the result says so.

    Args:
        namespace: where names are looked for first; the variables of ``__main__`` if not given.
        seconds: the time that looking at arrays and for names may take. What was not looked at
            is said in the result.
        clock: seconds that pass.
    """
    if "jax" not in sys.modules:
        return Devices(idle=_NO_JAX)
    platforms = _jax.started_platforms()
    if not platforms:
        return Devices(idle=_UNTOLD if platforms is None else _NOT_STARTED)
    import jax  # noqa: PLC0415  only once the user has imported it

    if namespace is None:
        namespace = vars(sys.modules["__main__"])
    start = clock()
    live = look(platforms, clock, start + _FOR_ARRAYS * seconds)
    until = start + seconds
    groups, rest, unseen = _groups(live, namespace, clock, until)
    if live.unseen:
        number = units.plural(live.unseen, "live array")
        unseen.insert(0, f"{number} of {len(live.arrays):,} were not looked at.")
    if unseen:
        unseen.append(f"The time was over ({units.seconds(seconds)}): give more to see all.")
    return Devices(
        process_index=jax.process_index(),
        process_count=jax.process_count(),
        device_count=jax.device_count(),
        devices=tuple(
            _with_arrays(device_with_memory(device), live)
            for platform in platforms
            for device in jax.local_devices(backend=platform)
        ),
        groups=tuple(group for group, _ in groups),
        rest=rest,
        layouts=_layouts([pair for pair in groups if pair[1].device_count > 1]),
        unseen=tuple(unseen),
        more_arrays=live.unseen,
    )


def _with_arrays(device: Device, live: Live) -> Device:
    here = [kind for kind in live.kinds if device.name in kind.devices]
    return replace(
        device,
        arrays=sum(kind.arrays for kind in here),
        arrays_bytes=sum(kind.arrays * kind.part_bytes for kind in here),
    )


def _groups(
    live: Live, namespace: Mapping[str, Any], clock: Callable[[], float], until: float
) -> tuple[list[tuple[Group, Kind]], Rest, list[str]]:
    """The groups, largest first, what is left out behind them, and what was not looked at."""
    owners = Owners(live.group_of, clock, until)
    owners.search(roots.of_the_user(namespace))
    unseen = []
    for others in roots.elsewhere(namespace):
        if len(owners.named) < len(live.group_of):
            owners.search(others, only_unnamed=True)
    if owners.left_over:
        unseen.append("Not everything that may hold an array was looked into.")
    unnamed = _unnamed(live, owners)
    order = sorted(
        range(len(live.kinds)), key=lambda group: live.kinds[group].device_bytes, reverse=True
    )
    told: dict[int, str] = {}
    if unnamed and until - clock() > referrers.expected_s():
        asked = [one for group in order for one in unnamed.get(group, ())[: referrers.MOST_ALIKE]]
        del asked[referrers.MOST :]
        told = referrers.holders(asked, [live.arrays, *live.kinds, *unnamed.values()])
    groups = []
    for number in order[:_MOST_GROUPS]:
        kind, without = live.kinds[number], unnamed.get(number, [])
        names, more = owners.names(number)
        found = Counter(told[id(array)] for array in without if id(array) in told)
        names += tuple(Name("", words, times) for words, times in found.items())
        groups.append((_group(kind, names, more, len(without) - found.total()), kind))
    hidden = [live.kinds[number] for number in order[_MOST_GROUPS:]]
    rest = Rest(
        len(hidden), sum(one.arrays for one in hidden), sum(one.device_bytes for one in hidden)
    )
    return groups, rest, unseen


def _unnamed(live: Live, owners: Owners) -> dict[int, list[Any]]:
    """The arrays that no name leads to, by their group."""
    left = live.group_of.keys() - owners.named
    found: dict[int, list[Any]] = {}
    if left:
        for array in live.arrays:
            if id(array) in left:
                found.setdefault(live.group_of[id(array)], []).append(array)
    return found


def _group(kind: Kind, names: tuple[Name, ...], more: int, unnamed: int) -> Group:
    return Group(
        kind.shape,
        kind.dtype,
        kind.sharding,
        kind.arrays,
        kind.array_bytes,
        kind.device_bytes,
        names,
        more,
        unnamed,
    )


def _layouts(spread: list[tuple[Group, Kind]]) -> tuple[Layout, ...]:
    """How arrays lie that are on several devices, the largest groups first."""
    layouts = []
    for group, kind in spread[:MOST_LAYOUTS]:
        name = group.names[0].text if group.names else "an array without a name"
        found = layouts_of(kind.first, summarise(kind.first))
        layouts += [replace(one, path=name, arrays=group.arrays) for one in found]
    if layouts and len(spread) > MOST_LAYOUTS:
        layouts[-1] = replace(layouts[-1], more=len(spread) - MOST_LAYOUTS)
    return tuple(layouts)
