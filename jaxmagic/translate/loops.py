"""Loops of translated code: thin wrappers of ``jax.lax``.

They keep Python's meaning where ``lax`` asks for more: what a loop carries may begin as an
integer and become a float, and a short loop whose body can't be compiled is run step by step.
What can't be compiled is refused with the user's line
(:class:`~jaxmagic.translate.result.TranslationError`).
"""

import inspect
from collections.abc import Callable
from typing import Any

from jaxmagic.translate.branches import both, cond, either, negated, truth
from jaxmagic.translate.carry import (
    ShapeChangesError,
    Step,
    Unset,
    not_yet,
    settled,
    unset,
)
from jaxmagic.translate.overflow import COUNTER, check_integers
from jaxmagic.translate.python import Items, is_traced, items_of
from jaxmagic.translate.result import TranslationError
from jaxmagic.translate.trace import (
    UntraceableError,
    current_line,
    is_for_want_of_values,
    line_of,
    reason_of,
)

__all__ = [
    "both",
    "cond",
    "either",
    "for_loop",
    "for_loop_until",
    "negated",
    "not_yet",
    "unset",
    "while_loop",
    "while_loop_until",
]

STEPS_AT_MOST = 100
"""A loop of at most so many steps is run step by step if its body can't be compiled."""


def for_loop(iterable: Any, body: Callable[..., Any], *carry: Any) -> Any:
    """``for item in iterable: carry = body(item, *carry)``.

    ``body`` gives back what it was given after the item: one value, or a tuple of as many.

    Raises:
        TranslationError: the loop can't be compiled, and is too long to be run step by step.
    """
    return _for(iterable, body, carry, until=False)


def for_loop_until(iterable: Any, body: Callable[..., Any], *carry: Any) -> Any:
    """:func:`for_loop` that ends once the last value of its carry is true."""
    return _for(iterable, body, carry, until=True)


def while_loop(condition: Callable[..., Any], body: Callable[..., Any], *carry: Any) -> Any:
    """``while condition(*carry): carry = body(*carry)``.

    Raises:
        TranslationError: as :func:`for_loop`.
    """
    return _while(condition, body, carry, until=False)


def while_loop_until(condition: Callable[..., Any], body: Callable[..., Any], *carry: Any) -> Any:
    """:func:`while_loop` that ends once the last value of its carry is true."""
    return _while(condition, body, carry, until=True)


def _for(  # noqa: C901  compiled, peeled or by step
    iterable: Any, body: Callable[..., Any], carry: tuple[Any, ...], *, until: bool
) -> Any:
    items, step = items_of(iterable), _as_tuple(body, len(carry))
    names, length = _names(body, len(carry)), items.known_length

    def compiled() -> tuple[Any, ...]:
        try:
            return _compiled_for(items, step, carry, names, until=until)
        except ShapeChangesError:
            if not length:
                raise
            rest = Items(length - 1, lambda n: items.at(n + 1))
            return _compiled_for(rest, step, step(items.at(0), *carry), names, until=until)

    def by_step() -> tuple[Any, ...] | None:
        now = carry
        if length is None or length > STEPS_AT_MOST:
            return None
        for number in range(length):
            if until and is_traced(now[-1]):
                return None
            if until and now[-1]:
                break
            now = step(items.at(number), *now)
        return now

    if length == 0:
        return _single(carry)
    if items.listed:
        result = by_step()
        if result is None:
            message = "a loop over a long list can't be compiled; make the list an array"
            raise TranslationError(current_line(), message)
        return _single(result)
    return _single(_compiled_or(by_step, compiled))


