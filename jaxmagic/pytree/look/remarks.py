"""Sentences about a tree as a whole: what its totals hide, and what an outline leaves out."""

import re
from collections.abc import Iterator

from jaxmagic.pytree.look.outline import Outline
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.unfold import Part
from jaxmagic.show import units

_NAMED = 3
_LONGEST = 60
_SOME = 40
_NO_PYTHON = ("…", "<", "#", "\\u")
_AN_EXPRESSION = re.compile(r"[\w.]+(\(\))?")


def remarks(result: PyTree) -> Iterator[str]:
    """What must be known about the totals."""
    tree = result.tree
    top = tree.top
    if top.faults:
        places = "1 place is" if top.faults == 1 else f"{top.faults:,} places are"
        yield f"JAX can't flatten this tree: {places} marked with !"
    if tree.repeated_bytes:
        one = tree.shared_arrays == 1
        yield (
            f"{units.size(tree.repeated_bytes)} of it is counted again: "
            f"{units.plural(tree.shared_arrays, 'array')} at several places ({_marked(result)}) "
            f"{'is' if one else 'are'} in memory once."
        )
    if top.unsized:
        yield f"The size of {_leaves(top.unsized)} is not known."
    on = tree.device_bytes()
    if len(on) > 1 or (on and result.sharding):
        yield _devices(on)
    if result.stats is not None and result.stats.note:
        yield result.stats.note


def _marked(result: PyTree) -> str:
    """Whether each place of a shared array has a row with a mark."""
    tree = result.tree
    shown = {part.place for _, part in result.root.walk() if part.weight == 1}
    places = [place for one in tree.shared for place in one.places]
    known = len(tree.shared) == tree.shared_arrays and len(places) == sum(
        one.count for one in tree.shared
    )
    return "marked =" if known and shown.issuperset(places) else "= marks some of them"


def _devices(on: dict[str, int]) -> str:
    """How many bytes lie on which device."""
    sizes = list(dict.fromkeys(map(units.size, sorted(on.values()))))
    if len(on) <= _NAMED:
        return f"{', '.join(f'{units.size(number)} on {name}' for name, number in on.items())}."
    each = sizes[0] if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return f"On {len(on)} devices, {each} on each."


def left_out(outline: Outline) -> Iterator[str]:
    """How to see what the outline has no row for."""
    result, part = outline.result, outline.most_left
    if part is None:
        return
    ways = []
    expression = _expression(result, part)
    if 0 < len(expression) <= _LONGEST:
        ways.append(f"%pytree {expression}")
    if result.depth is not None:
        ways.append("a larger --depth")
    ways.append(f"%pytree -i {result.name}")
    listed = " or ".join(filter(None, [", ".join(ways[:-1]), ways[-1]]))
    yield f"…: {_leaves(outline.left_out)} not shown. To see more: {listed}."


def _expression(result: PyTree, part: Part) -> str:
    """What to type for what ``part`` leaves out; empty if that is no Python, or nothing new."""
    path = result.tree.path(part.place)
    if any(sign in result.name + path for sign in _NO_PYTHON):
        return ""
    if part.parts and part.hidden:
        here = result.tree.structures[part.structure]
        if here.type_name not in ("list", "tuple"):
            return ""
        first = len(here.children) - part.hidden
        path += f"[{first}:{min(first + _SOME, len(here.children))}]"
    name = result.name
    return f"{name if _AN_EXPRESSION.fullmatch(name) else f'({name})'}{path}" if path else ""


def _leaves(number: int) -> str:
    return f"{number:,} {'leaf' if number == 1 else 'leaves'}"
