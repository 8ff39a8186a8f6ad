"""Conditions of translated code, known while a program is traced or only when it runs."""

from collections.abc import Callable
from typing import Any

from jaxmagic.translate.carry import Kind, Unset, as_arrays, not_yet, promoted
from jaxmagic.translate.python import is_array, is_traced
from jaxmagic.translate.trace import UntraceableError, refused_here, refusing

CHEAP_EQUATIONS = 30
"""Branches of numbers with at most so many equations are both computed: a choice costs less."""


def cond(
    condition: Any, then: Callable[..., Any], otherwise: Callable[..., Any], *values: Any
) -> Any:
    """``then(*values) if condition else otherwise(*values)``.

    A condition that is known chooses before anything is traced. Else both branches are traced,
    and must give arrays of the same shapes.
    """
    if not is_traced(condition):
        return then(*values) if condition else otherwise(*values)
    import jax  # noqa: PLC0415  slow to import, and not needed to translate

    predicate = truth(condition)
    with refusing():
        kinds, cheap = [], True
        for branch in (then, otherwise):
            kind, small = _outcome(branch, values)
            kinds.append(kind)
            cheap = cheap and small
        merged = _merged(*kinds)
        if cheap:
            one, other = (_as(branch(*values), merged) for branch in (then, otherwise))
            return _tree_map(lambda k, a, b: _choose(predicate, a, b, k), merged, one, other)
        arrays = jax.lax.cond(
            predicate,
            lambda: _only_arrays(_as(then(*values), merged), merged),
            lambda: _only_arrays(_as(otherwise(*values), merged), merged),
        )
    found = iter(arrays)
    return _tree_map(lambda k: next(found) if isinstance(k, Kind) else k, merged)


def both(one: Any, other: Callable[[], Any]) -> Any:
    """``one and other()``."""
    if not is_traced(one):
        return one and other()
    return cond(one, other, lambda: one)


def either(one: Any, other: Callable[[], Any]) -> Any:
    """``one or other()``."""
    if not is_traced(one):
        return one or other()
    return cond(one, lambda: one, other)


def negated(value: Any) -> Any:
    """``not value``."""
    if not is_traced(value):
        return not value
    import jax.numpy as jnp  # noqa: PLC0415  as above

    return jnp.logical_not(truth(value))


def truth(value: Any) -> Any:
    """Whether ``value``, a number, is not zero: what Python asks of a condition."""
    if not is_array(value):
        return bool(value)
    if value.size != 1:
        message = f"a condition has to be one truth value, not an array of shape {value.shape}"
        raise refused_here(message)
    value = value.reshape(())
    return value if value.dtype == bool else value != 0


def _outcome(branch: Callable[..., Any], values: tuple[Any, ...]) -> tuple[Any, bool]:
    """What ``branch`` gives, a Kind for each array, and whether it is cheap to compute."""
    import jax  # noqa: PLC0415  as above

    found: list[Any] = []

    def trace() -> list[Any]:
        result = as_arrays(branch(*values))
        found.append(_tree_map(lambda leaf: Kind.of(leaf) if is_array(leaf) else leaf, result))
        return [leaf for leaf in _leaves(result) if is_array(leaf)]

    jaxpr = jax.make_jaxpr(trace)()
    small = len(jaxpr.jaxpr.eqns) <= CHEAP_EQUATIONS and not any(
        equation.primitive.name in ("while", "scan", "cond") for equation in jaxpr.jaxpr.eqns
    )
    numbers = all(leaf.shape == () for leaf in _leaves(found[-1]) if isinstance(leaf, Kind))
    return found[-1], small and numbers


def _merged(one: Any, other: Any) -> Any:
    """The kinds that hold what either branch gives."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return tuple(map(_merged, one, other))
    if one is not_yet or other is not_yet:
        return other if one is not_yet else one
    if isinstance(one, Unset) != isinstance(other, Unset):
        message = "a variable gets a value only if the condition holds, and is read later"
        raise UntraceableError(message)
    leaves, others = _leaves(one), _leaves(other)
    if _structure(one) != _structure(other):
        message = f"the branches give {_say(one)} and {_say(other)}"
        raise UntraceableError(message)
    return (
        _tree_map(lambda _: next(kinds), one)
        if (kinds := iter([_merged_leaf(a, b) for a, b in zip(leaves, others, strict=True)]))
        else one
    )


def _merged_leaf(one: Any, other: Any) -> Any:
    if isinstance(one, Kind) and isinstance(other, Kind):
        if one.shape != other.shape:
            message = f"the branches give arrays of shape {one.shape} and {other.shape}"
            raise UntraceableError(message)
        return promoted(one, other)
    if one is other or (type(one) is type(other) and one == other):
        return one
    message = f"the branches give {_say(one)} and {_say(other)}"
    raise UntraceableError(message)


def _say(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Kind):
        return "a number" if value.shape == () else f"an array of shape {value.shape}"
    return repr(value) if isinstance(value, str) else f"a {type(value).__name__}"


def _as(result: Any, merged: Any) -> Any:
    """``result`` with the kinds of ``merged``."""
    import jax.numpy as jnp  # noqa: PLC0415  as above

    if isinstance(merged, tuple) and isinstance(result, tuple) and len(merged) == len(result):
        return tuple(map(_as, result, merged))
    if result is not_yet and merged is not not_yet:
        return _tree_map(lambda k: jnp.zeros(k.shape, k.dtype), merged)
    return _tree_map(
        lambda k, leaf: k.convert(jnp.asarray(leaf)) if isinstance(k, Kind) else k,
        merged,
        result,
    )


def _choose(predicate: Any, one: Any, other: Any, kind: Any) -> Any:
    import jax.numpy as jnp  # noqa: PLC0415  as above

    return jnp.where(predicate, one, other) if isinstance(kind, Kind) else kind


def _only_arrays(result: Any, merged: Any) -> list[Any]:
    pairs = zip(_leaves(result), _leaves(merged), strict=True)
    return [leaf for leaf, kind in pairs if isinstance(kind, Kind)]


def _is_none(value: Any) -> bool:
    return value is None


def _tree_map(function: Callable[..., Any], *trees: Any) -> Any:
    import jax  # noqa: PLC0415  as above

    return jax.tree_util.tree_map(function, *trees, is_leaf=_is_none)


def _leaves(tree: Any) -> list[Any]:
    import jax  # noqa: PLC0415  as above

    return jax.tree_util.tree_leaves(tree, is_leaf=_is_none)


def _structure(tree: Any) -> Any:
    import jax  # noqa: PLC0415  as above

    return jax.tree_util.tree_structure(tree, is_leaf=_is_none)
