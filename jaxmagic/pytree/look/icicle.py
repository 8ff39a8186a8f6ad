"""A bar of a large tree: the width of each block is its share of the bytes, a level below it.

It stands above the outline, so it is small: five levels, and no label that does not fit.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from jaxmagic.pytree.look.columns import TIMES, percent, width
from jaxmagic.pytree.look.outline import measure
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.unfold import Part
from jaxmagic.show.markup import escape

LEVELS = 5

_WIDTH, _ROW = 800, 21
_LETTER = 6.65  # of the font below, wide enough for the widest of those that it names
_THINNEST = 2
_NAMED = 3
_FONTS = "Menlo,DejaVu Sans Mono,monospace"
_COLOURS = {  # of a kind of container on a light and on a dark page; the first is a leaf's
    "": ("#e8ebef", "#30363d"),
    "d": ("#cfe1fd", "#1d3a66"),
    "l": ("#c9edd6", "#1a4a30"),
    "t": ("#e2d4fb", "#432a75"),
    "o": ("#fde3b8", "#573a0c"),
}
_CLASSES = {"dict": "d", "list": "l", "tuple": "t", "namedtuple": "o", "object": "o"}


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the column where it starts, its width, its level, what it says and its kind."""

    x: float
    level: int
    width: float
    label: str
    share: str
    kind: str


def html(result: PyTree) -> str:
    """The bar as an ``img`` element; empty if there is nothing to compare."""
    found = list(blocks(result.tree, result.root))
    if len(found) < 2:  # noqa: PLR2004  nothing to compare
        return ""
    svg = draw(found)
    quoted = f",{quote(svg, safe=_SAFE)}"
    packed = f";base64,{base64.b64encode(svg.encode()).decode()}"
    source = f"data:image/svg+xml{min(quoted, packed, key=len)}"
    return (
        f'<img alt="{escape(alt(result))}" src="{source}" width="{_WIDTH}" style="max-width:100%">'
    )


_SAFE = " !'()*+,-./:;=@[]_{}|~^`$"


def alt(result: PyTree) -> str:
    """What the bar shows, in words: the largest parts."""
    tree = result.tree
    word = measure(tree).word
    shares = [(_share(tree, part), _label(part)) for part in result.root.parts]
    first = sorted(shares, key=lambda pair: -pair[0])[:_NAMED]
    named = ", ".join(f"{label} {percent(share)}" for share, label in first if share)
    return f"Bar of {result.name} by {word}: {named}."


def blocks(tree: Tree, root: Part) -> Iterator[Block]:
    """The blocks that are wide enough to be seen, level by level."""
    structures = tree.structures
    waiting = [(root, 0.0)]
    for level in range(LEVELS):
        below = []
        for above, start in waiting:
            x, end = start, start + _share(tree, above) * _WIDTH
            for part in above.parts:
                share = _share(tree, part)
                wide = share * _WIDTH
                if wide >= _THINNEST:
                    label, last = _label(part), part
                    while len(last.parts) == 1 and not last.hidden:  # as wide, so in one block
                        last = last.parts[0]
                        label += _label(last)
                    kind = structures[last.structure].kind
                    yield Block(x, level, wide, label, percent(share), kind)
                    below.append((last, x))
                x += wide
            if above.parts and above.hidden and end - x >= _THINNEST:
                yield Block(x, level, end - x, f"… {above.hidden:,} more", "", "none")
        waiting = below


def _share(tree: Tree, part: Part) -> float:
    """The share of a part of the whole tree."""
    of = measure(tree).of
    return part.weight * of(tree.structures[part.structure]) / (of(tree.top) or 1)


def _label(part: Part) -> str:
    return part.label if part.times == 1 else f"{part.label} {part.times:,}{TIMES}"


def draw(found: list[Block]) -> str:
    """The blocks as SVG text, with no double quote in it."""
    height = _ROW * (1 + max(block.level for block in found))
    shapes: dict[str, str] = {}
    texts = []
    for block in found:
        left, right, y = round(block.x), round(block.x + block.width), block.level * _ROW
        kind = _CLASSES.get(block.kind, "")
        wide = right - left
        shapes[kind] = shapes.get(kind, "") + f"M{left} {y}h{wide}v{_ROW}h-{wide}z"
        if said := _fitting(block):
            texts.append(f"<text x='{left + 4}' y='{y + 14}'>{escape(said)}</text>")
    paths = (
        f"<path{f' class={chr(39)}{kind}{chr(39)}' if kind else ''} d='{shape}'/>"
        for kind, shape in shapes.items()
    )
    light, dark = (_colours(shapes, number) for number in (0, 1))
    return "".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height}'><style>",
            f"svg{{background:#fff}}text{{font:11px {_FONTS};fill:#1f2328}}path{{stroke:#fff}}",
            f"{light}@media(prefers-color-scheme:dark){{svg{{background:#111}}",
            f"text{{fill:#e6e6e6}}path{{stroke:#111}}{dark}}}</style>",
            *paths,
            *texts,
            "</svg>",
        ]
    )


def _colours(kinds: Iterable[str], number: int) -> str:
    return "".join(
        f"{f'.{kind}' if kind else 'path'}{{fill:{_COLOURS[kind][number]}}}"
        for kind in sorted(kinds)
    )


def _fitting(block: Block) -> str:
    """The most that can be said in the width of ``block``."""
    room = (block.width - 6) / _LETTER
    bare = block.label.strip(".[]'")
    for said in (f"{block.label} {block.share}", block.label, bare):
        if width(said) <= room:
            return said
    return ""
