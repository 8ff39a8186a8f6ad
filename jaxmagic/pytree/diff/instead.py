"""What to write instead of axes or shardings that are no tree prefix of their value."""

from typing import Any

from jaxmagic.pytree.model import Structure
from jaxmagic.show import units

_WIDE = 8
_LARGEST = 99


def instead(left: Structure, right: Structure, values: list[Any]) -> str:
    """What fits ``right``, in words: ``write [0, None]``, ``give 3 values, or one for all``.

    Args:
        left: the part of the prefix that does not fit.
        right: what it should be a prefix of.
        values: the children of ``left``.
    """
    if right.is_leaf:
        return "write one value here"
    if right.kind == "none":
        return "write None here, or one value"
    whole = f"one for the whole {right.type_name}"
    number = len(right.children)
    if not number:
        return f"write {whole}"
    if len(values) == number and (written := _written(right, values)):
        return f"write {written}"
    several = units.plural(number, "value")
    if (left.type_name, left.module) == (right.type_name, right.module):
        return f"give {several}, or {whole}"
    article = "an" if right.type_name[:1].upper() in tuple("AEIOU") else "a"
    return f"give {several} in {article} {right.type_name}, or {whole}"


def _written(right: Structure, values: list[Any]) -> str:
    """Axes as a container of the other type would be written; empty if too many."""
    plain = all(
        value is None or (type(value) is int and abs(value) <= _LARGEST) for value in values
    )
    if not plain or len(values) > _WIDE:
        return ""
    if right.kind == "list":
        return f"[{', '.join(map(repr, values))}]"
    if right.kind == "tuple":
        return f"({', '.join(map(repr, values))}{',' if len(values) == 1 else ''})"
    if right.kind == "namedtuple":
        pairs = zip(right.keys, values, strict=True)
        return f"{right.type_name}({', '.join(f'{key[1:]}={value!r}' for key, value in pairs)})"
    return ""
