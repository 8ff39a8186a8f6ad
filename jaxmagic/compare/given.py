"""Functions that exist already, run as they are: plain, compiled by Numba, jitted by JAX."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from jaxmagic.compare.backend import Prepared, Setup, try_once
from jaxmagic.compare.values import own_copy
from jaxmagic.compare.with_jax import compiled_by_jax
from jaxmagic.compare.with_numba import compiled_by_numba
from jaxmagic.source import is_jitted, is_numba_compiled

_NONE: Mapping[str, Any] = MappingProxyType({})


def as_given(
    name: str,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any] = _NONE,
) -> Callable[[Setup], Prepared]:
    """What prepares ``function(*arguments, **keywords)``, the compile time apart if there is one.

    A jitted function gets its arguments on the device, a Numba function on the host, any other
    one as they are; its result is waited for in any case.
    """

    def prepare(setup: Setup) -> Prepared:
        if is_jitted(function):
            return compiled_by_jax(name, function, arguments, setup, name, keywords)
        if is_numba_compiled(function) and not keywords:
            return compiled_by_numba(name, function, arguments, setup, label=name)
        called = partial(function, **keywords) if keywords else function
        contender, result, changed = try_once(
            name, called, called, lambda: own_copy(arguments), setup
        )
        return Prepared(name, contender, result, notes=changed)

    return prepare
