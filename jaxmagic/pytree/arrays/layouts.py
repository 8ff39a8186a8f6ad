r"""How arrays lie on several devices: which block of an array is on which of them.

>>> print("\n".join(layout_lines(layouts_of(params, summarise(params))[0])))
['w'] float32[8,4], P('x', 'y') on x=2, y=2
       0:2     2:4
    ┌───────┬───────┐
0:4 │ cpu:0 │ cpu:1 │
    ├───────┼───────┤
4:8 │ cpu:2 │ cpu:3 │
    └───────┴───────┘
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import element, escape

_SIDE = 16
_LONGEST_CELL = 28


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an array, from ``start`` to ``stop`` in each dimension, and who has it.

    ``devices`` has more than one where there are replicas.
    """

    start: tuple[int, ...]
    stop: tuple[int, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How all arrays of one shape and sharding lie on their devices.

    ``path`` is where the first of these ``arrays`` is; ``note`` says what can't be told, and
    ``more`` how many other layouts there are that were left out behind this one.
    """

    path: str
    arrays: int
    shape: tuple[int, ...]
    dtypes: tuple[str, ...]
    sharding: str
    blocks: tuple[Block, ...] = ()
    note: str = ""
    more: int = 0

    @property
    def title(self) -> str:
        """What lies so: the array and its type, and how many others are alike."""
        lengths = ",".join(map(str, self.shape))
        others = f" and {units.plural(self.arrays - 1, 'more array')}" if self.arrays > 1 else ""
        types = " or ".join(f"{dtype}[{lengths}]" for dtype in self.dtypes)
        return f"{self.path or 'the array'} {types}, {self.sharding}{others}"


def layout_lines(layout: Layout) -> list[str]:
    """A layout as text: a grid of boxes with the devices in them, at most 100 columns wide."""
    lines = [_cut(layout.title, TEXT_WIDTH)]
    if layout.note:
        lines.append(_cut(layout.note, TEXT_WIDTH))
    else:
        grid = _grid(layout, None)
        boxes = _boxes(grid) if grid else []
        if grid and max(map(len, boxes)) <= TEXT_WIDTH:
            lines += [grid.says, *boxes] if grid.says else boxes
        else:
            lines += [_cut(f"  {line}", TEXT_WIDTH) for line in _list(layout)]
    return [*lines, *_left_out(layout)]


def layout_html(layout: Layout) -> str:
    """A layout as a table of blocks, readable without its style."""
    pieces = [element("p", element("code", escape(layout.title)), class_="jm-title")]
    if layout.note:
        pieces.append(element("p", escape(layout.note)))
    elif (grid := _grid(layout, _SIDE)) is None:
        items = [element("li", element("code", escape(line))) for line in _list(layout)]
        pieces.append(element("ul", *items))
    else:
        if grid.says:
            pieces.append(element("p", escape(grid.says), class_="jm-dim"))
        pieces.append(_table(grid))
    pieces += [element("p", escape(line)) for line in _left_out(layout)]
    return element("div", *pieces)


def _table(grid: "_Grid") -> str:
    """The boxes; their frames are written out, as they are what is shown."""
    plain = "border:none;padding:2px 8px"
    framed = "border:1px solid;padding:3px 8px;text-align:center"
    rows = []
    if any(grid.across):
        heads = [element("th", escape(text), scope="col", style=plain) for text in grid.across]
        rows.append([element("td", style=plain), *heads])
    for down, cells in zip(grid.down, grid.cells, strict=True):
        boxes = [element("td", element("code", escape(cell)), style=framed) for cell in cells]
        rows.append([element("th", escape(down), scope="row", style=plain), *boxes])
    lines = (element("tr", *row, style="background:none") for row in rows)
    style = "border-collapse:collapse;margin:4px 0 12px"
    return element("table", *lines, class_="jm-layout", border="1", style=style)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The boxes to draw: index ranges down and across, and the devices of each box."""

    down: list[str]
    across: list[str]
    cells: list[list[str]]
    says: str


def _grid(layout: Layout, most: int | None) -> _Grid | None:
    """The boxes of an array that is split in two dimensions at most; None for others.

    There are ``most`` side by side, or as many as fit on a line of text.
    """
    dimensions = len(layout.shape)
    ranges = [
        sorted({(block.start[n], block.stop[n]) for block in layout.blocks})
        for n in range(dimensions)
    ]
    split = [n for n in range(dimensions) if len(ranges[n]) > 1]
    if len(split) > 2:  # noqa: PLR2004  what a page has
        return None
    down = across = None
    if len(split) == 2:  # noqa: PLR2004  as above
        down, across = split
    elif split and split[0] == dimensions - 1:
        across = split[0]
    elif split:
        down = split[0]
    at = {
        (
            None if down is None else (block.start[down], block.stop[down]),
            None if across is None else (block.start[across], block.stop[across]),
        ): devices_text(block.devices)
        for block in layout.blocks
    }
    rows = [None] if down is None else _some(ranges[down], _SIDE)
    columns: list[Any] = [None]
    if across is not None:
        margin = max(len(_range(row)) for row in rows)
        widest = max(map(len, [*at.values(), *map(_range, ranges[across])])) + 3
        fitting = max(3, min(_SIDE, (TEXT_WIDTH - margin - 2) // widest))
        columns = _some(ranges[across], most or fitting)
    cells = [
        ["…" if "…" in (row, column) else at.get((row, column), "") for column in columns]
        for row in rows
    ]
    says = ""
    if not split:
        says = "Each device has all of it." if len(layout.blocks) == 1 else ""
    elif dimensions > 2 or (dimensions == 2 and len(split) < 2):  # noqa: PLR2004  as above
        ways = [(down, "down"), (across, "across")]
        says = ", ".join(f"dimension {n} {way}" for n, way in ways if n is not None)
        says = f"Split in {says}; the others whole."
    return _Grid([_range(row) for row in rows], [_range(column) for column in columns], cells, says)


def _some(ranges: list[Any], most: int) -> list[Any]:
    """All of them, or the first and the last ones with an ellipsis between."""
    if len(ranges) <= most:
        return ranges
    behind = (most - 1) // 2
    return [*ranges[: most - 1 - behind], "…", *ranges[len(ranges) - behind :]]


def _range(ends: Any) -> str:
    return "" if ends is None else ends if ends == "…" else f"{ends[0]}:{ends[1]}"


def _boxes(grid: _Grid) -> list[str]:
    margin = max(map(len, grid.down))
    width = max(map(len, itertools.chain(grid.across, *grid.cells)))
    indent = " " * (margin + 1 if margin else 0)

    def rule(left: str, middle: str, right: str) -> str:
        return indent + left + middle.join(["─" * (width + 2)] * len(grid.across)) + right

    lines = []
    if any(grid.across):
        titles = " ".join(text.center(width + 2) for text in grid.across)
        lines.append(f"{indent} {titles}".rstrip())
    lines.append(rule("┌", "┬", "┐"))
    for number, (down, cells) in enumerate(zip(grid.down, grid.cells, strict=True)):
        if number:
            lines.append(rule("├", "┼", "┤"))
        label = f"{down.rjust(margin)} " if margin else ""
        lines.append(label + "│" + "│".join(f" {cell.center(width)} " for cell in cells) + "│")
    return [*lines, rule("└", "┴", "┘")]


def _list(layout: Layout) -> list[str]:
    """The blocks one by one."""
    lines = []
    for block in layout.blocks[: 2 * _SIDE]:
        ranges = [
            ":" if (start, stop) == (0, length) else f"{start}:{stop}"
            for start, stop, length in zip(block.start, block.stop, layout.shape, strict=True)
        ]
        lines.append(f"{devices_text(block.devices)}  [{', '.join(ranges)}]")
    hidden = len(layout.blocks) - len(lines)
    return [*lines, f"… and {units.plural(hidden, 'more block')}"] if hidden else lines


def _left_out(layout: Layout) -> list[str]:
    return [f"… and {units.plural(layout.more, 'other layout')}"] if layout.more else []


def devices_text(devices: Sequence[str]) -> str:
    """The names of devices, those of a kind together: ``cpu:0-3,8``."""
    of_kind: dict[str, list[int]] = {}
    for name in devices:
        kind, _, number = name.rpartition(":")
        of_kind.setdefault(kind, []).append(int(number) if number.isdecimal() else -1)
    text = " ".join(f"{kind}:{_runs(numbers)}" for kind, numbers in of_kind.items())
    if len(text) <= _LONGEST_CELL:
        return text
    return f"{units.plural(len(devices), 'device')}, {devices[0]} …"


def _runs(numbers: list[int]) -> str:
    """``[0, 1, 2, 3, 8]`` as ``0-3,8``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run))  # noqa: PLR2004  a pair
        for run in runs
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
