"""The rows of an outline: what each of them says, and which rows lie below it."""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from jaxmagic.pytree.arrays.figures import TITLES, figures_cells
from jaxmagic.pytree.look.columns import TIMES, WIDTH, Column, Lines, bar, percent
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.model import Structure, Tree
from jaxmagic.pytree.short import structure_text
from jaxmagic.pytree.unfold import Part, noise, within
from jaxmagic.show import units

_PLACES = 2
_LINES_OF_REMARK = 40
_TOO_FEW = 4


@dataclass(slots=True)
class Row:
    """One line of an outline, the lines that explain it, and the rows below it.

    ``part`` is what it shows, None where it counts what is left out. ``lead`` are the lines of
    the tree before its ``label``, ``cells`` what stands in the columns, by their names.
    ``title`` says what has no column, ``remarks`` what must be read.
    """

    part: Part | None
    lead: str
    label: str
    cells: dict[str, str]
    title: str = ""
    remarks: list[str] = field(default_factory=list)
    rows: list["Row"] = field(default_factory=list)

    def walk(self) -> Iterator["Row"]:
        """This row and all below it, in order."""
        yield self
        for row in self.rows:
            yield from row.walk()


@dataclass(frozen=True, slots=True)
class Measure:
    """What the shares of a tree are shares of: ``word`` names it."""

    word: str
    of: Callable[[Structure], int]


def measure(tree: Tree) -> Measure:
    """Bytes if any are known, else parameters, else leaves."""
    if tree.top.size_bytes:
        return Measure("bytes", lambda structure: structure.size_bytes)
    if tree.top.parameters:
        return Measure("params", lambda structure: structure.parameters)
    return Measure("leaves", lambda structure: structure.leaves)


def opened(root: Part, rows: int) -> set[int]:
    """The identities of the parts whose own parts fit on a page of ``rows``.

    Level by level, so that what is left closed is deep; the first ones are opened in any case.
    """
    used, chosen = 1, set()
    waiting = [root]
    while waiting:
        below: list[Part] = []
        for part in waiting:
            needed = len(part.parts) + bool(part.hidden)
            if part.parts and (used <= _TOO_FEW or used + needed <= rows):
                used += needed
                chosen.add(id(part))
                below += part.parts
        waiting = below
    return chosen


