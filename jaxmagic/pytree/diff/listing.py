"""The faults of a comparison with their paths, and the outline of the places where they are.

The pairs that differ form a graph without cycles: a pair that is met at a thousand places is
listed at the first of them, with the number of all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jaxmagic.pytree.diff.compare import Comparing, Group, Key, Pair
from jaxmagic.pytree.diff.labels import Link, chain, label_of, paths
from jaxmagic.pytree.diff.result import Fault, Kind, Row
from jaxmagic.pytree.diff.unlike import Unlike
from jaxmagic.pytree.short import structure_text

FAULTS = 1000
ROWS = 100
WIDEST = 40
PLACES = 8


@dataclass(slots=True)
class _Entry:
    """A pair that is to be listed: under which label, at which level, for how many siblings.

    ``weight`` is at how many places it lies, as far as one row stands for them. If it is not
    ``shown``, its faults are listed all the same.
    """

    pair: Pair
    label: str
    level: int
    times: int
    weight: int
    shown: bool


@dataclass(slots=True)
class _OneSided:
    """Children of a pair that are to be listed, and have no counterpart or another key there."""

    pair: Pair
    group: Group
    level: int
    weight: int
    shown: bool


_ONE_SIDED: dict[str, tuple[Kind, str, str]] = {
    "missing": ("missing", "only in {0}", "take it out"),
    "extra": ("extra", "only in {1}", "give it a value, too"),
    "renamed": ("renamed", "", ""),
}
_Plain = tuple[Row, int]  # a row as it is, and the number of faulty places that it counts


class Listing:
    """The faults and rows of a comparison that has run.

    ``counts`` is the number of places by kind, ``distinct`` the number of all faults, listed
    (``faults``) or not.
    """

    def __init__(self, comparing: Comparing, root: Pair, names: tuple[str, str]) -> None:
        self.faults: list[Fault] = []
        self.rows: list[Row] = []
        self.counts: dict[str, int] = {}
        self.distinct = 0
        self._structures = comparing.structures
        self._pairs = comparing.pairs
        self._names = names
        self._prefix = comparing.prefix
        self._times: dict[Key, int] = {root.key: 1}
        self._links: dict[Key, list[Link | None]] = {root.key: [None]}
        self._shown_places = 0
        self._seen: dict[Key, list[int | None]] = {}
        self._below_places: dict[Key, int] = {}
        upwards = comparing.upwards()
        for pair in upwards:
            below = sum(self._places(group) for group in pair.groups)
            self._below_places[pair.key] = len(pair.own) + below
        for pair in reversed(upwards):
            if pair.differs and pair.key in self._times:
                self._go_down(pair)
        self._list(root)

    def _places(self, group: Group) -> int:
        """How many places a group stands for, those below it included."""
        here = group.times if group.kind != "pair" else 0
        return here + group.times * self._below_places.get(group.key, 0)

    def _go_down(self, pair: Pair) -> None:
        """Tell the pairs below where they are, and count the faults here."""
        times, links = self._times[pair.key], self._links[pair.key]
        for fault in pair.own:
            self._count(fault.kind, times)
        for group in pair.groups:
            if group.kind != "pair":
                self._count(group.kind, times * group.times)
            below = self._pairs.get(group.key)
            if below is None or not below.differs:
                continue
            self._times[group.key] = self._times.get(group.key, 0) + times * group.times
            known = self._links.setdefault(group.key, [])
            for link in links:
                known += self._steps(pair, group, link, PLACES - len(known))

    def _count(self, kind: str, times: int) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + times
        self.distinct += 1

    def _steps(self, pair: Pair, group: Group, link: Link | None, number: int) -> list[Link]:
        """The first places of a group's children below ``link``."""
        left, right = (self._structures[index] for index in pair.key)
        first = slice(max(number, 0))
        if group.kind == "missing":
            sides = [(left.keys[p], left.keys[p]) for p in group.left[first]]
        elif group.kind == "extra":
            sides = [(right.keys[p], right.keys[p]) for p in group.right[first]]
        else:
            both = zip(group.left[first], group.right[first], strict=True)
            sides = [(left.keys[p], right.keys[q]) for p, q in both]
        return [Link(link, *labels) for labels in sides]

    def _list(self, root: Pair) -> None:
        """Go through the pairs in the order of the tree, each of them once."""
        waiting: list[_Entry | _OneSided | _Plain] = []
        if root.differs:
            waiting.append(_Entry(root, "", 0, 1, 1, shown=True))
        while waiting:
            here = waiting.pop()
            if isinstance(here, tuple):
                self._show(*here)
            elif not here.shown and len(self.faults) >= FAULTS:
                continue
            elif isinstance(here, _OneSided):
                row = self._one_sided(here)
                if here.shown:
                    self._show(row, here.weight * here.group.times)
            else:
                waiting += reversed(list(self._enter(here)))
        left = sum(self.counts.values()) - self._shown_places
        if left:
            self.rows.append(Row("rest", 0, label=f"{left:,} more"))

    def _show(self, row: Row, places: int) -> None:
        """Add a row that stands for so many faulty places, if there is still room."""
        if len(self.rows) < ROWS:
            self.rows.append(row)
            self._shown_places += places

    def _enter(self, entry: _Entry) -> Iterator[_Entry | _OneSided | _Plain]:
        """Write the rows of a pair; gives what is to be written below it."""
        pair = entry.pair
        if pair.key in self._seen and pair.groups:
            if entry.shown:
                self._show(self._again(entry), entry.weight * self._below_places[pair.key])
            return
        labels = [entry.label]
        while (only := self._only(pair)) is not None:
            self._seen[pair.key] = []
            pair, label = only
            labels.append(label)
        left, right = (structure_text(self._structures[index]) for index in pair.key)
        row = Row("way", entry.level, chain(labels), left, right, "", entry.times)
        if pair.key not in self._seen:
            self._seen[pair.key] = [self._own(pair, own, row) for own in pair.own]
        if entry.shown:
            for own, index in zip(pair.own, self._seen[pair.key], strict=True):
                one, other = own.left or left, own.right or right
                fault = replace(row, kind="fault", left=one, right=other, hint=own.hint)
                self._show(replace(fault, fault=index), entry.weight)
            if not pair.own:
                self._show(row if left != right else replace(row, right=""), 0)
        yield from self._below(pair, entry)

    def _own(self, pair: Pair, own: Unlike, row: Row) -> int | None:
        """Add a fault of the pair itself."""
        places = [paths(link) for link in self._links[pair.key]]
        sides = own.left or row.left, own.right or row.right
        return self._add(own.kind, places, *sides, own.hint, self._times[pair.key])

    def _only(self, pair: Pair) -> tuple[Pair, str] | None:
        """The one child of a pair that differs, if the way to it needs no row of its own."""
        if pair.own or len(pair.groups) != 1:
            return None
        group = pair.groups[0]
        below = self._pairs.get(group.key)
        if group.kind != "pair" or group.times > 1 or below is None or below.key in self._seen:
            return None
        return below, self._label(pair, group)

    def _below(self, pair: Pair, above: _Entry) -> Iterator[_Entry | _OneSided | _Plain]:
        """What is to be written below a pair: at most so many rows, the rest is counted."""
        level, weight = above.level + 1, above.weight
        shown = above.shown and len(self.rows) < ROWS
        for number, group in enumerate(pair.groups):
            if number == WIDEST and shown:
                hidden = weight * sum(self._places(group) for group in pair.groups[number:])
                yield Row("rest", level, label=f"{hidden:,} more here"), hidden
                shown = False
            if not shown and len(self.faults) >= FAULTS:
                break
            inner = level
            if group.kind != "pair":
                yield _OneSided(pair, group, level, weight, shown)
                inner += 1
            below = self._pairs.get(group.key)
            if below is not None and below.differs:
                label, times = self._label(pair, group), group.times
                yield _Entry(below, label, inner, times, weight * times, shown)
        if pair.equal_children and above.shown:
            number, leaves = pair.equal_children, pair.skipped_leaves
            hint = "" if leaves in (0, number) else _leaves(leaves)
            label = "1 is equal" if number == 1 else f"{number:,} are equal"
            yield Row("equal", level, label=label, hint=hint), 0

    def _one_sided(self, here: _OneSided) -> Row:
        """Add the fault of children that only one side has, or that have another key there."""
        pair, group = here.pair, here.group
        steps: list[Link] = []
        for link in self._links[pair.key]:
            steps += self._steps(pair, group, link, PLACES - len(steps))
        places = [paths(link) for link in steps]
        times = self._times[pair.key] * group.times
        text = structure_text(self._structures[max(group.key)])
        left = "" if group.kind == "extra" else text
        right = "" if group.kind == "missing" else text
        kind, only, advice = _ONE_SIDED[group.kind]
        advice = advice if self._prefix else ""
        index = self._add(kind, places, left, right, advice, times)
        only = only.format(*self._names)
        hint = f"{only}: {advice}" if advice else only
        label = self._label(pair, group)
        return Row("fault", here.level, label, left, right, hint, group.times, index)

    def _add(
        self,
        kind: Kind,
        places: Sequence[tuple[str, str]],
        left: str,
        right: str,
        hint: str,
        count: int,
    ) -> int | None:
        """Add a fault; its index, or None if there are enough."""
        if len(self.faults) >= FAULTS:
            return None
        path, other = places[0]
        self.faults.append(
            Fault(
                kind,
                path,
                left,
                right,
                hint,
                other_path="" if other == path else other,
                count=count,
                places=tuple(one for one, _ in places),
            )
        )
        return len(self.faults) - 1

    def _again(self, entry: _Entry) -> Row:
        left, right = (structure_text(self._structures[index]) for index in entry.pair.key)
        path = paths(self._links[entry.pair.key][0])[0]
        hint = f"as {path}" if path else "as above"
        return Row("again", entry.level, entry.label, left, right, hint, entry.times)

    def _label(self, pair: Pair, group: Group) -> str:
        left, right = (self._structures[index] for index in pair.key)
        return label_of(group.kind, (left, right), group.left, group.right)


def _leaves(number: int) -> str:
    return f"{number:,} {'leaf' if number == 1 else 'leaves'}"
