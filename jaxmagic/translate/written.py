"""A translation as text with its lines, and as a function that keeps the original lines."""

import ast
import copy
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from jaxmagic.source import copied, underlying
from jaxmagic.translate.scope import MISSING, Program, value_of
from jaxmagic.translate.trace import MARK

_SHOWN = (bool, int, float, complex, str)


def written(program: Program) -> tuple[str, dict[int, int]]:
    """The text of all functions, and for a line of it the line of the original."""
    lines: list[tuple[str, int | None]] = [(text, None) for text in _imports(program)]
    constants = _constants(program)
    if constants:
        lines += [("", None), *((f"{name} = {value!r}", None) for name, value in constants.items())]
    for done in program.done.values():
        lines += [("", None), ("", None), *_lines(done.definition, "")]
    text = "".join(f"{line}\n" for line, _ in lines)
    origin = {number: line for number, (_, line) in enumerate(lines, 1) if line is not None}
    return text.lstrip("\n"), origin


def compiled(program: Program) -> types.FunctionType:
    """The function, whose code has the file and the lines of the original."""
    made: dict[str, types.FunctionType] = {}
    for done in program.done.values():
        original = done.function
        namespace: dict[str, Any] = dict(original.__globals__)
        namespace.update(_cells(original))
        for (module, name), known_as in program.imports.items():
            home = import_module(module)
            namespace[known_as] = home if name is None else getattr(home, name)
        namespace.update(made)
        namespace[MARK] = True
        made[done.definition.name] = _compiled(done.definition, original, namespace, made, program)
    return made[program.names[program.main]]


def _compiled(
    definition: ast.FunctionDef,
    original: types.FunctionType,
    namespace: dict[str, Any],
    made: dict[str, types.FunctionType],
    program: Program,
) -> types.FunctionType:
    bare = copied(definition)
    bare.args.defaults = []
    bare.args.kw_defaults = [None for _ in bare.args.kw_defaults]
    module = ast.fix_missing_locations(ast.Module([bare], []))
    found: dict[str, Any] = {}
    code = compile(module, original.__code__.co_filename, "exec")
    exec(code, namespace, found)  # noqa: S102  it is the user's own function, rewritten
    function: types.FunctionType = found[definition.name]

    def exchanged(value: Any) -> Any:
        own = underlying(value)
        return value if own is None else made.get(program.names.get(own, ""), value)

    function.__defaults__ = tuple(map(exchanged, original.__defaults__ or ())) or None
    given = original.__kwdefaults__ or {}
    function.__kwdefaults__ = {name: exchanged(value) for name, value in given.items()} or None
    function.__doc__, function.__module__ = original.__doc__, original.__module__
    return function


def _cells(function: types.FunctionType) -> dict[str, Any]:
    found = {name: value_of(function, name) for name in function.__code__.co_freevars}
    return {name: value for name, value in found.items() if value is not MISSING}


def _imports(program: Program) -> Iterator[str]:
    grouped: dict[str, list[str]] = {}
    plain = []
    for (module, name), known_as in program.imports.items():
        if name is not None:
            shown = name if name == known_as else f"{name} as {known_as}"
            grouped.setdefault(module, []).append(shown)
        elif module == known_as:
            plain.append(f"import {module}")
        else:
            home, _, last = module.rpartition(".")
            if last == known_as:
                plain.append(f"from {home} import {last}")
            else:
                plain.append(f"import {module} as {known_as}")
    yield from sorted(plain)
    for module in sorted(grouped):
        yield f"from {module} import {', '.join(sorted(grouped[module]))}"


def _constants(program: Program) -> dict[str, Any]:
    """The user's global numbers and texts, so that the text can be run elsewhere."""
    found: dict[str, Any] = {}
    for done in program.done.values():
        code = done.function.__code__
        for name in sorted({*code.co_names, *code.co_freevars}):
            value = value_of(done.function, name)
            used = any(
                isinstance(node, ast.Name) and node.id == name for node in ast.walk(done.definition)
            )
            if used and type(value) in _SHOWN:
                found[name] = value
    return found


def _lines(node: ast.stmt, indent: str) -> Iterator[tuple[str, int | None]]:
    """The text of a statement, line by line, each with the line of its original."""
    if not isinstance(node, ast.FunctionDef):
        for line in _unparsed(node).splitlines():
            yield indent + line, node.lineno
        return
    bare = copy.copy(node)
    bare.body = [ast.Pass()]
    header = ast.unparse(bare).splitlines()[0]
    comment = f"  # line {node.lineno}" if indent else ""
    yield f"{indent}{header}{comment}", node.lineno
    for statement in node.body:
        yield from _lines(statement, f"{indent}    ")


def _unparsed(node: ast.stmt) -> str:
    """The text of a statement, tuples without parentheses where Python needs none."""
    match node:
        case ast.Return(value=ast.expr() as value):
            return f"return {_bare(value)}"
        case ast.Assign(targets=targets, value=value):
            return " = ".join(map(_bare, [*targets, value]))
    return ast.unparse(node)


def _bare(value: ast.expr) -> str:
    if isinstance(value, ast.Tuple) and len(value.elts) > 1:
        return ", ".join(map(ast.unparse, value.elts))
    return ast.unparse(value)
