"""A static argument, without the argument."""

import weakref
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any

from jaxmagic.pytree.names import clean, type_name

_MOST_ITEMS = 20
_LONGEST = 160
PLAIN = (int, float, complex, bool, str, bytes, type(None))


class Static:
    """A static argument: equal to another one if JAX takes them for equal.

    An object that is not a plain value is held weakly; when it is gone, one that is compared by
    identity equals no other.
    """

    __slots__ = ("_hash", "_kind", "_object", "name", "text")

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.text = static_text(value)
        self._kind = type_name(type(value))
        self._object = None
        try:
            self._hash = hash(value)
        except Exception:  # noqa: BLE001  the user's own __hash__ may fail
            self._hash = 0
        if not isinstance(value, (*PLAIN, tuple)):
            try:
                self._object = weakref.ref(value)
            except TypeError:
                self._object = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static) or (self.name, self._kind, self._hash, self.text) != (
            other.name,
            other._kind,
            other._hash,
            other.text,
        ):
            return False
        if self._object is None or other._object is None:
            return True
        mine, others = self._object(), other._object()
        if mine is None or others is None:
            return self._object is other._object
        return mine is others or bool(mine == others)

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return f"{self.name}={self.text}"


def static_text(value: Any) -> str:
    """A plain value as it is written, else what it is: the ``repr`` of others is not called."""
    kind = type(value)
    if kind in (str, bytes):
        return clean(repr(value[:_LONGEST]))
    if kind is int and value.bit_length() > _LONGEST:
        return f"an int of {value.bit_length()} bits"
    if kind in PLAIN:
        return clean(repr(value))
    if kind is tuple:
        inner = ", ".join(static_text(item) for item in value[:_MOST_ITEMS])
        more = ", …" if len(value) > _MOST_ITEMS else "," if len(value) == 1 else ""
        return clean(f"({inner}{more})")
    if kind.__module__ in ("numpy", "numpy.dtypes"):
        return clean(str(value))
    if isinstance(value, Enum):
        return f"{type_name(kind)}.{clean(value.name)}"
    if isinstance(value, type):
        return type_name(value)
    if isinstance(value, FunctionType | BuiltinFunctionType):
        return clean(value.__qualname__.rpartition("<locals>.")[2])
    return f"a {type_name(kind)}"
