"""Lines of an outline: a label with the lines of the tree before it, and columns behind it.

All are characters of one width, so that the columns stand under each other on a page without style.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jaxmagic.show import TEXT_WIDTH

TIMES = "\N{MULTIPLICATION SIGN}"
WIDTH = TEXT_WIDTH - 2
"""Characters of a line; the mark that opens and closes a row in HTML takes two more."""

_GAP = "  "
_LABEL, _SHORTEST_LABEL, _BESIDE_LINES = 46, 24, 8
_BAR = 8
_SEEN = 0.0005  # less would be written as 0.0 %
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``most`` is its greatest width, ``need`` is higher the later it is left out."""

    name: str
    title: str
    right: bool = True
    most: int = TEXT_WIDTH
    need: int = 9


class Lines:
    """The widths of label and columns that ``rows`` need, pairs of a label and its cells.

    ``tree_lines`` is the width of the longest lines of the tree. Columns that are empty in all
    rows are left out, and where it gets too wide, those that are needed least.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[tuple[str, Mapping[str, str]]],
        tree_lines: int,
    ) -> None:
        self._widths = {
            column.name: min(
                column.most,
                max(width(text) for text in (column.title, *_cells(rows, column.name))),
            )
            for column in columns
        }
        self.columns = [column for column in columns if any(_cells(rows, column.name))]
        label = max(width(text) for text, _ in rows)
        label = max(min(label, _LABEL), min(label, tree_lines + _BESIDE_LINES))
        for column in sorted(self.columns, key=lambda column: column.need):
            if self._left() >= min(label, _SHORTEST_LABEL):
                break
            self.columns.remove(column)
        self.label_width = min(label, self._left())

    def _left(self) -> int:
        """What the columns leave to the label."""
        return WIDTH - sum(len(_GAP) + self._widths[column.name] for column in self.columns)

    @property
    def head(self) -> str:
        """The line of titles."""
        return self.line("", {column.name: column.title for column in self.columns})

    def line(self, label: str, cells: Mapping[str, str]) -> str:
        """A row as a line of text."""
        label = self.label(label)
        return (label + "".join(map("".join, self.pieces(label, cells)))).rstrip()

    def label(self, text: str) -> str:
        """``text`` as long as there is space for it."""
        return fit(text, self.label_width)

    def pieces(self, label: str, cells: Mapping[str, str]) -> Iterable[tuple[str, str]]:
        """What stands behind ``label``: for each column the blanks before its text, and that."""
        blanks = self.label_width - width(label)
        for column in self.columns:
            room = self._widths[column.name]
            text = fit(cells.get(column.name, ""), room)
            free = room - width(text)
            yield " " * (blanks + len(_GAP) + free * column.right), text
            blanks = 0 if column.right else free


def _cells(rows: Iterable[tuple[str, Mapping[str, str]]], name: str) -> list[str]:
    return [cells.get(name, "") for _, cells in rows]


def bar(share: float) -> str:
    """A bar of at most eight characters; from 0.1 % on something is seen."""
    eighths = round(share * _BAR * 8)
    if share >= _SEEN:
        eighths = min(max(eighths, 1), _BAR * 8)
    full, rest = divmod(max(eighths, 0), 8)
    return ("█" * full + _EIGHTHS[rest]).rstrip()


def percent(share: float) -> str:
    """A share as ``68.3 %``, ``<0.1 %``, or nothing."""
    if share <= 0:
        return ""
    if share < _SEEN:
        return "<0.1 %"
    return "100 %" if share > 1 - _SEEN else f"{100 * share:.1f} %"


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
    for first, last in zip(text, reversed(text), strict=True):
        if width(front + first + back) >= columns:
            break
        front += first
        if width(front + last + back) >= columns:
            break
        back = last + back
    return f"{front}…{back}"
