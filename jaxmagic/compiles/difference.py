"""The smallest difference between two signatures, by the names of the arguments."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jaxmagic.compiles.leaf import Leaf
from jaxmagic.compiles.record import Why
from jaxmagic.compiles.signature import Argument, Signature
from jaxmagic.compiles.static import Static
from jaxmagic.compiles.structure import Step

_MOST = 100  # differences that are counted
_ABSENT = "absent"


class Change(NamedTuple):
    """What has changed: which argument or switch, what it was and what it is.

    ``times`` leaves of one argument have changed in such a way; the first one is told.
    """

    kind: Why
    changed: str
    before: str
    after: str
    times: int = 1


_FIRST: Sequence[Why] = (
    *("configuration", "options", "tree", "static value"),
    *("shape", "dtype", "weak type", "device"),
)


def closest(earlier: Sequence[Signature], now: Signature) -> tuple[int, list[Change]]:
    """Which of ``earlier`` signatures differs least, the latest of equals, and the changes to it.

    There are none at all if it is equal; what matters most comes first.
    """
    best: list[Change] | None = None
    fewest = _MOST
    nearest = len(earlier) - 1
    for index in reversed(range(len(earlier))):
        changes = between(earlier[index], now, fewest)
        number = how_many(changes)
        if best is None or number < fewest:
            best, nearest, fewest = changes, index, number
        if not best:
            break
    return nearest, sorted(best or [], key=lambda change: _FIRST.index(change.kind))


def how_many(changes: Sequence[Change]) -> int:
    """How many things have changed."""
    return sum({change.changed: change.times for change in changes}.values())


def between(before: Signature, after: Signature, most: int = _MOST) -> list[Change]:
    """The changes from one signature to another; no more are looked for once there are so many."""
    changes: list[Change] = []
    for change in _changes(before, after, most):
        changes.append(change)
        if how_many(changes) >= most:
            break
    return changes


def _changes(before: Signature, after: Signature, most: int) -> Iterator[Change]:
    yield from _switches("configuration", before.configuration, after.configuration)
    yield from _switches("options", before.options, after.options)
    yield from _static_changes(before, after)
    if before.arguments == after.arguments:
        return
    arguments = {argument.name: argument for argument in before.arguments}
    for now_ in after.arguments:
        was_ = arguments.pop(now_.name, None)
        if was_ is None:
            yield Change("tree", now_.name, _ABSENT, _short(now_))
        elif was_ != now_:
            yield from _argument_changes(was_, now_, most)
    for gone in arguments.values():
        yield Change("tree", gone.name, _short(gone), _ABSENT)


def _switches(
    kind: Why, before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]
) -> Iterator[Change]:
    if before == after:
        return
    was, now = dict(before), dict(after)
    for name in {**now, **was}:
        if was.get(name) != now.get(name):
            yield Change(kind, name, was.get(name, _ABSENT), now.get(name, _ABSENT))


def _static_changes(before: Signature, after: Signature) -> Iterator[Change]:
    if before.statics == after.statics:
        return
    statics = {static.name: static for static in before.statics}
    for now in after.statics:
        was = statics.pop(now.name, None)
        if was is None:
            yield Change("static value", now.name, _ABSENT, now.text)
        elif was != now:
            yield _static_change(now.name, was, now)
    for gone in statics.values():
        yield Change("static value", gone.name, gone.text, _ABSENT)


def _static_change(name: str, was: Static, now: Static) -> Change:
    """A change of a static value; "another" one where both read alike."""
    another = now.text.replace("a ", "another ", 1) if was.text == now.text else now.text
    return Change("static value", name, was.text, another)


def _argument_changes(before: Argument, after: Argument, most: int) -> Iterator[Change]:
    were, are = before.structure, after.structure
    if were == are:
        yield from _leaf_changes(before, after, most)
    elif were.ways != are.ways or were.containers != are.containers:
        yield from _tree_changes(before, after)
    else:
        if were.fields == are.fields:
            yield Change("tree", before.name, "of another structure", "of this one")
        for held, holds in zip(were.fields, are.fields, strict=False):
            if held != holds:
                yield _static_change(f"{after.name} ({holds.name})", held, holds)
        yield from _leaf_changes(before, after, most)


def _leaf_changes(before: Argument, after: Argument, most: int) -> Iterator[Change]:
    """A change for each kind of change to the leaves of one structure."""
    found: dict[Why, tuple[int, int]] = {}
    pairs = zip(before.leaves, after.leaves, strict=True)
    for index, (was, now) in enumerate(pairs):
        if was is not now and was != now:
            kind = _kind(was, now)
            first, count = found.get(kind, (index, 0))
            found[kind] = first, count + 1
            if count >= most:
                break
    for kind, (first, count) in found.items():
        was, now = before.leaves[first], after.leaves[first]
        yield Change(kind, after.path(first), _without(was, now), _without(now, was), count)


def _kind(was: Leaf, now: Leaf) -> Why:
    if was.shape != now.shape:
        return "shape"
    if was.dtype != now.dtype:
        return "dtype"
    return "weak type" if was.weak != now.weak else "device"


def _without(leaf: Leaf, other: Leaf) -> str:
    """A leaf as text; a weak type and a device are said only where these changed."""
    shown = leaf._replace(
        weak=leaf.weak and leaf.weak != other.weak,
        placed=leaf.placed if leaf.placed != other.placed else "",
    )
    if leaf[:3] == other[:3]:
        return leaf.placed or "the default device"
    return str(shown if leaf.shape == other.shape else shown._replace(placed=""))


def _tree_changes(before: Argument, after: Argument) -> Iterator[Change]:
    """Leaves that came or went; else the container that is another one."""
    were, are = before.structure, after.structure
    if were.is_leaf or are.is_leaf or not were.ways or not are.ways:
        yield Change("tree", before.name, _short(before), _short(after))
        return
    came, went = are.places - were.places, were.places - are.places
    if came:
        path, leaf = _first(after, came)
        yield Change("tree", path, _ABSENT, leaf, len(came))
    if went:
        path, leaf = _first(before, went)
        yield Change("tree", path, leaf, _ABSENT, len(went))
    if not (came or went):
        inside = were.containers, are.containers
        was, now = next(
            ((was, now) for was, now in zip(*inside, strict=False) if was != now),
            (f"{len(inside[0])} containers", f"{len(inside[1])} containers"),
        )
        yield Change("tree", before.name, was, now)


def _first(argument: Argument, places: frozenset[tuple[Step, ...]]) -> tuple[str, str]:
    """The path to the first leaf at one of these places, and the leaf."""
    index = next(index for index, way in enumerate(argument.structure.ways) if way in places)
    return argument.path(index), str(argument.leaves[index])


def _short(argument: Argument) -> str:
    return str(argument).removeprefix(f"{argument.name}: ")
