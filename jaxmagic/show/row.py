"""Several pictures in a row as one, framed and titled, with signs between them."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from jaxmagic.show import svg

WIDEST = 1250.0
"""Pixels after which the rest goes into another row: a page shows no more without shrinking it."""

_PAD = 12.0
_GAP = 14.0
_SIGN_SIZE = 26
_TITLE_SIZE = 13
_LINE = 17.0
_NARROWEST_TITLE = 24  # characters


@dataclass(frozen=True)
class Framed:
    """A picture as :func:`jaxmagic.show.svg.plain` gives it, with a title above."""

    drawn: Element
    title: str = ""


class _Block:
    """What takes a rectangle of the picture: a sign, or a frame with a title and a picture."""

    def __init__(self, item: Framed | str) -> None:
        self.framed = None if isinstance(item, str) else item
        if self.framed is None:
            self.lines = [str(item)]
            self.width = svg.code_width(str(item) or " ", _SIGN_SIZE)
            self.inner_height = 0.0
            return
        width, self.inner_height = _size(self.framed.drawn)
        fitting = max(_NARROWEST_TITLE, int(width / svg.code_width(" ", _TITLE_SIZE)))
        self.lines = textwrap.wrap(self.framed.title, fitting, break_on_hyphens=False)
        widths = (svg.code_width(line, _TITLE_SIZE) for line in self.lines)
        self.width = max([width, *widths]) + 2 * _PAD


def in_a_row(items: Sequence[Framed | str]) -> str:
    """The text of an SVG file with ``items`` from left to right, their pictures side by side."""
    root = Element("svg")
    y, widest = _PAD / 2, 0.0
    for line in _lines([_Block(item) for item in items]):
        frames = [block for block in line if block.framed]
        title_height = _LINE * max((len(block.lines) for block in frames), default=0)
        inner_height = max((block.inner_height for block in frames), default=3 * _LINE)
        x = _PAD / 2
        for block in line:
            if block.framed is None:
                _sign(root, block, x, y + _PAD + title_height)
            else:
                _frame(root, block, block.framed.drawn, (x, y), title_height)
            x += block.width + _GAP
        widest = max(widest, x)
        y += title_height + inner_height + 2 * _PAD + _GAP
    width, height = widest - _GAP + _PAD / 2, y - _GAP + _PAD / 2
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    return svg.picture(root)


def _lines(blocks: Sequence[_Block]) -> list[list[_Block]]:
    """The blocks line by line; a sign is in one line with what follows it."""
    lines: list[list[_Block]] = [[]]
    x = 0.0
    for number, block in enumerate(blocks):
        needed = block.width
        if block.framed is None and number + 1 < len(blocks):
            needed += _GAP + blocks[number + 1].width
        if lines[-1] and x + needed > WIDEST:
            lines.append([])
            x = 0.0
        lines[-1].append(block)
        x += block.width + _GAP
    return lines


def _size(drawn: Element) -> tuple[float, float]:
    return float(drawn.get("width", 0)), float(drawn.get("height", 0))


def _sign(root: Element, block: _Block, x: float, y: float) -> None:
    _text(root, "sign", block.lines[0], (x + block.width / 2, y + 1.6 * _LINE), _SIGN_SIZE)


def _frame(
    root: Element,
    block: _Block,
    drawn: Element,
    corner: tuple[float, float],
    title_height: float,
) -> None:
    """Add a frame as high as its picture and a title of ``title_height``."""
    x, y = corner
    height = title_height + block.inner_height + 2 * _PAD
    edges = {"x": x, "y": y, "width": block.width, "height": height, "rx": 10.0}
    SubElement(root, "rect", {"class": "frame", **{key: f"{at:g}" for key, at in edges.items()}})
    middle = x + block.width / 2
    for number, line in enumerate(block.lines, 1):
        _text(root, "title", line, (middle, y + _PAD / 2 + number * _LINE), _TITLE_SIZE)
    shift = f"translate({middle - _size(drawn)[0] / 2:g} {y + _PAD + title_height:g})"
    SubElement(root, "g", {"transform": shift}).extend(drawn)


def _text(root: Element, class_: str, text: str, at: tuple[float, float], size: int) -> None:
    places = {"x": f"{at[0]:g}", "y": f"{at[1]:g}", "font-size": str(size)}
    SubElement(root, "text", {"class": class_, "text-anchor": "middle", **places}).text = text
