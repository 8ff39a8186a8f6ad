"""A tree as text and as HTML: its totals, its picture or a bar of its parts, its outline."""

from __future__ import annotations

from collections.abc import Iterator

from jaxmagic import show
from jaxmagic.pytree.outline import Outline, Row, fit, opened, width
from jaxmagic.pytree.result import PyTree
from jaxmagic.show import units
from jaxmagic.show.markup import element, escape, page
from jaxmagic.show.table import paragraph

_TEXT_ROWS = 48
_OPEN_ROWS = 24
_CHIPS = {
    "dict": "d",
    "list": "l",
    "tuple": "t",
    "namedtuple": "n",
    "object": "o",
    "cycle": "e",
    "error": "e",
}


def text(result: PyTree) -> str:
    """The tree as text, at most 100 columns wide."""
    outline = Outline(result, opened(result.root, _TEXT_ROWS))
    lines = paragraph(result.summary)
    for sentence in remarks(result):
        lines += paragraph(sentence)
    lines += ["", outline.titles]
    for row in outline.top.walk():
        lines += [outline.line(row), *row.remarks]
    return "\n".join(lines)


def html(result: PyTree) -> str:
    """The tree as static HTML."""
    outline = Outline(result)
    name, _, totals = result.summary.partition(": ")
    return page(
        element("p", element("code", escape(name)), f" {escape(totals)}", class_="jm-title"),
        *(element("p", escape(sentence), class_="jm-dim") for sentence in remarks(result)),
        _outline(outline, opened(result.root, _OPEN_ROWS)),
        label=result.summary,
        sheets=("tree",),
    )


def remarks(result: PyTree) -> Iterator[str]:
    """What must be known about the totals."""
    tree = result.tree
    if tree.repeated_bytes:
        arrays = units.plural(tree.shared_arrays, "array")
        yield (
            f"{units.size(tree.repeated_bytes)} of it is counted twice: {arrays} ⧉ at several places"
        )


def _outline(outline: Outline, chosen: set[int]) -> str:
    pieces = [f"  {outline.titles}\n"]
    _write(outline, outline.top, chosen, pieces)
    return element("pre", "".join(pieces).rstrip("\n"), class_="jm-tree")


def _write(outline: Outline, row: Row, chosen: set[int], pieces: list[str]) -> None:
    line = _line(outline, row)
    below = "".join(f"  {escape(remark)}\n" for remark in row.remarks)
    if not row.rows or not row.lead:
        pieces.append(f"  {line}\n{below}")
        for inner in row.rows:
            _write(outline, inner, chosen, pieces)
        return
    is_open = " open" if row.part is not None and id(row.part) in chosen else ""
    pieces.append(f"<details{is_open}><summary>{line}</summary>{below}")
    for inner in row.rows:
        _write(outline, inner, chosen, pieces)
    pieces.append("</details>")


def _line(outline: Outline, row: Row) -> str:
    whole = fit(row.lead + row.label, outline.label_width)
    lead = row.lead if whole.startswith(row.lead) else ""
    label = element("b", escape(whole[len(lead) :]), title=row.title or None)
    cells = []
    for number in outline.used:
        cell = outline.column(number, row.cells[number])
        bare = cell.strip()
        if number == 0 and row.part is not None:
            kind = outline.kind(row.part)
            if chip := _CHIPS.get(kind):
                cell = cell.replace(bare, element("span", escape(bare), class_=chip), 1)
            else:
                cell = escape(cell)
        elif number == 3 and bare:
            cell = cell.replace(bare, element("span", bare), 1)
        else:
            cell = escape(cell)
        cells.append(cell)
    return f"{lead}{label}{outline.gap(whole)}{''.join(cells).rstrip()}"
