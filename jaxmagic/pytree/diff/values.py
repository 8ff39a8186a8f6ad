"""The values of the leaves that belong together: compared one pair at a time, within a budget."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.pytree.arrays.reading import is_numeric
from jaxmagic.pytree.containers import level
from jaxmagic.pytree.diff.compare import Key, Pair
from jaxmagic.pytree.diff.deviation import deviation
from jaxmagic.pytree.diff.labels import Link, paths
from jaxmagic.pytree.diff.listing import FAULTS
from jaxmagic.pytree.diff.result import Fault
from jaxmagic.pytree.diff.unlike import is_open
from jaxmagic.pytree.model import Structure
from jaxmagic.pytree.names import clean, message
from jaxmagic.pytree.short import structure_text
from jaxmagic.show import units

SECONDS = 10.0
BUDGET_BYTES = 4 << 30

_UNREAD = {
    "tracer": "a tracer",
    "abstract": "an abstract array",
    "deleted": "a deleted array",
    "key": "a key",
    "ref": "a ref",
}
_LONGEST = 40
_DIGITS = 200
_PLAIN = (bool, int, float, complex)
_TEXTS = (str, bytes)


@dataclass(slots=True)
class Values:
    """What was found: the faults that are listed, and how many there are.

    ``skipped`` counts the leaves that were not compared, by the reason.
    """

    faults: list[Fault] = field(default_factory=list)
    different: int = 0
    compared: int = 0
    nan_twice: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str, leaves: int = 1) -> None:
        """Count leaves that were not compared."""
        self.skipped[reason] = self.skipped.get(reason, 0) + leaves

    def notes(self) -> Iterator[str]:
        """What was not compared, and what counted as equal, in sentences."""
        for reason, number in self.skipped.items():
            leaves = "1 leaf" if number == 1 else f"{number:,} leaves"
            yield f"The values of {leaves} were not compared: {reason}."
        if self.nan_twice:
            were = "1 element that is" if self.nan_twice == 1 else f"{self.nan_twice:,} that are"
            yield f"NaN counts as equal to NaN: {were} NaN on both sides."


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is read at most, and for how long."""

    seconds: float = SECONDS
    size_bytes: int = BUDGET_BYTES
    clock: Callable[[], float] = time.perf_counter
    progress: Callable[[str], None] | None = None


Leaves = Iterator[tuple[Link | None, Key, Any, Any]]


def compare_values(
    structures: Sequence[Structure],
    pairs: dict[Key, Pair],
    root: tuple[Key, Any, Any],
    number: int,
    budget: Budget,
) -> Values:
    """Compare the values of the ``number`` leaves that belong together and are alike so far.

    Ctrl-C ends it early: what was compared until then is told, and how much was not.
    """
    found = Values()
    until_s = budget.clock() + budget.seconds
    left_bytes = budget.size_bytes
    ended = ""
    for link, key, a, b in _together(structures, pairs, root):
        left, right = (structures[index] for index in key)
        if budget.clock() > until_s:
            ended = f"{units.seconds(budget.seconds)} were over"
            break
        if a is b:
            found.compared += left.leaves
            continue
        reason = _unread(left) or _unread(right)
        size_bytes = left.size_bytes + right.size_bytes
        if not reason and size_bytes > left_bytes:
            reason = f"{units.size(budget.size_bytes)} were read"
        if reason:
            found.skip(reason)
            continue
        left_bytes -= size_bytes
        try:
            if budget.progress is not None:
                budget.progress(f"{found.compared:,} leaves compared")
            _compare(found, link, (left, right), a, b)
            found.compared += 1
        except KeyboardInterrupt:
            ended = "it was interrupted"
            break
        except Exception as error:  # noqa: BLE001  arrays of any library may fail to be read
            found.skip(f"they can't be read ({message(error)})")
    if ended:
        found.skip(ended, number - found.compared - sum(found.skipped.values()))
    return found


