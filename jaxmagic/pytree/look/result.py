"""What ``%pytree`` found out about one object: its model, and how it was asked to be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from jaxmagic.pytree.arrays.figures import Stats
from jaxmagic.pytree.arrays.layouts import Layout
from jaxmagic.pytree.drawing import SMALL, folded, small
from jaxmagic.pytree.model import Structure, Tree
from jaxmagic.pytree.short import structure_text
from jaxmagic.pytree.unfold import Part, unfold
from jaxmagic.show import units
from jaxmagic.show.graphviz import draw
from jaxmagic.show.result import Result

if TYPE_CHECKING:
    from jaxmagic.show.picture import Picture

_LONGEST_NAME = 24
_WIDEST = 1200
Engine = Literal["auto", "wasm", "native"]


@dataclass(frozen=True, repr=False)
class PyTree(Result):
    """The answer of ``%pytree`` and :func:`jaxmagic.tree`.

    ``name`` is the expression that was asked about, ``tree`` the model of its value. ``depth``
    is how many levels are shown at most, ``graph`` says that a large tree is drawn as a graph,
    and ``sharding`` that it is shown how the arrays lie on their devices, in ``layouts`` as
    drawings. ``stats`` are figures of the values. ``engine`` is what draws the picture.
    """

    name: str
    tree: Tree
    depth: int | None = None
    graph: bool = False
    sharding: bool = False
    layouts: tuple[Layout, ...] = ()
    stats: Stats | None = None
    engine: Engine = "auto"

    @cached_property
    def root(self) -> Part:
        """The parts that are shown."""
        return unfold(self.tree, depth=self.depth)

    @property
    def short_name(self) -> str:
        """What the root is called where there is little room: "tree" for a long expression."""
        return self.name if len(self.name) <= _LONGEST_NAME else "tree"

    @property
    def is_single(self) -> bool:
        """Whether it is a leaf or an empty container, so that there is nothing to outline."""
        return not (self.tree.top.children or self.tree.top.note)

    @property
    def summary(self) -> str:
        """The name and the totals in one line."""
        return f"{self.name}: {self.totals}"

    @property
    def totals(self) -> str:
        """The leaves, parameters, bytes and levels in one line; of a single thing, what it is."""
        top = self.tree.top
        said = [f"{top.leaves:,} {'leaf' if top.leaves == 1 else 'leaves'}"]
        if self.is_single:
            said.append(_kind_of_single(top))
        if top.parameters:
            parameters = "parameter" if top.parameters == 1 else "parameters"
            said.append(f"{units.count(top.parameters)} {parameters}")
        if top.size_bytes:
            said.append(units.size(top.size_bytes))
        if not self.is_single:
            said.append(f"depth {top.depth:,}")
        return ", ".join(said)

    @cached_property
    def small_picture(self) -> Picture | None:
        """The picture of each node of a small tree, if it is not too wide for a page.

        Raises:
            DrawingError: it could not be drawn.
        """
        if not self.tree.top.children or self.tree.top.nodes > SMALL:
            return None
        drawn = draw(small(self.tree, name=self.short_name), self.summary, engine=self.engine)
        return drawn if _width(drawn) <= _WIDEST else None

    @cached_property
    def picture(self) -> Picture:
        """The tree as a picture: each node of a small one, else the parts that are shown.

        Raises:
            DrawingError: it could not be drawn.
        """
        if self.small_picture is not None:
            return self.small_picture
        return draw(
            folded(self.tree, self.root, name=self.short_name), self.summary, engine=self.engine
        )

    @staticmethod
    def _converter() -> Any:
        from jaxmagic.pytree.as_json import converter  # noqa: PLC0415  only needed here

        return converter()


def _kind_of_single(top: Structure) -> str:
    """``Array f32[3] (weak type)``, ``str``, ``empty dict``."""
    if top.kind == "none":
        return "None is an empty container to JAX"
    if not top.is_leaf:
        return f"empty {top.type_name}"
    if top.shape is None:
        return top.type_name
    words = f" ({', '.join(top.words)})" if top.words else ""
    return f"{top.type_name} {structure_text(top)}{words}"


def _width(picture: Picture) -> float:
    found = re.search(r'<svg[^>]* width="([0-9.]+)', picture.svg)
    return float(found[1]) if found else 0.0
