"""Values that go into a call and come out of it: arrays, numbers and trees of both."""

import copy
import sys
import types
from collections import deque
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from jaxmagic.source import Use, all_uses

_SAME_IN_JAX = {
    "numpy": "jax.numpy",
    "numpy.linalg": "jax.numpy.linalg",
    "numpy.fft": "jax.numpy.fft",
}
_SAME_IN_NUMPY = {jax: numpy for numpy, jax in _SAME_IN_JAX.items()}


def leaves(tree: Any) -> list[Any]:
    """The leaves of ``tree``, as JAX sees them."""
    import jax  # noqa: PLC0415  slow to import, and not needed to read a result

    return jax.tree_util.tree_leaves(tree)


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """``tree`` with ``function`` applied to every leaf."""
    import jax  # noqa: PLC0415  slow to import, and not needed to read a result

    return jax.tree_util.tree_map(function, tree)


def is_array(value: Any) -> bool:
    """Whether ``value`` is an array or a scalar of NumPy or JAX (not a Python number)."""
    return isinstance(value, np.ndarray | np.generic) or is_jax_array(value)


def is_jax_array(value: Any) -> bool:
    """Whether ``value`` is a JAX array."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def holds_arrays(value: Any) -> bool:
    """Whether ``value`` is an array, or a tree that holds one."""
    if is_array(value):
        return True
    if isinstance(value, types.ModuleType | type | types.FunctionType | str | int | float):
        return False
    return any(is_array(leaf) for leaf in leaves(value) if leaf is not value)


def free_arrays(function: types.FunctionType) -> list[Use]:
    """The arrays (and trees of arrays) that ``function`` reads from outside, each once."""
    found: dict[int, Use] = {}
    for use in all_uses(function):
        if id(use.value) not in found and holds_arrays(use.value):
            found[id(use.value)] = use
    return list(found.values())


def own_copy(value: Any) -> Any:
    """``value`` such that nothing done to it is seen by the user: NumPy arrays and containers."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if isinstance(value, tuple):
        inner = map(own_copy, value)
        return value._make(inner) if hasattr(value, "_make") else tuple(inner)
    if not isinstance(value, list | dict | set | deque | bytearray):
        return value
    made: Any = copy.copy(value)
    if not isinstance(value, set | bytearray):  # not by JAX: it sorts the keys of a dictionary
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            made[key] = own_copy(inner)
    return made


def same_values(one: Any, other: Any) -> bool:
    """Whether two trees of the same structure hold the same values (NaN equals NaN)."""
    mine, theirs = leaves(one), leaves(other)
    return len(mine) == len(theirs) and all(map(_same_leaf, mine, theirs))


def _same_leaf(one: Any, other: Any) -> bool:
    if is_jax_array(one) and one.is_deleted():
        return False  # it was donated to the call
    if one is other:
        return True
    if is_array(one) or is_array(other):
        one, other = np.asarray(one), np.asarray(other)
        return one.dtype == other.dtype and bool(
            np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
        )
    return type(one) is type(other) and bool(one == other)


class OwnCopies:
    """:func:`own_copy`, giving the same copy for the same value, so that sharing is kept."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}  # the value is kept: its id must stay its own

    def __call__(self, value: Any) -> Any:
        """The copy of ``value``."""
        if id(value) not in self._made:
            self._made[id(value)] = (value, own_copy(value))
        return self._made[id(value)][1]


def to_jax(value: Any) -> Any:
    """``value`` with NumPy arrays and Python floats moved to JAX's default device.

    Python integers, booleans and everything that is no number stay: a loop count or a flag is
    part of the program. Floats keep their weak type, so that ``2.0 * x`` has the dtype of ``x``.
    """
    import jax.numpy as jnp  # noqa: PLC0415  slow to import, and not needed to read a result

    def convert(leaf: Any) -> Any:
        if isinstance(leaf, float | complex) or is_array(leaf):
            return jnp.asarray(leaf)
        return leaf

    return map_leaves(convert, value)


def to_numpy(value: Any) -> Any:
    """``value`` with JAX arrays turned into NumPy arrays of their own memory."""
    if not any(map(is_jax_array, leaves(value))):
        return value
    return map_leaves(lambda leaf: np.array(leaf) if is_jax_array(leaf) else leaf, value)


def ready(result: Any) -> Any:
    """``result`` once nothing of it is being computed any more."""
    import jax  # noqa: PLC0415  slow to import, and not needed to read a result

    return jax.block_until_ready(result)


def waiting_for(result: Any) -> Callable[[Any], Any] | None:
    """What blocks until such a result is ready; None for one that always is.

    The cheapest that will do: a call of ``jax.block_until_ready`` costs about a microsecond,
    the method of a single array a quarter of that.
    """
    if is_jax_array(result):
        method: Callable[[Any], Any] = type(result).block_until_ready
        return method
    return ready if any(hasattr(leaf, "block_until_ready") for leaf in leaves(result)) else None


def as_jax_library(value: Any) -> Any:
    """JAX's module or function for NumPy's of the same name; anything else as it is."""
    return _counterpart(value, _SAME_IN_JAX)


def as_numpy_library(value: Any) -> Any:
    """NumPy's module or function for that of ``jax.numpy``; anything else as it is."""
    return _counterpart(value, _SAME_IN_NUMPY)


def is_array_library(value: Any) -> bool:
    """Whether ``value`` is NumPy, ``jax.numpy``, or one of their functions."""
    return as_jax_library(value) is not value or as_numpy_library(value) is not value


def _counterpart(value: Any, homes: dict[str, str]) -> Any:
    if isinstance(value, types.ModuleType):
        home = homes.get(value.__name__)
        return import_module(home) if home else value
    name = getattr(value, "__name__", None)
    if not callable(value) or isinstance(value, type) or not isinstance(name, str):
        return value
    for home, other in homes.items():
        module = sys.modules.get(home)
        if module is not None and getattr(module, name, None) is value:
            return getattr(import_module(other), name, value)
    return value
