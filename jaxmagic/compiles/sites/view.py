"""Sums over places that called, as text and as HTML."""

from jaxmagic.compiles.sites.result import Site, Sites
from jaxmagic.show import units
from jaxmagic.show.markup import element, escape, page
from jaxmagic.show.table import Column, paragraph, table

_MOST_ROWS = 40
_NAME, _PLACE = 24, 18
_COLUMNS = (
    Column("called at"),
    Column("function"),
    Column("programs", right=True),
    Column("again", right=True),
    Column("total", right=True),
    Column("compile", right=True),
    Column("why"),
)
_NUMBERS = ("programs", "again", "total", "compile")


def text(result: Sites) -> str:
    """The sums as a table, at most 100 columns wide."""
    lines = paragraph(summary(result))
    lines += [line for note in result.notes for line in paragraph(note, "! ", "  ")]
    shown = result.sites[:_MOST_ROWS]
    if shown:
        lines += ["", *table(_COLUMNS, [_cut(_cells(site)) for site in shown])]
    return "\n".join([*lines, *_rest(result)])


def html(result: Sites) -> str:
    """The sums as a static table."""
    head = (element("th", escape(c.title), scope="col", class_=_class(c.title)) for c in _COLUMNS)
    rows = (
        element("tr", *(_cell(c.title, cell) for c, cell in zip(_COLUMNS, cells, strict=True)))
        for cells in map(_cells, result.sites[:_MOST_ROWS])
    )
    shown = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    return page(
        element("p", element("b", escape(summary(result))), class_="jm-title"),
        *(element("p", "⚠ ", escape(note), class_="jm-warning") for note in result.notes),
        shown if result.sites else "",
        *(element("p", escape(line), class_="jm-dim") for line in _rest(result)),
        label=summary(result),
    )


def summary(result: Sites) -> str:
    """How much was compiled from how many places, in a line."""
    if not result.sites:
        return "Nothing was compiled."
    programs = units.plural(sum(site.programs for site in result.sites), "program")
    total_ms = sum(site.total_ms for site in result.sites)
    said = f"{programs} in {_ms(total_ms)}, called from {units.plural(len(result.sites), 'place')}"
    if result.dropped:
        said += f"; {units.plural(result.dropped, 'older record')} not kept"
    return f"{said}."


def _rest(result: Sites) -> list[str]:
    left = result.sites[_MOST_ROWS:]
    if not left:
        return []
    total_ms = sum(site.total_ms for site in left)
    return [f"{units.plural(len(left), 'more place')} in {_ms(total_ms)}: .sites has all."]


def _cells(site: Site) -> list[str]:
    why = (f"{kind} {n}x" if n > 1 else kind for kind, n in site.reasons.items())
    return [
        site.place,
        site.function,
        f"{site.programs:,}",
        f"{site.again:,}" if site.again else "",
        _ms(site.total_ms),
        _ms(site.compile_ms),
        ", ".join(why),
    ]


def _cut(cells: list[str]) -> list[str]:
    """Cells that leave room for all columns."""
    for n, longest in ((0, _PLACE), (1, _NAME), (6, 26)):
        if len(cells[n]) > longest:
            cells[n] = f"{cells[n][: longest - 1]}…"
    return cells


def _cell(title: str, cell: str) -> str:
    shown = element("code", escape(cell)) if title == "function" else escape(cell)
    return element("td", shown, class_=_class(title))


def _class(title: str) -> str | None:
    return "jm-number" if title in _NUMBERS else None


def _ms(value_ms: float) -> str:
    return units.seconds(value_ms / 1e3)
