"""What was compiled, as text and as HTML."""

import textwrap
from collections.abc import Sequence

from jaxmagic.compiles.record import Compiles, Record
from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import element, escape, fold, page
from jaxmagic.show.table import Column, paragraph, table

_MOST_ROWS = 100
_NAME, _PLACE, _SIGNATURE = 20, 13, 21  # with long numbers everywhere it is 100 wide

_COLUMNS = (
    Column("#", right=True),
    Column("cell:line"),
    Column("function"),
    Column("signature"),
    Column("trace", right=True),
    Column("lower", right=True),
    Column("compile", right=True),
    Column("disk"),
)
_SHORT_DISK = {"below threshold": "too short", "": ""}
_NUMBERS = ("#", "trace", "lower", "compile")


def text(result: Compiles) -> str:
    """The records as a table, each with its reason below it; at most 100 columns wide."""
    lines = paragraph(summary(result))
    lines += [line for note in result.notes for line in paragraph(note, "! ", "  ")]
    shown = result.records[-_MOST_ROWS:]
    if shown:
        rows = [_cut(_cells(record)) for record in shown]
        head, rule, *body = table(_COLUMNS, rows)
        lines += ["", head, rule]
        for line, record in zip(body, shown, strict=True):
            lines.append(line)
            lines += _reason_lines(record)
    if left := len(result.records) - len(shown):
        lines += ["", f"{units.plural(left, 'older record')} not shown: .records has all."]
    return "\n".join(lines)


def html(result: Compiles) -> str:
    """The records as a static table, the older ones folded."""
    older, latest = result.records[:-_MOST_ROWS], result.records[-_MOST_ROWS:]
    said = f"{units.plural(len(older), 'older record')}"
    return page(
        element("p", element("b", escape(summary(result))), class_="jm-title"),
        *(element("p", "⚠ ", escape(note), class_="jm-warning") for note in result.notes),
        fold(said, _table(older[-10 * _MOST_ROWS :])) if older else "",
        _table(latest) if latest else "",
        label=summary(result),
        sheets=("table", "compiles"),
    )


def summary(result: Compiles) -> str:
    """How much was compiled, in a line."""
    if not result.records:
        return "Nothing was compiled."
    said = f"{units.plural(len(result.records), 'program')} in {_ms(result.total_ms)}"
    if result.again and len(result.again) == len(result.records):
        said += ", all of them again"
    elif result.again:
        total_ms = sum(record.total_ms for record in result.again)
        said += f"; {len(result.again):,} of them again, in {_ms(total_ms)}"
    if result.dropped:
        said += f"; {units.plural(result.dropped, 'older record')} not kept"
    return f"{said}."


def _ms(value_ms: float | None) -> str:
    return "" if value_ms is None else units.seconds(value_ms / 1e3)


def _cells(record: Record) -> list[str]:
    return [
        str(record.number),
        _place(record),
        record.function,
        record.signature,
        *(_phase(record, name) for name in ("trace", "lower", "compile")),
        _SHORT_DISK.get(record.disk, record.disk),
    ]


def _place(record: Record) -> str:
    if record.cell is not None:
        return f"{record.cell}:{record.line}"
    return record.place


def _phase(record: Record, name: str) -> str:
    if record.phase == name:
        return "running"
    return _ms(getattr(record, f"{name}_ms"))


def _cut(cells: list[str]) -> list[str]:
    """Cells that leave room for all columns."""
    for n, longest in ((1, _PLACE), (2, _NAME), (3, _SIGNATURE)):
        if len(cells[n]) > longest:
            cells[n] = f"{cells[n][: longest - 1]}…"
    return cells


def _reason_lines(record: Record) -> list[str]:
    lead = "      "
    said = _why(record)
    lines = textwrap.wrap(
        said, TEXT_WIDTH, initial_indent=f"{lead}└ ", subsequent_indent=f"{lead}  "
    )
    if record.reason.remedy:
        lines += paragraph(record.reason.remedy, f"{lead}  → ", f"{lead}    ")
    return lines


def _why(record: Record) -> str:
    said = f"{record.kind}: {record.reason.words}"
    if record.outcome in ("interrupted", "failed"):
        said = f"{record.outcome}; {said}"
    elif record.outcome in ("traced", "lowered"):
        said = f"{record.outcome} only; {said}"
    return said


def _table(records: Sequence[Record]) -> str:
    titles = [column.title for column in _COLUMNS]
    head = element("tr", *(element("th", escape(t), scope="col", class_=_class(t)) for t in titles))
    return element(
        "table",
        element("thead", head),
        element("tbody", *map(_row, records)),
        class_="jm-records",
    )


def _class(title: str) -> str | None:
    return "jm-number" if title in _NUMBERS else "jm-long" if title == "signature" else None


def _row(record: Record) -> str:
    """Two rows: what was compiled and for how long, and below it why."""
    pieces = [
        element("td", _cell(title, cell), class_=_class(title))
        for title, cell in zip((c.title for c in _COLUMNS), _cells(record), strict=True)
    ]
    remedy = record.reason.remedy
    below = element("span", "→ ", escape(remedy), class_="jm-below") if remedy else ""
    span = str(len(_COLUMNS) - 2)
    why = element("td", escape(_why(record)), " ", below, class_="jm-reason", colspan=span)
    return element("tr", *pieces) + element("tr", element("td"), element("td"), why)


def _cell(title: str, cell: str) -> str:
    return element("code", escape(cell)) if title in ("function", "signature") else escape(cell)
