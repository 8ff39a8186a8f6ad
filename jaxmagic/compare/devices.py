"""Where JAX computes: one row for each device, or arrays split over several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from jaxmagic.compare.backend import Prepared, Setup
from jaxmagic.compare.cell import Call, CellError
from jaxmagic.compare.values import (
    free_arrays,
    is_array,
    leaves,
    map_leaves,
    ready,
    to_jax,
    to_numpy,
)

TRANSFERS = 5
_LONG_S = 1.0  # a transfer or call that takes longer is not repeated


@dataclass(frozen=True)
class Place:
    """Where a row computes: what it is called, and what moves the leaves of arguments there."""

    word: str
    sharding_of: Callable[[Any], Any]

    def put(self, values: Any) -> Any:
        """``values`` with their arrays and floats there; integers and flags stay."""
        import jax  # noqa: PLC0415  slow to import, and not needed before a cell is run

        def move(leaf: Any) -> Any:
            leaf = leaf if is_array(leaf) else to_jax(leaf)  # an array goes there directly
            return jax.device_put(leaf, self.sharding_of(leaf)) if is_array(leaf) else leaf

        return map_leaves(move, values)


def places(devices: Sequence[str], mesh: int | None) -> list[Place]:
    """The places that ``--device`` and ``--mesh`` ask for.

    A device is a platform, "cpu" or "gpu" (its first device), or one of several, "cpu:1".

    Raises:
        CellError: JAX has no such device, or too few.
    """
    found = [_of_device(name) for name in dict.fromkeys(devices)]
    if mesh is not None:
        found.append(_of_mesh(mesh))
    return found


def _of_device(name: str) -> Place:
    import jax  # noqa: PLC0415  as above

    platform, _, number = name.partition(":")
    try:
        there = jax.devices(platform)
    except RuntimeError:
        known = ", ".join(sorted({device.platform for device in jax.devices()} | {"cpu"}))
        message = f"JAX has no device {name!r} here; it has {known}."
        raise CellError(message) from None
    if not (number or "0").isdecimal() or int(number or 0) >= len(there):
        message = f"JAX has no device {name!r}; of {platform} it has number 0 to {len(there) - 1}."
        raise CellError(message)
    sharding = jax.sharding.SingleDeviceSharding(there[int(number or 0)])
    return Place(name, lambda _leaf: sharding)


def _of_mesh(number: int) -> Place:
    import jax  # noqa: PLC0415  as above

    there = jax.devices()
    if number > len(there):
        message = (
            f"a mesh of {number} needs {number} devices, and JAX has {len(there)}. On a CPU, "
            f"XLA_FLAGS=--xla_force_host_platform_device_count={number}, set before JAX starts, "
            "makes as many."
        )
        raise CellError(message)
    mesh = jax.sharding.Mesh(np.array(there[:number]), ("mesh",))
    split = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("mesh"))
    whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    word = f"{number} x {there[0].platform}"
    return Place(word, lambda leaf: split if _can_be_split(leaf, number) else whole)


def _can_be_split(leaf: Any, number: int) -> bool:
    return bool(leaf.ndim) and leaf.shape[0] % number == 0 and leaf.shape[0] > 0


def prepared_at(
    place: Place, prepare: Callable[[Setup], Prepared], call: Call, setup: Setup
) -> Prepared:
    """What ``prepare`` makes of the call with everything at ``place``, transfers measured apart."""
    prepared = prepare(replace(setup, place=place.put))
    values = (*(use.value for use in free_arrays(call.function)), *call.arguments)
    into_s, out_s = _transfers(place, values, prepared, setup)
    notes = prepared.notes
    if " x " in place.word:
        notes += (_how_split(place, values),)
    return replace(
        prepared,
        label=f"{prepared.label} [{place.word}]",
        device=place.word,
        transfer_in_s=into_s,
        transfer_out_s=out_s,
        notes=notes,
    )


def _transfers(
    place: Place, values: tuple[Any, ...], prepared: Prepared, setup: Setup
) -> tuple[float, float]:
    """Seconds to move the arguments from the host to there, and the result back: medians."""
    host = to_numpy(values)
    contender = prepared.contender
    into: list[float] = []
    out: list[float] = []
    result = ready(prepared.result)
    for _ in range(TRANSFERS):
        start = setup.clock()
        ready(place.put(host))
        into.append(setup.seconds_since(start))
        start = setup.clock()
        to_numpy(result)
        out.append(setup.seconds_since(start))
        start = setup.clock()
        # a result that was moved keeps its copy on the host, so the next one has to be new
        arguments = contender.renew() if contender.renew else contender.arguments
        result = ready(contender.function(*arguments))
        if max(into[-1], out[-1], setup.seconds_since(start)) > _LONG_S:
            break
    return median(into), median(out)


def _how_split(place: Place, values: Any) -> str:
    arrays = [leaf for leaf in leaves(to_jax(values)) if is_array(leaf)]
    split = sum(not place.sharding_of(leaf).is_fully_replicated for leaf in arrays)
    return (
        f"{split} of {len(arrays)} arguments are split along their first axis, the others are "
        "on every device."
    )
