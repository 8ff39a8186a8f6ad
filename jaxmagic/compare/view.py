"""A comparison as text and as HTML."""

import math
import re
from collections.abc import Iterable, Sequence

from jaxmagic.compare.result import Comparison, Row
from jaxmagic.show import units
from jaxmagic.show.markup import code_block, element, escape, fold, page
from jaxmagic.show.table import Column, paragraph, table

_TO = "\N{EN DASH}"
_BITS = {"float32": 32, "complex64": 32, "float64": 64, "complex128": 64}
BUSY_SHARE = 0.1  # of the cores: when other programs take more, the table says so

_COLUMNS = (
    Column("row"),
    Column("time of\na call", right=True),
    Column("against"),
    Column("compile", right=True),
    Column("pays at\ncall", right=True),
    Column("threads", right=True),
    Column("temp.\nmemory", right=True),
    Column("dtype"),
    Column("result"),
)


def text(result: Comparison) -> str:
    """The comparison as text, at most 100 columns wide."""
    lines = paragraph(_title(result))
    lines += [line for warning in warnings(result) for line in paragraph(warning, "! ", "  ")]
    against = f"against\n{result.reference.label}" if result.reference else ""
    columns = [Column(against) if column.title == "against" else column for column in _COLUMNS]
    columns[0] = Column("")
    rows = [
        [row.label, row.reason or ""] if not row.ran else [row.label, *_cells(row, result)]
        for row in result.rows
    ]
    lines += ["", *table(columns, rows), ""]
    for note in (*_row_notes(result.rows), *result.notes):
        lines += paragraph(note, "· ", "  ")
    lines += paragraph(_how(result))
    lines += paragraph(on_what(result))
    return "\n".join(lines)


def html(result: Comparison) -> str:
    """The comparison as static HTML, with bars of time on a logarithmic scale."""
    against = f"against {result.reference.label}" if result.reference else "against"
    titles = [c.title.replace("\n", " ") for c in _COLUMNS]
    titles[0], titles[2] = "", against
    head = element(
        "tr",
        *(
            element("th", escape(title), class_="jm-number" if column.right else None, scope="col")
            for title, column in zip(titles, _COLUMNS, strict=True)
        ),
    )
    body = [_html_row(row, result) for row in result.rows]
    notes = [element("li", escape(n)) for n in (*_row_notes(result.rows), *result.notes)]
    return page(
        element("p", _html_title(result), class_="jm-title"),
        *(element("p", "⚠ ", _unbroken(w), class_="jm-warning") for w in warnings(result)),
        element("table", element("thead", head), element("tbody", *body)),
        element("ul", *notes, class_="jm-dim") if notes else "",
        *_translations(result),
        fold(
            "How the numbers were obtained, and on what",
            element("p", escape(_how(result)), class_="jm-dim"),
            element("p", escape(_COLUMNS_SAY), class_="jm-dim"),
            element("p", escape(on_what(result)), class_="jm-dim"),
        ),
        label=_title(result),
    )


def warnings(result: Comparison) -> list[str]:
    """What must be read before the numbers."""
    said = []
    if result.interrupted:
        rounds = units.plural(result.rounds, "round")
        said.append(f"Interrupted: this is what was measured in {rounds}.")
    if result.others_cores is not None and result.others_cores > BUSY_SHARE * result.cores:
        said.append(
            f"Other programs kept {result.others_cores:.1f} of {result.cores} cores busy "
            "meanwhile: the times are too long, and the ratios less certain."
        )
    said += [
        f"{row.label}: {units.plural(row.recompiled, 'program')} compiled while it was timed, so "
        "its time is not that of running alone. A new lambda, partial or other object as a static "
        "argument is compiled for again: make it once, outside of the call."
        for row in result.rows
        if row.recompiled
    ]
    said += _unlike_precision(result)
    said += [
        f"{row.label} gives a different result: {row.where}."
        for row in result.rows
        if row.agreement == "different"
    ]
    return said


def _unlike_precision(result: Comparison) -> list[str]:
    """A warning if rows that ran compute in different precision."""
    labels: dict[int, list[str]] = {32: [], 64: []}
    for row in result.rows:
        for bits in {_BITS[dtype] for dtype in row.dtypes if row.ran and dtype in _BITS}:
            labels[bits].append(row.label)
    if not all(labels.values()):
        return []
    said = (
        f"Not like with like: {_listed(labels[32])} in 32 bits, {_listed(labels[64])} in 64 bits."
    )
    if all(row.backend in ("eager", "jit") for row in result.rows if row.label in labels[32]):
        said += " --x64 lets JAX compute in 64 bits."
    return [said]


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _title(result: Comparison) -> str:
    ran = sum(row.ran for row in result.rows)
    return f"{result.call}: {ran} of {units.plural(len(result.rows), 'row')} timed"


def _unbroken(sentence: str) -> str:
    """``sentence`` escaped, its flags kept together at the end of a line."""
    return re.sub(r"--\w+", r'<span class="jm-flag">\g<0></span>', escape(sentence))


def _html_title(result: Comparison) -> str:
    return element("code", escape(result.call))


def _cells(row: Row, result: Comparison) -> list[str]:
    """The cells of a row that ran, but for its label."""
    pays = units.count(row.pays_after_calls)
    return [
        units.seconds(row.time_s),
        _against(row, result),
        units.seconds(row.compile_s),
        "never" if row.never_pays else pays,
        "" if row.threads is None else f"{row.threads:.1f}",
        units.size(row.temporary_bytes),
        ", ".join(row.dtypes),
        _result(row, result),
    ]


