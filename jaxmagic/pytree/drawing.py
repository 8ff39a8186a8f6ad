"""Trees as pictures of nodes, in Graphviz's language.

A small tree is drawn as in a lecture, top-down with a node for each place (:func:`small`), several
of them in a row if they belong together (:func:`side_by_side`). A large one is drawn from left to
right, equal parts folded (:func:`folded`).
"""

import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaxmagic.pytree.model import Place, Structure, Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.short import leaf_text, structure_text
from jaxmagic.pytree.unfold import Part, unfold, within
from jaxmagic.show import row, svg, units
from jaxmagic.show.graphviz import LIMIT_S, Engine, attributes, layout
from jaxmagic.show.picture import Picture

SMALL = 30
"""Nodes of a tree up to which a node for each place is easier to read than an outline."""

MOST = 300
"""Nodes of :func:`small` at most; what goes beyond is counted in the picture."""

Label = Callable[[Place, Structure], str]
Mark = Callable[[Place], str]

_NOTE_WIDTH = 34
_THICKEST, _THINNEST = 9.0, 0.8

# fonts whose widths Graphviz knows as browsers have them
_SMALL = """digraph {{
graph [ordering=out, splines=line, bgcolor=transparent, nodesep=0.16, ranksep={gap}, pad=0.08]
node [fontname=Helvetica, fontsize=14, shape=box, margin="0.13,0.06", height=0.38, width=0.5]
edge [arrowhead=none, tailport=s, headport=n]"""
_FOLDED = """digraph {
graph [ordering=out, rankdir=LR, bgcolor=transparent, nodesep=0.09, ranksep=0.36, pad=0.1]
node [fontname=Helvetica, fontsize=13, shape=box, margin="0.11,0.05", height=0.3, width=0.3]
edge [arrowhead=none, tailport=e, headport=w]"""


def small(
    tree: Tree, *, name: str = "", label: Label | None = None, mark: Mark | None = None
) -> str:
    """The picture of a tree with a node for each place.

    Args:
        tree: the model.
        name: what the tree is called, written above its root.
        label: the text of a leaf in place of its type and shape; it may have several lines.
        mark: the class of a place in the style sheet, "leaf0" to "leaf7", or nothing; it replaces
            the colours of types.
    """
    signs = _shared_signs(tree)
    whole = unfold(tree, rows=MOST, widest=MOST, folded_from=sys.maxsize, chains=False)
    parts = _numbered(whole)
    fan = max(len(part.parts) for _, part, _ in parts)
    lines = [_SMALL.format(gap=min(0.2 + 0.02 * fan, 0.6))]  # the wider, the higher
    if name:
        lines += [f"name {_words(clean(name), 'name')}", "name -> n0"]
    for above, part, inner in parts:
        here = tree.structures[part.structure]
        if here.is_leaf:
            text = _noted(leaf_text(here), here) if label is None else label(part.place, here)
            look = mark(part.place) if mark is not None else "fault" if here.note else here.kind
        else:
            text, look = _container(here)
            if mark is not None and not here.note:
                look = f"{'none' if here.kind == 'none' else 'plain'} {mark(part.place)}".strip()
        sign = f"\n{signs[part.place]}" if part.place in signs else ""
        lines.append(f"n{above} {_box(text, sign, look, here)}")
        for position, (number, below) in enumerate(inner):
            if 2 * position == len(inner):
                # what can't be seen stands in the middle, so that children lie on both sides
                lines.append(f'x{above} [style=invis, label="", width=0.01, height=0.1]')
                lines.append(f"n{above} -> x{above} [style=invis, weight=20]")
            weight = 20 if 2 * position == len(inner) - 1 else 1
            lines.append(f"k{number} {_words(below.label, 'key')}")
            lines.append(f"n{above} -> k{number} [weight={weight}]")
            lines.append(f"k{number} -> n{number} [weight=20]")
        if part.hidden:
            lines.append(f"m{above} {_words(f'… {part.hidden:,} more', 'more', shape='box')}")
            lines.append(f"n{above} -> m{above}")
    return "\n".join([*lines, "}"])


def folded(tree: Tree, root: Part, *, name: str = "") -> str:
    """The picture of what is unfolded of a tree, its root called ``name``.

    A node has the key and the type, how many there are of it, its parameters and its share of the
    bytes. The line to it is as thick as this share; without any bytes, as its share of leaves.
    """
    whole = tree.top
    signs = _shared_signs(tree)
    lines = [_FOLDED]
    for above, part, inner in _numbered(root):
        here = tree.structures[part.structure]
        key = part.label or clean(name)
        times = f"{part.times:,}× " if part.times > 1 else ""  # noqa: RUF001  as in mathematics
        if here.is_leaf or here.kind == "none":
            sign = signs.get(part.place, "") if part.times == 1 else _signs_of_run(tree, part)
            node = _leaf_row(here, key, times, sign)
        else:
            node = _container_row(here, key, times + _figures(here, whole, part))
        lines.append(f"n{above} {node}")
        for number, below in inner:
            share = _share(tree.structures[below.structure], whole, below.weight)
            width = round(_THINNEST + (_THICKEST - _THINNEST) * share, 2)
            lines.append(f"n{above} -> n{number} {attributes(penwidth=width)}")
        if part.hidden:
            lines.append(f"m{above} {attributes(label=_more(part), class_='more')}")
            lines.append(f"n{above} -> m{above} {attributes(penwidth=_THINNEST)}")
    return "\n".join([*lines, "}"])


