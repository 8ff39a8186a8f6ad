"""A function's free arrays as leading parameters, for compilers that freeze globals.

Numba compiles a global array into the program as a constant. Here the definitions are rewritten
so that the array is passed in, through every function of the user that needs it::

    def f(x):            def f(grid, x):
        return g(x)          return g(grid, x)
"""

import ast
import inspect
import textwrap
import types
from typing import Any

from jaxmagic.compare.functions import all_uses, underlying
from jaxmagic.compare.values import free_arrays, holds_arrays


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
    needed = _needs(function)
    arrays = {use.name: use.value for use in uses}
    if len(arrays) < len(uses):
        message = "two different arrays of the same name are used"
        raise NoLiftError(message)
    namespace = dict(function.__globals__)
    for inner, names in needed.items():
        if names:
            namespace[inner.__name__] = _rewritten(inner, needed, namespace)
    top: types.FunctionType = namespace[function.__name__]
    return top, tuple(arrays[name] for name in needed[function])


def _needs(function: types.FunctionType) -> dict[types.FunctionType, list[str]]:
    """For each function that is reached, the free arrays that it or its callees use."""
    reached = {function: None}
    for use in all_uses(function):
        inner = underlying(use.value)
        if inner is not None:
            reached[inner] = None
    return {inner: [use.name for use in free_arrays(inner)] for inner in reached}


def _rewritten(
    function: types.FunctionType,
    needed: dict[types.FunctionType, list[str]],
    namespace: dict[str, Any],
) -> types.FunctionType:
    if function.__closure__:
        message = f"{function.__name__} is a closure"
        raise NoLiftError(message)
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, SyntaxError):
        tree = ast.Module([], [])
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        message = f"{function.__name__} is not a plain function with its source at hand"
        raise NoLiftError(message)
    ast.increment_lineno(tree, first - 1)
    definition = tree.body[0]
    definition.decorator_list = []
    own = inspect.signature(function).parameters
    if any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in own.values()):
        message = f"{function.__name__} has parameters that can only be given in one way (*, /)"
        raise NoLiftError(message)
    if own.keys() & set(needed[function]):
        message = f"a parameter of {function.__name__} has the array's name"
        raise NoLiftError(message)
    definition.args.args = [ast.arg(name) for name in [*needed[function], *own]]
    definition.args.defaults = []  # they are put on the function below, as they were evaluated
    callees = {
        name: needed[inner]
        for name, value in function.__globals__.items()
        if (inner := underlying(value)) is not None and needed.get(inner)
    }
    _PassArrays(callees).visit(definition)
    ast.fix_missing_locations(tree)
    code = compile(tree, function.__code__.co_filename, "exec")
    exec(code, namespace)  # noqa: S102  the user's own definition, with more parameters
    made: types.FunctionType = namespace[function.__name__]
    made.__defaults__ = function.__defaults__
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
