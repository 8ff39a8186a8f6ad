"""What is inside JAX's own objects: programs as they are traced and compiled, keys."""

from collections.abc import Iterator
from typing import Any

_TYPE_NAME = type.__dict__["__name__"]
_NAMED_TUPLE = 3
_KINDS: tuple[type | None, ...] = (None, type(None), tuple, None, list, dict)  # by their numbers

Node = tuple[type | None, Any, int]
"""A node of a ``PyTreeDef``: its type, None for a leaf; what it holds; how many are in it.

A dict holds its keys, a named tuple its type.
"""


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


def tree_nodes(treedef: Any, most: int) -> list[Node]:
    """The nodes of a ``PyTreeDef``, outermost first, and of several beside each other the last.

    Of a large one no more than about ``most`` containers. What a ``PyTreeDef`` is pickled from
    has all nodes at once, innermost first, with the numbers of their kinds.
    """
    try:
        if treedef.num_nodes > 2 * most:
            return _walked(treedef, most)
        _, pickled = treedef.__getstate__()
        return [
            (registered or (held if kind == _NAMED_TUPLE else _KINDS[kind]), held, arity)
            for kind, arity, held, registered, _, _ in reversed(pickled)
        ]
    except (AttributeError, TypeError, ValueError, IndexError):
        return _walked(treedef, most)


def _walked(treedef: Any, most: int) -> list[Node]:
    """The same, one node after the other; it can't be told that a tuple is named."""
    waiting, containers = [treedef], 0
    nodes: list[Node] = []
    while waiting and containers < most:
        here = waiting.pop()
        kind, held = here.node_data() or (None, None)
        children = here.children()
        if kind is None and here.num_leaves == 0:
            kind = type(None)
        containers += kind is not None
        nodes.append((kind, held, len(children)))
        waiting += children
    return nodes
