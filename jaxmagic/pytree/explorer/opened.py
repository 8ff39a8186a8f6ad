"""What of a tree is open: some rows of it, however large it is."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from jaxmagic.pytree.explorer.paths import PathError
from jaxmagic.pytree.model import Place, Structure, Tree
from jaxmagic.pytree.unfold import Part, folds, noise, part_of

PAGE = 50
"""Children that are added at once."""

MOST = 200
"""Rows at most, as far as the way to the row that was opened last leaves room."""

DEEPEST = 60
"""Levels below the root that can be gone to."""

_ONLY_CHILDREN = 6
_BEFORE = 3  # few, so that the row that is gone to is in sight
_AROUND = (5, 1, 0)  # rows left beside the way to a row, where there are too many


@dataclass(eq=False, slots=True)
class Node:
    """One row: a child of the container ``above``, or a run of equal ones.

    It stands for the positions from ``start`` to ``end``. ``below`` has the rows below it that
    are there, None while it is closed; ``used`` grows with each time that it is opened.
    """

    part: Part
    above: "Node | None"
    start: int = 0
    end: int = 1
    level: int = 0
    below: "list[Node] | None" = None
    used: int = 0

    def ways(self) -> "Iterator[Node]":
        """The containers above it, the nearest first."""
        node = self.above
        while node is not None:
            yield node
            node = node.above


class Opened:
    """The rows of ``tree`` that are open; at first, the children of its root."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.root = Node(Part("", tree.root), None)
        self._clock = itertools.count(1)
        self.open(self.root)

    def structure(self, node: Node) -> Structure:
        """What a row shows."""
        return self.tree.structures[node.part.structure]

    def open(self, node: Node) -> int:
        """Open a row, and only children below it; how many other rows were closed for it."""
        for _ in range(_ONLY_CHILDREN):
            node.used = next(self._clock)
            if node.below is None:
                node.below = self._after(node, 0, PAGE)
            if len(node.below) != 1 or not self.structure(node.below[0]).children:
                break
            node = node.below[0]
        return self._make_room(node)

    def close(self, node: Node) -> None:
        """Close a row."""
        node.below = None

    def more(self, node: Node) -> int:
        """Add the next page to an open row; what is far before it is dropped."""
        node.used = next(self._clock)
        below = node.below or []
        node.below = (below + self._after(node, below[-1].end, PAGE))[-2 * PAGE :]
        return self._make_room(node)

    def before(self, node: Node) -> int:
        """Add the page before, of an open row; what is far behind it is dropped."""
        node.used = next(self._clock)
        below = node.below or []
        node.below = (self._before(node, below[0].start, PAGE) + below)[: 2 * PAGE]
        return self._make_room(node)

    def go(self, place: Place) -> Node:
        """Open the way to ``place``, and give its row.

        Raises:
            PathError: it is too deep.
        """
        if len(place) > DEEPEST:
            message = (
                f"That is {len(place):,} levels down, and {DEEPEST} can be shown: "
                "explore the part of the tree that you look for."
            )
            raise PathError(message)
        node = self.root
        for position in place:
            node.used = next(self._clock)
            here = next((one for one in node.below or () if one.start <= position < one.end), None)
            if here is None:
                start = self._run_start(node, position)
                behind = self._after(node, start, PAGE)
                node.below = self._before(node, start, _BEFORE) + behind
                here = next((one for one in behind if one.start <= position < one.end), None)
            if here is None:
                message = f"{self.tree.path(place)} is not shown: there is no leaf in it."
                raise PathError(message)
            node = here
        self._make_room(node)
        return node

    def left_before(self, node: Node) -> int:
        """How many children of an open row stand before those that are shown."""
        return node.below[0].start if node.below else 0

    def left_behind(self, node: Node) -> int:
        """How many stand behind."""
        return len(self.structure(node).children) - node.below[-1].end if node.below else 0

    def nodes(self, node: Node | None = None) -> Iterator[Node]:
        """All rows that are there, in order."""
        waiting = [node or self.root]
        while waiting:
            here = waiting.pop()
            yield here
            waiting += reversed(here.below or ())

    def _child(self, node: Node, start: int, end: int) -> Node:
        part = part_of(self.tree, node.part, start, end, chains=False)
        return Node(part, node, start, end, node.level + 1)

    def _after(self, node: Node, start: int, number: int) -> list[Node]:
        """The next rows from position ``start`` on."""
        children = self.structure(node).children
        found: list[Node] = []
        while start < len(children) and len(found) < number:
            end = start + 1
            while end < len(children) and children[end] == children[start]:
                end += 1
            found += self._rows(node, start, end)
            start = end
        return found

    def _before(self, node: Node, end: int, number: int) -> list[Node]:
        """The rows before position ``end``."""
        found: list[Node] = []
        while end > 0 and len(found) < number:
            start = self._run_start(node, end - 1)
            found[:0] = self._rows(node, start, end)
            end = start
        return found

    def _rows(self, node: Node, start: int, end: int) -> list[Node]:
        """The rows for a run of equal siblings: one, if it is long."""
        if start == noise(self.tree, node.part.structure):
            return []
        if folds(self.tree, node.part.structure, start, end):
            return [self._child(node, start, end)]
        return [self._child(node, n, n + 1) for n in range(start, end)]

    def _run_start(self, node: Node, position: int) -> int:
        """Where the run of equal siblings begins that ``position`` is in."""
        children = self.structure(node).children
        while position and children[position - 1] == children[position]:
            position -= 1
        return position

    def _make_room(self, node: Node) -> int:
        """Close what was used longest ago and is not on the way to ``node``."""
        way = {id(node), *map(id, node.ways())}
        closed = 0
        while not self._fits():
            others = (one for one in self.nodes() if one.below and id(one) not in way)
            oldest = min(others, key=lambda one: one.used, default=None)
            if oldest is None:
                break
            self.close(oldest)
            closed += 1
        for around in _AROUND:
            inner = node
            for above in node.ways():
                if self._fits():
                    break
                below = above.below or []
                at = below.index(inner)
                above.below = below[max(0, at - around) : at + around + 1]
                inner = above
        return closed

    def _fits(self) -> bool:
        return sum(1 for _ in self.nodes()) <= MOST
