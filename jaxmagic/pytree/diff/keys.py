"""The keys of two containers: which of them belong together, and which may be renamed."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any

from jaxmagic.pytree.diff import align
from jaxmagic.pytree.diff.unlike import is_sequence
from jaxmagic.pytree.model import Structure

_DICTS = (dict, OrderedDict, defaultdict)


def keys_of(
    a: Any, b: Any, sides: tuple[Structure, Structure], data: tuple[Any, Any]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """The keys of two containers: those of dicts as they are, others as they are written."""
    if type(a) not in _DICTS or type(b) not in _DICTS:
        return sides[0].keys, sides[1].keys
    one, other = (
        tuple(keys[1] if type(container) is defaultdict else keys)
        for container, keys in zip((a, b), data, strict=True)
    )
    return one, other


def by_keys(
    keys: Sequence[Any], others: Sequence[Any], left: Structure, right: Structure
) -> align.Alignment:
    """Children with equal keys belong together; keys that can't be compared are as written."""
    try:
        return align.by_key(keys, others)
    except Exception:  # noqa: BLE001  keys of the user's may fail to compare
        return align.by_key(left.keys, right.keys)


def bare(side: Structure) -> list[str]:
    """The keys without how they are looked up: a checkpoint has ['0'] for [0], ['mu'] for .mu."""
    return [key.strip("[]'.") for key in side.keys]


def alike(left: Structure, right: Structure) -> bool:
    """Whether containers of two types are compared below as well."""
    if is_sequence(left) or is_sequence(right):
        return is_sequence(left) and is_sequence(right)
    if left.kind == "dict" and right.kind == "dict":
        return True
    return bool(left.keys) and left.keys == right.keys


def explained(left: Structure, right: Structure, kind: type) -> bool:
    """Whether different static data are just the keys, which are compared on their own."""
    if kind is dict:
        return True
    if left.static != right.static or left.kind == "list":
        return False
    if left.kind == "dict":
        return len(left.keys) != len(right.keys) or set(left.keys) != set(right.keys)
    return not is_sequence(left) and left.keys != right.keys


def renamed(missing: dict[int, int], extra: dict[int, int]) -> list[tuple[int, int]]:
    """Pairs of positions whose look is unique on both sides."""
    unique_left, unique_right = _unique(missing), _unique(extra)
    return sorted(
        (position, unique_right[look])
        for look, position in unique_left.items()
        if look in unique_right
    )


def _unique(positions: dict[int, int]) -> dict[int, int]:
    looks = list(positions.values())
    seen: dict[int, int] = {}
    for look in looks:
        seen[look] = seen.get(look, 0) + 1
    return {look: position for position, look in positions.items() if seen[look] == 1}