class Outline:
    """The rows of a result, and how they are written as lines.

    Of the parts, only those in ``chosen`` are opened; None opens all. After ``remark_lines`` what
    a remark says is a hover. ``top`` is the row of the whole tree. ``left_out`` is the number of
    leaves without a row, and ``most_left`` the part that has most of them.
    """

    def __init__(
        self, result: PyTree, chosen: set[int] | None = None, remark_lines: int = 40
    ) -> None:
        self.result = result
        self._remark_lines = remark_lines
        self.left_out = 0
        self.most_left: Part | None = None
        self._most = 0
        self._tree = result.tree
        self._chosen = chosen
        self._measure = measure(result.tree)
        self._whole = self._measure.of(result.tree.top) or 1
        shown = (self.at(part) for _, part in result.root.walk())
        sorts = {_sort(structure) for structure in shown if structure.shape is not None}
        self._common = sorts.pop() if len(sorts) == 1 else ""
        self.top = self._row(result.root, "", "", "")
        self.top.label = result.short_name
        rows = [*self.top.walk()]
        self.lines = Lines(
            _columns(self._measure.word),
            [(row.lead + row.label, row.cells) for row in rows],
            max(len(row.lead) for row in rows),
        )

    def at(self, part: Part) -> Structure:
        """The structure that a part shows."""
        return self._tree.structures[part.structure]

    def _row(self, part: Part, path: str, lead: str, inner: str) -> Row:
        """The row of ``part``: ``path`` leads to what it is in, ``inner`` is the lead below it."""
        here = self.at(part)
        path += part.label
        below = part.parts if self._chosen is None or id(part) in self._chosen else []
        is_closed = bool(here.children) and not below and bool(part.hidden or part.parts)
        if is_closed or part.hidden:
            self._leave_out(part, part.weight * here.leaves if is_closed else part.hidden_leaves)
        times = f" {part.times:,}{TIMES}" if part.times > 1 else ""
        cells = {"type": self._type(part, here) + " …" * is_closed}
        row = Row(part, lead, part.label + times, cells)
        cells |= self._figures(lambda of: part.weight * of(here))
        if self.result.sharding:
            cells["sharding"] = here.sharding
        if self.result.stats is not None and part.place in self.result.stats.at:
            figures = figures_cells(self.result.stats.at[part.place])
            cells |= dict(zip(TITLES, figures, strict=True))
        remarks = self._remarks(part, here)
        lines = _wrapped(remarks, inner + ("│ " if below else "  "))
        if len(lines) <= self._remark_lines:
            self._remark_lines -= len(lines)
            row.remarks, remarks = lines, []
        elif not here.note:
            cells["type"] += " ="
        row.title = self._title(part, here, path, remarks)
        last = None if part.hidden or not below else below[-1]
        for child in below:
            bend, beside = ("└─", "  ") if child is last else ("├─", "│ ")
            row.rows.append(self._row(child, path, inner + bend, inner + beside))
        if below and part.hidden:
            row.rows.append(self._more(part, here, inner))
        return row

    def _more(self, part: Part, here: Structure, inner: str) -> Row:
        """The row for the children of ``part`` that are left out."""

        def left(of: Callable[[Structure], int]) -> int:
            shown = sum(below.weight * of(self.at(below)) for below in part.parts)
            return part.weight * of(here) - shown

        leaves = f"{part.hidden_leaves:,} {'leaf' if part.hidden_leaves == 1 else 'leaves'}"
        cells = {"type": leaves, **self._figures(left)}
        return Row(None, f"{inner}└─", f"… {part.hidden:,} more", cells)

    def _figures(self, total: Callable[[Callable[[Structure], int]], int]) -> dict[str, str]:
        """The cells for the totals of a row."""
        parameters = total(lambda structure: structure.parameters)
        size_bytes = total(lambda structure: structure.size_bytes)
        # of a single thing it would say that all of it is all of it
        share = 0.0 if self.result.is_single else total(self._measure.of) / self._whole
        return {
            "params": units.count(parameters) if parameters else "",
            "bytes": units.size(size_bytes) if size_bytes else "",
            "share": percent(share),
            "bar": bar(share),
        }

    def _leave_out(self, part: Part, leaves: int) -> None:
        self.left_out += leaves
        if self.most_left is None or leaves > self._most:
            self.most_left, self._most = part, leaves

    def _type(self, part: Part, here: Structure) -> str:
        """What it is, behind the type of an object that holds nothing else."""
        passed = [self._tree.structures[index] for index in part.through]
        objects = [one.type_name for one in passed if one.kind in ("object", "namedtuple")]
        if (unseen := noise(self._tree, part.structure)) is not None:
            children = here.children
            here = replace(here, children=children[:unseen] + children[unseen + 1 :])
        gone = ["deleted"] if "deleted" in here.words else []
        return " ".join([*objects[-1:], structure_text(here), *gone])

    def _title(self, part: Part, here: Structure, path: str, remarks: list[str]) -> str:
        """What is said where the mouse is: the path, and what has no column.

        A leaf of which no more is known than of all others leaves it to the container around it.
        """
        said = [path] if part.place else []
        if here.shape is not None and not self._common:
            said.append(_sort(here))
        if not part.place and self._common and not here.is_leaf:
            said.append(f"arrays: {self._common}")
        if here.kind in ("object", "namedtuple"):
            said.append(f"{here.module}.{here.type_name}".lstrip("."))
        said += [*remarks, here.static, "" if self.result.sharding else here.sharding]
        if self.result.stats is not None and part.place in self.result.stats.at:
            said.append(self.result.stats.at[part.place].how)
        if part.times > 1:
            said.append(f"sums over all {part.times:,}")
        said = [text for text in said if text]
        return " · ".join(said) if not here.is_leaf or said[1:] else ""

    def _remarks(self, part: Part, here: Structure) -> list[str]:
        """What must be read about a row, as sentences."""
        said = [f"! {here.note}"] if here.note else []
        if here.is_leaf and (same := self._same(part)):
            said.append(same)
        return said

    def _same(self, part: Part) -> str:
        """Where else the array lies, or the first shared one of a run of equal siblings."""
        found = [(one, places) for one in self._tree.shared if (places := within(part, one))]
        if not found:
            return ""
        shared, places = found[0]
        if part.times > 1 and len(places) == part.times == shared.count:
            return f"= one array, at {shared.count:,} places"
        is_whole = len(places) == part.times
        inside = places if is_whole else places[:1]
        others = [other for other in shared.places if other not in inside]
        named = ", ".join(self._tree.path(other) for other in others[:_PLACES])
        more = shared.count - len(inside) - min(len(others), _PLACES)
        first = "" if is_whole else f"{self._tree.path(places[0])} is the "
        end = f" and {more:,} more" if more > 0 else ""
        arrays = units.plural(len(found) - 1, "more array") if found[1:] else ""
        return f"= {first}same array as {named}{end}" + (f"; {arrays} shared" if arrays else "")


def _wrapped(sentences: list[str], lead: str) -> list[str]:
    lead = lead[-_LINES_OF_REMARK:]
    return [
        lead + line
        for sentence in sentences
        for line in textwrap.wrap(sentence, WIDTH - len(lead), subsequent_indent="  ")
    ]


def _columns(word: str) -> list[Column]:
    return [
        Column("type", "", right=False, most=26),
        Column("params", "params", need=2),
        Column("bytes", "bytes", need=3),
        Column("sharding", "sharding", right=False, most=28, need=4),
        *(Column(title, title) for title in TITLES),
        Column("share", f"of {word}", need=1),
        Column("bar", "", right=False, need=0),
    ]


def _sort(leaf: Structure) -> str:
    """What an array is beside its shape: ``abstract``, ``ndarray``."""
    return ", ".join(leaf.words) or leaf.type_name
