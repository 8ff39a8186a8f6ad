"""A call that is traced once, each equation with an identity, and nothing of it executed."""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MethodType
from typing import Any

from jaxmagic import _jax


@dataclass(frozen=True)
class Traced:
    """A call that was traced.

    ``equations`` are those of the program and of the programs within it, by their numbers.
    ``as_it_is`` and ``tagged`` are ``jax.stages.Traced``, of the program and of the copy whose
    equations have tags; both are the first where JAX does not let it be copied.
    """

    equations: tuple[_jax.Equation, ...]
    as_it_is: Any
    tagged: Any

    @property
    def name(self) -> str:
        """The name of the function, as JAX has it."""
        return str(self.as_it_is.fun_name)

    @cached_property
    def lowered(self) -> Any:
        """The copy with tags, lowered to StableHLO."""
        return _jax.lowered(self.tagged)


def trace(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Traced:
    """Trace ``function(*args, **kwargs)``, jitted or not; nothing is executed or donated.

    What JAX can trace, arrays, numbers and shapes of arrays (``jax.ShapeDtypeStruct``), is traced.
    All else in the arguments is static: strings, functions, the static fields of modules. Where
    the function was made by ``jax.jit``, its options hold.

    Raises:
        Exception: what the function raises while it is traced.
    """
    __tracebackhide__ = True
    import jax  # noqa: PLC0415  when something is traced

    jitted: Any = function
    if isinstance(jitted, MethodType) and _is_jitted(jitted.__func__):
        jitted, args = jitted.__func__, (jitted.__self__, *args)
    if not _is_jitted(jitted):
        program, args, kwargs = _of_what_can_be_traced(jitted, args, kwargs)
        jitted = jax.jit(program)
    as_it_is = jitted.trace(*args, **kwargs)
    jaxpr, equations = _jax.tagged(as_it_is.jaxpr)
    tagged = _jax.with_program(as_it_is, jaxpr)
    return Traced(equations, as_it_is, as_it_is if tagged is None else tagged)


def _is_jitted(function: Any) -> bool:
    """Whether it was made by ``jax.jit``; a method ``trace`` may be of something else."""
    import jax  # noqa: PLC0415  as above

    library = type(function).__module__.partition(".")[0]
    return library in ("jax", "jaxlib") and isinstance(function, jax.stages.Wrapped)


def _of_what_can_be_traced(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """A function of what can be traced alone, and that: all else is in the function already.

    A function that holds arrays as a PyTree, such as a module of Equinox, is an argument itself.
    Of such a function only arrays are traced, as its numbers are settings; so it is for functions
    among the arguments. Results that are no arrays are left out.
    """
    import jax  # noqa: PLC0415  as above

    leaves, structure = jax.tree.flatten((function, args, kwargs))
    is_traced = list(_are_traced((function, args, kwargs)))
    marked = list(zip(leaves, is_traced, strict=True))
    fixed = [None if traced else leaf for leaf, traced in marked]
    given = [leaf if traced else None for leaf, traced in marked]
    its_arrays, args, kwargs = jax.tree.unflatten(structure, given)
    holds_arrays = any(_are_traced(function))

    def program(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        traced = iter(jax.tree.leaves((args, kwargs)))
        pairs = zip(fixed, is_traced, strict=True)
        whole = [next(traced) if is_traced else leaf for leaf, is_traced in pairs]
        function, args, kwargs = jax.tree.unflatten(structure, whole)
        result = function(*args, **kwargs)
        return jax.tree.map(lambda leaf: leaf if _can_be_traced(leaf) else None, result)

    program.__name__ = program.__qualname__ = _name(function)
    parameters = _parameters(function)
    if holds_arrays:
        args = (its_arrays, *args)
        parameters.insert(0, inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY))
    if parameters:
        program.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return program, args, kwargs


def _are_traced(tree: Any) -> Iterator[bool]:
    """Of each leaf, whether it is traced."""
    import jax  # noqa: PLC0415  as above

    for part in jax.tree.leaves(tree, is_leaf=callable):
        for leaf in jax.tree.leaves(part):
            is_setting = callable(part) and not hasattr(leaf, "dtype")
            yield not is_setting and _can_be_traced(leaf)


def _can_be_traced(leaf: Any) -> bool:
    import jax  # noqa: PLC0415  as above

    if isinstance(leaf, jax.ShapeDtypeStruct):
        return True
    try:
        jax.typeof(leaf)
    except TypeError:
        return False
    return True


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a function; none if it does not tell them."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def _name(function: Any) -> str:
    """The name of a function, of what a partial is made of, or of the type of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else type(function).__name__
