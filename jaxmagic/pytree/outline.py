"""The rows of an outline: what each says, how deep it lies, and how wide its columns are.

Text and HTML have the same rows, lines of characters of one width: an HTML page whose style is
dropped still is an outline.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from jaxmagic.pytree.figures import TITLES, figures_cells
from jaxmagic.pytree.model import Place, Structure, Tree
from jaxmagic.pytree.result import PyTree
from jaxmagic.pytree.short import structure_text
from jaxmagic.pytree.unfold import Part
from jaxmagic.show import TEXT_WIDTH, units

WIDTH = TEXT_WIDTH - 2
"""Columns of a line; in HTML the mark that opens and closes a row takes two more."""

_BAR = 8
_NARROWEST = 24
_LABEL, _TYPE, _SHARDING = 46, 26, 28
_PLACES = 2
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(slots=True)
class Row:
    """One line of an outline, the lines that explain it, and the rows below it.

    ``part`` is what it shows, None where it counts what is left out. ``lead`` are the lines of the
    tree before its ``label``, ``cells`` what stands in the columns behind it. ``title`` says what
    has no place in the line, ``remarks`` what must be read, ``inner`` is the lead of both.
    """

    part: Part | None
    lead: str
    label: str
    cells: list[str]
    title: str = ""
    remarks: list[str] = field(default_factory=list)
    inner: str = ""
    rows: list[Row] = field(default_factory=list)

    def walk(self) -> Iterator[Row]:
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
        return Measure("parameters", lambda structure: structure.parameters)
    return Measure("leaves", lambda structure: structure.leaves)


def opened(root: Part, rows: int) -> set[int]:
    """The identities of the parts whose own parts fit on a page of ``rows``; always the root's.

    Level by level, so that what is left closed is deep.
    """
    used, chosen = 1, set()
    waiting = [root]
    while waiting:
        below: list[Part] = []
        for part in waiting:
            needed = len(part.parts) + bool(part.hidden)
            if part.parts and (part is root or used + needed <= rows):
                used += needed
                chosen.add(id(part))
                below += part.parts
        waiting = below
    return chosen


class Outline:
    """The rows of a result and the columns that they need.

    Of the parts, only those in ``chosen`` are opened; None opens all. ``top`` is the row of the
    whole tree, ``titles`` the line above it.
    """

    def __init__(self, result: PyTree, chosen: set[int] | None = None) -> None:
        self._result = result
        self._tree = result.tree
        self._chosen = chosen
        self._measure = measure(result.tree)
        self._whole = self._measure.of(result.tree.top) or 1
        self._shared = {
            place: (number, one.count, one.places)
            for number, one in enumerate(result.tree.shared)
            for place in one.places
        }
        self._titles = ["", "params", "bytes", f"of {self._measure.word}", ""]
        if result.sharding:
            self._titles.append("sharding")
        if result.stats is not None:
            self._titles += TITLES
        self.top = self._row(result.root, "", "", "", result.name)
        self._arrange()

    @property
    def titles(self) -> str:
        """The line of column titles."""
        return self.line(Row(None, "", "", self._titles)).rstrip()

    def kind(self, part: Part) -> str:
        """The kind of what a part shows."""
        return self._tree.structures[part.structure].kind

    def line(self, row: Row) -> str:
        """The line of ``row``."""
        label = fit(row.lead + row.label, self.label_width)
        return f"{label}{self.gap(label)}{self.columns(row.cells)}".rstrip()

    def gap(self, label: str) -> str:
        """The blanks between a label and the columns."""
        return " " * (self.label_width - width(label) + 2)

    def columns(self, cells: Sequence[str]) -> str:
        """The columns behind the label."""
        return "".join(self.column(number, cells[number]) for number in self.used)

    def column(self, number: int, cell: str) -> str:
        """One cell with the blanks that belong to it."""
        wide = self.widths[number]
        cell = fit(cell, wide)
        blank = " " * (wide - width(cell))
        if number in self._LEFT:
            return f"{cell}{blank}  "
        return f"{blank}{cell}  "

    _LEFT = frozenset({0, 3, 5})  # type, bar, sharding

    def _arrange(self) -> None:
        rows = list(self.top.walk())
        most = {0: _TYPE, 5: _SHARDING} if self._result.sharding else {0: _TYPE}
        filled = [
            number
            for number in range(len(self._titles))
            if any(row.cells[number] for row in rows if row.part)
        ]
        self.widths = [
            min(
                max(map(width, [title, *(row.cells[n] for row in rows)])),
                most.get(n, TEXT_WIDTH),
            )
            for n, title in enumerate(self._titles)
        ]
        wanted = min(_LABEL, max(width(row.lead + row.label) for row in rows if row.part))
        wanted = max(wanted, *(width(row.lead) + 8 for row in rows if row.part), 8)
        for least_needed in (3, 4, 1, 2):
            if self._spare(filled) >= min(wanted, _NARROWEST):
                break
            filled = [number for number in filled if number != least_needed]
        self.used = filled
        self.label_width = max(min(wanted, self._spare(filled)), 8)

    def _spare(self, used: Sequence[int]) -> int:
        return WIDTH - sum(self.widths[number] + 2 for number in used)

    def _row(self, part: Part, path: str, lead: str, inner: str, name: str = "") -> Row:
        here = self._tree.structures[part.structure]
        path += part.label
        is_open = self._chosen is None or id(part) in self._chosen
        below = part.parts if is_open else []
        label = name or part.label
        if part.times > 1:
            label = f"{label} {part.times:,}×"
        kind = self._type(part, here)
        if here.children and not below and (part.hidden or part.parts):
            kind += " …"
        row = Row(part, lead, label, self._cells(part, here, kind), inner=inner)
        row.title = self._title(part, here, "" if name or not lead else path)
        bar = "│ " if below else "  "
        row.remarks = self._remarks(part, here, inner + bar)
        for number, child in enumerate(below):
            is_last = number == len(below) - 1 and not part.hidden
            row.rows.append(
                self._row(
                    child,
                    path,
                    inner + ("└─" if is_last else "├─"),
                    inner + ("  " if is_last else "│ "),
                )
            )
        if below and part.hidden:
            row.rows.append(self._more(part, here, inner))
        return row

    def _type(self, part: Part, here: Structure) -> str:
        """What it is, behind the types of the objects that hold nothing else."""
        structures = self._tree.structures
        passed = [
            structures[index].type_name
            for index in part.through
            if structures[index].kind in ("object", "namedtuple")
        ]
        return " ".join([*passed[-1:], structure_text(here)])

    def _cells(self, part: Part, here: Structure, kind: str) -> list[str]:
        share = part.weight * self._measure.of(here) / self._whole
        parameters, size_bytes = part.weight * here.parameters, part.weight * here.size_bytes
        if "deleted" in here.words:
            kind += " deleted"
        cells = [
            kind,
            units.count(parameters) if parameters else "",
            units.size(size_bytes) if size_bytes else "",
            bar(share),
            percent(share),
        ]
        if self._result.sharding:
            cells.append(here.sharding)
        if self._result.stats is not None:
            figures = self._result.stats.at.get(part.place)
            cells += ("",) * len(TITLES) if figures is None else figures_cells(figures)
        return cells

    def _title(self, part: Part, here: Structure, path: str) -> str:
        said = [path] if part.place[1:] else []
        if here.is_leaf:
            said.append(", ".join(here.words) or here.type_name)
        elif here.kind in ("object", "namedtuple"):
            said.append(f"{here.module}.{here.type_name}".lstrip("."))
        said += [here.static, here.sharding if not self._result.sharding else ""]
        if self._result.stats is not None and part.place in self._result.stats.at:
            said.append(self._result.stats.at[part.place].how)
        return " · ".join(filter(None, said))

    def _remarks(self, part: Part, here: Structure, lead: str) -> list[str]:
        said = [f"! {here.note}"] if here.note else []
        if here.is_leaf and part.place in self._shared:
            said.append(self._also(part.place, part.times))
        room = TEXT_WIDTH - 2 - min(len(lead), TEXT_WIDTH // 2)
        return [
            lead[-TEXT_WIDTH // 2 :] + line
            for sentence in said
            for line in textwrap.wrap(sentence, room, subsequent_indent="  ")
        ]

    def _also(self, place: Place, times: int) -> str:
        _, count, places = self._shared[place]
        run = range(place[-1], place[-1] + times) if place else range(0)
        others = [
            other
            for other in places
            if other != place and not (other[:-1] == place[:-1] and other[-1] in run)
        ]
        if not others:
            return f"⧉ one array at {count:,} places"
        named = ", ".join(self._tree.path(other) for other in others[:_PLACES])
        more = count - times - min(len(others), _PLACES)
        return f"⧉ also at {named}" + (f" and {more:,} more" if more > 0 else "")

    def _more(self, part: Part, here: Structure, inner: str) -> Row:
        """The row for the children of ``part`` that are left out."""

        def left(of: Callable[[Structure], int]) -> int:
            structures = self._tree.structures
            shown = sum(below.weight * of(structures[below.structure]) for below in part.parts)
            return part.weight * of(here) - shown

        share = left(self._measure.of) / self._whole
        parameters, size_bytes = left(lambda s: s.parameters), left(lambda s: s.size_bytes)
        leaves = f"{part.hidden_leaves:,} {'leaf' if part.hidden_leaves == 1 else 'leaves'}"
        cells = [""] * len(self._titles)
        cells[:5] = [
            leaves,
            units.count(parameters) if parameters else "",
            units.size(size_bytes) if size_bytes else "",
            bar(share),
            percent(share),
        ]
        return Row(None, f"{inner}└─", f"… {part.hidden:,} more", cells)


def bar(share: float) -> str:
    """A bar of at most eight characters; what is not nothing is seen."""
    eighths = round(share * _BAR * 8)
    if share > 0:
        eighths = min(max(eighths, 1), _BAR * 8)
    full, rest = divmod(max(eighths, 0), 8)
    return ("█" * full + _EIGHTHS[rest]).rstrip()


def percent(share: float) -> str:
    """A share as ``68.3 %``, ``<0.1 %``, or nothing."""
    if share <= 0:
        return ""
    if share < 0.0005:  # noqa: PLR2004  it would be written as 0.0
        return "<0.1 %"
    return "100 %" if share > 0.9995 else f"{100 * share:.1f} %"  # noqa: PLR2004  as above


def width(text: str) -> int:
    """How many columns ``text`` takes: letters of East Asia take two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def fit(text: str, columns: int) -> str:
    """``text`` in at most so many columns: what is too long loses its middle."""
    if width(text) <= columns:
        return text
    front, back = "", ""
    room = columns - 1
    for first, last in zip(text, reversed(text), strict=True):
        if width(front + first + back) > room:
            break
        front += first
        if width(front + last + back) > room:
            break
        back = last + back
    return f"{front}…{back}"