def _against(row: Row, result: Comparison) -> str:
    if row is result.reference or row.speedup is None:
        return "reference"
    low, high = row.speedup_low, row.speedup_high
    if low is None or high is None:
        return f"{units.times(row.speedup)}, no range"
    if low <= 1 <= high:
        return f"no difference ({low:.2f}{_TO}{high:.2f})"
    if row.speedup < 1:
        point, low, high, word = 1 / row.speedup, 1 / high, 1 / low, "slower"
    else:
        point, word = row.speedup, "faster"
    return f"{units.times(point)} {word} ({_bare(low)}{_TO}{_bare(high)})"


def _bare(ratio: float) -> str:
    return units.times(ratio).removesuffix("x")


def _result(row: Row, result: Comparison) -> str:
    if row.agreement == "random":
        return "random"
    if row is result.reference:
        return ""
    if row.agreement == "within precision":
        return f"≈ {units.deviation(row.deviation)}"
    if row.agreement == "different":
        return f"≠ {units.deviation(row.deviation)}".rstrip()
    return row.agreement or ""


def _row_notes(rows: Iterable[Row]) -> list[str]:
    """The notes of the rows; one that several rows have is said once."""
    labels: dict[str, list[str]] = {}
    for row in rows:
        for note in (*_transfers(row), *row.notes):
            labels.setdefault(note, []).append(row.label)
    return [f"{', '.join(who)}: {note}" for note, who in labels.items()]


def _transfers(row: Row) -> list[str]:
    if row.transfer_in_s is None or row.transfer_out_s is None:
        return []
    into, out = units.seconds(row.transfer_in_s), units.seconds(row.transfer_out_s)
    return [f"Moving the arguments in takes {into}, the result out {out}; not in its time."]


def _translations(result: Comparison) -> list[str]:
    """For each source that ran in place of what was written, a fold with it."""
    labels: dict[str, list[str]] = {}
    for row in result.rows:
        if row.translated:
            labels.setdefault(row.translated, []).append(row.label)
    return [
        fold(escape(f"What ran as {_listed(who)}"), code_block(source))
        for source, who in labels.items()
    ]


def _how(result: Comparison) -> str:
    rounds = f"{units.plural(result.rounds, 'round')} in random order"
    said = (
        f"How: {rounds if result.rounds else 'one call of each'}, "
        f"{units.seconds(result.seconds)} for each row. Time: median over the rounds of the "
        "median call in each. Faster, slower: median of the ratios within rounds, and its range "
        "in this run (99 %)."
    )
    if _lacks_range(result):
        said += " No range: fewer than 8 rounds in common (--seconds measures longer)."
    return f"{said} ≈, ≠: largest deviation, relative to the largest value."


_COLUMNS_SAY = (
    "Compile: what is paid once; pays at call: the call at which that is won back against the "
    "first row. Threads: CPU time of all threads over that of the busiest. Temporary memory of "
    "one call beyond its arguments and result: Python and NumPy as tracemalloc sees it, JAX as "
    "XLA plans it, empty where it can't be known. Bars: time on a logarithmic scale that begins "
    "at a power of ten."
)


def _lacks_range(result: Comparison) -> bool:
    others = (row for row in result.rows if row.ran and row is not result.reference)
    return any(row.speedup_low is None for row in others)


def on_what(result: Comparison) -> str:
    """The machine and the versions that a comparison was made with."""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    bits = "" if result.device is None else f"JAX on {result.device}, x64 {_on_off(result.x64)}; "
    cores = units.plural(result.cores, "core")
    return f"On: {bits}{cores} of {result.processor}; {versions}."


def _on_off(value: bool | None) -> str:  # noqa: FBT001  it is what is put into words
    return {True: "on", False: "off", None: "unknown"}[value]


def _html_row(row: Row, result: Comparison) -> str:
    label = element("th", escape(row.label), scope="row")
    if not row.ran:
        span = str(len(_COLUMNS) - 1)
        return element(
            "tr", label, element("td", escape(row.reason or ""), class_="jm-reason", colspan=span)
        )
    time, *others = _cells(row, result)
    cells = [element("td", escape(time), _bar(row, result), class_="jm-number jm-time")]
    against, *others = others
    point, bracket, spread = against.partition(" (")
    below = element("span", escape(bracket + spread), class_="jm-below") if bracket else ""
    cells.append(element("td", escape(point), below))
    for column, cell in zip(_COLUMNS[3:], others, strict=True):
        kind = "jm-number" if column.right else None
        if column.title == "result":
            kind = {"different": "jm-bad", "random": "jm-bad"}.get(row.agreement or "")
        if column.title == "compile" and row.compile_parts_s:
            parts = (f"{name} {units.seconds(s)}" for name, s in row.compile_parts_s.items())
            cells.append(element("td", escape(cell), class_=kind, title=", ".join(parts)))
        else:
            title = row.where if column.title == "result" and row.where else None
            cells.append(element("td", escape(cell), class_=kind, title=title))
    return element("tr", label, *cells)


def _bar(row: Row, result: Comparison) -> str:
    """A bar on a logarithmic scale that begins at the power of ten below the shortest time."""
    times = [other.time_s for other in result.rows if other.time_s]
    if not row.time_s:
        return ""
    start, end = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    share = (math.log10(row.time_s) - start) / max(end - start, 1)
    return element("span", class_="jm-bar", style=f"width:{max(share, 0.01):.1%}")
