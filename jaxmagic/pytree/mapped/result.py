"""What a call of ``jax.tree.map`` and its like did: the trees side by side, and leaf by leaf."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal

from jaxmagic.pytree.model import Place, Tree
from jaxmagic.show.graphviz import Engine
from jaxmagic.show.result import Result

if TYPE_CHECKING:
    from jaxmagic.show.picture import Picture

Question = Literal["map", "reduce", "leaves", "flatten", "unflatten", "structure"]

ROWS = 40
"""Leaves of a call that are told one by one, at most."""

DRAWN_LEAVES, DRAWN_NODES = 8, 30
_DRAWN_TOGETHER = 96  # nodes of all trees of a picture


def drawable(tree: Tree) -> bool:
    """Whether ``tree`` is small enough to be drawn."""
    return tree.top.nodes <= DRAWN_NODES


@dataclass(frozen=True, slots=True)
class Side:
    """One tree of a call: an operand, the result, or a treedef as the tree that it is of.

    ``places`` says where the leaf with a number lies, for the first leaves: everything at and
    below the place belongs to that leaf. ``texts`` has what to write at a leaf of ``tree``, place
    by place; it is empty where the tree is too large to be drawn.
    """

    title: str
    tree: Tree
    places: tuple[Place, ...] = ()
    texts: tuple[tuple[Place, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of a call, by its number in the order of JAX.

    ``path`` is where it lies in the first tree; ``cells`` is what it is, one text for each of
    ``Mapped.columns``.
    """

    number: int
    path: str
    cells: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Mapped(Result):
    """The answer of ``%pytree jax.tree.map(...)`` and :func:`jaxmagic.tree_call`.

    ``call`` is the call as it was written and ``function`` the name of the JAX function;
    ``question`` is what that function does, whatever its variant. ``operator`` is what is done
    with the leaves (``p - lr * g``, or the name of a function), empty where nothing is.

    ``sides`` are the trees from left to right, and ``between`` the signs between them. ``leaves``
    has the first of the ``total`` leaves, with a cell for each of ``columns``. ``notes`` are
    sentences about the call; ``chain`` is a short reduction written out (``1 + 2 + 3 = 6``).
    ``value`` is what the function returned; it is not part of the JSON. ``engine`` is what draws
    the picture.
    """

    call: str
    function: str
    question: Question
    operator: str
    sides: tuple[Side, ...] = ()
    between: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    total: int = 0
    notes: tuple[str, ...] = ()
    chain: str = ""
    engine: Engine = "auto"
    value: Any = field(default=None, compare=False)

    @property
    def summary(self) -> str:
        """The call, and how many leaves there are in it."""
        return f"{self.call}: {self.counted}"

    @property
    def counted(self) -> str:
        """How many leaves there are, in words."""
        if not self.total:
            return "no leaves"
        return f"{self.total:,} {'leaf' if self.total == 1 else 'leaves'}"

    @property
    def drawn(self) -> bool:
        """Whether its trees are few and small enough for one picture."""
        trees = [side.tree for side in self.sides]
        together = sum(tree.top.nodes for tree in trees)
        small = self.total <= DRAWN_LEAVES and together <= _DRAWN_TOGETHER
        return small and all(map(drawable, trees))

    @cached_property
    def picture(self) -> Picture:
        """The trees side by side.

        Raises:
            DrawingError: they are too large, or could not be drawn.
        """
        from jaxmagic.pytree.mapped.drawing import picture  # noqa: PLC0415  only needed here

        return picture(self)

    @staticmethod
    def _converter() -> Any:
        return _converter_of_mapped()


@cache
def _converter_of_mapped() -> Any:
    from cattrs.gen import make_dict_unstructure_fn, override  # noqa: PLC0415  only needed here

    from jaxmagic.pytree.as_json import converter  # noqa: PLC0415  as above

    made = converter().copy()
    written = make_dict_unstructure_fn(Mapped, made, value=override(omit=True))
    made.register_unstructure_hook(Mapped, written)
    return made
