"""Functions that exist already, run as they are: plain, compiled by Numba, jitted by JAX."""

from collections.abc import Callable
from typing import Any

from jaxmagic.compare.backend import Prepared, Setup, try_once
from jaxmagic.compare.values import own_copy
from jaxmagic.compare.with_jax import compiled_by_jax
from jaxmagic.compare.with_numba import compiled_by_numba
from jaxmagic.source import is_jitted, is_numba_compiled


def as_given(
    name: str, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> Callable[[Setup], Prepared]:
    """What prepares ``function(*arguments)``, with the compile time apart where there is one.

    A jitted function gets its arguments on the device, a Numba function on the host, any other
    one as they are; its result is waited for in any case.
    """

    def prepare(setup: Setup) -> Prepared:
        if is_jitted(function):
            return compiled_by_jax(name, function, arguments, setup, label=name)
        if is_numba_compiled(function):
            return compiled_by_numba(name, function, arguments, setup, label=name)
        contender, result, changed = try_once(
            name, function, function, lambda: own_copy(arguments), setup
        )
        return Prepared(name, contender, result, notes=changed)

    return prepare
