"""A difference as text and as HTML: one sentence, then one outline of the places that differ."""

from collections.abc import Iterator

from jaxmagic.pytree.diff.result import Difference, Row, called
from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import element, escape, page
from jaxmagic.show.table import paragraph

_BAR = "│ "
_SPACE = "\N{NO-BREAK SPACE}"
_SIGNS = {
    "missing": "\N{MINUS SIGN}",
    "extra": "+",
    "renamed": "↷",
    "way": " ",
    "equal": "=",
    "again": "≠",
    "rest": "…",
}
_COLOURS = {"\N{MINUS SIGN}": "jm-gone", "+": "jm-new", "↷": "jm-moved", "≠": "jm-unlike"}
_WORDS = {
    "missing": "",
    "extra": "",
    "none": "",
    "leaf": "a leaf on one side",
    "type": "type",
    "static": "static data",
    "renamed": "renamed?",
}
_BY = "\N{MULTIPLICATION SIGN}"
_SHORTEST = 12
_DEEPEST = 20


def text(result: Difference) -> str:
    """The difference as text, at most 100 columns wide."""
    lines = [line for sentence in _sentences(result) for line in paragraph(sentence)]
    lines += [line for row in result.outline for line in _lines(result, row)]
    for note in result.notes:
        lines += paragraph(note, "· ", "  ")
    for other in result.more:
        lines += ["", text(other)]
    return "\n".join(lines)


def html(result: Difference) -> str:
    """The difference as static HTML: its rows are lines of code, coloured where style is kept."""
    label = head(result)
    return page(*_inner(result), label=label, sheets=("diff",))


def _inner(result: Difference) -> Iterator[str]:
    first, *others = _sentences(result)
    yield element("p", element("b", escape(first)), class_="jm-title")
    for sentence in others:
        yield element("p", escape(sentence), class_="jm-dim")
    yield element("div", *(_row(result, row) for row in result.outline), class_="jm-diff")
    for note in result.notes:
        yield element("p", escape(note), class_="jm-dim")
    for other in result.more:
        yield from _inner(other)


def head(result: Difference) -> str:
    """The whole difference in one or two sentences."""
    a, b = called(result.names)
    places = units.plural(sum(result.counts.values()), "place")
    if result.equal and result.prefix:
        said = f"{a} is a tree prefix of {b}."
    elif result.equal:
        said = f"{a} and {b} are equal: structure, {_compared(result)}."
    elif result.prefix:
        said = f"{a} is no tree prefix of {b}: it does not fit at {places}."
    else:
        equal = (
            f"{_leaves(result.equal_leaves)} {'is' if result.equal_leaves == 1 else 'are'} equal."
        )
        said = f"{a} and {b} differ at {places}: {', '.join(_counts(result))}. {equal}"
    return _sentence(said)


def _compared(result: Difference) -> str:
    """What is equal in equal trees."""
    if not result.values:
        return "shapes and dtypes"
    if not result.uncompared:
        return "shapes, dtypes and values"
    compared = result.equal_leaves - result.uncompared
    return f"shapes, dtypes, and the values of {compared:,} of {_leaves(result.equal_leaves)}"


def _sentences(result: Difference) -> Iterator[str]:
    """What is read first."""
    yield head(result)
    told = ("", "") if result.prefix else (_size(result, 0), _size(result, 1))
    if result.equal and not result.prefix:
        yield f"{told[0]}."
    elif said := [_introduced(result, side, told[side]) for side in (0, 1)]:
        yield " ".join(filter(None, said))
    if result.equal and not result.prefix and not result.values:
        yield "The values were not compared: --values does that, values=True in Python."


def _introduced(result: Difference, side: int, size: str) -> str:
    """How large a tree is, and what it is where it is not called by its name."""
    name, shown = result.names[side], called(result.names)[side]
    if name != shown:
        shown = f"{shown} is {name}"
    elif not size:
        return ""
    return _sentence(f"{shown}: {size}." if size else f"{shown}.")


def _sentence(said: str) -> str:
    return f"T{said[1:]}" if said.startswith("the ") else said


def _size(result: Difference, side: int) -> str:
    total = result.totals[side]
    told = f"{_leaves(total.leaves)} in {units.plural(total.containers, 'container')}"
    parameters = (
        "1 parameter" if total.parameters == 1 else f"{units.count(total.parameters)} parameters"
    )
    return f"{told}, {parameters}, {units.size(total.size_bytes)}"


def _leaves(number: int) -> str:
    return f"{number:,} {'leaf' if number == 1 else 'leaves'}"


