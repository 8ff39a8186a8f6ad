"""What a loop carries from step to step: numbers and arrays whose type does not change.

In Python a variable may begin as an integer and become a float; a compiled loop needs one type
for all steps. It is found by tracing the step until the types no longer change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxmagic.translate.python import is_array
from jaxmagic.translate.trace import UntraceableError

Step = Callable[..., tuple[Any, ...]]


class Unset:
    """Stands for a variable that has no value yet."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


unset = Unset("unset")
"""A variable of the user that has no value yet: Python would raise UnboundLocalError."""

not_yet = Unset("not_yet")
"""The result of a function that has not returned yet: never read before it has."""


class ShapeChangesError(UntraceableError):
    """The first step changes the shape of what is carried, or sets it at all."""


@dataclass(frozen=True)
class Kind:
    """The type of an array; a weak one gives way to others, as that of a Python number does."""

    shape: tuple[int, ...]
    dtype: Any
    weak: bool

    @classmethod
    def of(cls, value: Any) -> "Kind":
        """The type of an array or a traced value."""
        aval = getattr(value, "aval", value)
        return cls(tuple(value.shape), value.dtype, bool(getattr(aval, "weak_type", False)))

    def convert(self, value: Any) -> Any:
        """``value`` in this type."""
        if value.dtype == self.dtype and (self.weak or not Kind.of(value).weak):
            return value
        return value.astype(self.dtype)

    def zeros(self) -> Any:
        """Zeros of this type."""
        import jax.numpy as jnp  # noqa: PLC0415  slow to import, and not needed to translate

        return jnp.zeros(self.shape, self.dtype)


def promoted(one: Kind, other: Kind) -> Kind:
    """The type, of the shape of ``one``, that holds both."""
    import jax.numpy as jnp  # noqa: PLC0415  as above

    weak = one.weak and other.weak
    if one.weak == other.weak or one.dtype == other.dtype:
        return Kind(one.shape, jnp.promote_types(one.dtype, other.dtype), weak)
    light, firm = (one, other) if one.weak else (other, one)
    return Kind(one.shape, jnp.result_type(firm.dtype, _PYTHON[light.dtype.kind]), weak=False)


_PYTHON: dict[str, type] = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


def as_arrays(value: Any, name: str = "") -> Any:
    """``value`` with its numbers as arrays of JAX.

    Args:
        value: a number, an array, or a tree of them.
        name: what it is carried as; then anything but numbers and arrays is refused.

    Raises:
        UntraceableError: it can't be carried.
    """
    import jax  # noqa: PLC0415  as above
    import jax.numpy as jnp  # noqa: PLC0415  as above
    import numpy as np  # noqa: PLC0415  as above

    def convert(leaf: Any) -> Any:
        if isinstance(leaf, Unset | jax.Array):
            return leaf
        if isinstance(leaf, bool | int | float | complex | np.generic | np.ndarray) and (
            not isinstance(leaf, np.generic | np.ndarray) or leaf.dtype.kind in "biufc"
        ):
            try:
                return jnp.asarray(leaf)
            except OverflowError as error:
                message = f"{name or 'a value'} is an integer too large for JAX's integers"
                raise UntraceableError(message) from error
        if not name:
            return leaf
        message = f"{name} is of type {type(leaf).__name__}, which a compiled loop can't change"
        raise UntraceableError(message)

    if name and isinstance(value, list | dict | set):
        convert(value)
    return jax.tree_util.tree_map(convert, value, is_leaf=lambda leaf: leaf is None)


def settled(step: Step, carry: tuple[Any, ...], names: list[str]) -> tuple[tuple[Any, ...], Step]:
    """``carry`` with the types that all steps have, and ``step`` so that it gives these types.

    Raises:
        ShapeChangesError: a first step done apart may help.
        UntraceableError: there are no such types.
    """
    carry = tuple(map(as_arrays, carry, names))
    for _ in range(8):
        joined, changed = _joined(carry, _after(step, carry, names), names)
        carry = joined
        if not changed:
            return carry, _with_kinds(step, carry, names)
    message = f"the types of {', '.join(names)} never settle"
    raise UntraceableError(message)


def _kinds(tree: Any) -> Any:
    return _tree_map(lambda leaf: Kind.of(leaf) if is_array(leaf) else leaf, tree)


def _after(step: Step, carry: tuple[Any, ...], names: list[str]) -> tuple[Any, ...]:
    """What ``step`` makes of ``carry``: a Kind for each array; what is not set stays."""
    import jax  # noqa: PLC0415  as above

    leaves, tree = jax.tree_util.tree_flatten(carry)
    found: list[Any] = []

    def trace(*arrays: Any) -> None:
        todo = iter(arrays)
        given = [leaf if isinstance(leaf, Unset) else next(todo) for leaf in leaves]
        results = step(*jax.tree_util.tree_unflatten(tree, given))
        found.append(_kinds(tuple(map(as_arrays, results, names))))

    jax.make_jaxpr(trace)(*(leaf for leaf in leaves if not isinstance(leaf, Unset)))
    after: tuple[Any, ...] = found[-1]
    return after


def _joined(
    carry: tuple[Any, ...], after: tuple[Any, ...], names: list[str]
) -> tuple[tuple[Any, ...], bool]:
    """``carry`` with types that also hold ``after``, and whether they differ from before."""
    changed = False
    joined: list[Any] = []
    for name, old, new in zip(names, carry, after, strict=True):
        if old is not_yet and new is not not_yet:
            joined.append(_tree_map(lambda kind: kind.zeros(), new))
            changed = True
        elif new is not_yet or (old is unset and new is unset):
            joined.append(old)
        elif isinstance(old, Unset) or isinstance(new, Unset):
            message = f"{name} has no value if this loop runs no step; set it before the loop"
            raise ShapeChangesError(message)
        else:
            value, differs = _joined_one(name, old, new)
            joined.append(value)
            changed |= differs
    return tuple(joined), changed


def _joined_one(name: str, old: Any, new: Any) -> tuple[Any, bool]:
    import jax  # noqa: PLC0415  as above

    leaves, tree = jax.tree_util.tree_flatten(old)
    others, other_tree = jax.tree_util.tree_flatten(new)
    if str(tree) != str(other_tree):
        message = f"{name} changes its structure from step to step"
        raise ShapeChangesError(message)
    results, changed = [], False
    for leaf, other in zip(leaves, others, strict=True):
        kind = Kind.of(leaf)
        if kind.shape != other.shape:
            message = f"{name} changes its shape from {kind.shape} to {other.shape}"
            raise ShapeChangesError(message)
        target = promoted(kind, other)
        results.append(target.convert(leaf))
        changed |= (target.dtype, target.weak) != (kind.dtype, kind.weak)
    return jax.tree_util.tree_unflatten(tree, results), changed


def _with_kinds(step: Step, carry: tuple[Any, ...], names: list[str]) -> Step:
    """``step``, its results converted to the types of ``carry``."""
    kinds = _kinds(carry)

    def converted(*values: Any) -> tuple[Any, ...]:
        results = tuple(map(as_arrays, step(*values), names))
        return tuple(
            _tree_map(lambda k: k.zeros() if isinstance(k, Kind) else k, kind)
            if result is not_yet
            else _tree_map(
                lambda k, leaf: k.convert(leaf) if isinstance(k, Kind) else leaf, kind, result
            )
            for result, kind in zip(results, kinds, strict=True)
        )

    return converted


def _tree_map(function: Callable[..., Any], *trees: Any) -> Any:
    import jax  # noqa: PLC0415  as above

    return jax.tree_util.tree_map(function, *trees)
