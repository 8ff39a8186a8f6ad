"""From the text of a call to its function and its arguments, without calling it.

An argument may be a type in JAX's own short form instead of an array: ``f32[1000, 10]``.
"""

import ast
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jaxmagic.source import arguments_of, evaluate

_DTYPES = {
    "bool": "bool",
    "bf16": "bfloat16",
    **{f"f{bits}": f"float{bits}" for bits in (16, 32, 64)},
    **{f"i{bits}": f"int{bits}" for bits in (4, 8, 16, 32, 64)},
    **{f"u{bits}": f"uint{bits}" for bits in (4, 8, 16, 32, 64)},
    **{f"c{bits}": f"complex{bits}" for bits in (64, 128)},
}


class AskError(Exception):
    """The text is no call; the message is a sentence that says what to type."""


@dataclass(frozen=True)
class Call:
    """A call that was not made: its function, its arguments, and the text of it."""

    function: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    code: str


def call_of(code: str, namespace: dict[str, Any], filename: str = "<call>") -> Call:
    """The call that ``code`` is, its function and its arguments evaluated in ``namespace``, once.

    A name such as ``f32`` that the namespace has is the user's own.

    Raises:
        AskError: it is no call.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    expression = _parse(_with_shapes(code), filename)
    call = expression.body
    if not isinstance(call, ast.Call):
        message = "write a call, such as f(x): it is not made, only traced."
        raise AskError(message)
    types = _Types(namespace)
    call = types.visit(call)
    function = evaluate(call.func, filename, namespace, types.found)
    args, kwargs = arguments_of(call, filename, namespace, types.found)
    return Call(function, args, kwargs, code.strip())


class ShortType:
    """A dtype; ``f32[4, 3]`` is the type of an array, a ``jax.ShapeDtypeStruct``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, shape: Any) -> Any:
        """The type of arrays of this shape.

        Raises:
            AskError: that is no shape.
        """
        import jax  # noqa: PLC0415  only once something is asked
        import jax.numpy as jnp  # noqa: PLC0415  as above

        sizes = shape if isinstance(shape, tuple) else (shape,)
        if not all(type(size) is int and size >= 0 for size in sizes):
            message = f"a shape is of whole numbers, such as f32[1000, 10], and not {shape!r}."
            raise AskError(message)
        return jax.ShapeDtypeStruct(sizes, jnp.dtype(_DTYPES[self._name]))


class _Types(ast.NodeTransformer):
    """Puts our types where a dtype has a shape behind it, unless the name is the user's own."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.found: dict[str, Any] = {}
        self._namespace = namespace

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name in _DTYPES and name not in self._namespace:
            ours = f"<{name}>"  # no name that a user could have
            self.found[ours] = ShortType(name)
            node.value = ast.copy_location(ast.Name(ours, ast.Load()), node.value)
        return self.generic_visit(node)


def _with_shapes(code: str) -> str:
    """The code with ``f32[]``, which is no Python, as ``f32[()]``."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code.strip()).readline))
    except (tokenize.TokenError, SyntaxError):
        return code  # Python says what is wrong with it
    pieces = []
    for n, token in enumerate(tokens):
        last = [one.string for one in tokens[max(n - 2, 0) : n + 1]]
        if last[1:] == ["[", "]"] and last[0] in _DTYPES:
            pieces += [(tokenize.OP, "("), (tokenize.OP, ")")]
        pieces.append((token.type, token.string))
    return tokenize.untokenize(pieces)


def _parse(code: str, filename: str) -> ast.Expression:
    __tracebackhide__ = True
    try:
        return ast.parse(code.strip(), filename, mode="eval")
    except SyntaxError as error:
        message = f"this is no Python expression ({error.msg}): write a call, such as f(x)."
        raise AskError(message) from None
