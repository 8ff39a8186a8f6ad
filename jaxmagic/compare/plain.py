"""The form in which plain Python can run a function that was written for arrays.

* ``as it is``: numbers in, numbers out; NumPy's functions of numbers become those of ``math``.
* ``elements``: the function treats every element alike, so Python calls it for each.
* ``lists``: the function only indexes and iterates over its arrays, so they can be lists.

Anything else is refused: the user can give a ``%%python`` section. Which form holds is decided
from the syntax tree, never by trying whether lists happen to work (``a + b`` would).
"""

import ast
import itertools
import math
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxmagic.compare.values import (
    OwnCopies,
    free_arrays,
    holds_arrays,
    is_array,
    is_array_library,
)
from jaxmagic.measure.limit import Steps
from jaxmagic.source import (
    NoSourceError,
    all_uses,
    definition_of,
    own_functions,
    rebound,
    underlying,
)


class NoPlainFormError(Exception):
    """The function needs NumPy; the message is a sentence that says where."""


def _where(condition: Any, yes: Any, no: Any) -> Any:
    return yes if condition else no


_SAME_NAME = """
    sin cos tan exp expm1 log log2 log10 log1p sqrt floor ceil sinh cosh tanh hypot
    isnan isinf isfinite pi e inf nan
"""
_MATH: dict[str, Any] = {name: getattr(math, name) for name in _SAME_NAME.split()} | {
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arctan2": math.atan2,
    "arcsinh": math.asinh,
    "arccosh": math.acosh,
    "arctanh": math.atanh,
    "power": pow,
    "abs": abs,
    "absolute": abs,
    "fabs": math.fabs,
    "maximum": max,
    "minimum": min,
    "where": _where,
    "square": lambda x: x * x,
    "exp2": lambda x: 2.0**x,
}
_NAMES = {
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.IfExp: "an if",
    ast.If: "an if",
    ast.BoolOp: "an and or or",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.ListComp: "a loop",
    ast.GeneratorExp: "a loop",
    ast.keyword: "a keyword argument",
}
_ARRAYS_AS_LISTS = {"len", "enumerate", "zip", "sum", "min", "max", "sorted", "reversed"}


@dataclass(frozen=True)
class PlainForm:
    """How plain Python runs a call: ``restore(build(None)(*arguments))`` is its result.

    ``word`` names the form, and is empty for "as it is". ``build`` makes the function; given
    :class:`~jaxmagic.measure.limit.Steps`, one that counts its steps there.
    """

    word: str
    arguments: tuple[Any, ...]
    build: Callable[[Steps | None], Callable[..., Any]]
    restore: Callable[[Any], Any] = lambda result: result


def plain_form(function: types.FunctionType, arguments: tuple[Any, ...]) -> PlainForm:
    """The form in which plain Python runs ``function(*arguments)``.

    Raises:
        NoPlainFormError: there is none.
    """
    try:
        trees = {inner: definition_of(inner) for inner in own_functions(function)}
    except NoSourceError as error:
        raise NoPlainFormError(error) from error
    calls = _numpy_calls(function, trees)

    def on_numbers(steps: Steps | None) -> Callable[..., Any]:
        copies = OwnCopies()
        copy: Callable[..., Any] = rebound(
            function,
            lambda value: copies(_as_math(value)),
            extra={"range": steps.range} if steps else None,
        )
        return copy

    free = free_arrays(function)
    if free:
        message = f"it uses the array {free[0].name}"
        raise NoPlainFormError(message)
    if not any(map(holds_arrays, arguments)):
        _check_math(calls)
        return PlainForm("math" if calls else "", arguments, on_numbers)
    if not calls and _only_indexed(arguments, trees[function]):
        lists = tuple(a.tolist() if is_array(a) else a for a in arguments)
        return PlainForm("lists", lists, on_numbers)
    _check_math(calls)
    for inner, tree in trees.items():
        _check_elementwise(tree, inner.__globals__)
    return _element_by_element(arguments, on_numbers)


def _element_by_element(
    arguments: tuple[Any, ...], on_numbers: Callable[[Steps | None], Callable[..., Any]]
) -> PlainForm:
    if any(holds_arrays(a) and not is_array(a) for a in arguments):
        message = "an argument is a tree of arrays"
        raise NoPlainFormError(message)
    shape = np.broadcast_shapes(*(np.shape(a) for a in arguments))
    columns = tuple(
        np.broadcast_to(np.asarray(a), shape).ravel().tolist()
        if is_array(a)
        else itertools.repeat(a)
        for a in arguments
    )

    def build(steps: Steps | None) -> Callable[..., Any]:
        function = on_numbers(None)

        def each(*columns: Any) -> list[Any]:
            return [function(*row) for row in zip(*columns, strict=False)]

        def each_counted(*columns: Any) -> list[Any]:
            rows = zip(steps.range(math.prod(shape)), *columns, strict=False)  # type: ignore[union-attr]
            return [function(*row) for _, *row in rows]

        return each_counted if steps else each

    return PlainForm("elements", columns, build, lambda result: np.asarray(result).reshape(shape))


