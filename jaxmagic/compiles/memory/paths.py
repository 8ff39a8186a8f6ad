"""How the way to an object is written: ``params['w']``, ``table, closed over by f``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxmagic.pytree.names import clean, field_label, item_label, type_name

if TYPE_CHECKING:
    from jaxmagic.compiles.memory.held import Way

LONGEST = 200
_PLAIN_KEYS = frozenset(map(id, (str, int, float, bool, bytes, NoneType)))


class Step(NamedTuple):
    """One step from an object to what it holds. ``of`` is a function or a module."""

    way: Way
    key: Any = None
    of: str = ""


def written(steps: Sequence[Step | None], told: str = "") -> tuple[str, str]:
    """The way as code and in words; a step that is None stands for any item: ``[…]``.

    The key of the first step is the name of a variable. ``told`` says where these variables are.
    """
    text = ""
    for step in steps:
        if step is None:
            text += "[…]"
        elif step.way == "same":
            continue
        elif not text:
            text = _name(step.key)
            told = f" in {clean(step.of)}(){told}" if step.way == "local" else told
        elif step.way == "item":
            text += _item(step.key)
        elif step.way == "attribute":
            text += field_label(step.key)
        else:
            told = f", {_TOLD[step.way].format(of=clean(step.of))} {text}{told}"
            text = _name(step.key)
    return clean(text, LONGEST), clean(told, LONGEST)


_TOLD = {
    "closure": "closed over by",
    "default": "a default of",
    "global": "a global of {of} used by",
    "local": "in {of}(), a call in the traceback of",
}


def _name(key: Any) -> str:
    return clean(key) if type(key) is str else "?"


def _item(key: Any) -> str:
    """A key as it is written; one of a type of the user's does not get to write itself."""
    if id(type(key)) in _PLAIN_KEYS or issubclass(type(key), Enum):
        return item_label(key)
    if type(key) is tuple and all(id(type(part)) in _PLAIN_KEYS for part in key):
        return item_label(key)
    return f"[<{type_name(type(key))}>]"
