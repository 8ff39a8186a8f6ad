"""The figures of each row of an outline, read from the arrays within a budget.

Each row gets a small sample first; then the rows are read whole, from the smallest up. So none is
left without figures because another took all the time.
"""

import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from jaxmagic.pytree.arrays.figures import Figures, Stats
from jaxmagic.pytree.arrays.reading import Numbers, is_numeric, numbers, together
from jaxmagic.pytree.arrays.rows import Row, rows
from jaxmagic.pytree.arrays.sums import Known, Sums
from jaxmagic.pytree.kinds import dtype_name
from jaxmagic.pytree.model import Place, Tree
from jaxmagic.pytree.names import type_name
from jaxmagic.pytree.unfold import Part
from jaxmagic.show import units

BUDGET_BYTES = 1 << 30
SAMPLE = 1 << 16
"""Elements of a row's sample."""

_FIRST_LEAVES = 64
_SMALL = 1024
_BATCH = 512
_LEAF_BYTES = 10_000  # to read any leaf takes as long as so many bytes of a large one


def stats_of(
    obj: Any,
    tree: Tree,
    root: Part,
    *,
    budget_bytes: int = BUDGET_BYTES,
    seconds: float = 2.0,
    clock: Callable[[], float] = time.perf_counter,
    rng: random.Random | None = None,
    progress: Callable[[str], None] | None = None,
) -> Stats:
    """The figures of each part below ``root``, as far as the budget goes.

    Reads what is in this machine's memory where it is, and copies samples from other devices.
    Ctrl-C ends it early, with what was read so far.

    Args:
        obj: the tree that ``tree`` is the model of.
        tree: the model.
        root: the parts that are shown, from ``unfold(tree)``.
        budget_bytes: how much is read at most, beside the samples.
        seconds: how long is read at most.
        clock: tells the time in seconds.
        rng: where samples are taken; the same places each time by default.
        progress: told which row is being read.
    """
    rng = random.Random(0) if rng is None else rng  # noqa: S311  no secret
    started = clock()
    reading = _Reading([], clock, started + seconds, rng, progress or (lambda _: None))
    stopped = ""
    try:
        reading.rows = [_Read(row) for row in rows(obj, tree, root)]
        reading.sample_each()
        stopped = reading.complete(budget_bytes)
        if not reading.has_time():
            stopped = f"Reading stopped after {units.seconds(seconds)}."
    except KeyboardInterrupt:
        stopped = "Reading was interrupted."
    at: dict[Place, Figures] = {part.place: Figures() for _, part in root.walk()}
    _collect(root, {row.row.part.place: row for row in reading.rows}, at)
    note = _note(tree, root, at, stopped, copied=reading.copied)
    return Stats(at, note, clock() - started)


@dataclass(slots=True)
class _Read:
    """What was read of a row.

    ``sums`` is of the leaves that are done, ``samples`` of those that were sampled, each with
    the number of elements that it stands for; ``partly`` has those that may be read whole.
    """

    row: Row
    sums: Sums = field(default_factory=Sums)
    samples: list[tuple[int, Sums]] = field(default_factory=list)
    partly: list[tuple[Numbers, Sums]] = field(default_factory=list)
    put_back: list[Numbers] = field(default_factory=list)
    exhausted: bool = False
    leaves_read: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    failed_elements: int = 0

    @property
    def work_bytes(self) -> int:
        """About how much work the whole row is, in bytes."""
        return self.row.count.size_bytes + _LEAF_BYTES * self.row.count.leaves

    def next(self, number: int) -> list[Numbers]:
        """The numbers of some of its next leaves; notes which have none."""
        found, self.put_back = self.put_back, []
        for _ in range(number - len(found)):
            try:
                leaf = next(self.row.leaves)
                there = numbers(leaf)
                if isinstance(there, str):
                    self._skip(leaf, there)
                else:
                    found.append(there)
            except StopIteration:
                self.exhausted = True
                break
            except Exception as error:  # noqa: BLE001  classes of the user's may raise anything
                self.fail(error, 0)
        return found

    def fail(self, error: Exception, elements: int) -> None:
        """Note that a leaf of so many elements could not be read."""
        self.failed[f"not read ({type_name(type(error))})"] += 1
        self.failed_elements += elements

    def _skip(self, leaf: Any, why: str) -> None:
        """Note why a leaf has no numbers; the model may have counted them."""
        if not why:
            return
        self.failed[why] += 1
        if not self.row.count.skipped[why]:
            dtype, shape = getattr(leaf, "dtype", None), getattr(leaf, "shape", ())
            if dtype is None or is_numeric(dtype_name(dtype)):
                self.failed_elements += math.prod(shape)

    def known(self) -> Known:
        """The figures of what was read, for all that there is."""
        count = self.row.count
        known = Known.of(self.sums, self.sums.read)
        for elements, sample in self.samples:
            known += Known.of(sample, elements)
        for found, sample in self.partly:
            known += Known.of(sample, found.size)
        skipped = count.skipped | self.failed
        leaves = count.leaves + sum(count.skipped.values())
        return replace(
            known.scaled(count.elements - self.failed_elements),
            leaves=max(leaves, self.leaves_read + sum(skipped.values())),
            leaves_read=self.leaves_read,
            skipped=skipped,
        )


