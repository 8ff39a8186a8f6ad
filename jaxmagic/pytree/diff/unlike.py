"""In what two structures differ as they stand, without what is below them.

What is the same to ``jax.tree.map`` and to a computation is no fault: an array of NumPy and one of
JAX, another sharding, a weak type. Such things are remarks.
"""

import math
from dataclasses import dataclass
from typing import Any

from jaxmagic.pytree.diff.result import Kind
from jaxmagic.pytree.model import Structure
from jaxmagic.pytree.short import structure_text

_FLAT = "[<flat index "
_LONG = 30
_AROUND = 12


@dataclass(frozen=True, slots=True)
class Unlike:
    """A fault without its place.

    ``left`` and ``right`` say what is there if that is more than the structure as such.
    """

    kind: Kind
    hint: str = ""
    left: str = ""
    right: str = ""


def is_open(structure: Structure) -> bool:
    """Whether it is a container that was taken apart."""
    return not structure.is_leaf and structure.kind not in ("none", "cycle", "error")


def is_sequence(structure: Structure) -> bool:
    """Whether its children are known by their position only."""
    return structure.kind in ("list", "tuple") or (
        structure.kind == "object"
        and len(structure.keys) > 0
        and structure.keys[0].startswith(_FLAT)
    )


def unlike_sorts(left: Structure, right: Structure) -> Unlike | None:
    """The fault if one is None, a leaf, or unreadable, and the other is not."""
    for here in (left, right):
        if here.kind in ("cycle", "error"):
            return Unlike("unreadable", here.note)
    if "none" in (left.kind, right.kind):
        is_left = left.kind == "none"
        other = right if is_left else left
        if other.is_leaf:
            hint = "JAX takes None for a container without leaves"
        else:
            hint = "None is a container without children"
        return Unlike("none", hint)
    if left.is_leaf != right.is_leaf:
        return Unlike("leaf")
    return None


def unlike_leaves(left: Structure, right: Structure) -> Unlike | None:
    """The fault if two leaves differ in shape, dtype or type."""
    if _mark(left) == _mark(right) or _same_number(left, right) or _same_number(right, left):
        return None
    shapes = [() if here.kind == "number" else here.shape for here in (left, right)]
    if shapes[0] is None or shapes[1] is None:
        return Unlike("type", _namesakes(left, right))
    if shapes[0] == shapes[1]:
        return Unlike("dtype")
    hint = _reshaped(shapes[0], shapes[1])
    if left.dtype != right.dtype and left.dtype and right.dtype:
        hint = f"{hint} the dtype, too".lstrip()
    return Unlike("shape", hint)


def _mark(leaf: Structure) -> Any:
    """What is compared of a leaf."""
    if leaf.shape is not None:
        return leaf.shape, leaf.dtype
    return leaf.kind, leaf.type_name, leaf.module, leaf.note


_NUMBERS = {"bool": ("bool",), "int": ("int", "uint"), "float": ("float", "bfloat")}
_NUMBERS["complex"] = ("complex",)


def _same_number(plain: Structure, array: Structure) -> bool:
    """Whether one is a number of Python and the other an array of its kind without dimensions."""
    if plain.kind != "number" or plain.shape is not None or array.shape != ():
        return False
    return array.dtype.startswith(_NUMBERS.get(plain.type_name, ("\0",)))


def _reshaped(left: tuple[int | str, ...], right: tuple[int | str, ...]) -> str:
    if len(left) >= 2 and sorted(map(str, left)) == sorted(map(str, right)):  # noqa: PLR2004  a matrix
        return "transposed?"
    one, two = ([n for n in side if isinstance(n, int)] for side in (left, right))
    symbols = len(one) < len(left) or len(two) < len(right)
    return "" if symbols or not 0 < math.prod(one) == math.prod(two) else "reshaped?"


def _namesakes(left: Structure, right: Structure) -> str:
    """What tells two types of one name apart."""
    if left.type_name != right.type_name:
        return ""
    if left.module != right.module:
        return f"two classes: from {left.module} and {right.module}"
    return "two classes of this name; was it defined again?"


def unlike_types(left: Structure, right: Structure) -> Unlike:
    """The fault of two containers that are of different types."""
    return Unlike("type", _namesakes(left, right))


def unlike_static(left: Structure, right: Structure, data: tuple[Any, Any]) -> Unlike:
    """The fault of two containers of one type whose static data differ."""
    texts = left.static or structure_text(left), right.static or structure_text(right)
    if not _comparable(*data):
        return Unlike("static", "these static data can't be compared", *texts)
    if left.kind == "dict" and len(left.keys) == len(right.keys) and left.static == right.static:
        return Unlike("static", "the keys are in another order", *texts)
    if texts[0] == texts[1]:
        return Unlike("static", "they differ, though they are written the same", *texts)
    return Unlike("static", "", *_only_changed(*texts))


def _only_changed(left: str, right: str) -> tuple[str, str]:
    """What differs: of fields those that do, of a long text the part around the difference."""
    a, b = left.split(", "), right.split(", ")
    if len(a) == len(b) and all("=" in part for part in (*a, *b)):
        changed = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
        return ", ".join(x for x, _ in changed), ", ".join(y for _, y in changed)
    if max(len(left), len(right)) <= _LONG:
        return left, right
    start = max(_common(left, right) - _AROUND, 0)
    end = max(_common(left[:start:-1], right[:start:-1]) - _AROUND, 0)
    return _middle(left, start, end), _middle(right, start, end)


def _common(left: str, right: str) -> int:
    """How many characters are the same at the start of both."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((n for n, (x, y) in pairs if x != y), min(len(left), len(right)))


def _middle(text: str, start: int, end: int) -> str:
    middle = text[start : len(text) - end]
    return f"{'…' if start else ''}{middle}{'…' if end else ''}"


def _comparable(left: Any, right: Any) -> bool:
    try:
        return isinstance(left == right, bool)
    except Exception:  # noqa: BLE001  a comparison of the user's may raise anything
        return False


def remark(left: Structure, right: Structure) -> str:
    """How two leaves differ that are the same to a computation; empty if in nothing."""
    if left.type_name != right.type_name:
        return f"{_library(left)} in {{0}}, {_library(right)} in {{1}}"
    if ("weak type" in left.words) != ("weak type" in right.words):
        return f"a weak type in {{{int('weak type' in right.words)}}} only"
    if ("deleted" in left.words) != ("deleted" in right.words):
        return f"deleted in {{{int('deleted' in right.words)}}} only"
    if left.sharding != right.sharding:
        return "another sharding"
    return "another device or sharding" if left.kind == "array" else ""


def _library(leaf: Structure) -> str:
    if "tracer" in leaf.words:
        return "tracers"
    if leaf.shape is None or leaf.kind == "number":
        return f"{leaf.type_name} numbers"
    if leaf.type_name == "Array":
        return "arrays of JAX"
    return "arrays of NumPy" if leaf.type_name == "ndarray" else leaf.type_name
