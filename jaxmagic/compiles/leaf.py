"""What a program is specialised on in an array: its type, its shape and where it was put."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from jaxmagic._jax import x64_enabled
from jaxmagic.pytree.names import clean, type_name

_MOST = 10_000
_MOST_TYPES = 200


class Leaf(NamedTuple):
    """What a program is specialised on in an array; ``placed`` is empty for the default device."""

    dtype: str
    shape: tuple[Any, ...]
    weak: bool = False
    placed: str = ""

    def __str__(self) -> str:
        weak = "weak " if self.weak else ""
        placed = f" on {self.placed}" if self.placed else ""
        return f"{weak}{self.dtype}[{','.join(map(str, self.shape))}]{placed}"


def leaves_of(values: Sequence[Any]) -> tuple[Leaf, ...]:
    """A leaf for each value; leaves that are alike are one object. No value is read."""
    bits = x64_enabled()
    arrays: dict[type, bool] = {}  # which types are arrays of JAX
    leaves = []
    for value in values:
        kind = type(value)
        if kind is np.ndarray:
            key = value.shape, value.dtype, bits
            leaf = _NUMPY.get(key)
            if leaf is None:
                leaf = leaf_of_aval(_aval(value))
                remember(_NUMPY, key, leaf, _MOST)
            leaves.append(leaf)
            continue
        if kind not in arrays:
            arrays[kind] = _is_array(value)
        if arrays[kind]:
            aval, placed = value.aval, _placed(value) if value.committed else ""
            leaf = _LEAVES.get((aval.shape, aval.dtype, aval.weak_type, placed))
            leaves.append(leaf_of_aval(aval, placed) if leaf is None else leaf)
        else:
            leaves.append(leaf_of_aval(_aval(value)))
    return tuple(leaves)


_NUMPY: dict[Any, Leaf] = {}


def _is_array(value: Any) -> bool:
    import jax  # noqa: PLC0415  it is there: it is compiling

    is_array = isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    its_aval = getattr(value, "aval", None)
    return is_array and hasattr(its_aval, "weak_type") and hasattr(value, "committed")


def _aval(value: Any) -> Any:
    """The abstract value of an argument, or the argument if JAX knows none."""
    import jax  # noqa: PLC0415  as above

    try:
        return jax.typeof(value)
    except Exception:  # noqa: BLE001  what JAX knows no type of: it is about to say so
        return value


def leaf_of_aval(aval: Any, placed: str = "") -> Leaf:
    """The leaf of an abstract value, or of what JAX knows no type of."""
    try:
        key = aval.shape, aval.dtype, getattr(aval, "weak_type", False), placed
        leaf = _LEAVES.get(key)
    except (AttributeError, TypeError):  # one that has no hash is no shape
        return Leaf(type_name(type(aval)), ())
    if leaf is None:
        if not isinstance(aval.shape, tuple):
            return Leaf(type_name(type(aval)), ())
        leaf = Leaf(clean(str(aval.dtype)), aval.shape, bool(key[2]), placed)
        remember(_LEAVES, key, leaf, _MOST)
    return leaf


_LEAVES: dict[Any, Leaf] = {}
_PLACES: dict[Any, str] = {}


def _placed(array: Any) -> str:
    """Where an array was put on purpose."""
    sharding = array.sharding
    placed = _PLACES.get(sharding)
    if placed is None:
        placed = sharding_text(sharding)
        remember(_PLACES, sharding, placed, _MOST_TYPES)
    return placed


def sharding_text(sharding: Any) -> str:
    """``cpu:0``, or ``P('x') over 4 devices``."""
    devices = sorted(f"{d.platform}:{d.id}" for d in sharding.device_set)
    if len(devices) == 1:
        return devices[0]
    spec = getattr(sharding, "spec", None)
    how = type_name(type(sharding)) if spec is None else f"P{tuple(spec)!r}".replace(",)", ")")
    return clean(f"{how} over {len(devices)} devices ({devices[0]} to {devices[-1]})", 100)


def remember(memo: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Keep a value for the next time, of a bounded number."""
    if len(memo) >= most:
        memo.clear()
    memo[key] = value
