"""What the panel is told, as values for JSON; what has its default is left out of a record.

Pure: it is given records, and imports nothing of JAX or of a kernel.
"""

import json
from collections import OrderedDict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxmagic.compiles.record import Record

Wire = dict[str, Any]

FIRST_RECORDS = 500
FIRST_BYTES = 150_000
LATER_BYTES = 50_000  # ten of them a second are half of what Jupyter Server lets through

_MS_DECIMALS = 3
_S_DECIMALS = 6


def message(event: str, session: str, **told: Any) -> Wire:
    """A message to every front end; ``session`` tells one loading of jaxmagic from the next."""
    return {"ev": event, "session": session, **told}


def record(one: "Record") -> Wire:
    """A record without what has its default, with its place and whether it came again."""
    told = {**_told(one), "reason": _told(one.reason)}
    if one.place:
        told["place"] = _text(one.place)
    if one.reason.again:
        told["again"] = True
    return told


def _told(one: Any) -> Wire:
    # without a default it is MISSING, which no value is equal to
    return {
        field.name: _plain(field.name, value)
        for field in fields(one)
        if (value := getattr(one, field.name)) != field.default
    }


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return round(value, _MS_DECIMALS if name.endswith("_ms") else _S_DECIMALS)
    return value


def _text(text: str) -> str:
    """Text that every front end can read: the name of a file may hold half a character."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def take(
    waiting: "OrderedDict[int, Record]", most: int = FIRST_RECORDS, most_bytes: int = LATER_BYTES
) -> list[Wire]:
    """Take records out of those that are ``waiting``, from their end, by number.

    At most ``most`` of them and about ``most_bytes``, but at least one.
    """
    taken: list[Wire] = []
    size = 0
    while waiting and len(taken) < most:
        number, one = waiting.popitem()
        told = record(one)
        size += len(json.dumps(told))
        if taken and size > most_bytes:
            waiting[number] = one
            break
        taken.append(told)
    return sorted(taken, key=lambda told: told["number"])
