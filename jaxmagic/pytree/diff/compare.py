"""The comparison: each pair of different structures once, however often it is met.

Trees that were summarised together have one index for equal parts, so that these are skipped
unseen; what takes time is what differs. A pair is compared by means of one place where it lies,
because the objects there know what the model does not keep: their very types and static data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import ne
from typing import Any

from jaxmagic.pytree.containers import level
from jaxmagic.pytree.diff import align
from jaxmagic.pytree.diff.instead import instead
from jaxmagic.pytree.diff.keys import alike, bare, by_keys, explained, keys_of, renamed
from jaxmagic.pytree.diff.looks import Looks
from jaxmagic.pytree.diff.unlike import (
    Unlike,
    is_open,
    is_sequence,
    remark,
    unlike_leaves,
    unlike_sorts,
    unlike_static,
    unlike_types,
)
from jaxmagic.pytree.model import Structure
from jaxmagic.pytree.static import Statics

Key = tuple[int, int]


@dataclass(slots=True)
class Group:
    """Children of a pair that differ in the same way.

    ``kind`` is "pair" for children on both sides, whose comparison is ``key``; "missing" and
    "extra" for those on one side, all of structure ``key[0]`` or ``key[1]``; "renamed" for one on
    each side under different keys. ``left`` and ``right`` are their positions.
    """

    kind: str
    key: Key
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)

    @property
    def times(self) -> int:
        """How many children (on both sides together, where they belong together)."""
        return max(len(self.left), len(self.right))


@dataclass(slots=True)
class Pair:
    """Two structures, and in what they differ: in themselves (``own``) and below (``groups``).

    ``matched`` are the children that belong together, as ranges of positions on both sides.
    ``differs`` says whether there is a fault at all; it is known at the end. ``equal_leaves`` and
    ``equal_containers`` are those in it and below; ``equal_children`` are equal as a whole and
    have ``skipped_leaves``. ``remarks`` counts the leaves below that differ without a fault, by
    how they do. ``exact`` is False if items were matched by position for want of time.
    """

    key: Key
    own: list[Unlike] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    matched: list[tuple[int, int, int]] = field(default_factory=list)
    remarks: dict[str, int] = field(default_factory=dict)
    equal_leaves: int = 0
    equal_containers: int = 0
    equal_children: int = 0
    skipped_leaves: int = 0
    differs: bool = False
    exact: bool = True


class Comparing:
    """The pairs of one comparison.

    With ``prefix``, the left tree need only be a prefix of the right one; with ``any_leaves``, a
    leaf may stand against any other, as in ``jax.tree.map``.
    """

    def __init__(
        self, structures: Sequence[Structure], *, prefix: bool = False, any_leaves: bool = False
    ) -> None:
        self.structures = structures
        self.pairs: dict[Key, Pair] = {}
        self.prefix = prefix
        self._any_leaves = any_leaves
        self._statics = Statics()
        self._looks = Looks(structures)

    def run(self, key: Key, left: Any, right: Any) -> Pair:
        """Compare the trees of the structures ``key``, and all that differs below."""
        root = self.pairs[key] = Pair(key)
        waiting = [(root, left, right)]
        while waiting:
            pair, a, b = waiting.pop()
            for below, inner_a, inner_b in self._look(pair, a, b):
                if below not in self.pairs:
                    self.pairs[below] = Pair(below)
                    waiting.append((self.pairs[below], inner_a, inner_b))
        for pair in self.upwards():
            self._settle(pair)
        return root

    def upwards(self) -> list[Pair]:
        """All pairs, those below before those above: children come before their parents."""
        return [self.pairs[key] for key in sorted(self.pairs)]

    def _settle(self, pair: Pair) -> None:
        """Keep the groups that are faulty, and add up what is equal in them and in the others."""
        staying = []
        for group in pair.groups:
            below = self.pairs.get(group.key)
            if below is None or below.differs or group.kind == "renamed":
                staying.append(group)
            elif group.kind == "pair":
                pair.equal_children += group.times
                pair.skipped_leaves += group.times * below.equal_leaves
            if below is not None and group.kind == "pair":
                pair.equal_leaves += below.equal_leaves * group.times
                pair.equal_containers += below.equal_containers * group.times
                for text, times in below.remarks.items():
                    pair.remarks[text] = pair.remarks.get(text, 0) + times * group.times
        staying.sort(key=lambda group: (group.left or group.right)[0])
        pair.groups = staying
        pair.differs = bool(pair.own or pair.groups)

    def _count_equal(self, pair: Pair, index: int, times: int) -> None:
        here = self.structures[index]
        pair.equal_leaves += times * here.leaves
        pair.equal_containers += times * (here.nodes - here.leaves)

    def _look(self, pair: Pair, a: Any, b: Any) -> Iterator[tuple[Key, Any, Any]]:
        """Compare one pair; gives what is to be compared below it, with the objects there."""
        left, right = (self.structures[index] for index in pair.key)
        if self.prefix and (left.is_leaf or left.kind == "none"):
            pair.equal_leaves = left.leaves
            pair.equal_containers = left.nodes - left.leaves
            return
        fault = unlike_sorts(left, right)
        if fault is not None and fault.kind in ("leaf", "none") and self.prefix:
            fault = Unlike(fault.kind, instead(left, right, []))
        if fault is None and left.is_leaf:
            fault = unlike_leaves(left, right)
            said = f"another {fault.kind}" if fault else remark(left, right)
            if fault is None or self._any_leaves:
                fault, pair.equal_leaves = None, 1
                pair.remarks = {said: 1} if said else {}
        if fault is not None:
            pair.own.append(fault)
        elif is_open(left):
            yield from self._look_inside(pair, left, right, a, b)

    def _look_inside(
        self, pair: Pair, left: Structure, right: Structure, a: Any, b: Any
    ) -> Iterator[tuple[Key, Any, Any]]:
        parts = level(a), level(b)
        if any(
            len(part.children) != len(side.children)
            for part, side in zip(parts, (left, right), strict=True)
        ):
            pair.own.append(Unlike("unreadable", "it has other children at each look"))
            return
        keys = keys_of(a, b, (left, right), (parts[0].data, parts[1].data))
        if type(a) is not type(b):
            hint = instead(left, right, parts[0].children) if self.prefix else ""
            pair.own.append(Unlike("type", hint) if hint else unlike_types(left, right))
            if self.prefix:
                return
            if not alike(left, right):
                keys = bare(left), bare(right)
                if not left.keys or set(keys[0]) != set(keys[1]):
                    return
        else:
            data = parts[0].data, parts[1].data
            numbers = [self._statics.number(type(a), side) for side in data]
            if numbers[0] != numbers[1] and not explained(left, right, type(a)):
                pair.own.append(unlike_static(left, right, data))
        if is_sequence(left) and is_sequence(right):
            yield from self._look_at_items(pair, left, right, parts[0].children, parts[1].children)
        else:
            found = by_keys(*keys, left, right)
            children = parts[0].children, parts[1].children
            yield from self._matched(pair, found, left, right, *children)
            yield from self._unmatched(pair, found, left, right, *children)
        if not pair.own:
            pair.equal_containers += 1

    def _look_at_items(
        self, pair: Pair, left: Structure, right: Structure, a: list[Any], b: list[Any]
    ) -> Iterator[tuple[Key, Any, Any]]:
        if len(a) != len(b) and self.prefix:
            pair.own.append(Unlike("length", instead(left, right, a)))
            return
        looks_a: Sequence[int] = left.children
        looks_b: Sequence[int] = right.children
        if len(a) != len(b):
            looks_a, looks_b = map(self._looks.of, (looks_a, looks_b))
        found = align.by_position(looks_a, looks_b, self._looks.face)
        pair.exact = found.exact
        yield from self._matched(pair, found, left, right, a, b)
        self._one_sided(pair, "missing", found.missing, left)
        self._one_sided(pair, "extra", found.extra, right)

    def _matched(
        self,
        pair: Pair,
        found: align.Alignment,
        left: Structure,
        right: Structure,
        a: list[Any],
        b: list[Any],
    ) -> Iterator[tuple[Key, Any, Any]]:
        """Put the matched children that differ into groups, and count the equal ones."""
        groups: dict[Key, Group] = {}
        ids_a, ids_b = left.children, right.children
        differing: dict[int, int] = {}
        for start, other, length in found.matched:
            one, two = ids_a[start : start + length], ids_b[other : other + length]
            if one == two:
                continue
            for position in compress(range(length), map(ne, one, two)):
                key = one[position], two[position]
                group = groups.get(key)
                if group is None:
                    group = groups[key] = Group("pair", key)
                    yield key, a[start + position], b[other + position]
                group.left.append(start + position)
                group.right.append(other + position)
        pair.groups.extend(groups.values())
        # all but those that differ or have no counterpart are equal
        for key, group in groups.items():
            differing[key[0]] = differing.get(key[0], 0) + group.times
        for position in found.missing:
            differing[ids_a[position]] = differing.get(ids_a[position], 0) + 1
        differing_children = sum(group.times for group in groups.values())
        pair.matched = found.matched
        pair.equal_children = sum(n for _, _, n in found.matched) - differing_children
        pair.equal_leaves += left.leaves
        pair.equal_containers += left.nodes - left.leaves - 1
        for index, times in differing.items():
            self._count_equal(pair, index, -times)
        pair.skipped_leaves = pair.equal_leaves

    def _unmatched(
        self,
        pair: Pair,
        found: align.Alignment,
        left: Structure,
        right: Structure,
        a: list[Any],
        b: list[Any],
    ) -> Iterator[tuple[Key, Any, Any]]:
        """Children under a key of one side only; those alike on both sides may be renamed."""
        if not self.prefix and found.missing and found.extra:
            sides = (left, found.missing), (right, found.extra)
            looks = [self._looks.of([side.children[p] for p in where]) for side, where in sides]
            for position, other in renamed(
                dict(zip(found.missing, looks[0], strict=True)),
                dict(zip(found.extra, looks[1], strict=True)),
            ):
                key = left.children[position], right.children[other]
                pair.groups.append(Group("renamed", key, [position], [other]))
                if key[0] != key[1]:
                    yield key, a[position], b[other]
        groups = [group for group in pair.groups if group.kind == "renamed"]
        gone = {group.left[0] for group in groups}
        new = {group.right[0] for group in groups}
        self._one_sided(pair, "missing", [p for p in found.missing if p not in gone], left)
        self._one_sided(pair, "extra", [p for p in found.extra if p not in new], right)

    def _one_sided(self, pair: Pair, kind: str, positions: list[int], side: Structure) -> None:
        """Runs of equal children that only one side has."""
        for position in positions:
            index = side.children[position]
            last = pair.groups[-1] if pair.groups else None
            key = (index, -1) if kind == "missing" else (-1, index)
            if last is None or last.kind != kind or last.key != key:
                last = Group(kind, key)
                pair.groups.append(last)
            (last.left if kind == "missing" else last.right).append(position)
