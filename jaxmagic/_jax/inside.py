"""What is inside JAX's own objects: programs as they are traced and compiled, keys."""

from collections.abc import Iterator
from typing import Any

_TYPE_NAME = type.__dict__["__name__"]


def count_equations(jaxpr: Any) -> int:
    """Equations of ``jaxpr``, those of the jaxprs inside it included.

    A jaxpr inside an equation (of ``scan``, of a nested ``jit``) is found by its ``eqns``.
    """
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    inside = sum(count_equations(inner) for e in jaxpr.eqns for inner in _inner_jaxprs(e))
    return len(jaxpr.eqns) + inside


def count_loops(jaxpr: Any) -> int:
    """Loops in ``jaxpr`` that run step by step: equations of ``while`` and ``scan``."""
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    here = sum(equation.primitive.name in ("while", "scan") for equation in jaxpr.eqns)
    return here + sum(count_loops(inner) for e in jaxpr.eqns for inner in _inner_jaxprs(e))


def _inner_jaxprs(equation: Any) -> Iterator[Any]:
    for value in equation.params.values():
        for inner in value if isinstance(value, tuple | list) else (value,):
            if hasattr(getattr(inner, "jaxpr", inner), "eqns"):
                yield inner


def depends_on_inputs(jaxpr: Any) -> bool:
    """Whether any output of ``jaxpr`` is computed from its inputs, or at all when it runs.

    False for a program that only hands out constants: all the work was done while tracing.
    """
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    made = {id(variable) for equation in jaxpr.eqns for variable in equation.outvars}
    made |= {id(variable) for variable in jaxpr.invars}
    return any(id(variable) in made for variable in jaxpr.outvars)


def constant_bytes(closed_jaxpr: Any) -> int:
    """Bytes of the arrays that are folded into the program of ``closed_jaxpr``."""
    return sum(int(getattr(c, "nbytes", 0)) for c in getattr(closed_jaxpr, "consts", ()))


def temporary_bytes(compiled: Any) -> int | None:
    """What a compiled program allocates beyond its arguments and results; None if not told."""
    analysis = compiled.memory_analysis()
    value = getattr(analysis, "temp_size_in_bytes", None)
    return None if value is None else int(value)


def traced_function(thing: Any) -> str | None:
    """The name of the function that a jaxpr was traced from; None for what is no jaxpr.

    The constants of a ``ClosedJaxpr`` are its own, or from JAX 0.12 on those of its ``Jaxpr``.
    """
    if _TYPE_NAME.__get__(type(thing)) not in ("Jaxpr", "ClosedJaxpr"):
        return None
    debug_info = getattr(getattr(thing, "jaxpr", thing), "debug_info", None)
    return str(getattr(debug_info, "func_name", None) or "a function")


def key_array(value: Any) -> Any:
    """The array of numbers within a typed key of ``jax.random``; None for anything else.

    Told by the name of its type, which runs no code of other types.
    """
    if _TYPE_NAME.__get__(type(value)) != "PRNGKeyArray":
        return None
    return getattr(value, "_base_array", None)


def plain_structure(treedef: Any) -> bytes | None:
    """A ``PyTreeDef`` as bytes, equal for equal ones, if it holds nothing of the user's.

    That is known of lists, tuples, None and dicts with strings as keys: JAX refuses to write any
    other in its format of protocol buffers. None if it can't tell.
    """
    write = getattr(treedef, "serialize_using_proto", None)
    try:
        return None if write is None else bytes(write())
    except ValueError:
        return None
