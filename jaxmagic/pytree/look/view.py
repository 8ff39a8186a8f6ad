"""A tree as text and as HTML: its totals, its picture or a bar of its parts, its outline."""

from jaxmagic import show
from jaxmagic.pytree.arrays.layouts import layout_html, layout_lines
from jaxmagic.pytree.look import icicle
from jaxmagic.pytree.look.outline import Outline, Row, opened
from jaxmagic.pytree.look.remarks import left_out, remarks
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.show import units
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.show.markup import element, escape, fold, page
from jaxmagic.show.table import paragraph

_TEXT_ROWS, _TEXT_REMARKS = 42, 10
_OPEN_ROWS = 24
_CHIPS = {
    "dict": "d",
    "list": "l",
    "tuple": "t",
    "namedtuple": "o",
    "object": "o",
    "cycle": "r",
    "error": "r",
}


def text(result: PyTree) -> str:
    """The tree as text, at most 100 columns wide."""
    outline = Outline(result, opened(result.root, _TEXT_ROWS), _TEXT_REMARKS)
    lines = paragraph(result.summary)
    if len(lines) > 1:
        lines = [f"{result.name}:", *paragraph(result.totals)]
    for sentence in remarks(result):
        lines += paragraph(sentence)
    if not _is_told(result):
        lines += ["", *filter(None, [outline.lines.head])]
        for row in outline.top.walk():
            lines += [outline.lines.line(row.lead + row.label, row.cells), *row.remarks]
    for sentence in left_out(outline):
        lines += ["", *paragraph(sentence)]
    for layout in result.layouts:
        lines += ["", *layout_lines(layout)]
    return "\n".join(lines)


def html(result: PyTree) -> str:
    """The tree as static HTML."""
    outline = Outline(result)
    below = [element("p", escape(sentence), class_="jm-dim") for sentence in left_out(outline)]
    name = element("code", escape(result.name))
    return page(
        element("p", name, f": {escape(result.totals)}", class_="jm-title"),
        *(element("p", escape(sentence), class_="jm-dim") for sentence in remarks(result)),
        *_body(result, _outline(outline, opened(result.root, _OPEN_ROWS))),
        *below,
        *_layouts(result),
        label=result.summary,
        sheets=("tree",),
    )


def _is_told(result: PyTree) -> bool:
    """Whether the totals say all that there is."""
    return result.is_single and not result.sharding and result.stats is None


def _body(result: PyTree, outline: str) -> list[str]:
    """The outline below a picture, if there is one to draw."""
    if _is_told(result) and not result.graph:
        return []
    try:
        shown = result.picture if result.graph else result.small_picture
    except DrawingError as error:
        return [element("p", escape(str(error)), class_="jm-dim"), icicle.html(result), outline]
    if shown is None or (result.depth is not None and not result.graph):
        return [icicle.html(result), outline]
    picture = show.html(shown)
    if shown is not result.small_picture:
        picture += element("p", _legend(result), class_="jm-dim")
    if result.stats is not None or result.sharding:
        return [picture, outline]
    return [picture, fold("outline", outline)]


def _legend(result: PyTree) -> str:
    """What the figures of a folded picture are."""
    if result.tree.top.size_bytes:
        return "Nodes have their parameters and share of the bytes; lines are as thick as it."
    return "Nodes have their parameters; lines are as thick as the share of the leaves."


def _layouts(result: PyTree) -> list[str]:
    if not result.layouts:
        return []
    said = f"how they lie on their devices ({units.plural(len(result.layouts), 'layout')})"
    return [fold(said, *map(layout_html, result.layouts))]


def _outline(outline: Outline, chosen: set[int]) -> str:
    """All rows as lines of text; those that have rows below fold them away when clicked."""
    pieces = [f"  {escape(outline.lines.head)}\n"] if outline.lines.head else []
    _write(outline, outline.top, chosen, pieces)
    return element("pre", "".join(pieces).rstrip("\n"), class_="jm-tree")


def _write(outline: Outline, row: Row, chosen: set[int], pieces: list[str]) -> None:
    line = _line(outline, row)
    below = "".join(f"  {_remark(remark)}\n" for remark in row.remarks)
    folds = bool(row.rows and row.lead)
    if folds:
        is_open = " open" if row.part is not None and id(row.part) in chosen else ""
        pieces.append(f"<details{is_open}{_title(row)}><summary>{line}</summary>{below}")
    else:
        pieces.append(f"  {line}\n{below}")
    for inner in row.rows:
        _write(outline, inner, chosen, pieces)
    if folds:
        pieces.append("</details>")


def _line(outline: Outline, row: Row) -> str:
    whole = outline.lines.label(row.lead + row.label)
    lead = row.lead if whole.startswith(row.lead) else ""
    title = "" if row.rows and row.lead else _title(row)
    pieces = [f"{lead}<b{title}>{escape(whole[len(lead) :])}</b>"]
    for column, (blank, said) in zip(
        outline.lines.columns, outline.lines.pieces(whole, row.cells), strict=True
    ):
        pieces += [blank, _marked(outline, row, column.name, said)]
    return "".join(pieces).rstrip()


def _title(row: Row) -> str:
    return f' title="{escape(row.title)}"' if row.title else ""


def _marked(outline: Outline, row: Row, column: str, said: str) -> str:
    """The text of a cell, in the element that gives it its colour."""
    if not said or row.part is None:
        return escape(said)
    if column == "bar":
        return element("span", said)
    if column == "type":
        if chip := _CHIPS.get(outline.at(row.part).kind):
            return element("span", escape(said), class_=chip)
        if said.endswith(" deleted"):
            return f"{element('s', escape(said.removesuffix(' deleted')))} deleted"
    return escape(said)


def _remark(line: str) -> str:
    lead, sign, rest = line.partition("! ")
    return f"{lead}{element('span', sign, escape(rest), class_='r')}" if sign else escape(line)