def _together(
    structures: Sequence[Structure], pairs: dict[Key, Pair], root: tuple[Key, Any, Any]
) -> Leaves:
    """The leaves that belong together, in the order of the first tree, each with its place.

    A container that both trees have is given as a whole.
    """
    opened: list[Leaves] = [iter([(None, *root)])]
    while opened:
        here = next(opened[-1], None)
        if here is None:
            opened.pop()
            continue
        _, key, a, b = here
        left, right = (structures[index] for index in key)
        pair = pairs.get(key)
        if pair is not None and pair.own and left.is_leaf:
            continue  # they differ already
        if a is b or (left.is_leaf and right.is_leaf):
            yield here
        elif is_open(left) and is_open(right):
            ranges = [(0, 0, len(left.children))] if pair is None else pair.matched
            opened.append(_children(here, left, right, ranges))


def _children(
    here: tuple[Link | None, Key, Any, Any],
    left: Structure,
    right: Structure,
    ranges: list[tuple[int, int, int]],
) -> Leaves:
    link, _, a, b = here
    ones, others = level(a).children, level(b).children
    if len(ones) != len(left.children) or len(others) != len(right.children):
        return  # other children at each look
    for start, other, length in ranges:
        for n in range(length):
            p, q = start + n, other + n
            step = Link(link, left.keys[p], right.keys[q])
            yield step, (left.children[p], right.children[q]), ones[p], others[q]


def _unread(leaf: Structure) -> str:
    """Why the values of a leaf are not read; empty if they are."""
    for word, said in _UNREAD.items():
        if word in leaf.words:
            return f"{said} has none to read"
    if leaf.kind == "opaque" or (leaf.shape is not None and not is_numeric(leaf.dtype)):
        return "they are no numbers"
    return ""


def _compare(
    found: Values,
    link: Link | None,
    sides: tuple[Structure, Structure],
    a: Any,
    b: Any,
) -> None:
    left, right = sides
    if left.shape is None and right.shape is None:
        if type(a) not in (*_PLAIN, *_TEXTS):
            reason = "not a plain number"
            raise TypeError(reason)
        if a != b:
            if a != a and b != b:  # noqa: PLR0124  NaN
                found.nan_twice += 1
            else:
                _fault(found, link, (_written(a), _written(b)), "")
        return
    one, other = _as_numpy(a, right), _as_numpy(b, left)
    deviates = deviation(one, other)
    found.nan_twice += deviates.nan_twice
    if deviates.different:
        texts = structure_text(left), structure_text(right)
        if one.size == 1 and one.dtype.kind in "biufc":
            texts = _written(one.item()), _written(other.item())
        _fault(found, link, texts, str(deviates))


def _fault(found: Values, link: Link | None, texts: tuple[str, str], hint: str) -> None:
    found.different += 1
    if len(found.faults) < FAULTS:
        path, other = paths(link)
        different = "" if other == path else other
        fault = Fault("value", path, *texts, hint, other_path=different, places=(path,))
        found.faults.append(fault)


def _written(value: Any) -> str:
    """A plain number or text, short."""
    if type(value) in _TEXTS:
        return clean(repr(value[: 2 * _LONGEST]), _LONGEST)
    if type(value) is int and value.bit_length() > _DIGITS:
        return "a large int"
    return repr(value)


def _as_numpy(leaf: Any, counterpart: Structure) -> Any:
    """The elements of a leaf, where they are if that is this machine's memory.

    An array on other devices is copied; no copy stays with the array.
    """
    import numpy as np  # noqa: PLC0415  nothing is imported before it is asked for

    if type(leaf) in _PLAIN:  # in the precision of the array that it is compared with
        return np.asarray(leaf, counterpart.dtype)
    shards = getattr(leaf, "addressable_shards", None)
    if shards is None or isinstance(leaf, np.ndarray | np.generic):
        return np.asarray(leaf)
    if not leaf.is_fully_addressable:
        reason = "a part is on another machine"
        raise ValueError(reason)
    if leaf.is_fully_replicated:
        return np.asarray(shards[0].data)
    whole = np.empty(leaf.shape, leaf.dtype)
    for shard in shards:
        whole[shard.index] = np.asarray(shard.data)
    return whole
