"""From the text of a path, as JAX writes it, to the place in a tree."""

import re

from jaxmagic.pytree.model import Place, Structure, Tree
from jaxmagic.pytree.names import clean

_ITEM = re.compile(r"\[(\d+)\]")
_SOME = 3


class PathError(Exception):
    """There is no such path; the message says how far it goes, and what is there."""


def place_of(tree: Tree, path: str, name: str = "") -> Place:
    """The place of ``path``, such as ``['blocks'][3].kernel``; ``name`` may stand before it.

    Raises:
        PathError: there is no such place.
    """
    text = path.strip()
    rest = text[len(name) :] if name and text.startswith(name) else text
    if not rest:
        return ()
    index = tree.root
    place: list[int] = []
    while rest:
        here = tree.structures[index]
        position = _position(here, rest)
        if position is None:
            raise PathError(_no_such(tree, tuple(place), rest))
        place.append(position)
        rest = rest[len(here.keys[position]) :]
        index = here.children[position]
    return tuple(place)


def _position(here: Structure, rest: str) -> int | None:
    """The child whose label ``rest`` begins with; the longest if there are several."""
    if here.kind in ("list", "tuple") and (item := _ITEM.match(rest)):
        position = int(item[1]) if len(item[1]) < 10 else len(here.children)  # noqa: PLR2004
        if position < len(here.children) and here.keys[position] == item[0]:
            return position
    found, longest = None, 0
    for position, label in enumerate(here.keys):
        if rest.startswith(label) and len(label) > longest:
            found, longest = position, len(label)
    return found


def _no_such(tree: Tree, place: Place, rest: str) -> str:
    here = tree.structures[tree.at(place)]
    where = f"{clean(tree.path(place))}" if place else "The tree"
    if not here.children:
        return f"There is no {clean(rest)}: {where} has nothing below it."
    number = len(here.keys)
    some = [here.keys[position] for position in range(min(number, _SOME))]
    if number > _SOME + 1:
        some.append("…")
    if number > _SOME:
        some.append(here.keys[number - 1])
    return f"There is no {clean(rest)}: {where} has {', '.join(some)}."
