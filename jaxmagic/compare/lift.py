"""A function's free arrays as leading parameters, for compilers that freeze globals.

Numba compiles a global array into the program as a constant. Here the definitions are rewritten
so that the array is passed in, through every function of the user that needs it::

    def f(x):            def f(grid, x):
        return g(x)          return g(grid, x)
"""

import ast
import inspect
import types
from typing import Any

from jaxmagic.compare.values import free_arrays, holds_arrays
from jaxmagic.source import (
    NoSourceError,
    all_uses,
    copied,
    definition_of,
    evaluate,
    is_numba_compiled,
    own_functions,
    underlying,
)


class NoLiftError(Exception):
    """An array can't be made a parameter; the message is a sentence that says why."""


def lifted(function: types.FunctionType) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """``function`` with its free arrays as first parameters, and these arrays.

    Functions that use no free array come back as they are.

    Raises:
        NoLiftError: the source is missing, or a function that needs the array is used as a value.
    """
    uses = free_arrays(function)
    if not uses:
        return function, ()
    for use in all_uses(function):
        if holds_arrays(use.value) and use.name in inspect.signature(use.function).parameters:
            message = f"{use.function.__name__} has it as a default"
            raise NoLiftError(message)
    arrays = {use.name: use.value for use in uses}
    if len(arrays) < len(uses):
        message = "two different arrays of the same name are used"
        raise NoLiftError(message)
    needed = {inner: [use.name for use in free_arrays(inner)] for inner in own_functions(function)}
    namespace = dict(function.__globals__)
    made = {inner: _rewritten(inner, needed, namespace) for inner, names in needed.items() if names}
    for name, value in function.__globals__.items():
        inner = underlying(value)
        if inner in made:
            if value is not inner and is_numba_compiled(value) and _has_options(value):
                message = f"{name} was compiled by Numba with options of its own"
                raise NoLiftError(message)
            namespace[name] = made[inner]
    return made[function], tuple(arrays[name] for name in needed[function])


def _has_options(dispatcher: Any) -> bool:
    options = {key: value for key, value in dispatcher.targetoptions.items() if value is not None}
    return options != {"nopython": True}


def _rewritten(
    function: types.FunctionType,
    needed: dict[types.FunctionType, list[str]],
    namespace: dict[str, Any],
) -> types.FunctionType:
    name = function.__name__
    if function.__closure__:
        message = f"{name} is a closure"
        raise NoLiftError(message)
    if function.__globals__.keys() - namespace.keys():
        message = f"{name} is from another module"
        raise NoLiftError(message)
    own = inspect.signature(function).parameters
    if any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in own.values()):
        message = f"{name} has parameters that can only be given in one way (*, /)"
        raise NoLiftError(message)
    if own.keys() & set(needed[function]):
        message = f"a parameter of {name} has the array's name"
        raise NoLiftError(message)
    try:
        definition = copied(definition_of(function))
    except NoSourceError as error:
        raise NoLiftError(error) from error
    callees = {
        called: needed[inner]
        for called, value in function.__globals__.items()
        if (inner := underlying(value)) is not None and needed.get(inner)
    }
    _PassArrays(callees).visit(definition)
    definition.args.args = [ast.arg(name) for name in [*needed[function], *own]]
    definition.args.defaults = []  # they are put on the function below, as they were evaluated
    made = _compiled(definition, function.__code__.co_filename, namespace)
    made.__defaults__ = function.__defaults__
    return made


def _compiled(
    definition: ast.FunctionDef | ast.Lambda, filename: str, namespace: dict[str, Any]
) -> types.FunctionType:
    made: types.FunctionType
    ast.fix_missing_locations(definition)
    if isinstance(definition, ast.Lambda):
        made = evaluate(definition, filename, namespace)
        return made
    definition.decorator_list = []
    found: dict[str, Any] = {}
    exec(compile(ast.Module([definition], []), filename, "exec"), namespace, found)  # noqa: S102
    made = found[definition.name]
    return made


class _PassArrays(ast.NodeTransformer):
    """Adds the arrays to calls of the functions that need them."""

    def __init__(self, callees: dict[str, list[str]]) -> None:
        self._callees = callees

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if isinstance(node.func, ast.Name) and node.func.id in self._callees:
            names = self._callees[node.func.id]
            node.args = [ast.Name(name, ast.Load()) for name in names] + [
                self.visit(argument) for argument in node.args
            ]
            node.keywords = [self.visit(keyword) for keyword in node.keywords]
            return node
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in self._callees:
            message = f"line {node.lineno} uses {node.id} as a value, not as a call"
            raise NoLiftError(message)
        return node
