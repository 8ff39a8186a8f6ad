"""From the text of ``%pytree`` to the result that it asks for."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaxmagic.pytree.diff import DifferenceError
from jaxmagic.pytree.diff import difference as difference_of
from jaxmagic.pytree.diff import why as why_of
from jaxmagic.pytree.diff.result import Difference
from jaxmagic.pytree.look import look
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.mapped import call_result, recognised
from jaxmagic.pytree.mapped.result import Mapped
from jaxmagic.pytree.names import clean
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.source import evaluate

Says = Callable[[str], None]

_OF_A_TREE = ("depth", "graph", "stats", "sharding")


class TreeError(Exception):
    """The line of a magic can't be answered; the message is a sentence that says what to type."""


def tree(
    code: str,
    namespace: dict[str, Any],
    filename: str,
    *,
    progress: Says | None = None,
    **options: Any,
) -> PyTree | Mapped:
    """What ``%pytree code`` shows: a tree, or a call such as ``jax.tree.map(f, a, b)``.

    Args:
        code: one Python expression.
        namespace: where it is evaluated, once.
        filename: the name under which tracebacks find the code.
        progress: is told what is being done.
        options: those of :func:`jaxmagic.pytree.look.look`; with one of these, a call is shown as
            the tree that it returns.

    Raises:
        TreeError: it is no expression.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    expression = _expression(code, filename)
    if not any(options.get(asked) for asked in _OF_A_TREE):
        call = recognised(code, namespace, filename)
        if call is not None:
            return call_result(call, namespace, engine=options.get("engine", "auto"))
    value = evaluate(expression, filename, namespace)
    return look(value, name=_typed(expression, code), progress=progress, **options)


def explorer(code: str, namespace: dict[str, Any], filename: str) -> Any:
    """What ``%pytree -i code`` shows: a widget to walk through the tree.

    Raises:
        TreeError: it is no expression, or ipywidgets is missing.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    expression = _expression(code, filename)
    value = evaluate(expression, filename, namespace)
    from jaxmagic.pytree.explorer import MissingWidgetsError, explore  # noqa: PLC0415  not in all

    try:
        return explore(value, _typed(expression, code))
    except MissingWidgetsError as error:
        raise TreeError(str(error)) from None


def difference(
    code: str,
    namespace: dict[str, Any],
    filename: str,
    *,
    values: bool = False,
    prefix: bool = False,
    progress: Says | None = None,
) -> Difference:
    """What ``%pytree --diff a, b`` shows.

    Raises:
        TreeError: these are not two expressions.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    pair = _expression(code, filename)
    if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:  # noqa: PLR2004  a pair
        message = "give two trees, with a comma between: %pytree --diff params, restored"
        raise TreeError(message)
    a, b = (evaluate(part, filename, namespace) for part in pair.elts)
    first, second = (_typed(part, code) for part in pair.elts)
    names = first, second
    return difference_of(a, b, names=names, values=values, prefix=prefix, progress=progress)


def why(error: BaseException | None) -> Difference:
    """What ``%pytree --why`` shows: how the trees of a failed call differ.

    Raises:
        TreeError: there was no error, or there are no trees in its traceback.
    """
    if error is None:
        message = "there was no error yet. Run the call that fails, then %pytree --why."
        raise TreeError(message)
    try:
        return why_of(error)
    except DifferenceError as reason:
        raise TreeError(str(reason)) from None


def save(result: PyTree | Mapped, file: str) -> None:
    """Write the picture of a result to ``file``.

    Raises:
        TreeError: there is no picture, or the file can't be written.
    """
    try:
        result.picture.save(Path(file).expanduser())
    except DrawingError as error:
        raise TreeError(str(error)) from None
    except OSError as error:
        message = f"{clean(file)} can't be written: {error.strerror or type(error).__name__}."
        raise TreeError(message) from None


def _expression(code: str, filename: str) -> ast.expr:
    if not code:
        message = "give an expression whose value is a tree: %pytree params"
        raise TreeError(message)
    try:
        return ast.parse(code, filename, "eval").body
    except SyntaxError as error:
        message = f"{clean(code)} is no Python expression ({error.msg})."
        raise TreeError(message) from None


def _typed(expression: ast.expr, code: str) -> str:
    return clean(ast.get_source_segment(code, expression) or "tree")
