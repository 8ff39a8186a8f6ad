"""What structures look like: coarser than what they are, to decide what is compared with what.

An array of NumPy looks like one of JAX, and a container like another one of its type's name with
the same keys, whatever their static data are.
"""

from collections.abc import Sequence
from typing import Any

from jaxmagic.pytree.model import Structure

_KEYS_SEEN = 16


class Looks:
    """For each structure the index of the first one that looks the same."""

    def __init__(self, structures: Sequence[Structure]) -> None:
        self._structures = structures
        self._known: list[int] = []
        self._first: dict[Any, int] = {}

    def of(self, indices: Sequence[int]) -> Sequence[int]:
        """What each of these structures looks like."""
        self._read(max(indices, default=-1) + 1)
        if len(self._first) == len(self._known):  # each looks like none but itself
            return indices
        return list(map(self._known.__getitem__, indices))

    def face(self, index: int) -> Any:
        """What is seen of a structure at first sight, without what is below it."""
        here = self._structures[index]
        if here.shape is not None:
            return here.dtype, len(here.shape)
        return here.kind, here.type_name, len(here.children), tuple(here.keys[:_KEYS_SEEN])

    def _read(self, end: int) -> None:
        """Go on to the structure before ``end``: children come before their parents."""
        known, first = self._known, self._first
        for index in range(len(known), end):
            here = self._structures[index]
            if here.shape is not None:
                look: Any = (here.shape, here.dtype)
            else:
                keys = tuple(here.keys[:_KEYS_SEEN])
                below = tuple(map(known.__getitem__, here.children))
                look = (here.kind, here.type_name, here.static, here.note, keys, below)
            known.append(first.setdefault(look, index))
