"""From a place in a tree back to the object there; the model itself keeps none."""

from collections.abc import Iterator
from typing import Any

from jaxmagic.pytree.containers import is_container, level
from jaxmagic.pytree.model import Place


def value_at(tree: Any, place: Place) -> Any:
    """The object at ``place`` of ``tree``.

    Raises:
        IndexError: there is no such place.
    """
    for position in place:
        tree = level(tree).children[position] if is_container(tree) else ()[position]
    return tree


def leaves(tree: Any) -> Iterator[tuple[Place, Any]]:
    """Each leaf of ``tree`` with its place, in the order of JAX, as they are asked for.

    A container within itself is left out, as is one that can't be taken apart.
    """
    if not is_container(tree):
        yield (), tree
        return
    containers: dict[type, bool] = {}
    way: list[int] = []
    children = level(tree).children
    opened = [(tree, children, iter(range(len(children))))]
    inside = {id(tree)}
    while opened:
        container, children, positions = opened[-1]
        position = next(positions, None)
        if position is None:
            opened.pop()
            inside.discard(id(container))
            if way:
                way.pop()
            continue
        child = children[position]
        kind = type(child)
        if kind not in containers:
            containers[kind] = is_container(child)
        if not containers[kind]:
            yield (*way, position), child
        elif id(child) not in inside:
            inside.add(id(child))
            way.append(position)
            children = level(child).children
            opened.append((child, children, iter(range(len(children)))))
