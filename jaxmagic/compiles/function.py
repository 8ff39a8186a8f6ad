"""What is compiled: its name, where it was written, and whether it is the same as another one."""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, MethodType
from typing import Any, Literal

from jaxmagic._jax import behind_boundary, is_jax_file, primitive_parameters
from jaxmagic.cells import is_users_file, without_number
from jaxmagic.pytree.names import clean, module_name, type_name

Made = Literal["function", "lambda", "partial", "bound method", "object", "transform"]

_DEEPEST = 12
_MOST_KNOWN = 200


@dataclass(frozen=True)
class Function:
    """A function as it was given to ``jax.jit``.

    ``key`` is equal for function objects of the same code at the same place, ``home`` for those
    that were given the same name there. ``holds`` says that it closes over something.
    """

    name: str
    module: str
    file: str
    is_jax: bool
    key: tuple[Any, ...]
    home: tuple[str, ...]
    made: Made
    holds: bool = False
    object: Any = field(default=None, compare=False)

    def is_object(self, function: Any) -> bool:
        """Whether this describes that very object."""
        return self.object is not None and self.object() is function


def describe(function: Any) -> Function:
    """Look at a function, through partials, methods and what wraps it; nothing is called.

    A function object that was looked at lately is not looked at again.
    """
    known = _KNOWN.get(id(function))
    if known is not None and known.is_object(function):
        return known
    found = _look_at(function)
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[id(function)] = found
    return found


_KNOWN: dict[int, Function] = {}  # by the identity of the object, which is held weakly


def _look_at(function: Any) -> Function:
    if primitive_parameters(function) is not None:
        name = clean(_name(function))
        module = clean(str(getattr(function, "__module__", "")))
        return Function(name, module, "", True, ("primitive", name), (), "function")  # noqa: FBT003
    layers = list(_layers(function))
    codes = [code for _, code in layers if code is not None]
    users = [code for code in codes if is_users_file(code.co_filename)]
    code = (users or codes)[-1] if codes else None
    innermost = layers[-1][0]
    name = _name(innermost)
    for layer, its_code in reversed(layers[:-1]):
        name = _around(layer, its_code, name)
    key = tuple(
        (type_name(type(layer)),)
        if its_code is None
        else (without_number(its_code.co_filename), its_code.co_qualname, hash(its_code))
        for layer, its_code in layers
    )
    says = getattr(innermost, "__module__", None)
    module = says if isinstance(says, str) else module_name(type(innermost))
    return Function(
        name=clean(name),
        module=clean(module),
        file=clean(code.co_filename, 200) if code else "",
        is_jax=all(is_jax_file(its_code.co_filename) for its_code in codes),
        key=(*key, _name(function)),
        home=() if "<lambda>" in name or code is None else (module, code.co_qualname, name),
        made=_made(layers),
        holds=any(getattr(layer, "__closure__", None) for layer, c in layers if c in users),
        object=_weak(function),
    )


def _layers(function: Any) -> Iterator[tuple[Any, CodeType | None]]:
    """What ``function`` is made of, from outside, each with its code where it has one."""
    for _ in range(_DEEPEST):
        if isinstance(function, partial):
            yield function, None
            function = function.func
        elif isinstance(function, MethodType):
            yield function, None
            function = function.__func__
        else:
            inner = getattr(function, "__wrapped__", None)
            function = behind_boundary(function) or function
            code = getattr(function, "__code__", None)
            if not isinstance(code, CodeType):
                code = None
                if inner is None:
                    called = type(function).__call__ if callable(function) else None
                    code = getattr(called, "__code__", None)
            yield function, code
            if inner is None:
                return
            function = inner


def _name(function: Any) -> str:
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    if isinstance(name, str):
        return name.rpartition("<locals>.")[2]
    return type_name(type(function))


def _around(layer: Any, code: CodeType | None, name: str) -> str:
    """The name of a layer around a function: ``grad(f)``, ``partial(f)``."""
    if isinstance(layer, partial):
        return f"partial({name})"
    if code is None or not is_jax_file(code.co_filename):
        return name
    transform, inside, _ = code.co_qualname.partition(".<locals>")
    known = inside and transform.isidentifier() and not transform.startswith(("_", "api_boundary"))
    return f"{transform}({name})" if known else name


def _made(layers: list[tuple[Any, CodeType | None]]) -> Made:
    outer, code = layers[0]
    if isinstance(outer, partial):
        return "partial"
    if isinstance(outer, MethodType):
        return "bound method"
    if len(layers) > 1 and code is not None and is_jax_file(code.co_filename):
        return "transform"
    if code is not None and "<lambda>" in code.co_name:
        return "lambda"
    return "function" if hasattr(outer, "__code__") else "object"


def _weak(function: Any) -> Any:
    try:
        return weakref.ref(function)
    except TypeError:
        return None
