"""Which arrays lie at several places of a tree: tied weights, a layer used twice."""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jaxmagic.pytree.model import Place, Shared, Structure

MOST_ARRAYS = 100
MOST_PLACES = 32  # more than a small picture has nodes
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

    def spot(self, entry: int) -> tuple[int, int]:
        """The container of an entry of ``identities``, and its position there."""
        number = bisect_right(self.start, entry) - 1
        position = entry - self.start[number]
        scattered = self.scattered.get(number)
        return number, position if scattered is None else scattered[position]

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
    found, repeated, repeated_bytes = [], 0, 0
    for number, (entries, count) in enumerate(met):
        owner, position = visits.spot(entries[0])
        structure = structures[visits.structure[owner]].children[position]
        extra = (count - 1) * structures[structure].size_bytes
        repeated += count - 1
        repeated_bytes += extra
        found.append((extra, structure, number))
    found.sort(key=lambda one: -one[0])
    places = visits.places()
    shared = []
    for _, structure, number in found[:MOST_ARRAYS]:
        entries, count = met[number]
        spots = map(visits.spot, entries)
        shared.append(Shared(structure, count, _first_places(places, spots)))
    return Sharing(tuple(shared), len(found), repeated, repeated_bytes)


def _met_again(visits: Visits) -> list[tuple[list[int], int]]:
    """Each array that lies at several places, in the order in which they were met.

    An array is the first of its entries in ``visits.identities``, and the number of its places.
    """
    import numpy as np  # noqa: PLC0415  not loaded with the package

    if not visits.identities:
        return []
    identities = np.frombuffer(visits.identities, dtype=np.uint64)
    order = np.argsort(identities, kind="stable")
    ordered = identities[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(first, append=len(order))
    counts: Any = sizes
    if visits.again:
        owners = np.searchsorted(np.array(visits.start), order, side="right") - 1
        # through layers that hold each other twice there are more ways than 64 bits can count
        counts = np.add.reduceat(np.array(visits.ways(), dtype=object)[owners], first)
    several = np.flatnonzero(counts > 1)
    several = several[np.argsort(order[first[several]])]
    ends = first[several] + np.minimum(sizes[several], MOST_PLACES)
    return [
        (order[start:end].tolist(), count)
        for start, end, count in zip(
            first[several].tolist(), ends.tolist(), counts[several].tolist(), strict=True
        )
    ]


def _first_places(
    places: Callable[[int, int], Iterator[Place]], spots: Iterable[tuple[int, int]]
) -> tuple[Place, ...]:
    found: list[Place] = []
    for number, position in spots:
        found.extend(itertools.islice(places(number, position), MOST_PLACES))
    return tuple(sorted(found)[:MOST_PLACES])
