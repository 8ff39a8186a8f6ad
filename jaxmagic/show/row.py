"""Several pictures in a row as one, framed and titled, with signs between them."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from jaxmagic.show import svg

WIDEST = 1150.0
"""Pixels after which the rest goes into another row: a page shows no more without shrinking it."""

_PAD = 12.0
_GAP = 14.0
_SIGN_SIZE = 26
_TITLE_SIZE = 13
_LINE = 17.0
_CHARACTER = 0.602 * _TITLE_SIZE  # the width of one in a font of code
_NARROWEST_TITLE = 24  # characters


@dataclass(frozen=True)
class Framed:
    """A picture as :func:`jaxmagic.show.svg.plain` gives it, with a title above."""

    drawn: Element
    title: str = ""


@dataclass(frozen=True)
class _Block:
    """What takes a rectangle of the picture: a frame or a sign."""

    width: float
    height: float
    framed: Framed | None
    lines: Sequence[str]


def in_a_row(items: Sequence[Framed | str]) -> str:
    """The text of an SVG file with ``items`` from left to right, aligned at the top."""
    blocks = [_sign(item) if isinstance(item, str) else _frame(item) for item in items]
    root = Element("svg")
    x = y = right = _PAD / 2
    row_height = 0.0
    for number, block in enumerate(blocks):
        if x > _PAD and x + _needed(blocks, number) > WIDEST:
            x, y, row_height = _PAD / 2, y + row_height + _GAP, 0.0
        _place(root, block, x, y)
        x += block.width + _GAP
        right = max(right, x)
        row_height = max(row_height, block.height)
    width, height = right - _GAP + _PAD / 2, y + row_height + _PAD / 2
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    return svg.picture(root)


def _needed(blocks: Sequence[_Block], number: int) -> float:
    """The width of a block, and of a sign together with what follows it."""
    block = blocks[number]
    if block.framed is None and number + 1 < len(blocks):
        return block.width + _GAP + blocks[number + 1].width
    return block.width


def _sign(text: str) -> _Block:
    return _Block(0.6 * _SIGN_SIZE * max(1, len(text)), 3.5 * _LINE, None, [text])


def _frame(framed: Framed) -> _Block:
    width, height = _size(framed.drawn)
    fitting = max(_NARROWEST_TITLE, int(width / _CHARACTER))
    lines = textwrap.wrap(framed.title, fitting, break_on_hyphens=False)
    title = max(map(len, lines), default=0) * _CHARACTER
    return _Block(
        max(width, title) + 2 * _PAD, height + len(lines) * _LINE + 2 * _PAD, framed, lines
    )


def _size(drawn: Element) -> tuple[float, float]:
    return float(drawn.get("width", 0)), float(drawn.get("height", 0))


def _place(root: Element, block: _Block, x: float, y: float) -> None:
    middle = x + block.width / 2
    if block.framed is None:
        _text(root, "sign", block.lines[0], middle, y + 2.5 * _LINE, _SIGN_SIZE)
        return
    edges = {"x": x, "y": y, "width": block.width, "height": block.height, "rx": 10.0}
    SubElement(root, "rect", {"class": "frame", **{key: f"{at:g}" for key, at in edges.items()}})
    for number, line in enumerate(block.lines, 1):
        _text(root, "title", line, middle, y + _PAD / 2 + number * _LINE, _TITLE_SIZE)
    width, _ = _size(block.framed.drawn)
    top = y + _PAD + len(block.lines) * _LINE
    group = SubElement(root, "g", {"transform": f"translate({middle - width / 2:g} {top:g})"})
    group.extend(block.framed.drawn)


def _text(root: Element, class_: str, text: str, x: float, y: float, size: int) -> None:
    places = {"x": f"{x:g}", "y": f"{y:g}", "font-size": str(size), "text-anchor": "middle"}
    SubElement(root, "text", {"class": class_, **places}).text = text
