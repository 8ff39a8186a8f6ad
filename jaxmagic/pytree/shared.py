"""Which arrays lie at several places of a tree: tied weights, a layer used twice."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jaxmagic.pytree.model import Place, Shared, Structure

MOST_ARRAYS = 100
MOST_PLACES = 8
MOST_STEPS = 1_000_000


class Visits:
    """Where one walk has been. Containers are numbered as they are opened; 0 holds the root.

    ``identities`` are those of the arrays that were met, container by container, from ``start``
    on; ``scattered`` has their positions in containers that hold anything else. ``again`` has
    (parent, position, number) of each place at which a container lies that was walked before.
    ``alive`` keeps all children for as long as identities are compared.
    """

    def __init__(self) -> None:
        self.alive: list[Any] = []
        self.done: dict[int, int] = {}
        self.again: list[tuple[int, int, int]] = []
        self.identities = array("Q")
        self.scattered: dict[int, list[int]] = {}
        self.structure: list[int] = []
        self.parent: list[int] = []
        self.position: list[int] = []
        self.start: list[int] = []
        self.closed_order: list[int] = []

    def opened(self, parent: int, position: int) -> int:
        """Note that a container is opened; returns its number."""
        self.parent.append(parent)
        self.position.append(position)
        self.structure.append(-1)
        self.start.append(len(self.identities))
        return len(self.parent) - 1

    def closed(self, identity: int, number: int, structure: int) -> None:
        """Note that a container is done and what its structure is."""
        self.done[identity] = number
        self.structure[number] = structure
        self.closed_order.append(number)

    def ways(self) -> list[int]:
        """For each container, at how many places it lies."""
        ways = [1] * len(self.parent)
        if not self.again:
            return ways
        more: dict[int, list[int]] = {}
        for parent, _, number in self.again:
            more.setdefault(number, []).append(parent)
        for number in reversed(self.closed_order):  # what contains a container is closed later
            ways[number] = ways[self.parent[number]]
            ways[number] += sum(ways[parent] for parent in more.get(number, ()))
        return ways

    def places(self) -> Callable[[int, int], Iterator[Place]]:
        """A function of a container's number and a position that goes through its places.

        It is for a few arrays of a tree: after a million steps up it finds no more places.
        """
        more: dict[int, list[tuple[int, int]]] = {}
        for parent, position, number in self.again:
            more.setdefault(number, []).append((parent, position))
        steps = itertools.count()

        def places(number: int, position: int) -> Iterator[Place]:
            waiting: list[tuple[int, Any]] = [(number, (position, None))]
            while waiting:
                here, tail = waiting.pop()
                while here != 0:
                    if next(steps) >= MOST_STEPS:
                        return
                    others = more.get(here, ())[:MOST_PLACES]
                    waiting.extend((parent, (its, tail)) for parent, its in reversed(others))
                    here, tail = self.parent[here], (self.position[here], tail)
                yield _unlinked(tail[1])  # the first position is that of the root in what holds it

        return places


def _unlinked(tail: Any) -> Place:
    place = []
    while tail is not None:
        position, tail = tail
        place.append(position)
    return tuple(place)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What of a tree is shared; the fields are those of a ``Tree``."""

    shared: tuple[Shared, ...] = ()
    shared_arrays: int = 0
    repeated: int = 0
    repeated_bytes: int = 0


def sharing(visits: Visits, structures: Sequence[Structure]) -> Sharing:
    """The arrays that were met at more than one place."""
    met = _met_again(visits)
    ways = visits.ways() if met else []
    found, repeated, repeated_bytes = [], 0, 0
    for spots in met.values():
        number, position = spots[0]
        structure = structures[visits.structure[number]].children[position]
        count = sum(ways[number] for number, _ in spots)
        extra = (count - 1) * structures[structure].size_bytes
        repeated += count - 1
        repeated_bytes += extra
        found.append((extra, structure, count, spots))
    found.sort(key=lambda one: -one[0])
    places = visits.places()
    return Sharing(
        tuple(
            Shared(structure, count, _first_places(places, spots))
            for _, structure, count, spots in found[:MOST_ARRAYS]
        ),
        len(found),
        repeated,
        repeated_bytes,
    )


def _met_again(visits: Visits) -> dict[int, list[tuple[int, int]]]:
    """Container and position of each array that lies at several places, by its identity."""
    import numpy as np  # noqa: PLC0415  not loaded with the package

    if not visits.identities:
        return {}
    identities = np.frombuffer(visits.identities, dtype=np.uint64)
    ordered = np.sort(identities)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not (len(twice) or visits.again):
        return {}
    several = np.isin(identities, np.unique(twice))
    start = np.array(visits.start)
    if visits.again:
        often = np.array([number > 1 for number in visits.ways()])
        owners = np.searchsorted(start, np.arange(len(identities)), side="right") - 1
        several |= often[owners]
    entries = np.flatnonzero(several)
    owners = np.searchsorted(start, entries, side="right") - 1
    met: dict[int, list[tuple[int, int]]] = {}
    for entry, owner in zip(entries.tolist(), owners.tolist(), strict=True):
        position = entry - visits.start[owner]
        if owner in visits.scattered:
            position = visits.scattered[owner][position]
        met.setdefault(visits.identities[entry], []).append((owner, position))
    return met


def _first_places(
    places: Callable[[int, int], Iterator[Place]], spots: list[tuple[int, int]]
) -> tuple[Place, ...]:
    found: list[Place] = []
    for number, position in spots[:MOST_PLACES]:
        found.extend(itertools.islice(places(number, position), MOST_PLACES))
    return tuple(sorted(found)[:MOST_PLACES])
