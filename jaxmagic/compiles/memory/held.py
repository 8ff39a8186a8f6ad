"""What an object of Python holds, one level of it, without running code of the user's.

>>> [(kind, list(pairs)) for kind, _, pairs in held({"w": 1, "b": 2}, {})]
[('item', [('w', 1), ('b', 2)])]
"""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from sys import getrefcount
from types import (
    CodeType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, Literal

Way = Literal["item", "attribute", "same", "closure", "default", "global", "local"]
"""How a child is reached: "same" is what a wrapper wraps, the others speak for themselves."""

Held = tuple[Way, str, Iterable[tuple[Any, Any]]]
"""Children with their keys. The text is the function or the module that they belong to."""

Readers = dict[int, tuple[Callable[[Any], Any] | None, list[Any], bool]]
"""How the attributes of each type met so far are read, by the identity of the type."""

_PLAIN = (int, float, str, bool, bytes, complex, NoneType, CodeType, range, slice)
PLAIN = frozenset(map(id, _PLAIN))
"""Types of objects that hold nothing, by identity: a type of the user's may not compare."""

_STRANGERS = frozenset(
    {
        *("IPython", "ipykernel", "traitlets", "jupyter_client", "zmq", "tornado", "asyncio"),
        *("_io", "ast", "concurrent", "ipywidgets", "comm", "logging", "matplotlib", "numpy"),
        *("re", "threading", "_thread", "weakref", "importlib", "_frozen_importlib_external"),
        *("_frozen_importlib", "jaxlib", "jaxmagic", "subprocess", "pathlib", "datetime"),
    }
)
_LIBRARIES = _STRANGERS | {"jax", "builtins", "functools", "contextlib", "flax", "optax"}
_OF_JAX = frozenset({"consts", "_consts", "jaxpr", "_jaxpr", "_data", "_refs", "_buf"})
_HEAP_TYPE = 1 << 9  # of those made in Python; Py_TPFLAGS_HEAPTYPE
_NOBODY_ELSES = 3  # references to a frame's copy of its variables: the frame, ours, the question


def held(thing: Any, readers: Readers) -> Iterator[Held]:
    """The children of ``thing``, by how they are reached.

    Reads containers, attributes (no properties), functions, tracebacks and modules of users.
    """
    kind = type(thing)
    for base, read in _READ:
        if issubclass(kind, base):
            yield from read(thing)
            break
    else:
        if type.__dict__["__name__"].__get__(kind) == "PjitFunction":  # what jax.jit gives
            yield "same", "", [(None, vars(thing).get("__wrapped__"))]
        yield "attribute", "", _attributes(thing, kind, readers)
    if issubclass(kind, BaseException):
        yield "attribute", "", _attributes(thing, kind, readers)


def variables(frame: FrameType) -> list[tuple[str, Any]]:
    """The variables of a function's call; none of a module's, which has its own.

    Before Python 3.13 asking for them leaves a copy in the frame, which would keep them alive
    when they are deleted. So that is emptied, unless somebody else has it, too.
    """
    if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return []
    copy = frame.f_locals
    found = list(copy.items())
    if type(copy) is dict and getrefcount(copy) <= _NOBODY_ELSES:
        copy.clear()
    return found


def _is_of(module: Any, packages: frozenset[str]) -> bool:
    return type(module) is not str or module.partition(".")[0] in packages


def _of_dict(thing: Any) -> Iterator[Held]:
    yield "item", "", dict.items(thing)


def _of_list(thing: Any) -> Iterator[Held]:
    yield "item", "", enumerate(list.__iter__(thing))


def _of_deque(thing: Any) -> Iterator[Held]:
    yield "item", "", enumerate(deque.__iter__(thing))


def _of_tuple(thing: Any) -> Iterator[Held]:
    fields = type.__dict__["__dict__"].__get__(type(thing)).get("_fields")
    if type(fields) is tuple and len(fields) == tuple.__len__(thing):
        yield "attribute", "", zip(fields, tuple.__iter__(thing), strict=True)
    else:
        yield "item", "", enumerate(tuple.__iter__(thing))


def _of_method(method: Any) -> Iterator[Held]:
    yield "same", "", [(None, method.__func__)]
    yield "attribute", "", [("__self__", method.__self__)]


def _of_partial(thing: Any) -> Iterator[Held]:
    read = functools.partial.__dict__
    names = ("func", "args", "keywords")
    yield "attribute", "", [(name, read[name].__get__(thing)) for name in names]


def _of_module(module: Any) -> Iterator[Held]:
    values = object.__getattribute__(module, "__dict__")
    if not _is_of(values.get("__name__"), _LIBRARIES):
        yield "attribute", "", values.items()


def _of_class(kind: Any) -> Iterator[Held]:
    if not _is_of(type.__dict__["__module__"].__get__(kind), _LIBRARIES):
        yield "attribute", "", type.__dict__["__dict__"].__get__(kind).items()


def _of_function(function: FunctionType) -> Iterator[Held]:
    """What it closed over, its defaults, and the globals of another module that it uses."""
    code, values = function.__code__, function.__globals__
    if function.__closure__:
        filled = []
        for name, cell in zip(code.co_freevars, function.__closure__, strict=True):
            try:
                filled.append((name, cell.cell_contents))
            except ValueError:  # a variable that has no value yet
                continue
        yield "closure", "", filled
    if function.__defaults__:
        last = code.co_varnames[: code.co_argcount][-len(function.__defaults__) :]
        yield "default", "", zip(last, function.__defaults__, strict=False)
    if function.__kwdefaults__:
        yield "default", "", function.__kwdefaults__.items()
    if function.__dict__:
        own = function.__dict__
        yield "same", "", [(None, own.get("__wrapped__"))]
        yield "attribute", "", [pair for pair in own.items() if pair[0] != "__wrapped__"]
    module = values.get("__name__")
    if module != "__main__" and not _is_of(module, _LIBRARIES):
        used = [(name, values[name]) for name in code.co_names if name in values]
        yield "global", str(module), used


def _of_error(error: BaseException) -> Iterator[Held]:
    """The variables of the calls in its traceback, innermost first, and the errors behind it."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    for frame in reversed(frames):
        yield "local", frame.f_code.co_name, variables(frame)
    yield "same", "", [(None, BaseException.__dict__["__cause__"].__get__(error))]
    yield "same", "", [(None, BaseException.__dict__["__context__"].__get__(error))]
    yield "attribute", "", [("args", BaseException.__dict__["args"].__get__(error))]


def _attributes(thing: Any, kind: type, readers: Readers) -> Iterator[tuple[str, Any]]:
    """Attributes that lie in the object itself; of objects of JAX, those that hold arrays."""
    if id(kind) not in readers:
        readers[id(kind)] = _reading(kind)
    of_dict, slots, is_of_jax = readers[id(kind)]
    if of_dict is not None:
        values = of_dict(thing)
        if type(values) is dict:
            yield from ((n, v) for n, v in values.items() if not is_of_jax or n in _OF_JAX)
    for name, read in slots:
        try:
            yield name, read(thing)
        except AttributeError:  # a slot that is empty
            continue


def _reading(kind: type) -> tuple[Callable[[Any], Any] | None, list[Any], bool]:
    """How the attributes of a type's objects are read without its own ``__getattribute__``."""
    module = type.__dict__["__module__"].__get__(kind)
    is_of_jax = type(module) is str and module.partition(".")[0] == "jax"
    if _is_of(module, _STRANGERS):
        return None, [], is_of_jax
    of_dict = None
    slots = []
    for base in type.__dict__["__mro__"].__get__(kind):
        members = type.__dict__["__dict__"].__get__(base)
        own = members.get("__dict__")
        if of_dict is None and type(own) in (GetSetDescriptorType, MemberDescriptorType):
            of_dict = own.__get__
        if type.__dict__["__flags__"].__get__(base) & _HEAP_TYPE:
            slots += [
                (name, member.__get__)
                for name, member in members.items()
                if type(member) is MemberDescriptorType and (not is_of_jax or name in _OF_JAX)
            ]
    return of_dict, slots, is_of_jax


_READ: tuple[tuple[type, Callable[[Any], Iterator[Held]]], ...] = (
    (dict, _of_dict),
    (list, _of_list),
    (tuple, _of_tuple),
    (FunctionType, _of_function),
    (MethodType, _of_method),
    (functools.partial, _of_partial),
    (ModuleType, _of_module),
    (type, _of_class),
    (deque, _of_deque),
    (BaseException, _of_error),
)
