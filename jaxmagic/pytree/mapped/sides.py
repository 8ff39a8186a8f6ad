"""The trees of a call and the rows of its leaves, made of what was read."""

from collections.abc import Sequence
from typing import Any

from jaxmagic.pytree.mapped.asked import Numbered
from jaxmagic.pytree.mapped.result import DRAWN_NODES, ROWS, Leaf, Side, drawable
from jaxmagic.pytree.mapped.treedef import cut
from jaxmagic.pytree.mapped.values import texts
from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise

_TITLE = 40


def titles_of(given: Sequence[str], otherwise: str) -> list[str]:
    """The titles of operands: how they were written, else ``tree``, or ``tree 1``, ``tree 2``."""
    if len(given) == 1:
        return [title_of(given[0], otherwise)]
    return [title_of(text, f"{otherwise} {number}") for number, text in enumerate(given, 1)]


def title_of(text: str, otherwise: str) -> str:
    """How an operand was written, short, or what it is called if that is not known."""
    return clean(text, _TITLE) or otherwise


def column_heads(titles: Sequence[str], names: Sequence[str]) -> list[str]:
    """The heads of operands' columns: ``x ← params`` where the leaves have a name."""
    given = [*names, *[""] * len(titles)]
    return [
        f"{name} ← {title}" if name and name != title else title
        for name, title in zip(given, titles, strict=False)
    ]


def leaf_rows(paths: Sequence[str], *columns: Sequence[str]) -> tuple[Leaf, ...]:
    """The rows of the leaves; a column may be shorter, and then there are fewer rows."""
    rows = zip(paths, zip(*columns, strict=False), strict=False)
    return tuple(Leaf(number, path, cells) for number, (path, cells) in enumerate(rows))


def tree_side(title: str, thing: Any, tree: Tree, numbered: Numbered | None) -> Side:
    """The side of ``thing``, whose model is ``tree``; its leaves are those of ``numbered``."""
    written = texts(thing, tree, DRAWN_NODES) if drawable(tree) else ()
    return Side(title, tree, numbered.places if numbered else (), written)


def leaves_side(leaves: Sequence[Any], title: str = "leaves") -> Side:
    """The leaves as the list that they are."""
    tree = summarise(list(leaves))
    places = tuple((number,) for number in range(min(len(leaves), ROWS)))
    written = texts(leaves, tree, DRAWN_NODES) if drawable(tree) else ()
    return Side(title, tree, places, written)


def treedef_side(tree: Tree, numbered: Numbered, title: str = "treedef") -> Side:
    """A treedef, as ``tree`` without what its leaves are."""
    if not drawable(tree):
        return Side(title, tree, numbered.places)
    bare = cut(tree, numbered.places)
    return Side(title, bare, numbered.places, tuple((place, "*") for place in numbered.places))


def about_none(tree: Tree, numbered: Numbered) -> list[str]:
    """What surprises in a tree with None in it, if there is any."""
    if numbered.by_user or not any(one.kind == "none" for one in tree.structures):
        return []
    return ["None has no leaf: it is an empty container to JAX."]
