"""What a call does with the leaves, as text: the body of a lambda, or the name of a function."""

import ast
import types
from dataclasses import dataclass

from jaxmagic.pytree.mapped.call import Argument, source_text
from jaxmagic.pytree.names import clean, type_name
from jaxmagic.source import NoSourceError, definition_of

LONGEST = 60

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """``text`` is what is done, ``written`` how the function stands in the call.

    Of a lambda, ``parameters`` are the names that its leaves have; ``sign`` is the operator if
    it does nothing but to put its two parameters, in their order, on both sides of it.
    """

    text: str
    written: str
    parameters: tuple[str, ...] = ()
    sign: str = ""


def operation(argument: Argument, code: str) -> Operation:
    """The operation of the function that was given as ``argument`` in ``code``.

    Without code, the source of a lambda is looked for in its file.
    """
    node: ast.AST | None = argument.node
    function = argument.value
    if node is None and _is_lambda(function):
        try:
            node, code = definition_of(function), ""
        except NoSourceError:
            node = None
    if isinstance(node, ast.Lambda):
        return _of_lambda(node, code)
    text = clean(argument.text or _name(function), LONGEST)
    return Operation(text, text)


def _is_lambda(function: object) -> bool:
    return isinstance(function, types.FunctionType) and function.__name__ == "<lambda>"


def _name(function: object) -> str:
    """What a function is called; an object of the user's is not asked."""
    if _is_lambda(function):
        return "lambda"
    if isinstance(function, types.FunctionType | types.BuiltinFunctionType):
        return function.__name__
    if isinstance(function, type):
        return type_name(function)
    inner = getattr(function, "__wrapped__", None)
    if isinstance(inner, types.FunctionType):
        return inner.__name__
    return type_name(type(function))


def _of_lambda(node: ast.Lambda, code: str) -> Operation:
    body = source_text(code, node.body) if code else ast.unparse(node.body)
    written = source_text(code, node) if code else ast.unparse(node)
    arguments = node.args
    names = tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args))
    return Operation(
        clean(body, LONGEST), clean(written, LONGEST), tuple(map(clean, names)), _sign(node, names)
    )


def _sign(node: ast.Lambda, names: tuple[str, ...]) -> str:
    match node.body:
        case ast.BinOp(ast.Name(left), operator, ast.Name(right)) if (left, right) == names:
            return _SIGNS[type(operator)]
    return ""
