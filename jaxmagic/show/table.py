"""Plain-text tables and paragraphs that fit into a terminal."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from jaxmagic.show import TEXT_WIDTH


@dataclass(frozen=True)
class Column:
    """A column: its title, of one or two lines, and on which side its cells stand."""

    title: str
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; a row shorter than ``columns`` runs over the rest of its line.

    Columns that are empty in all rows are left out. Where the table gets too wide, its columns
    move closer, then the cells of the first one are wrapped, as is the last cell of a short row.
    """
    full = [row for row in rows if len(row) == len(columns)]
    used = [n for n in range(len(columns)) if n == 0 or any(row[n] for row in full)]
    titles = [columns[n].title.split("\n") for n in used]
    height = max(map(len, titles))
    heads = [[""] * (height - len(title)) + title for title in titles]
    widths = [
        max(map(len, [*head, *(row[n] for row in (full if n else rows))]))
        for n, head in zip(used, heads, strict=True)
    ]
    spare = TEXT_WIDTH - sum(widths)
    gap = "  " if spare >= 2 * (len(widths) - 1) else " "
    widths[0] += min(0, spare - len(gap) * (len(widths) - 1))

    def line(cells: Sequence[str]) -> str:
        placed = [cells[0].ljust(widths[0])]
        for n, cell, width in zip(used[1:], cells[1:], widths[1:], strict=True):
            placed.append(cell.rjust(width) if columns[n].right else cell.ljust(width))
        return gap.join(placed).rstrip()

    lines = [line([head[n] for head in heads]) for n in range(height)]
    lines.append(gap.join("─" * width for width in widths))
    for row in rows:
        first, *more = textwrap.wrap(row[0], widths[0], subsequent_indent=" ") or [""]
        if len(row) == len(columns):
            lines.append(line([first, *(row[n] for n in used[1:])]))
            lines += more
        else:
            start = _cut(row[0], widths[0]).ljust(widths[0]) + gap
            lines += paragraph(row[-1], first=start, other=" " * len(start))
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def paragraph(text: str, first: str = "", other: str = "") -> list[str]:
    """``text`` wrapped to the width of a page, its lines beginning with ``first`` or ``other``."""
    return textwrap.wrap(
        text, TEXT_WIDTH, initial_indent=first, subsequent_indent=other, break_on_hyphens=False
    )
