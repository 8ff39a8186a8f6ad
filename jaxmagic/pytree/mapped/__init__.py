"""Calls of ``jax.tree.map`` and its like, shown as their operands and their result.

    >>> jaxmagic.tree_call(jax.tree.map, lambda x, y: x + y, {"a": 1}, {"a": 10})
    jax.tree.map(lambda x, y: x + y, tree 1, tree 2): 1 leaf

:func:`recognised` says whether a line of code is such a call, and :func:`call_result` makes it and
tells what it did; :func:`tree_call` does this with objects instead of code. The function of the
user runs as often as JAX calls it, and its errors pass through as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jaxmagic.pytree.mapped.answer import answer
from jaxmagic.pytree.mapped.asked import Asked
from jaxmagic.pytree.mapped.call import Argument, Call, evaluated, recognised
from jaxmagic.pytree.mapped.functions import NAMES, known
from jaxmagic.pytree.mapped.result import Mapped
from jaxmagic.show.graphviz import Engine


def call_result(call: Call, namespace: dict[str, Any], *, engine: Engine = "auto") -> Mapped:
    """Evaluate the arguments of ``call`` in ``namespace``, make it, and tell what it did.

    ``engine`` is what draws the picture. Errors of the user's code, and those of JAX, pass through
    as they are.
    """
    __tracebackhide__ = True
    positional, named = evaluated(call, namespace)
    found = answer(Asked(call.function, call.known, positional, named, call.code))
    return replace(found, engine=engine)


def tree_call(
    function: Callable[..., Any],
    *arguments: Any,
    names: Sequence[str] | None = None,
    **keywords: Any,
) -> Mapped:
    """Make the call ``function(*arguments, **keywords)``, and show what it does with its trees.

    Args:
        function: ``jax.tree.map``, ``map_with_path``, ``reduce``, ``leaves``, ``flatten``,
            ``unflatten`` or ``structure``, or the same of ``jax.tree_util``.
        arguments: its arguments.
        names: the titles of the trees; ``tree 1``, ``tree 2`` otherwise.
        keywords: its arguments by name, such as ``is_leaf``.

    Raises:
        ValueError: it is another function, or JAX finds that the trees do not match.
    """
    __tracebackhide__ = True
    found = known(function)
    if found is None:
        message = f"Give one of these functions first: {NAMES}."
        raise ValueError(message)
    given = list(names or ())
    if found.question in ("map", "reduce"):
        given.insert(0, "")
    titles = [*given, *[""] * len(arguments)]
    positional = [Argument(one, title) for one, title in zip(arguments, titles, strict=False)]
    named = {name: Argument(value, "") for name, value in keywords.items()}
    return answer(Asked(function, found, positional, named))


__all__ = ["Call", "Mapped", "call_result", "recognised", "tree_call"]
