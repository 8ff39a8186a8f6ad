"""Which parts of a tree are shown: the rows of an outline, or the nodes of a folded picture.

A tree of a million leaves has to fit on one page. Equal siblings that stand side by side become one
part (``[0…11]``, 12 times), a container with one child becomes one part with it
(``['wte']['embedding']``), and what goes beyond the budget is counted: shown and hidden leaves
are always all leaves.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jaxmagic.pytree.model import Place, Shared, Tree

ROWS = 120
"""Parts that are shown at most, the root included."""

LEVELS = 24
"""Levels that are opened at most; parsers of HTML stop at some hundred nested elements."""

WIDEST = 40
FOLDED_FROM = 3
_LONGEST_CHAIN = 6
_OF_MANY = 20  # of what does not fit, more would only be a longer list of the same
_FEW = 4  # less of a container than that is not worth to be opened
_NAMES = 10  # equal siblings with names of their own are shown one by one below that
_DIGITS = re.compile(r"\d+")
_NOISE = "._pytree__state"  # what flax.nnx keeps beside the fields of a module (seen on 0.12)


@dataclass(slots=True)
class Part:
    """One place of a tree, or a run of equal siblings, as it is shown.

    ``label`` is the way to it from the part above, as JAX writes paths; ``structure`` what is
    there, ``through`` the structures of the containers with one child that the label passes.
    ``place`` is the first place that it stands for, ``times`` the number of equal siblings, and
    ``weight`` at how many places of the whole tree it lies: figures shown for it are those of
    its structure, times its weight.

    ``parts`` are those below it that are shown. ``hidden`` is how many of its children are not,
    and ``hidden_leaves`` the number of leaves in them, at all places together.
    """

    label: str
    structure: int
    place: Place = ()
    times: int = 1
    weight: int = 1
    through: tuple[int, ...] = ()
    parts: list[Part] = field(default_factory=list)
    hidden: int = 0
    hidden_leaves: int = 0

    def walk(self, level: int = 0) -> Iterator[tuple[int, Part]]:
        """This part and all that are shown below it, each with its level, in order."""
        yield level, self
        for part in self.parts:
            yield from part.walk(level + 1)


def within(part: Part, shared: Shared) -> list[Place]:
    """The known places of an array that ``part`` stands for."""
    at = len(part.place) - len(part.through) - 1  # where the siblings of a run differ
    if part.times == 1:
        return [part.place] if part.place in shared.places else []
    before, first, behind = part.place[:at], part.place[at], part.place[at + 1 :]
    return [
        place
        for place in shared.places
        if len(place) == len(part.place)
        and place[:at] == before
        and first <= place[at] < first + part.times
        and place[at + 1 :] == behind
    ]


def unfold(
    tree: Tree,
    *,
    start: Part | None = None,
    depth: int | None = None,
    rows: int = ROWS,
    widest: int = WIDEST,
    folded_from: int = FOLDED_FROM,
    chains: bool = True,
) -> Part:
    """The parts of ``tree`` that are shown, level by level, until ``rows`` are used up.

    Args:
        tree: the model.
        start: the part to open instead of the root; it gets its parts below.
        depth: levels that are opened at most.
        rows: parts at most.
        widest: parts at most in one container; of one that has more, twenty are enough.
        folded_from: how many equal siblings become one part.
        chains: whether a container with one child is one part with it.
    """
    root = Part("", tree.root) if start is None else start
    left = rows - 1
    level, most = 0, LEVELS if depth is None else min(depth, LEVELS)
    waiting = [root]
    while waiting:
        shown: list[Part] = []
        for number, part in enumerate(waiting):
            if not tree.structures[part.structure].children:
                continue
            share = max(left // (len(waiting) - number), _FEW)
            space = min(share, widest, left) if level < most else 0
            _open(tree, part, space, folded_from, chains=chains)
            left -= len(part.parts) + bool(part.parts and part.hidden)
            shown += part.parts
        level, waiting = level + 1, shown
    return root


def _open(tree: Tree, part: Part, space: int, folded_from: int, *, chains: bool) -> None:
    """Give ``part`` its parts below: all of them, else as many as have space, else none."""
    found = list(itertools.islice(runs(tree, part.structure, folded_from), space + 1))
    if len(found) > space:
        # the count of what is left out needs a row, too, and a single one of many says little
        found = found[: min(space - 1, _OF_MANY)] if space >= _FEW else []
    part.parts = [part_of(tree, part, start, end, chains=chains) for start, end in found]
    structures = tree.structures
    here = structures[part.structure]
    end = found[-1][1] if found else 0
    unseen = noise(tree, part.structure)
    part.hidden = len(here.children) - end - (unseen is not None and unseen >= end)
    shown = sum(below.weight * structures[below.structure].leaves for below in part.parts)
    part.hidden_leaves = part.weight * here.leaves - shown


def runs(tree: Tree, structure: int, folded_from: int = FOLDED_FROM) -> Iterator[tuple[int, int]]:
    """The children of a structure as ranges of positions: equal siblings in one, others alone."""
    children = tree.structures[structure].children
    unseen = noise(tree, structure)
    parts = [(0, len(children))] if unseen is None else [(0, unseen), (unseen + 1, len(children))]
    for start, stop in parts:
        position = start
        while position < stop:
            end = _end_of_run(children, position, stop)
            if folds(tree, structure, position, end, folded_from):
                yield position, end
            else:
                yield from ((single, single + 1) for single in range(position, end))
            position = end


def folds(tree: Tree, structure: int, start: int, end: int, folded_from: int = FOLDED_FROM) -> bool:
    """Whether the equal children from ``start`` to ``end`` become one part.

    Names say more than numbers: ``['lr']``, ``['beta']`` and ``['eps']`` stay three parts, while
    ``[0]`` to ``[2]``, or ``['layer_0']`` to ``['layer_2']``, become one.
    """
    here = tree.structures[structure]
    if end - start < folded_from:
        return False
    if here.kind in ("list", "tuple") or end - start >= _NAMES:
        return True
    first, last = (_DIGITS.sub("0", here.keys[position]) for position in (start, end - 1))
    return first == last


def _end_of_run(children: tuple[int, ...], start: int, stop: int) -> int:
    """The position behind the last child that equals the one at ``start``, without a gap.

    Of a million equal siblings none is looked at alone: ever longer slices are compared, and
    shorter ones again where they differ.
    """
    first, end, length = children[start], start + 1, 1
    while end < stop and children[end] == first:
        length = min(2 * length, stop - end)
        while children[end : end + length] != (first,) * length:
            length //= 2
        end += length
    return end


def noise(tree: Tree, structure: int) -> int | None:
    """The position of the child that no reader wants to see, if there is one."""
    here = tree.structures[structure]
    if here.kind != "object" or _NOISE not in here.keys:
        return None
    position = here.keys.index(_NOISE)
    return None if tree.structures[here.children[position]].leaves else position


def part_of(tree: Tree, above: Part, start: int, end: int, *, chains: bool) -> Part:
    """The part for the children of ``above`` from ``start`` to ``end``."""
    structures = tree.structures
    here = structures[above.structure]
    labels = [here.keys[start] if end - start == 1 else _range(here.keys, start, end)]
    index, steps, passed = here.children[start], [start], []
    while chains and (only := _only_child(tree, index)) is not None:
        passed.append(index)
        steps.append(only)
        labels.append(structures[index].keys[only])
        index = structures[index].children[only]
    times = end - start
    place = (*above.place, *steps)
    return Part(_chain(labels), index, place, times, above.weight * times, tuple(passed))


def _only_child(tree: Tree, index: int) -> int | None:
    """The position of the one child of a container that has no more and no fault."""
    here = tree.structures[index]
    if here.note or not 0 < len(here.children) <= 2:  # noqa: PLR2004  one, and what is not shown
        return None
    unseen = noise(tree, index)
    if len(here.children) - (unseen is not None) != 1:
        return None
    return 1 if unseen == 0 else 0


def _range(keys: Sequence[str], start: int, end: int) -> str:
    """``[0…11]`` for the items of a list, ``['layer_0']…['layer_9']`` for others."""
    first, last = keys[start], keys[end - 1]
    if first[1:-1].isdecimal() and last[1:-1].isdecimal():
        return f"{first[:-1]}…{last[1:]}"
    return f"{first}…{last}"


def _chain(labels: Sequence[str]) -> str:
    """Several steps down as one label; of many, the first and the last."""
    if len(labels) <= _LONGEST_CHAIN:
        return "".join(labels)
    return f"{''.join(labels[:3])}…{len(labels) - 5:,} more…{''.join(labels[-2:])}"
