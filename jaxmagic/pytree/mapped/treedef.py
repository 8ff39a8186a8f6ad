"""Where the leaves of a treedef lie, and what ``is_leaf`` said when a tree was taken apart."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jaxmagic.pytree.model import Place, Structure, Tree


class Heard:
    """An ``is_leaf`` of the user's that is asked once, though a tree is taken apart twice.

    ``ask`` is for the first time and remembers what was said, ``repeat`` is for the second time.
    """

    def __init__(self, is_leaf: Callable[..., Any]) -> None:
        self._is_leaf = is_leaf
        self._said: list[Any] = []
        self._next = 0

    def ask(self, *arguments: Any) -> Any:
        """What the user's function says."""
        __tracebackhide__ = True
        try:
            said = self._is_leaf(*arguments)
        except BaseException as error:
            self._said.append(error)
            raise
        self._said.append(said)
        return said

    def repeat(self, *arguments: Any) -> Any:
        """What it said at this turn; it is asked again only where the tree has changed since."""
        __tracebackhide__ = True
        if self._next >= len(self._said):
            return self._is_leaf(*arguments)
        said = self._said[self._next]
        self._next += 1
        if isinstance(said, BaseException):
            raise said
        return said


def leaf_places(treedef: Any) -> Iterator[Place]:
    """The places of the leaves of a treedef, in order; None has no leaf."""
    waiting: list[tuple[Place, Any]] = [((), treedef)]
    while waiting:
        place, here = waiting.pop()
        if here.num_nodes == here.num_leaves == 1:
            yield place
        elif here.num_nodes == here.num_leaves + 1:  # nothing but leaves, maybe a million
            yield from ((*place, position) for position in range(here.num_leaves))
        elif here.num_leaves:
            children = list(enumerate(here.children()))
            waiting.extend(((*place, n), child) for n, child in reversed(children))


def cut(tree: Tree, places: Sequence[Place]) -> Tree:
    """A small ``tree`` whose parts at ``places`` are leaves: the tree that a treedef is of."""
    structures: list[Structure] = [Structure("opaque", "leaf", leaves=1)]
    leaves = set(places)
    inside = {place[:n] for place in places for n in range(len(place))}

    def copied(index: int, place: Place) -> int:
        if place in leaves:
            return 0
        here = tree.structures[index]
        if place in inside:
            below = enumerate(here.children)
            children = tuple(copied(child, (*place, n)) for n, child in below)
            parts = [structures[child] for child in children]
            here = dataclasses.replace(
                here,
                children=children,
                leaves=sum(part.leaves for part in parts),
                nodes=1 + sum(part.nodes for part in parts),
                depth=1 + max(part.depth for part in parts),
                parameters=0,
                size_bytes=0,
                unsized=0,
                placed=(),
            )
        structures.append(here)
        return len(structures) - 1

    root = copied(tree.root, ())
    return Tree(root, tuple(structures))
