"""The call that a line of code makes, if it is one of those that can be shown.

Only the name of the function is looked up to find that out, so nothing of the user's runs. The
arguments are evaluated when they are asked for, each once, in the order in which they stand.
"""

import ast
import inspect
import linecache
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jaxmagic.pytree.mapped.functions import Known, known

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the user wrote it in ``code``; ``node`` is its syntax tree."""

    function: Callable[..., Any]
    known: Known
    code: str
    filename: str
    node: ast.Call


@dataclass(slots=True)
class Argument:
    """An argument of a call: its value, how it was written, and its syntax tree if it has one."""

    value: Any
    text: str
    node: ast.expr | None = None


def recognised(code: str, namespace: Mapping[str, Any], filename: str) -> Call | None:
    """The call that ``code`` makes, if it is one expression that calls a known function.

    Runs nothing of the user's: code that is none of this, or not even Python, gives None.
    ``filename`` is what tracebacks name.
    """
    code = code.strip()
    try:
        node = ast.parse(code, filename, "eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(node, ast.Call):
        return None
    names = [keyword.arg for keyword in node.keywords if keyword.arg]
    if len(set(names)) < len(names):  # no Python, though the parser takes it
        return None
    function = _named(node.func, namespace)
    found = known(function)
    return None if found is None else Call(function, found, code, filename, node)


def _named(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """What a plain or dotted name stands for, without running a property; None if unknown."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    thing = namespace.get(node.id, _ABSENT)
    for attribute in reversed(attributes):
        thing = inspect.getattr_static(thing, attribute, _ABSENT)
    return thing


def evaluated(call: Call, namespace: dict[str, Any]) -> tuple[list[Argument], dict[str, Argument]]:
    """The arguments of ``call`` by position and by name; an error is the user's own.

    Raises:
        TypeError: an argument is given by name twice.
    """
    __tracebackhide__ = True
    # one list of all arguments: those behind a star are a list in it, or a dict
    node = _as_in_the_file(call)
    pieces: list[ast.expr] = [
        ast.copy_location(ast.List([one], ast.Load()), one) if isinstance(one, ast.Starred) else one
        for one in node.args
    ]
    pieces += [
        one.value if one.arg else ast.copy_location(ast.Dict([None], [one.value]), one.value)
        for one in node.keywords
    ]
    gathered = ast.Expression(ast.copy_location(ast.List(pieces, ast.Load()), node))
    values = eval(compile(gathered, call.filename, "eval"), namespace)  # noqa: S307  the user's line
    number = len(node.args)
    positional = [
        one
        for argument, value in zip(call.node.args, values[:number], strict=True)
        for one in _by_position(call, argument, value)
    ]
    named: dict[str, Argument] = {}
    for keyword, value in zip(call.node.keywords, values[number:], strict=True):
        for name, one in _by_name(call, keyword, value):
            if name in named:
                message = f"{call.known.name}() got multiple values for keyword argument {name!r}"
                raise TypeError(message)
            named[name] = one
    return positional, named


def _as_in_the_file(call: Call) -> ast.Call:
    """The syntax tree with the columns of the file, where a magic may stand before the code."""
    node = ast.parse(call.code, call.filename, "eval").body
    before = linecache.getline(call.filename, 1).partition(call.code)
    shift = len(before[0].encode()) if before[1] else 0
    for part in ast.walk(node):
        if shift and isinstance(part, ast.expr | ast.keyword | ast.arg) and part.lineno == 1:
            part.col_offset += shift
            if part.end_lineno == 1 and part.end_col_offset is not None:
                part.end_col_offset += shift
    return cast("ast.Call", node)


def _by_position(call: Call, node: ast.expr, value: Any) -> Iterator[Argument]:
    if isinstance(node, ast.Starred):
        text = source_text(call.code, node.value)
        yield from (Argument(one, f"{text}[{number}]") for number, one in enumerate(value))
    else:
        yield Argument(value, source_text(call.code, node), node)


def _by_name(call: Call, keyword: ast.keyword, value: Any) -> Iterator[tuple[str, Argument]]:
    if keyword.arg is None:
        text = source_text(call.code, keyword.value)
        yield from ((name, Argument(one, f"{text}[{name!r}]")) for name, one in value.items())
    else:
        yield keyword.arg, Argument(value, source_text(call.code, keyword.value), keyword.value)


def source_text(code: str, node: ast.AST) -> str:
    """How ``node`` stands in ``code``, on one line."""
    segment = ast.get_source_segment(code, node) or ast.unparse(node)
    return " ".join(segment.split())