def _counts(result: Difference) -> Iterator[str]:
    """The number of places that differ, by how they do."""
    a, b = called(result.names)
    places = sum(result.counts.values())
    for kind, said in (
        ("missing", f"only in {a}"),
        ("extra", f"only in {b}"),
        ("type", "of another type"),
        ("none", "with None on one side only"),
        ("leaf", "with a leaf against a container"),
        ("length", "of another length"),
        ("static", "with other static data"),
        ("unreadable", "unreadable"),
        ("shape", "of another shape"),
        ("dtype", "of another dtype"),
        ("value", "with other values"),
        ("renamed", "perhaps renamed"),
    ):
        if number := result.counts.get(kind):
            one = said.removeprefix("of ").removeprefix("with ")
            yield one if places == 1 else f"{number:,} {said}"


def _sign(result: Difference, row: Row) -> str:
    if row.kind == "fault":
        kind = "value" if row.fault is None else result.faults[row.fault].kind
        return _SIGNS.get(kind, "≠")
    return _SIGNS[row.kind]


def _said(result: Difference, row: Row) -> str:
    """What stands at the end of a row: in what the two sides differ, in words."""
    if row.kind != "fault" or row.fault is None:
        return row.hint
    fault = result.faults[row.fault]
    word = _WORDS.get(fault.kind, fault.kind)
    if fault.kind in ("missing", "extra") or (row.hint and _says_all(result, fault.kind)):
        return row.hint
    if not word or not row.hint:
        return word or row.hint
    return f"{word} ({row.hint})" if row.hint.endswith("?") else f"{word}: {row.hint}"


def _says_all(result: Difference, kind: str) -> bool:
    """Whether the hint of such a fault needs no word before it."""
    return kind == "value" or (result.prefix and kind in ("type", "leaf", "length"))


def _sides(result: Difference, row: Row) -> str:
    """``f32[3] → f32[4]``, or what there is on one side."""
    if result.prefix and row.kind == "fault" and row.left and row.right:
        a, b = called(result.names)
        return f"{a}: {row.left}, {b}: {row.right}"
    if row.left and row.right and row.left != row.right:
        return f"{row.left} → {row.right}"
    return row.left or row.right


def _times(row: Row) -> str:
    if row.times == 1:
        return ""
    one_sided = row.kind == "fault" and not (row.left and row.right)
    return f"{row.times:,} {_BY}" if one_sided else f"{row.times:,} {_BY} same change"


def _bars(row: Row) -> str:
    """A bar for each level; of very many, the first."""
    return _BAR * row.level if row.level <= _DEEPEST else f"{_BAR * _DEEPEST}… "


def _lines(result: Difference, row: Row) -> Iterator[str]:
    """A row; in two lines if its path would have to be cut."""
    start = f"{_sign(result, row)} {_bars(row)}"
    rest = "  ".join(filter(None, (_times(row), _sides(result, row), _said(result, row))))
    space = TEXT_WIDTH - len(start)
    if len(row.label) + 2 + len(rest) <= space:
        yield (start + "  ".join(filter(None, (row.label, rest)))).rstrip()
        return
    if row.label:
        yield _cut(start + _shortened(row.label, max(_SHORTEST, space)))
        start = f"  {_bars(row)}  "
    yield from paragraph(rest, start, f"  {_bars(row)}  ")


def _shortened(label: str, longest: int) -> str:
    """``label`` without its middle if it is too long."""
    if len(label) <= longest:
        return label
    front = (longest - 1) // 3
    return f"{label[:front]}…{label[front + 1 - longest :]}"


def _cut(line: str) -> str:
    return line if len(line) <= TEXT_WIDTH else f"{line[: TEXT_WIDTH - 1]}…"


def _row(result: Difference, row: Row) -> str:
    """One row: a line of code that says everything, with spaces that stay."""
    sign = _sign(result, row)
    fault = None if row.fault is None else result.faults[row.fault]
    bars = element("span", _fixed(_bars(row)), class_="jm-bars") if row.level else ""
    parts = [element("b", _fixed(sign)), _fixed(" "), bars, _fixed(row.label)]
    if times := _times(row):
        parts.append(_fixed("  ") + element("b", _fixed(times), class_="jm-times"))
    if sides := _html_sides(result, row):
        parts.append(_fixed("  ") + sides)
    if said := _said(result, row):
        parts.append(_fixed("  ") + element("i", _fixed(said), class_="jm-said"))
    colour = _COLOURS.get(sign, "")
    title = None
    if fault is not None:
        shown = fault.places or (fault.path,)
        more = f", … {fault.count - len(shown):,} more" if fault.count > len(shown) else ""
        title = (", ".join(path or "the whole tree" for path in shown)) + more
    kind = f"jm-row {colour}" if colour else "jm-row jm-way"
    return element("div", element("code", *parts), class_=kind, title=title)


def _html_sides(result: Difference, row: Row) -> str:
    if not result.prefix and row.left and row.right and row.left != row.right:
        left = element("span", _fixed(row.left), class_="jm-left")
        right = element("span", _fixed(row.right), class_="jm-right")
        return f"{left}{_fixed(' → ')}{right}"
    return _fixed(_sides(result, row))


def _fixed(words: str) -> str:
    return escape(words).replace(" ", _SPACE)
