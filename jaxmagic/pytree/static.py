"""The static data of a container, as a short text and as something to tell containers apart by."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any

from jaxmagic.pytree.names import clean, type_name

_LONGEST = 200
_ITEMS = 8
_DEPTH = 3
_COMPARED = 64


class Statics:
    """Numbers for static data: equal data of one type has the same number, as for JAX.

    Data that can't be hashed is compared with what came before; data that can't be compared
    either, such as a NumPy array, equals nothing but itself.
    """

    def __init__(self) -> None:
        self._hashed: dict[Any, int] = {}
        self._listed: dict[type, list[tuple[Any, int]]] = {}
        self._last = 0

    def number(self, owner: type, data: Any) -> int:
        """The number of ``data``, static data of a container of type ``owner``."""
        try:
            number = self._hashed.get((owner, data))
            if number is None:
                number = self._hashed[owner, data] = self._next()
        except Exception:  # noqa: BLE001  a hash or comparison of the user's may raise anything
            return self._compared(owner, data)
        return number

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _compared(self, owner: type, data: Any) -> int:
        listed = self._listed.setdefault(owner, [])
        for other, number in listed:
            if other is data or _equal(other, data):
                return number
        number = self._next()
        if len(listed) < _COMPARED:
            listed.append((data, number))
        return number


def _equal(left: Any, right: Any) -> bool:
    try:
        return type(left) is type(right) and (left == right) is True
    except Exception:  # noqa: BLE001  as above
        return False


def static_text(container: Any, data: Any, keys: Sequence[str]) -> str:
    """What a container has beside its children, on one line: ``width=2, activation=relu``.

    The fields of a dataclass have their names, all else stands as it is. Only plain values are
    written out; of an object the text is its type, because its own text may be of any size and
    take any time.
    """
    if data is None or (type(data) in (tuple, list, dict) and not data):
        return ""
    if dataclasses.is_dataclass(container):
        told = []
        for field in dataclasses.fields(container):
            if f".{field.name}" in keys:
                continue
            try:
                told.append(f"{clean(field.name)}={_text(getattr(container, field.name))}")
            except Exception:  # noqa: BLE001, S112  a field that was never set has no value
                continue
        if told:
            return clean(", ".join(told), _LONGEST)
    return clean(_text(data), _LONGEST)


def _text(value: Any, depth: int = _DEPTH) -> str:
    kind = type(value)
    if kind is str:
        return repr(value if len(value) <= _LONGEST else clean(value))
    if value is None or kind in (bool, float, complex):
        return repr(value)
    if kind is int:
        return repr(value) if value.bit_length() <= _LONGEST else "a large int"
    if isinstance(value, type):
        return type_name(value)
    if kind in (FunctionType, BuiltinFunctionType):
        return clean(value.__name__)
    if isinstance(value, Enum):
        return clean(f"{type_name(kind)}.{value._name_}")
    if kind in (tuple, list, dict):
        return _several(value, depth)
    return _dtype_or_type(value)


def _several(value: Any, depth: int) -> str:
    is_dict = type(value) is dict
    opening, closing = ("{", "}") if is_dict else ("(", ")") if type(value) is tuple else ("[", "]")
    if depth == 0:
        return f"{opening}…{closing}"
    first = itertools.islice(value.items() if is_dict else value, _ITEMS)
    if is_dict:
        parts = [f"{_text(k, depth - 1)}: {_text(v, depth - 1)}" for k, v in first]
    else:
        parts = [_text(part, depth - 1) for part in first]
    if len(value) > _ITEMS:
        parts.append(f"… {len(value) - _ITEMS} more")
    comma = "," if opening == "(" and len(value) == 1 else ""
    return f"{opening}{', '.join(parts)}{comma}{closing}"


def _dtype_or_type(value: Any) -> str:
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    if library in ("numpy", "ml_dtypes", "jax", "jaxlib", "builtins"):
        for name in ("name", "__name__"):  # a dtype, or a function such as jax.nn.relu
            said = getattr(value, name, None)
            if type(said) is str:
                return clean(said)
    return f"<{type_name(kind)}>"
