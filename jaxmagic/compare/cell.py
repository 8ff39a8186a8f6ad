"""From the text of a cell to the call that is to be timed.

The cell holds definitions and, last, the call; ``%%numba`` and the like start a section with a
backend's own code::

    def solow(k, n):
        for i in range(n):
            k = 0.3 * k ** 0.4 + 0.9 * k
        return k

    solow(0.2, 1000)
    %%numba
    def solow(k, n): ...
"""

import ast
import inspect
import re
import shlex
import types
from dataclasses import dataclass
from typing import Any

from jaxmagic.source import DEFINITION, arguments_of, evaluate, underlying

OWN_PYTHON = ("python", "numpy", "numba", "jax")
"""Sections with Python code for one backend of this kernel."""

LANGUAGES = ("c", "cpp", "fortran", "octave", "matlab", "julia", "torch")
"""Sections with code for another process; their headers may have flags for its compiler."""

SECTIONS = (*OWN_PYTHON, *LANGUAGES)
_HEADER = re.compile(r"%%(\w+)[ \t]*(.*)")


class CellError(Exception):
    """The text can't be understood; the message says what to write instead."""


@dataclass(frozen=True)
class Call:
    """What is to be timed: ``function(*arguments)``, with every argument filled in.

    ``source`` is how the user wrote it. ``given`` is the object that was called, which may be a
    compiled function; ``function`` is the Python function below it.
    """

    source: str
    function: types.FunctionType
    arguments: tuple[Any, ...]
    names: tuple[str, ...]
    given: Any


@dataclass(frozen=True)
class Section:
    """The text under one ``%%backend flags`` line, with blank lines so that line numbers stay."""

    backend: str
    text: str
    flags: tuple[str, ...] = ()


def split(cell: str, first_line: int = 1) -> tuple[str, list[Section]]:
    """The main part of ``cell`` and its sections; ``first_line`` is the number of its first line.

    Raises:
        CellError: a section has an unknown name, flags that it does not take, or occurs twice.
    """
    parts: list[tuple[str, tuple[str, ...], list[str]]] = [("", (), [""] * (first_line - 1))]
    for number, line in enumerate(cell.splitlines(), start=first_line):
        header = _HEADER.fullmatch(line.rstrip())
        if header is None:
            parts[-1][2].append(line)
            continue
        backend, flags = header.groups()
        if backend not in SECTIONS:
            known = ", ".join(f"%%{name}" for name in SECTIONS)
            message = f"line {number}: there is no section %%{backend}; there are {known}."
            raise CellError(message)
        if flags and backend not in LANGUAGES:
            message = f"line {number}: %%{backend} takes no flags, so remove {flags!r}."
            raise CellError(message)
        if any(backend == name for name, _, _ in parts):
            message = f"line {number}: there are two sections %%{backend}; keep one."
            raise CellError(message)
        parts.append((backend, _words(flags, number), [""] * number))
    main, *sections = (Section(name, "\n".join(lines), flags) for name, flags, lines in parts)
    return main.text, sections


def _words(flags: str, line: int) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(flags))
    except ValueError as error:
        message = f"line {line}: the flags {flags!r} can't be read ({error})."
        raise CellError(message) from None


def run_definitions(text: str, filename: str, namespace: dict[str, Any]) -> ast.expr | None:
    """Execute ``text`` in ``namespace`` but for a last line that is an expression; return that.

    An error in the code is the user's own, and passes through.
    """
    __tracebackhide__ = True
    tree = ast.parse(text, filename)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body.pop()
    exec(compile(tree, filename, "exec"), namespace)  # noqa: S102  it is the user's cell
    return last.value if isinstance(last, ast.Expr) else None


def call_of(expression: ast.expr, filename: str, namespace: dict[str, Any]) -> Call:
    """The call that ``expression`` makes, its arguments evaluated.

    A call of a function that the user wrote is taken as it is. Any other expression becomes a
    function of the arrays and numbers that it names.

    Raises:
        CellError: a keyword-only parameter or ``**kwargs`` would have to be passed by name.
    """
    __tracebackhide__ = True
    source = ast.unparse(expression)
    if isinstance(expression, ast.Call):
        given = evaluate(expression.func, filename, namespace)
        function = underlying(given)
        if function is not None:
            arguments, keywords = arguments_of(expression, filename, namespace)
            return bind(source, given, function, arguments, keywords)
    return _as_function(expression, source, filename, namespace)


def as_typed(expression: ast.expr, text: str) -> str:
    """``expression`` as it stands in ``text``, on one line."""
    return " ".join((ast.get_source_segment(text, expression) or "").split())


def bind(
    source: str,
    given: Any,
    function: types.FunctionType,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Call:
    """A call with all arguments by position, left-out defaults filled in.

    A default that is left out costs Numba some 20 microseconds in every call (numba#7615), which
    is not what is to be compared.

    Raises:
        CellError: there are keyword-only arguments, which can't be passed by position.
        TypeError: the arguments do not fit the function.
    """
    bound = inspect.signature(function).bind(*arguments, **keywords)
    bound.apply_defaults()
    if bound.kwargs:
        message = (
            f"{function.__name__} has keyword-only parameters ({', '.join(bound.kwargs)}): "
            "remove the * from its definition."
        )
        raise CellError(message)
    names = [
        name if parameter.kind != parameter.VAR_POSITIONAL else f"{name}[{number}]"
        for name, parameter in bound.signature.parameters.items()
        for number in range(
            1 if parameter.kind != parameter.VAR_POSITIONAL else len(bound.arguments[name])
        )
        if parameter.kind != parameter.VAR_KEYWORD
    ]
    return Call(source, function, bound.args, tuple(names), given)


def _as_function(
    expression: ast.expr, source: str, filename: str, namespace: dict[str, Any]
) -> Call:
    names = []
    for node in ast.walk(expression):
        if isinstance(node, ast.Name) and node.id not in names and node.id in namespace:
            value = namespace[node.id]
            if not (isinstance(value, types.ModuleType | type) or callable(value)):
                names.append(node.id)
    parameters = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    made = ast.copy_location(ast.Lambda(parameters, expression), expression)
    ast.fix_missing_locations(made)
    function = evaluate(made, filename, namespace)
    function.__name__ = "expression"
    setattr(function, DEFINITION, made)
    return Call(source, function, tuple(namespace[name] for name in names), tuple(names), function)