def loop_carried(function: types.FunctionType) -> tuple[str, int] | None:
    """A name that a loop reads before it sets it, so from the step before, and the line of that.

    None if there is no such loop, or no source.
    """
    try:
        tree = definition_of(function)
    except NoSourceError:
        return None
    for loop in ast.walk(tree):
        if isinstance(loop, ast.For | ast.While):
            read: dict[str, int] = {}
            stored: set[str] = set()
            for statement in loop.body:
                names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
                for node in names:
                    if isinstance(node.ctx, ast.Load) and node.id not in stored:
                        read.setdefault(node.id, node.lineno)
                stored |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
            for name, line in read.items():
                if name in stored:
                    return name, line
    return None


class _Math(types.SimpleNamespace):
    """Stands in for NumPy where all values are Python numbers."""


def _as_math(value: Any) -> Any:
    if not is_array_library(value):
        return value
    if isinstance(value, types.ModuleType):
        return _Math(**_MATH)
    return _MATH.get(value.__name__, value)


def _numpy_calls(
    function: types.FunctionType, trees: dict[types.FunctionType, Any]
) -> list[tuple[str, int]]:
    """The names of NumPy that the functions use, each with its line."""
    modules = {
        use.name
        for use in all_uses(function)
        if is_array_library(use.value) and isinstance(use.value, types.ModuleType)
    }
    bare = {use.name for use in all_uses(function) if is_array_library(use.value)} - modules
    found = []
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in bare:
                found.append((node.id, node.lineno))
            of_module = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in modules
            if isinstance(node, ast.Attribute) and of_module:
                found.append((node.attr, node.lineno))
    return found


def _check_math(calls: list[tuple[str, int]]) -> None:
    for name, line in calls:
        if name not in _MATH:
            message = f"line {line} uses NumPy's {name}"
            raise NoPlainFormError(message)


def _check_elementwise(  # noqa: C901  one case for each kind of syntax
    tree: ast.FunctionDef | ast.Lambda, names: dict[str, Any]
) -> None:
    """Refuse everything that could mix elements or ask for the array as a whole."""
    body = tree.body if isinstance(tree, ast.FunctionDef) else [ast.Return(tree.body)]
    for node in itertools.chain.from_iterable(ast.walk(statement) for statement in body):
        bad = None
        match node:
            case ast.Call(func=ast.Name(id=name)):
                called = names.get(name)
                fine = name in {"abs", "float", "range"} or underlying(called) is not None
                bad = None if fine or is_array_library(called) else f"calls {name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                if not is_array_library(names.get(name)):
                    bad = f"calls a method of {name}"
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                if not is_array_library(names.get(name)):
                    bad = f"asks for {name}.{attribute}"
            case ast.Return(value=ast.Tuple() | ast.List() | ast.Dict() | None):
                bad = "returns more than one value"
            case ast.BinOp(op=ast.MatMult()):
                bad = "multiplies matrices"
            case ast.For(iter=ast.Call(func=ast.Name(id="range"))):
                pass
            case (
                ast.Assign()
                | ast.AugAssign()
                | ast.Return()
                | ast.Expr()
                | ast.expr_context()
                | ast.operator()
                | ast.unaryop()
                | ast.cmpop()
                | ast.Constant()
                | ast.Name()
                | ast.BinOp()
                | ast.UnaryOp()
                | ast.Compare()
                | ast.Call()
                | ast.AnnAssign()
            ):
                pass
            case _:
                bad = f"has {_NAMES.get(type(node), 'a construct')} that needs the array as a whole"
        if bad:
            line = getattr(node, "lineno", tree.lineno)
            message = f"line {line} {bad}"
            raise NoPlainFormError(message)


def _only_indexed(arguments: tuple[Any, ...], tree: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether all arrays have one dimension and are only indexed, iterated over or returned."""
    parameters = [parameter.arg for parameter in tree.args.posonlyargs + tree.args.args]
    arrays = set()
    for name, argument in zip(parameters, arguments, strict=False):
        if is_array(argument) and np.ndim(argument) == 1:
            arrays.add(name)
        elif holds_arrays(argument):
            return False
    allowed: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name() as array, slice=index):
                if not isinstance(index, ast.Slice | ast.Tuple):
                    allowed.add(id(array))
            case ast.For(iter=ast.Name() as array) | ast.comprehension(iter=ast.Name() as array):
                allowed.add(id(array))
            case ast.Return(value=ast.Name() as array):
                allowed.add(id(array))
            case ast.Call(func=ast.Name(id=name), args=inputs) if name in _ARRAYS_AS_LISTS:
                allowed |= {id(argument) for argument in inputs}
    return all(
        id(node) in allowed
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in arrays
    )
