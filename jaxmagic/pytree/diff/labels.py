"""How the way to a fault is written: as a path, or as the label of one row."""

from collections.abc import Sequence

from jaxmagic.pytree.model import Structure

_WRITTEN = 40
_CHAIN = 6
_RANGES = 3


class Link:
    """One step of a path on both sides, with the way to it; ``first`` has the first labels."""

    __slots__ = ("depth", "first", "label", "other", "up")

    def __init__(self, up: "Link | None", label: str, other: str) -> None:
        self.up = up
        self.label = label
        self.other = other
        self.depth: int = 1 if up is None else up.depth + 1
        before = () if up is None else up.first
        self.first: tuple[tuple[str, str], ...] = before
        if len(before) < _CHAIN:
            self.first = (*before, (label, other))


def paths(link: Link | None) -> tuple[str, str]:
    """The path on either side; of a very long one the first and the last steps."""
    if link is None:
        return "", ""
    shortened = link.depth > _WRITTEN
    steps: list[tuple[str, str]] = []
    here: Link | None = link
    while here is not None and (not shortened or len(steps) < _CHAIN):
        steps.append((here.label, here.other))
        here = here.up
    steps.reverse()
    if shortened:
        more = f"…{link.depth - 2 * _CHAIN:,} more…"
        steps = [*link.first, (more, more), *steps]
    return "".join(a for a, _ in steps), "".join(b for _, b in steps)


def chain(labels: Sequence[str]) -> str:
    """Several steps down as one label; of very many, the first and the last."""
    if len(labels) <= _WRITTEN:
        return "".join(labels)
    more = f"…{len(labels) - 2 * _CHAIN:,} more…"
    return "".join((*labels[:_CHAIN], more, *labels[-_CHAIN:]))


def label_of(
    kind: str, sides: tuple[Structure, Structure], left: Sequence[int], right: Sequence[int]
) -> str:
    """The labels of children in one, by their positions: ``[0…10]``, ``['scale'] → ['weight']``.

    ``kind`` is that of a group: "pair", "missing", "extra" or "renamed".
    """
    keys, others = sides[0].keys, sides[1].keys
    if kind == "renamed":
        return f"{keys[left[0]]} → {others[right[0]]}"
    if kind == "extra":
        return _ranges(others, right)
    text = _ranges(keys, left)
    if kind == "pair" and keys[left[0]] != others[right[0]]:
        text = f"{text} → {_ranges(others, right)}"
    return text


def _ranges(keys: Sequence[str], positions: Sequence[int]) -> str:
    """Labels of siblings, neighbours in one: ``[0…3], [7], … 5 more``."""
    told: list[str] = []
    number = start = 0
    while start < len(positions) and len(told) < _RANGES:
        end = start
        while end + 1 < len(positions) and positions[end + 1] == positions[end] + 1:
            end += 1
        told.append(_range(keys, positions[start], positions[end]))
        number += end + 1 - start
        start = end + 1
    if number < len(positions):
        told.append(f"… {len(positions) - number:,} more")
    return ", ".join(told)


def _range(keys: Sequence[str], start: int, end: int) -> str:
    first, last = keys[start], keys[end]
    if start == end:
        return first
    if first[1:-1].isdecimal() and last[1:-1].isdecimal():
        return f"{first[:-1]}…{last[1:]}"
    return f"{first}…{last}" if end > start + 1 else f"{first}, {last}"
