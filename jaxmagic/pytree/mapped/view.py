"""A call with trees as text and as HTML: the trees side by side, then leaf by leaf."""

from __future__ import annotations

from collections.abc import Sequence

from jaxmagic import show
from jaxmagic.pytree.mapped.result import DRAWN_LEAVES, Mapped
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.short import structure_text
from jaxmagic.show import TEXT_WIDTH
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.show.markup import element, escape, fold, page
from jaxmagic.show.table import Column, paragraph, table

_NARROWEST = 6
_GAP = 2


def text(result: Mapped) -> str:
    """The call leaf by leaf as text, at most 100 columns wide."""
    lines = paragraph(result.summary)
    if result.leaves:
        lines += ["", *_table(result)]
    said = [line for sentence in _sentences(result) for line in paragraph(sentence)]
    lines += ["", *said] if said else []
    return "\n".join(lines)


def html(result: Mapped) -> str:
    """The call as static HTML: one picture, or the table of the leaves where that is too large."""
    leaves = _html_table(result) if result.leaves else ""
    sentences = [element("p", escape(one), class_="jm-dim") for one in _sentences(result)]
    parts = [leaves, *sentences]
    if result.drawn:
        try:
            drawn = show.html(result.picture)
        except DrawingError as error:
            parts.append(element("p", escape(str(error)), class_="jm-dim"))
        else:
            is_folded = leaves and result.question != "reduce"
            if result.chain:
                del sentences[0]  # the picture says it
            parts = [drawn, *sentences, fold("leaf by leaf", leaves) if is_folded else leaves]
    return page(
        element(
            "p", element("code", escape(result.call)), f": {result.counted}", class_="jm-title"
        ),
        *parts,
        label=result.summary,
        sheets=("table", "mapped"),
    )


def _sentences(result: Mapped) -> list[str]:
    said = []
    more = result.total - len(result.leaves)
    if more > 0:
        said.append(f"… and {more:,} more {'leaf' if more == 1 else 'leaves'}")
    if result.question == "reduce":
        said.append(result.chain or f"The result is {_outcome(result)}.")
    elif result.question == "map" and not result.total:
        said.append("There is nothing to map: the function was not called.")
    return [*said, *result.notes]


def _outcome(result: Mapped) -> str:
    """The last tree in a few characters."""
    last = result.sides[-1]
    return dict(last.texts).get((), structure_text(last.tree.top))


def _heads(result: Mapped) -> list[str]:
    return ["#", "path", *result.columns]


def _rows(result: Mapped) -> list[list[str]]:
    return [[str(leaf.number), leaf.path or "(root)", *leaf.cells] for leaf in result.leaves]


def _table(result: Mapped) -> list[str]:
    """The lines of the table; what is too wide for the page loses its middle."""
    rows = [_heads(result), *_rows(result)]
    widths = _fitted([max(map(len, column)) for column in zip(*rows, strict=True)])
    cut = [[clean(cell, n) for cell, n in zip(row, widths, strict=True)] for row in rows]
    cut = [[row[0].rjust(widths[0]), *row[1:]] for row in cut]
    return table([Column(title) for title in cut[0]], cut[1:])


def _fitted(widths: Sequence[int]) -> list[int]:
    """``widths`` of columns, the widest of them made narrower until all fit side by side."""
    fitted = list(widths)
    spare = TEXT_WIDTH - _GAP * (len(fitted) - 1)
    while sum(fitted) > spare and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _html_table(result: Mapped) -> str:
    """The table; a number has the colour of the leaf, if that is in a picture."""
    head = [element("th", escape(title), scope="col") for title in _heads(result)]
    body = []
    for number, row in enumerate(_rows(result)):
        colour = f"jm-leaf jm-leaf{number % DRAWN_LEAVES}" if result.drawn else None
        cells = (element("td", element("code", escape(cell))) for cell in row[1:])
        body.append(element("tr", element("th", row[0], class_=colour, scope="row"), *cells))
    return element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_="jm-leaves",
    )