def _compiled_for(
    items: Items, step: Step, carry: tuple[Any, ...], names: list[str], *, until: bool
) -> tuple[Any, ...]:
    import jax  # noqa: PLC0415  slow to import, and not needed to translate
    import jax.numpy as jnp  # noqa: PLC0415  as above

    def counted(number: Any, *now: Any) -> tuple[Any, ...]:
        return (number + 1, *step(items.at(number), *now))

    given, names = (0, *carry), [COUNTER, *names]
    initial, settled_step = settled(counted, given, names)
    check_integers(counted, initial, given, names, items.known_length)
    arrays, restored = _arrays(initial)

    def next_arrays(arrays: list[Any]) -> list[Any]:
        return _arrays(settled_step(*restored(arrays)))[0]

    if not until:
        number, *first = arrays
        last = jax.lax.fori_loop(0, items.length, lambda n, now: next_arrays([n, *now])[1:], first)
        return restored([number, *last])[1:]

    def goes_on(arrays: list[Any]) -> Any:
        number, *_, stopped = restored(arrays)
        return jnp.logical_and(number < items.length, jnp.logical_not(truth(stopped)))

    return restored(jax.lax.while_loop(goes_on, next_arrays, arrays))[1:]


def _while(
    condition: Callable[..., Any], body: Callable[..., Any], carry: tuple[Any, ...], *, until: bool
) -> Any:
    step, names = _as_tuple(body, len(carry)), _names(body, len(carry))

    def goes_on(*now: Any) -> Any:
        return both(negated(now[-1]), lambda: condition(*now)) if until else condition(*now)

    def compiled() -> tuple[Any, ...]:
        try:
            return _compiled_while(goes_on, step, carry, names)
        except ShapeChangesError:
            first = goes_on(*carry)
            if is_traced(first):
                raise
            return _compiled_while(goes_on, step, step(*carry), names) if first else carry

    def by_step() -> tuple[Any, ...] | None:
        now = carry
        for _ in range(STEPS_AT_MOST):
            more = goes_on(*now)
            if is_traced(more):
                return None
            if not more:
                return now
            now = step(*now)
        return None

    return _single(_compiled_or(by_step, compiled))


def _compiled_while(
    goes_on: Callable[..., Any], step: Step, carry: tuple[Any, ...], names: list[str]
) -> tuple[Any, ...]:
    import jax  # noqa: PLC0415  as above
    import jax.numpy as jnp  # noqa: PLC0415  as above

    initial, settled_step = settled(step, carry, names)
    check_integers(step, initial, carry, names, None)
    arrays, restored = _arrays(initial)
    result = jax.lax.while_loop(
        lambda arrays: jnp.asarray(truth(goes_on(*restored(arrays)))),
        lambda arrays: _arrays(settled_step(*restored(arrays)))[0],
        arrays,
    )
    return restored(result)


def _compiled_or(
    by_step: Callable[[], tuple[Any, ...] | None], compiled: Callable[[], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """The loop compiled, or run step by step where it can't be compiled and is short.

    Raises:
        TranslationError: neither is possible.
    """
    here = current_line()
    try:
        return compiled()
    except TranslationError as error:
        if error.final:
            raise
        reason: Exception = error
    except UntraceableError as error:
        reason = error
    except Exception as error:
        if not is_for_want_of_values(error):
            raise
        reason = error
    try:
        result = by_step()
    except Exception as error:
        if not is_for_want_of_values(error):
            raise
        result, reason = None, error
    if result is not None:
        return result
    if isinstance(reason, TranslationError):
        raise reason
    line = here if isinstance(reason, UntraceableError) else line_of(reason, here)
    raise TranslationError(line, reason_of(reason)) from reason


def _arrays(
    values: tuple[Any, ...],
) -> tuple[list[Any], Callable[[list[Any]], tuple[Any, ...]]]:
    """The arrays of ``values``, and what puts others in their place; what is not set stays."""
    import jax  # noqa: PLC0415  as above

    leaves, tree = jax.tree_util.tree_flatten(values)

    def restored(arrays: list[Any]) -> tuple[Any, ...]:
        todo = iter(arrays)
        found = [leaf if isinstance(leaf, Unset) else next(todo) for leaf in leaves]
        values: tuple[Any, ...] = jax.tree_util.tree_unflatten(tree, found)
        return values

    return [leaf for leaf in leaves if not isinstance(leaf, Unset)], restored


def _as_tuple(body: Callable[..., Any], count: int) -> Step:
    if count == 1:
        return lambda *values: (body(*values),)
    return body


def _single(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def _names(body: Callable[..., Any], count: int) -> list[str]:
    """What ``body`` calls its carry: its last ``count`` parameters."""
    return list(inspect.signature(body).parameters)[-count:]
