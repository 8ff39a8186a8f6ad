"""What a leaf is, by what it says of itself: its type, shape and dtype, never its values.

Leaves of one type share a :class:`Reader`, which keeps a table of the leaf classes that it has
met. Reading a leaf that is like an earlier one costs one look-up.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jaxmagic.pytree.model import Kind, Structure
from jaxmagic.pytree.names import clean, message, module_name, type_name
from jaxmagic.pytree.sharding import Devices, sharding_text

_NUMBERS = (int, float, complex)
_TEXTS = (str, bytes, bytearray)


@dataclass(slots=True)
class Reader:
    """How the leaves of one type are told apart.

    Leaves with equal marks are of one class, which ``known`` maps to its structure. ``mark`` is
    quick and may differ between leaves of one class, ``exact`` does not; ``common`` gives the
    mark of many at once, or None if they differ. If it is ``constant``, all leaves of the type
    are of class ``only``. ``shareable`` says that it matters if one leaf lies at two places.
    """

    mark: Callable[[Any], Hashable]
    describe: Callable[[Any], Structure]
    exact: Callable[[Any], Hashable] | None = None
    common: Callable[[list[Any]], Hashable] | None = None
    constant: bool = False
    shareable: bool = False
    only: int | None = None
    known: dict[Hashable, int] = field(default_factory=dict)


def reader(leaf: Any, devices: Devices) -> Reader:
    """The reader for all leaves of the type of ``leaf``."""
    import jax  # noqa: PLC0415  JAX is not imported before it is asked for
    import numpy as np  # noqa: PLC0415  as above

    kind = type(leaf)
    array = partial(_array, devices=devices)
    if issubclass(kind, jax.core.Tracer):
        return Reader(_tracer_mark, partial(array, words=("tracer",)), shareable=True)
    if issubclass(kind, np.ndarray):
        return Reader(_shape_and_dtype, array, shareable=True)
    if issubclass(kind, np.generic):
        return Reader(_shape_and_dtype, partial(array, kind="number"))
    exact = partial(_exact_mark, devices=devices)
    if issubclass(kind, jax.ShapeDtypeStruct):
        return Reader(exact, partial(array, words=("abstract",), placed=True))
    if _is_jax_array(leaf):
        describe = partial(array, placed=True)
        if _has_lasting_mark(leaf):
            mark = partial(_array_mark, devices=devices)
            common = partial(_common_mark, devices=devices)
            return Reader(mark, describe, exact, common, shareable=True)
        return Reader(exact, describe, shareable=True)
    if _has_shape(kind):
        words = ("ref",) if _is_ref(kind) else ()
        return Reader(_shape_and_dtype, partial(array, words=words), shareable=True)
    if issubclass(kind, _NUMBERS):
        return Reader(_nothing, partial(_plain, kind="number", parameters=1), constant=True)
    looks: Kind = "text" if issubclass(kind, _TEXTS) else "opaque"
    return Reader(_nothing, partial(_plain, kind=looks), constant=True)


def _nothing(_leaf: Any) -> None:
    """What tells the leaves of a type apart whose leaves are all of one class."""


def unreadable(leaf: Any, error: Exception) -> Structure:
    """A leaf that raised ``error`` when it was asked for its shape."""
    note = f"Its shape and dtype can't be read: {message(error)}"
    return _plain(leaf, kind="opaque", note=note, unsized=1)


def _is_jax_array(leaf: Any) -> bool:
    import jax  # noqa: PLC0415  as above

    try:
        return isinstance(leaf, jax.Array)
    except Exception:  # noqa: BLE001  a __class__ of the user's may raise
        return False


def _is_ref(kind: type) -> bool:
    import jax  # noqa: PLC0415  as above

    ref = getattr(jax, "Ref", None)
    return type_name(kind) == "Ref" or (isinstance(ref, type) and issubclass(kind, ref))


def _has_shape(kind: type) -> bool:
    """Whether objects of this type have a shape and a dtype, as far as the type can tell."""
    return all(any(name in vars(base) for base in kind.__mro__) for name in ("shape", "dtype"))


_shape_and_dtype = operator.attrgetter("shape", "dtype")


def _tracer_mark(leaf: Any) -> Hashable:
    return leaf.shape, leaf.dtype, getattr(leaf, "weak_type", False)


def _array_mark(leaf: Any, devices: Devices) -> Hashable:
    """Quick: most arrays of a program have the very same aval (shape, dtype, weak type)."""
    return id(leaf.aval), devices.number(leaf.sharding), leaf.is_deleted()


def _common_mark(leaves: list[Any], devices: Devices) -> Hashable:
    """The mark that all of ``leaves`` have, without a call of Python's for each; else None."""
    avals = set(map(id, map(operator.attrgetter("aval"), leaves)))
    if len(avals) > 1:
        return None
    identities = set(map(id, map(operator.attrgetter("sharding"), leaves)))
    shardings = devices.numbers(identities)
    deleted = set(map(type(leaves[0]).is_deleted, leaves))  # quicker than a methodcaller
    if len(shardings) > 1 or len(deleted) > 1:
        return None
    return avals.pop(), shardings.pop(), deleted.pop()