@dataclass(frozen=True)
class Panel:
    """One tree of several in a row, with its title; see :func:`small`."""

    tree: Tree
    title: str = ""
    label: Label | None = None
    mark: Mark | None = None


def side_by_side(
    panels: Sequence[Panel | str], alt: str, *, engine: Engine = "auto", limit_s: float = LIMIT_S
) -> Picture:
    """Trees in a row as one picture; a text between them is a sign such as ``+`` or ``=``.

    ``limit_s`` is how long each of them may take.

    Raises:
        DrawingError: as :func:`jaxmagic.show.graphviz.draw`.
    """
    drawn = [
        clean(panel)
        if isinstance(panel, str)
        else row.Framed(
            layout(small(panel.tree, label=panel.label, mark=panel.mark), engine, limit_s),
            clean(panel.title, 200),
        )
        for panel in panels
    ]
    return Picture(row.in_a_row(drawn), alt)


def _shared_signs(tree: Tree) -> dict[Place, str]:
    """What is written at each place of an array that lies at several."""
    return {
        place: f"shared #{number}"
        for number, one in enumerate(tree.shared, 1)
        for place in one.places
    }


def _signs_of_run(tree: Tree, part: Part) -> str:
    """The sign of the array that all of a run are, or what is known of some of them."""
    for number, one in enumerate(tree.shared, 1):
        if places := within(part, one):
            is_all = len(places) == part.times
            return f"shared #{number}" if is_all else "some shared"
    return ""


def _numbered(root: Part) -> list[tuple[int, Part, list[tuple[int, Part]]]]:
    """Each part with its number and the numbered parts below it."""
    found, waiting, last = [], [(0, root)], 0
    while waiting:
        number, part = waiting.pop()
        inner = list(enumerate(part.parts, last + 1))
        last += len(inner)
        found.append((number, part, inner))
        waiting += reversed(inner)
    return found


def _words(text: str, class_: str, shape: str = "plaintext") -> str:
    """A node that is hardly more than its text: a key, a name."""
    return attributes(
        label=text,
        class_=class_,
        shape=shape,
        fontname="Courier",
        fontsize=13,
        margin="0.04,0.02",
        height=0.22,
        width=0.1,
    )


def _box(text: str, sign: str, look: str, here: Structure) -> str:
    if not here.is_leaf:
        return attributes(label=text + sign, class_=look, style="rounded")
    lines = text.split("\n")
    width = max(map(len, lines))  # of equal length, lines stay under each other when centred
    text = "\n".join(line.ljust(width) for line in lines)
    return attributes(label=text + sign, class_=f"code {look}", fontname="Courier", fontsize=13)


def _noted(text: str, here: Structure) -> str:
    """``text`` and what is wrong."""
    return "\n".join([text, *textwrap.wrap(here.note, _NOTE_WIDTH)])


def _container(here: Structure) -> tuple[str, str]:
    """The text of a container, and the class of its looks."""
    if here.kind == "none":
        return "None", "none"
    if here.note:
        return _noted(structure_text(here), here), "fault"
    return (here.type_name if here.children else f"{here.type_name}, empty"), here.kind


def _leaf_row(here: Structure, key: str, times: str, sign: str) -> str:
    """A leaf of a folded picture, all on one line."""
    return attributes(
        label="  ".join(filter(None, (key, times + leaf_text(here), sign))),
        class_=f"code {'fault' if here.note else here.kind}",
        style="" if here.is_leaf else "rounded",
        fontname="Courier",
        fontsize=12,
    )


def _container_row(here: Structure, key: str, figures: str) -> str:
    look = "fault" if here.note else here.kind
    return attributes(
        label="\n".join(filter(None, (key, figures))),
        class_=f"keyed {look}" if key else look,
        style="rounded",
        width=round(svg.code_width(key, 13) / 72 + 0.22, 2),  # in inches
    )


def _figures(here: Structure, whole: Structure, part: Part) -> str:
    """Type, parameters and share; of the whole tree, what it is the share of."""
    figures = [structure_text(here) if here.note else here.type_name]
    parameters = units.count(part.weight * here.parameters) if here.parameters else ""
    if here is whole:
        figures.append(units.size(here.size_bytes) if here.size_bytes else "")
        below = f"\n{parameters} parameters" if parameters else ""
        return " · ".join(filter(None, figures)) + below
    figures.append(parameters)
    if here.size_bytes:
        share = f"{_share(here, whole, part.weight):.0%}"
        figures.append("<1%" if share == "0%" else share)
    return " · ".join(filter(None, figures))


def _more(part: Part) -> str:
    leaves = "leaf" if part.hidden_leaves == 1 else "leaves"
    return f"… {part.hidden:,} more ({part.hidden_leaves:,} {leaves})"


def _share(here: Structure, whole: Structure, weight: int) -> float:
    """The part of the whole tree's bytes that a structure has at ``weight`` places."""
    if whole.size_bytes:
        return weight * here.size_bytes / whole.size_bytes
    return weight * here.leaves / whole.leaves if whole.leaves else 0.0
