"""A sweep as text and as HTML: its chart, its tables, and the comparison of every value."""

from collections.abc import Sequence

from jaxmagic import show
from jaxmagic.compare import view as comparison_view
from jaxmagic.compare.sweep import sentences
from jaxmagic.compare.sweep.result import BreakEven, Series, Sweep
from jaxmagic.compare.sweep.values import written
from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import element, escape, fold, page
from jaxmagic.show.table import Column, paragraph, table

_NOTHING = "–"  # noqa: RUF001  a dash is a cell without a time


def text(result: Sweep) -> str:
    """The sweep as text, at most 100 columns wide."""
    lines = paragraph(sentences.title(result))
    for warning in sentences.warnings(result):
        lines += paragraph(warning, "! ", "  ")
    lines += ["", *_blocks(*_times(result))]
    told = (*sentences.crossings(result), *sentences.gaps(result))
    lines += [*_list(told), ""] if told else []
    compiled = _compiled(result)
    lines += _blocks(*_compile_table(result, compiled)) if compiled else []
    told = (*sentences.compiles(result), *sentences.notes(result))
    lines += [*_list(told), ""] if told else []
    lines += [*paragraph(sentences.how(result)), *paragraph(sentences.on_what(result))]
    return "\n".join(lines)


def _list(told: Sequence[str]) -> list[str]:
    return [line for sentence in told for line in paragraph(sentence, "· ", "  ")]


def html(result: Sweep) -> str:
    """The sweep as static HTML: chart, tables, and a fold for the comparison of every value."""
    compiled = _compiled(result)
    compile_table = _html_table(*_compile_table(result, compiled)) if compiled else ""
    return page(
        element("p", element("code", escape(result.call)), escape(_of(result)), class_="jm-title"),
        *(element("p", "⚠ ", escape(w), class_="jm-warning") for w in sentences.warnings(result)),
        _picture(result),
        _html_table(*_times(result)),
        _html_list(sentences.crossings(result), class_=None),
        _html_list(sentences.gaps(result)),
        compile_table,
        _html_list([*sentences.compiles(result), *sentences.notes(result)]),
        *_folds(result),
        fold(
            "How the numbers were obtained, and on what",
            element("p", escape(sentences.how(result)), class_="jm-dim"),
            element("p", escape(sentences.on_what(result)), class_="jm-dim"),
        ),
        label=sentences.title(result),
    )


def _of(result: Sweep) -> str:
    values = units.plural(len(result.values), "value")
    return f", {values} of {result.variable}: {sentences.span(result)}"


Cells = tuple[list[Column], list[list[str]]]


def _times(result: Sweep) -> Cells:
    """One line for each value, one column for each backend: the time of a call."""
    series = result.series
    columns = [Column(result.variable, right=True)]
    columns += [Column(_in_two_lines(one.label), right=True) for one in series]
    rows = []
    for value in result.values:
        fastest = result.fastest(value)
        cells = [_time(one, value, result, marked=one.backend in fastest) for one in series]
        rows.append([written(value), *cells])
    return columns, rows


def _time(series: Series, value: float, result: Sweep, *, marked: bool) -> str:
    if value in series.measured:
        return f"{'* ' if marked else ''}{units.seconds(series.measured[value])}"
    if value in series.extrapolated:
        return f"~{units.seconds(series.extrapolated[value])}"
    late = any(
        stop.backend == series.backend and stop.value == value and stop.what == "call"
        for stop in result.stops
    )
    return f"> {units.seconds(result.limit_s)}" if late else _NOTHING


def _compiled(result: Sweep) -> list[Series]:
    return [series for series in result.series if result.compiles(series.backend)]


def _compile_table(result: Sweep, compiled: Sequence[Series]) -> Cells:
    """For each backend that compiles: the time of that, and the call at which it has paid."""
    reference = result.reference
    columns = [Column(result.variable, right=True)]
    rows = [[written(value)] for value, _ in result.made]
    for series in compiled:
        columns.append(Column(f"{series.label}\ncompile", right=True))
        against = reference is not None and reference.backend != series.backend
        if against:
            columns.append(Column("pays\nat call", right=True))
        for cells, (value, comparison) in zip(rows, result.made, strict=True):
            row = next((row for row in comparison.rows if row.backend == series.backend), None)
            cells.append((row and units.seconds(row.compile_s)) or _NOTHING)
            if against:
                cells.append(_pays(result.break_even(series.backend, value)))
    return columns, rows


def _pays(break_even: BreakEven | None) -> str:
    if break_even is None:
        return _NOTHING
    calls = "never" if break_even.never else f"{break_even.calls:,}"
    return f"~{calls}" if break_even.extrapolated else calls


def _in_two_lines(label: str) -> str:
    """A label such as ``JAX jit (unrolled)`` is broken at its bracket."""
    first, bracket, rest = label.partition(" (")
    return f"{first}\n({rest}" if bracket else label


def _blocks(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table, below each other in as many parts as its width asks for."""
    longest = max((len(row[0]) for row in rows), default=0)
    rows = [[row[0].rjust(longest), *row[1:]] for row in rows]
    widths = [
        max(len(cell) for cell in (*column.title.split("\n"), *(row[n] for row in rows)))
        for n, column in enumerate(columns)
    ]
    parts: list[list[int]] = [[0]]
    for n in range(1, len(columns)):
        width = sum(widths[m] + 2 for m in (*parts[-1], n)) - 2
        if width > TEXT_WIDTH and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(n)
    lines: list[str] = []
    for part in parts:
        lines += table([columns[n] for n in part], [[row[n] for n in part] for row in rows])
        lines.append("")
    return lines


def _html_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    head = (
        element("th", escape(column.title.replace("\n", " ")), class_="jm-number", scope="col")
        for column in columns
    )
    body = []
    for first, *cells in rows:
        body.append(
            element(
                "tr",
                element("th", escape(first), class_="jm-number", scope="row"),
                *(_html_cell(cell) for cell in cells),
            )
        )
    return element("table", element("thead", element("tr", *head)), element("tbody", *body))


def _html_cell(cell: str) -> str:
    if cell.startswith("* "):
        return element("td", element("strong", escape(cell)), class_="jm-number")
    guess = cell.startswith("~")
    inner = element("em", escape(cell), class_="jm-dim") if guess else escape(cell)
    return element("td", inner, class_="jm-number", title="extrapolated" if guess else None)


def _html_list(said: Sequence[str], class_: str | None = "jm-dim") -> str:
    items = (element("li", escape(sentence)) for sentence in said)
    return element("ul", *items, class_=class_) if said else ""


def _picture(result: Sweep) -> str:
    """The chart, or a sentence that says why there is none."""
    try:
        return element("p", show.html(result.plot()))
    except ImportError:
        return element("p", "The chart needs matplotlib: pip install matplotlib", class_="jm-dim")
    except ValueError as error:
        return element("p", escape(f"No chart: {error}."), class_="jm-dim")


def _folds(result: Sweep) -> list[str]:
    """The whole comparison of every value; the style is on the page already."""
    return [
        fold(
            escape(f"{result.variable} = {written(value)}: the whole comparison"),
            comparison_view.html(comparison).partition("</style>")[2],
        )
        for value, comparison in result.made
    ]
