"""The leaves that each row of an outline stands for, and what the model knows of their numbers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.pytree.arrays.reading import is_numeric
from jaxmagic.pytree.containers import level
from jaxmagic.pytree.model import Structure, Tree
from jaxmagic.pytree.places import leaves, value_at
from jaxmagic.pytree.unfold import Part

_UNREADABLE = ("tracer", "abstract", "ref", "deleted", "key")


@dataclass(slots=True)
class Count:
    """Leaves whose numbers can be read, their elements and bytes; ``skipped`` has the others."""

    leaves: int = 0
    elements: int = 0
    size_bytes: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Row:
    """The leaves that a part stands for and none of the parts below it.

    ``leaves`` gives them as they are asked for.
    """

    part: Part
    leaves: Iterator[Any]
    count: Count


def rows(obj: Any, tree: Tree, root: Part) -> list[Row]:
    """The rows below ``root`` that have leaves of their own."""
    tables = _Tables(tree)
    found: list[Row] = []
    waiting: list[tuple[Part, Callable[[], Iterator[Any]]]] = [
        (root, lambda: iter((value_at(obj, root.place),)))
    ]
    while waiting:
        part, objects = waiting.pop()
        own = tables.count(part, part.weight)
        for below in part.parts:
            there = tables.count(below, below.weight)
            own.leaves -= there.leaves
            own.elements -= there.elements
            own.size_bytes -= there.size_bytes
            own.skipped.subtract(there.skipped)
        if part.hidden_leaves or not part.parts:
            found.append(Row(part, _own(part, objects), own))
        waiting += [(below, _below(part, below, objects)) for below in reversed(part.parts)]
    return found


def _below(
    part: Part, below: Part, objects: Callable[[], Iterator[Any]]
) -> Callable[[], Iterator[Any]]:
    """The objects at all places of ``below``, from those of the part above it."""
    first, *chain = below.place[len(part.place) :]

    def found() -> Iterator[Any]:
        for container in objects():
            for child in level(container).children[first : first + below.times]:
                yield value_at(child, tuple(chain))

    return found


def _own(part: Part, objects: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """The leaves at all places of ``part`` that belong to no part below."""
    shown = max((below.place[len(part.place)] + below.times for below in part.parts), default=0)
    for thing in objects():
        for child in level(thing).children[shown:] if shown else (thing,):
            for _, leaf in leaves(child):
                yield leaf


class _Tables:
    """For each structure of a tree, what can be read of it."""

    def __init__(self, tree: Tree) -> None:
        self._leaves: list[int] = []
        self._elements: list[int] = []
        self._bytes: list[int] = []
        self._words: dict[str, list[int]] = {}
        tables = (self._leaves, self._elements, self._bytes)
        number = len(tree.structures)
        for index, here in enumerate(tree.structures):
            if here.children:
                for table in tables:
                    table.append(sum(map(table.__getitem__, here.children)))
                for table in self._words.values():
                    table[index] = sum(map(table.__getitem__, here.children))
                continue
            word = next((word for word in _UNREADABLE if word in here.words), None)
            if word:
                self._words.setdefault(word, [0] * number)[index] = 1
            for table, value in zip(tables, _readable(here, word), strict=True):
                table.append(value)

    def count(self, part: Part, weight: int) -> Count:
        """What can be read at ``weight`` places of a part."""
        index = part.structure
        words = {word: weight * table[index] for word, table in self._words.items()}
        return Count(
            weight * self._leaves[index],
            weight * self._elements[index],
            weight * self._bytes[index],
            Counter({word: number for word, number in words.items() if number}),
        )


def _readable(leaf: Structure, word: str | None) -> tuple[int, int, int]:
    """Leaves, elements and bytes of a leaf's structure."""
    numeric = leaf.kind == "number" if not leaf.dtype else is_numeric(leaf.dtype)
    if word or not numeric:
        return 0, 0, 0
    return 1, leaf.parameters, leaf.size_bytes