@dataclass(slots=True)
class _Reading:
    """The rows that are being read, and until when."""

    rows: list[_Read]
    clock: Callable[[], float]
    until: float
    rng: random.Random
    progress: Callable[[str], None]
    copied: bool = False

    def has_time(self) -> bool:
        return self.clock() < self.until

    def sample_each(self) -> None:
        """Read some leaves of each row, at least in part; each has its share of the time."""
        for number, row in enumerate(self.rows):
            now = self.clock()
            if now >= self.until:
                return
            self.progress(f"reading a sample of row {number + 1:,} of {len(self.rows):,}")
            end = now + (self.until - now) / (len(self.rows) - number)
            size = max(SAMPLE // max(1, min(row.row.count.leaves, _FIRST_LEAVES)), _SMALL)
            self._read(row, row.next(_FIRST_LEAVES), size, end)

    def complete(self, budget_bytes: int) -> str:
        """Read whole rows from the smallest up; why it stopped, if it did."""
        for number, row in enumerate(sorted(self.rows, key=lambda row: row.work_bytes)):
            budget_bytes -= row.row.count.size_bytes
            if budget_bytes < 0:
                return "What goes beyond the budget of bytes was sampled."
            self.progress(f"reading row {number + 1:,} of {len(self.rows):,}")
            while row.partly and self.has_time():
                self._finish(row)
            while self.has_time() and (row.put_back or not row.exhausted):
                self._read(row, row.next(_BATCH), None, self.until)
        return ""

    def _read(self, row: _Read, found: list[Numbers], size: int | None, end: float) -> None:
        """Read leaves, of those larger than ``size`` a sample; what time ends before goes back.

        Small ones are read together: there may be a million of them.
        """
        small = [leaf for leaf in found if leaf.on_host and leaf.size <= _SMALL]
        large = [leaf for leaf in found if not (leaf.on_host and leaf.size <= _SMALL)]
        try:
            sums = together(small)
        except Exception:  # noqa: BLE001  one of them fails: each alone, to see which
            large = found
        else:
            row.sums, row.leaves_read = row.sums + sums, row.leaves_read + len(small)
        for position, leaf in enumerate(large):
            if position and self.clock() >= end:
                row.put_back = large[position:]
                return
            try:
                self._read_one(row, leaf, size)
            except Exception as error:  # noqa: BLE001  an array may fail in its own ways
                row.fail(error, leaf.size)

    def _read_one(self, row: _Read, leaf: Numbers, size: int | None) -> None:
        if not leaf.on_host:
            sample = leaf.sample(size or _SMALL, self.rng)
            row.samples.append((leaf.size, sample))
            self.copied = True
        elif size is None or leaf.size <= size:
            sums = leaf.all(self.has_time)
            row.samples.append((leaf.size, sums))
        else:
            row.partly.append((leaf, leaf.sample(size, self.rng)))
        row.leaves_read += 1

    def _finish(self, row: _Read) -> None:
        """Read the whole of a leaf that was sampled; keep what has more, if time ends."""
        leaf, sample = row.partly[-1]
        whole = leaf.all(self.has_time)
        row.partly.pop()
        row.samples.append((leaf.size, max(sample, whole, key=lambda sums: sums.read)))


def _collect(part: Part, read: dict[Place, _Read], at: dict[Place, Figures]) -> Known:
    """The figures of a part and of all below it; as deep as an outline is."""
    own = read.get(part.place)
    total = sum(
        (_collect(below, read, at) for below in part.parts), own.known() if own else Known()
    )
    at[part.place] = total.figures()
    return total


def _note(tree: Tree, root: Part, at: dict[Place, Figures], stopped: str, *, copied: bool) -> str:
    """What the figures are, and what was not read, in sentences."""
    dtypes = _dtypes(tree, root.structure)
    said = ["Smallest, largest and mean are of the finite values"]
    if any(name.startswith("complex") for name in dtypes):
        said.append("of complex numbers, of the magnitudes")
    if "bool" in dtypes:
        said.append("of bools, the mean is the share of True")
    sentences = ["; ".join(said) + "."]
    whole = at[root.place]
    if not (whole.elements or whole.skipped):
        sentences = ["There are no numbers in it."]
    if any(figures.read and not figures.is_complete for figures in at.values()):
        read, elements = units.count(whole.read), units.count(whole.elements)
        sentences.append(
            f"{read} of {elements} elements were read: ≤, ≥, ≈ and “seen” stand with figures of a "
            "sample, which may have missed smaller, larger and odd values."
        )
    if whole.skipped:
        said = [f"{units.count(number)} {word}" for word, number in whole.skipped]
        sentences.append(f"Leaves that were not read: {', '.join(said)}.")
    if copied:
        sentences.append("Of arrays on other devices than the CPU only samples were copied.")
    return " ".join([*sentences, stopped] if stopped else sentences)


def _dtypes(tree: Tree, index: int) -> set[str]:
    """The dtypes of all leaves below a structure; Python's numbers by their type."""
    found, seen, waiting = set(), {index}, [index]
    while waiting:
        here = tree.structures[waiting.pop()]
        if here.kind == "number" or here.dtype:
            found.add(here.dtype or here.type_name)
        new = set(here.children) - seen
        seen |= new
        waiting += new
    return found