def _has_lasting_mark(leaf: Any) -> bool:
    """Whether aval and sharding are the same objects for as long as the array lives."""
    try:
        lasting = leaf.aval is leaf.aval and leaf.sharding is leaf.sharding
        return lasting and leaf.is_deleted() in (False, True)
    except Exception:  # noqa: BLE001  key arrays lack some of it
        return False


def _exact_mark(leaf: Any, devices: Devices) -> Hashable:
    deleted = getattr(leaf, "is_deleted", None)
    return (
        leaf.shape,
        leaf.dtype,
        getattr(leaf, "weak_type", False),
        devices.number(leaf.sharding),
        deleted is not None and deleted(),
    )


def _plain(
    leaf: Any, kind: Kind, parameters: int = 0, note: str = "", unsized: int = 0
) -> Structure:
    return Structure(
        kind,
        type_name(type(leaf)),
        module_name(type(leaf)),
        note=note,
        leaves=1,
        parameters=parameters,
        unsized=unsized,
    )


def _array(
    leaf: Any,
    *,
    devices: Devices,
    words: tuple[str, ...] = (),
    placed: bool = False,
    kind: Kind = "array",
) -> Structure:
    """The structure of anything with a shape and a dtype.

    Raises:
        TypeError: its shape is no tuple of lengths.
    """
    shape, dtype = leaf.shape, leaf.dtype
    if not isinstance(shape, tuple | list):
        problem = f"its shape is of type {type_name(type(shape))}"
        raise TypeError(problem)
    lengths = tuple(map(_length, shape))
    known = [n for n in lengths if isinstance(n, int)]
    elements = math.prod(known) if len(known) == len(lengths) else None
    itemsize = getattr(dtype, "itemsize", None)
    sharding = getattr(leaf, "sharding", None) if placed else None
    size_bytes: int | None = None
    on_devices: tuple[tuple[int, int], ...] = ()
    if elements is not None and type(itemsize) is int:
        size_bytes = elements * itemsize
        on_devices = devices.placed(sharding, shape, itemsize) if elements else ()
    is_key = _is_key(dtype)
    return Structure(
        kind,
        "Array" if _is_jax_array(leaf) and "tracer" not in words else type_name(type(leaf)),
        module_name(type(leaf)),
        shape=lengths,
        dtype=dtype_name(dtype),
        sharding=sharding_text(sharding),
        words=words + _words(leaf, is_key=is_key, tracer="tracer" in words),
        leaves=1,
        parameters=elements or 0,
        size_bytes=size_bytes or 0,
        unsized=int(size_bytes is None),
        placed=on_devices,
    )


def _words(leaf: Any, *, is_key: bool, tracer: bool) -> tuple[str, ...]:
    words = []
    if is_key:
        words.append("key")
    if getattr(leaf, "weak_type", False) is True:
        words.append("weak type")
    if not tracer and (deleted := getattr(leaf, "is_deleted", None)) and deleted() is True:
        words.append("deleted")
    return tuple(words)


def _is_key(dtype: Any) -> bool:
    import jax  # noqa: PLC0415  as above

    try:
        return bool(jax.numpy.issubdtype(dtype, jax.dtypes.prng_key))
    except Exception:  # noqa: BLE001  dtypes of other libraries are no dtypes to JAX
        return False


def _length(length: Any) -> int | str:
    try:
        return operator.index(length)
    except Exception:  # noqa: BLE001  a symbol has no number
        return _symbol(length)


def _symbol(length: Any) -> str:
    try:
        return clean(str(length))
    except Exception:  # noqa: BLE001  its own text may fail, too
        return "?"


def dtype_name(dtype: Any) -> str:
    """The name of a dtype of any library: ``float32``, ``key<fry>``, ``torch.float32``."""
    name = getattr(dtype, "name", None)
    if type(name) is str:
        return clean(name)
    try:
        return clean(str(dtype))
    except Exception:  # noqa: BLE001  a foreign dtype's own text may fail
        return type_name(type(dtype))
