"""Devices and live arrays as text and as HTML: a sentence, a table of devices, one of arrays."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from jaxmagic.compiles.memory.result import LAST_TRACEBACK, Device, Devices, Group, Name
from jaxmagic.pytree.arrays.layouts import layout_html, layout_lines
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.short import dtype_text
from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import element, escape, fold, page
from jaxmagic.show.table import Column, paragraph, table

_TEXT_ROWS, _HTML_ROWS = 25, 60
_NARROWEST, _WIDEST_SHARDING, _LONGEST_NAME = 30, 24, 64
_TIMES = "\N{MULTIPLICATION SIGN}"
_NO_NAME = "no name found: perhaps held by a library, a closure or another thread"
_NONE_HERE = "–"  # noqa: RUF001  a dash is a figure that nobody reports
_DEVICES = (
    Column("device"),
    Column("kind"),
    Column("memory\nin use", right=True),
    Column("peak", right=True),
    Column("limit", right=True),
    Column("live\narrays", right=True),
    Column("their\nbytes", right=True),
)
_GROUPS = (
    Column("bytes", right=True),
    Column("arrays", right=True),
    Column("each"),
    Column("on"),
    Column("held by"),
)


def text(result: Devices) -> str:
    """The devices and the arrays as text, at most 100 columns wide."""
    if result.idle:
        return "\n".join(paragraph(result.idle))
    lines = paragraph(head(result))
    for sentence in result.unseen:
        lines += paragraph(sentence, "! ", "  ")
    lines += ["", *table(_DEVICES, [_device(device) for device in result.devices])]
    for sentence in _how(result):
        lines += paragraph(sentence, "· ", "  ")
    if result.groups:
        lines += ["", *_arrays(result.groups[:_TEXT_ROWS])]
    for sentence in _left_out(result, _TEXT_ROWS):
        lines += paragraph(sentence)
    for layout in result.layouts:
        lines += ["", *layout_lines(layout)]
    return "\n".join(lines)


def html(result: Devices) -> str:
    """The devices and the arrays as static HTML."""
    if result.idle:
        return page(element("p", escape(result.idle)), label=result.idle)
    said = [element("p", escape(sentence), class_="jm-dim") for sentence in _how(result)]
    layouts = ""
    if result.layouts:
        number = units.plural(len(result.layouts), "layout")
        summary = f"how arrays lie on their devices ({number})"
        layouts = fold(summary, *map(layout_html, result.layouts))
    return page(
        element("p", element("b", escape(head(result))), class_="jm-title"),
        *(element("p", "⚠ ", escape(one), class_="jm-warning") for one in result.unseen),
        _html_table(_DEVICES, [list(map(escape, _device(device))) for device in result.devices]),
        *said,
        _html_table(_GROUPS, [_html_group(group) for group in result.groups[:_HTML_ROWS]])
        if result.groups
        else "",
        *(
            element("p", escape(sentence), class_="jm-dim")
            for sentence in _left_out(result, _HTML_ROWS)
        ),
        layouts,
        label=head(result),
    )


def head(result: Devices) -> str:
    """The devices of this process and what is alive on them, in one sentence."""
    platforms = Counter(device.platform for device in result.devices)
    number = units.plural(len(result.devices), "device")
    kinds = " and ".join(
        f"{count:,} {platform}" if len(platforms) > 1 else platform
        for platform, count in platforms.items()
    )
    of = ""
    if result.process_count > 1:
        of = f" of {result.device_count:,}"
    process = f"process {result.process_index} of {result.process_count:,}"
    number_of = units.plural(result.arrays + result.more_arrays, "live array")
    if result.more_arrays:
        number_of = f"{result.arrays:,} of {number_of}"
    arrays = f"{number_of}, {units.size(result.device_bytes)}"
    if not result.arrays and not result.more_arrays:
        arrays = "no live arrays"
    return f"{number}{of} ({kinds}), {process}; {arrays}"


def _how(result: Devices) -> Iterator[str]:
    """How the figures of the devices were obtained, and why some are missing."""
    for note, number in Counter(device.note for device in result.devices).items():
        names = [device.name for device in result.devices if device.note == note]
        where = "" if number == len(result.devices) else f"{', '.join(names)}: "
        yield f"{where}{note}." if where else f"{note[:1].upper()}{note[1:]}."
    yield (
        "Bytes of live arrays are shape times item size, each shard and each replica on its own "
        "device; an array and a view of its memory count both."
    )


def _device(device: Device) -> list[str]:
    memory = (device.in_use_bytes, device.peak_bytes, device.limit_bytes)
    used, peak, limit = (units.size(value) or _NONE_HERE for value in memory)
    if device.in_use_bytes is not None and device.limit_bytes:
        used += f" ({device.in_use_bytes / device.limit_bytes:.0%})"
    return [
        device.name,
        device.kind,
        used,
        peak,
        limit,
        f"{device.arrays:,}",
        units.size(device.arrays_bytes),
    ]


def _group(group: Group) -> list[str]:
    """All cells of a group but its names."""
    lengths = ",".join(map(str, group.shape))
    where = group.sharding
    if len(where) > _WIDEST_SHARDING:
        where = f"{where[: _WIDEST_SHARDING - 1]}…"
    return [
        units.size(group.device_bytes),
        f"{group.arrays:,}",
        f"{dtype_text(group.dtype)}[{lengths}]",
        where,
    ]


def _name(name: Name) -> str:
    text = clean(name.text, _LONGEST_NAME)
    return f"{text} {_TIMES}{name.times:,}" if name.times > 1 else text


def _without_name(group: Group) -> str:
    """What is said of the arrays of a group that nobody seems to hold."""
    more = f"and {units.plural(group.more_names, 'more name')}" if group.more_names else ""
    if not group.unnamed:
        return more
    told = _NO_NAME
    if group.unnamed < group.arrays:
        told = f"{group.unnamed:,} without a name"
    return f"{more}; {told}" if more else told


def _arrays(groups: Sequence[Group]) -> list[str]:
    """The table of the arrays; names that need it take further lines."""
    cells = [_group(group) for group in groups]
    taken = sum(
        max(len(column.title), *(len(row[n]) for row in cells)) + 2
        for n, column in enumerate(_GROUPS[:-1])
    )
    width = max(_NARROWEST, TEXT_WIDTH - taken)
    rows = []
    for row, group in zip(cells, groups, strict=True):
        names = ", ".join(filter(None, [*map(_name, group.names), _without_name(group)]))
        first, *others = textwrap.wrap(names, width, break_on_hyphens=False) or [""]
        rows.append([*row, first])
        rows += [[*([""] * len(row)), f"  {line}"[: width + 2]] for line in others]
    right = [max(len(column.title), *(len(row[0]) for row in cells)) for column in _GROUPS[:1]]
    for row in rows:
        row[0] = row[0].rjust(right[0])
    return table(_GROUPS, rows)


def _left_out(result: Devices, most: int) -> Iterator[str]:
    hidden = result.groups[most:]
    groups = len(hidden) + result.rest.groups
    if groups:
        arrays = sum(group.arrays for group in hidden) + result.rest.arrays
        size = sum(group.device_bytes for group in hidden) + result.rest.device_bytes
        yield (
            f"… and {units.plural(groups, 'smaller group')}: "
            f"{units.plural(arrays, 'array')}, {units.size(size)}."
        )
    if any(name.told.endswith(LAST_TRACEBACK) for group in result.groups for name in group.names):
        yield (
            "Calls in the last traceback keep their variables until the next error, or until "
            "traceback.clear_frames(sys.last_traceback)."
        )


def _html_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    head_cells = (
        element(
            "th",
            escape(column.title.replace("\n", " ")),
            class_="jm-number" if column.right else None,
            scope="col",
        )
        for column in columns
    )
    body = (
        element(
            "tr",
            *(
                element(
                    "td", cell, class_="jm-number" if column.right else None, style=_style(column)
                )
                for column, cell in zip(columns, row, strict=True)
            ),
        )
        for row in rows
    )
    return element("table", element("thead", element("tr", *head_cells)), element("tbody", *body))


def _style(column: Column) -> str | None:
    """Names may take several lines."""
    return "white-space:normal" if column.title == _GROUPS[-1].title else None


def _html_group(group: Group) -> list[str]:
    size, arrays, each, where = _group(group)
    names = []
    for name in group.names:
        written = element("code", escape(name.code)) if name.code else ""
        written += element("span", escape(name.told), class_="jm-dim") if name.told else ""
        names.append(f"{written} {_TIMES}{name.times:,}" if name.times > 1 else written)
    if without := _without_name(group):
        names.append(element("span", escape(without), class_="jm-dim"))
    each = element("code", escape(each))
    on = element("span", escape(where), title=group.sharding) if where else ""
    return [size, arrays, each, on, ", ".join(names)]
