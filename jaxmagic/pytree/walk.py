"""One pass over a tree, from the leaves up, that numbers every different structure.

No recursion, so memory alone limits the depth; a container is taken apart once, however often it
is met. Nothing is asked of a leaf but its type, shape, dtype and sharding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.pytree.containers import Level, is_container, kind_and_labels, level
from jaxmagic.pytree.kinds import Reader, reader, unreadable
from jaxmagic.pytree.model import Kind, Structure, Tree
from jaxmagic.pytree.names import module_name, type_name
from jaxmagic.pytree.sharding import Devices
from jaxmagic.pytree.shared import Visits, sharing
from jaxmagic.pytree.static import Statics, static_text

DEEPEST = 250_000
"""Levels after which a tree counts as endless: one that makes new children at each look."""

_ALIKE = 4
_MANY = 16
_MANY_MARKS = 1000  # the quick mark of nearly each leaf differs: it is no use here


def summarise(tree: Any) -> Tree:
    """The model of any object as JAX sees it; a leaf is a tree of one leaf.

    Reads no array's values and no leaf's repr. What a container of the user's raises becomes a
    structure of kind "error".
    """
    return summarise_together(tree)[0]


def summarise_together(*trees: Any) -> tuple[Tree, ...]:
    """The models of several trees with one table: equal parts have the same index in all."""
    walk = _Walk()
    found = [(walk.root(tree), walk.visits) for tree in trees]
    structures = tuple(walk.structures)
    models = []
    for root, visits in found:
        known = sharing(visits, structures)
        models.append(
            Tree(
                root,
                structures,
                shared=known.shared,
                shared_arrays=known.shared_arrays,
                repeated=known.repeated,
                repeated_bytes=known.repeated_bytes,
                devices=walk.devices.groups,
            )
        )
    return tuple(models)


class _Open:
    """A container that is being walked: ``waiting`` has the positions that are still to be done."""

    __slots__ = ("container", "ids", "level", "number", "position", "waiting")

    def __init__(self, container: Any, level: Level, number: int, position: int) -> None:
        self.container = container
        self.level = level
        self.number = number
        self.position = position
        self.ids: list[int] = []
        self.waiting: list[int] = []


class _Walk:
    """The tables of one pass, and the pass."""

    def __init__(self) -> None:
        self.structures: list[Structure] = []
        self.devices = Devices()
        self.visits = Visits()
        self._statics = Statics()
        self._interned: dict[Any, int] = {}
        self._readers: dict[type, Reader | None] = {}
        self._without_end: set[type] = set()

    def root(self, tree: Any) -> int:
        """Walk ``tree``; returns the index of its structure and leaves its visits behind."""
        self.visits = visits = Visits()
        top = _Open(None, Level([tree]), visits.opened(-1, 0), 0)
        self._read_children(top)
        stack = [top]
        on_the_way: dict[int, int] = {}
        while True:
            here = stack[-1]
            if here.waiting:
                position = here.waiting.pop()
                child = here.level.children[position]
                identity = id(child)
                done = visits.done.get(identity)
                if done is not None:
                    visits.again.append((here.number, position, done))
                    here.ids[position] = visits.structure[done]
                elif identity in on_the_way:
                    here.ids[position] = self._cycle(child, len(stack) - on_the_way[identity])
                elif len(stack) > DEEPEST or type(child) in self._without_end:
                    here.ids[position] = self._endless(child)
                else:
                    on_the_way[identity] = len(stack)
                    number = visits.opened(here.number, position)
                    inner = _Open(child, level(child), number, position)
                    self._read_children(inner)
                    stack.append(inner)
            elif len(stack) == 1:
                return here.ids[0]
            else:
                stack.pop()
                identity = id(here.container)
                del on_the_way[identity]
                index = self._container(here)
                visits.closed(identity, here.number, index)
                stack[-1].ids[here.position] = index

    def _read_children(self, here: _Open) -> None:
        """Number the children that are leaves, and note which are still to be walked."""
        children, ids, waiting = here.level.children, here.ids, here.waiting
        visits, readers = self.visits, self._readers
        visits.alive.append(children)
        positions: list[int] = []
        if len(children) >= _ALIKE and self._read_alike(here):
            return
        for position, child in enumerate(children):
            kind = type(child)
            of_kind = readers[kind] if kind in readers else self._reader(child)
            if of_kind is None:
                waiting.append(position)
                ids.append(-1)
                continue
            if of_kind.only is not None:
                ids.append(of_kind.only)
                continue
            try:
                index = of_kind.known[of_kind.mark(child)]
            except Exception:  # noqa: BLE001  a new class of leaves, or a leaf that fails
                index = self._leaf(of_kind, child)
            ids.append(index)
            if of_kind.shareable:
                visits.identities.append(id(child))
                positions.append(position)
        waiting.reverse()
        if positions:
            visits.scattered[here.number] = positions

    def _read_alike(self, here: _Open) -> bool:
        """Read children of one type at once; False if they are not, or if a class is new."""
        children = here.level.children
        first = children[0]
        if len(set(map(type, children))) > 1:
            return False
        kind = type(first)
        of_kind = self._readers[kind] if kind in self._readers else self._reader(first)
        if of_kind is None:
            return False
        if of_kind.only is not None:
            here.ids = [of_kind.only] * len(children)
            return True
        is_one = first is children[-1] and len(set(map(id, children))) == 1
        try:
            if of_kind.mark(first) not in of_kind.known:
                self._leaf(of_kind, first)
            common = of_kind.mark(first) if is_one else None
            if common is None and of_kind.common:
                common = of_kind.common(children)
            if common is None:
                here.ids = list(map(of_kind.known.__getitem__, map(of_kind.mark, children)))
            else:
                here.ids = [of_kind.known[common]] * len(children)
        except Exception:  # noqa: BLE001  read one at a time, the one that fails says why
            return False
        if of_kind.shareable:
            self.visits.identities.extend(map(id, children))
        return True

    def _reader(self, child: Any) -> Reader | None:
        """The reader of a type that was not met before; None for a container's."""
        if child is None:
            nothing = Structure("none", "NoneType", "builtins")
            found: Reader | None = Reader(lambda _: None, lambda _: nothing, constant=True)
        elif is_container(child):
            found = None
        else:
            found = reader(child, self.devices)
        if found is not None and found.constant:
            found.only = self._add(found.describe(child))
        self._readers[type(child)] = found
        return found

    def _leaf(self, of_kind: Reader, leaf: Any) -> int:
        """The index of a leaf of a class that was not met before, or that can't be read."""
        try:
            mark = of_kind.mark(leaf)
            exact = mark if of_kind.exact is None else of_kind.exact(leaf)
            index = self._interned.get((type(leaf), exact))
            structure = of_kind.describe(leaf) if index is None else self.structures[index]
        except Exception as error:  # noqa: BLE001  properties of the user's may raise anything
            structure = unreadable(leaf, error)
            return self._once((type(leaf), structure), structure)
        index = of_kind.known[mark] = self._once((type(leaf), exact), structure)
        if of_kind.exact is not None and len(of_kind.known) > _MANY_MARKS:
            of_kind.mark, of_kind.common = of_kind.exact, None
        return index

    def _container(self, here: _Open) -> int:
        """The index of a container whose children are done."""
        container, parts = here.container, here.level
        kind = type(container)
        ids = tuple(here.ids)
        data = 0
        if kind is not list and kind is not tuple:
            data = self._statics.number(kind, parts.data)
        key = (kind, data, parts.note, ids)
        index = self._interned.get(key)
        if index is None:
            index = self._interned[key] = self._add(self._described(container, parts, ids))
        return index

    def _described(self, container: Any, parts: Level, ids: tuple[int, ...]) -> Structure:
        looks, labels = kind_and_labels(container, parts)
        kind = type(container)
        total = _Totals()
        each = Counter(ids).items() if len(ids) >= _MANY else ((index, 1) for index in ids)
        for child, times in each:
            total.add(self.structures[child], times)
        return Structure(
            looks,
            type_name(kind),
            module_name(kind),
            keys=labels,
            children=ids,
            static=_static_text(container, parts, looks, labels),
            note=parts.note,
            leaves=total.leaves,
            parameters=total.parameters,
            size_bytes=total.size_bytes,
            unsized=total.unsized,
            placed=tuple(sorted(total.placed.items())),
            nodes=1 + total.nodes,
            depth=1 + total.depth,
            faults=total.faults + bool(parts.note),
        )

    def _cycle(self, container: Any, up: int) -> int:
        name = type_name(type(container))
        levels = "1 level" if up == 1 else f"{up:,} levels"
        note = f"This {name} contains itself, {levels} up; JAX can't flatten it."
        return self._fault(container, "cycle", note)

    def _endless(self, container: Any) -> int:
        self._without_end.add(type(container))  # or two such children each time would take for ever
        note = f"Not followed: below {DEEPEST:,} levels there is still more."
        return self._fault(container, "error", note)

    def _fault(self, container: Any, looks: Kind, note: str) -> int:
        kind = type(container)
        structure = Structure(looks, type_name(kind), module_name(kind), note=note, faults=1)
        return self._once((kind, structure), structure)

    def _once(self, key: Any, structure: Structure) -> int:
        index = self._interned.get(key)
        if index is None:
            index = self._interned[key] = self._add(structure)
        return index

    def _add(self, structure: Structure) -> int:
        self.structures.append(structure)
        return len(self.structures) - 1


def _static_text(container: Any, parts: Level, looks: Kind, labels: Sequence[str]) -> str:
    """The static data as text, where it is more than the keys and the type."""
    if type(container) is defaultdict:
        return static_text(container, parts.data[0], labels)
    return static_text(container, parts.data, labels) if looks in ("object", "list") else ""


@dataclass(slots=True)
class _Totals:
    """The sums of a container's children; ``placed`` is in bytes by group of devices."""

    leaves: int = 0
    parameters: int = 0
    size_bytes: int = 0
    unsized: int = 0
    nodes: int = 0
    depth: int = 0
    faults: int = 0
    placed: dict[int, int] = field(default_factory=dict)

    def add(self, child: Structure, times: int) -> None:
        self.leaves += times * child.leaves
        self.parameters += times * child.parameters
        self.size_bytes += times * child.size_bytes
        self.unsized += times * child.unsized
        self.nodes += times * child.nodes
        self.depth = max(self.depth, child.depth)
        self.faults += times * child.faults
        for group, size_bytes in child.placed:
            self.placed[group] = self.placed.get(group, 0) + times * size_bytes
