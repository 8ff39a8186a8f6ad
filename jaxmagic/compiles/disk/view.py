"""The persistent compilation cache as text and as HTML: its state, its thresholds, its entries."""

from collections.abc import Iterator

from jaxmagic.compiles.disk.result import DiskCache, Entry
from jaxmagic.show import units
from jaxmagic.show.markup import element, escape, page
from jaxmagic.show.table import Column, paragraph, table

_TEXT_ROWS, _HTML_ROWS = 20, 60
_LONGEST = 56
_COLUMNS = (
    Column("program"),
    Column("size", right=True),
    Column("compiled in", right=True),
    Column("written", right=True),
    Column("last used", right=True),
)
_AGES = ((86400.0, "day"), (3600.0, "h"), (60.0, "min"))


def text(result: DiskCache) -> str:
    """The cache as text, at most 100 columns wide."""
    first, *others = _sentences(result)
    lines = paragraph(first)
    for sentence in others:
        lines += paragraph(sentence, "· ", "  ")
    if result.entries:
        lines += ["", *table(_COLUMNS, [_cells(result, e) for e in result.entries[:_TEXT_ROWS]])]
    for sentence in _left_out(result, _TEXT_ROWS):
        lines += paragraph(sentence)
    return "\n".join(lines)


def html(result: DiskCache) -> str:
    """The cache as static HTML."""
    first, *others = _sentences(result)
    return page(
        element("p", element("b", escape(first)), class_="jm-title"),
        *(element("p", escape(sentence), class_="jm-dim") for sentence in others),
        _table(result) if result.entries else "",
        *(
            element("p", escape(sentence), class_="jm-dim")
            for sentence in _left_out(result, _HTML_ROWS)
        ),
        label=first,
    )


def _sentences(result: DiskCache) -> Iterator[str]:
    """What is read first, then what JAX writes and what could not be read."""
    state = "on" if result.is_on else "off"
    if result.directory is None:
        yield (
            f"The persistent compilation cache is {state}: {result.why}. Compiled programs are "
            "lost when this Python ends."
        )
        return
    programs = units.plural(result.entry_count, "program")
    new = f", {result.new_count:,} new since this Python started" if result.new_count else ""
    yield (
        f"The persistent compilation cache is {state}: {programs}, "
        f"{units.size(result.size_bytes)} in {result.directory}{new}"
    )
    yield f"It is {state}: {result.why}."
    if result.is_on:
        yield _thresholds(result)
    yield from result.problems
    if result.other_files:
        number = units.plural(result.other_files, "other file")
        yield f"{number} there {'is' if result.other_files == 1 else 'are'} no entry of the cache."


def _thresholds(result: DiskCache) -> str:
    """What JAX asks of a program to write it, in words."""
    least = result.thresholds
    asked = []
    if least.min_compile_s is not None and least.min_compile_s > 0:
        asked.append(f"compiling it took at least {units.seconds(least.min_compile_s)}")
    if least.min_entry_bytes is not None and least.min_entry_bytes > 0:
        asked.append(f"its entry has at least {units.size(least.min_entry_bytes)}")
    what = f"A program is written if {' and '.join(asked)}" if asked else "Each program is written"
    if any("compiling" in one for one in asked):
        what += " (jax_persistent_cache_min_compile_time_secs; 0 writes all)"
    size = least.max_cache_bytes
    if size is not None and size > 0:
        return f"{what}; beyond {units.size(size)}, those used longest ago are deleted."
    return f"{what}; nothing is ever deleted." if size is not None else f"{what}."


def _cells(result: DiskCache, entry: Entry) -> list[str]:
    name = entry.program
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 1]}…"
    took = ""
    if entry.compile_s is not None:
        took = f"{entry.compile_s:,} s" if entry.compile_s else "< 1 s"
    used = "" if entry.used_s is None else _ago(result.taken_s - entry.used_s)
    new = " *" if entry.is_new else ""
    written = _ago(result.taken_s - entry.written_s)
    return [name + new, units.size(entry.size_bytes), took, written, used]


def _ago(age_s: float) -> str:
    """``5 min ago``: as long as a reader cares to know."""
    for length_s, name in _AGES:
        if age_s >= length_s:
            number = int(age_s / length_s)
            return f"{units.plural(number, name) if name == 'day' else f'{number} {name}'} ago"
    return "just now"


def _left_out(result: DiskCache, most: int) -> Iterator[str]:
    shown = result.entries[:most]
    hidden = result.entry_count - len(shown)
    if hidden:
        size = result.size_bytes - sum(entry.size_bytes for entry in shown)
        number = units.plural(hidden, "older program")
        yield f"… and {number}, {units.size(size)}."
    if any(entry.is_new for entry in shown):
        yield "* written since this Python started, by it or by another."


def _table(result: DiskCache) -> str:
    rows = [_cells(result, entry) for entry in result.entries[:_HTML_ROWS]]
    used = [n for n in range(len(_COLUMNS)) if n == 0 or any(row[n] for row in rows)]
    head = (element("th", escape(_COLUMNS[n].title), class_=_class(n), scope="col") for n in used)
    body = (
        element(
            "tr",
            element("td", element("code", escape(row[0]))),
            *(element("td", escape(row[n]), class_=_class(n)) for n in used[1:]),
        )
        for row in rows
    )
    return element("table", element("thead", element("tr", *head)), element("tbody", *body))


def _class(number: int) -> str | None:
    return "jm-number" if _COLUMNS[number].right else None
