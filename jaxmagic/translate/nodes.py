"""Pieces of syntax trees, each with the place in the original that it stands for."""

import ast
from collections.abc import Sequence
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)


def at(node: _Node, where: ast.AST) -> _Node:
    """``node`` with the place of ``where``, given also to all inside it that have none."""
    if not hasattr(node, "lineno"):
        ast.copy_location(node, where)
    return ast.fix_missing_locations(node)


def load(name: str) -> ast.expr:
    """``name``, as a value."""
    return ast.Name(name, ast.Load())


def call(name: str, arguments: list[ast.expr], where: ast.AST) -> ast.expr:
    """``name(*arguments)``."""
    return at(ast.Call(load(name), arguments, []), where)


def later(value: ast.expr) -> ast.expr:
    """``lambda: value``."""
    return at(ast.Lambda(plain([]), value), value)


def plain(names: Sequence[str]) -> ast.arguments:
    """Parameters without defaults."""
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


def define(name: str, given: Sequence[str], body: list[ast.stmt], where: ast.AST) -> ast.stmt:
    """``def name(*given): body``."""
    return at(function(name, plain(given), body), where)


def function(name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    """A definition without decorators, in the form of this Python."""
    made = ast.FunctionDef(name, arguments, body, [])
    if hasattr(ast, "TypeAlias"):
        made.type_params = []  # must be there from Python 3.12 on, and from 3.13 on is by itself
    return made


def give_back(names: Sequence[str], where: ast.AST) -> ast.stmt:
    """``return a, b``."""
    loads = [load(name) for name in names]
    value = loads[0] if len(loads) == 1 else ast.Tuple(loads, ast.Load())
    return at(ast.Return(value), where)


def assign(name: str, value: ast.expr, where: ast.AST) -> ast.stmt:
    """``name = value``."""
    return at(ast.Assign([ast.Name(name, ast.Store())], value), where)


def assign_all(names: Sequence[str], value: ast.expr, where: ast.AST) -> ast.stmt:
    """``a, b = value``."""
    if len(names) == 1:
        return assign(names[0], value, where)
    stores: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    return at(ast.Assign([ast.Tuple(stores, ast.Store())], value), where)
