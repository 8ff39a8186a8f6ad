"""What a function of the user uses, and the same function with some of it exchanged.

A function is copied with new globals around its own code object, so line numbers, names and
tracebacks stay as the user wrote them, and nothing of the user's is touched.
"""

import ast
import builtins
import copy
import dis
import inspect
import sysconfig
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_LIBRARIES = (
    *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    str(Path(__file__).parent),  # which may be installed from a checkout, outside of these
)

T = TypeVar("T")
_PARTLESS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)

DEFINITION = "__jaxmagic_definition__"
"""The attribute of a function that was made from a syntax tree, which holds that tree."""


@dataclass(frozen=True)
class Use:
    """A value that ``function`` reads from outside: a global, a closure cell or a default."""

    function: types.FunctionType
    name: str
    value: Any


def underlying(function: Any) -> types.FunctionType | None:
    """The Python function of the user that ``function`` is, or that it compiles.

    Looks below ``jax.jit`` and ``numba.njit``, which change how a function runs, and not below
    ``jax.vmap``, ``jax.grad`` or a decorator, which change what it computes. None for built-in
    functions, classes, callable objects and everything from a library.
    """
    while not isinstance(function, types.FunctionType):
        if is_jitted(function):
            function = function.__wrapped__
        elif is_numba_compiled(function):
            function = function.py_func
        else:
            return None
    return function if is_own(function) else None


def is_jitted(function: Any) -> bool:
    """Whether ``function`` was made by ``jax.jit``."""
    return all(hasattr(function, name) for name in ("trace", "lower", "__wrapped__"))


def is_numba_compiled(function: Any) -> bool:
    """Whether ``function`` was made by ``numba.njit`` or ``numba.jit``."""
    return hasattr(function, "py_func") and hasattr(function, "signatures")


def is_own(function: types.FunctionType) -> bool:
    """Whether the user wrote ``function``: its file is in no library folder."""
    file = function.__code__.co_filename
    return not (
        file.startswith((*_LIBRARIES, "<frozen", "<__array_"))
        or "site-packages" in file
        or "dist-packages" in file
    )


def all_uses(function: types.FunctionType) -> list[Use]:
    """Every value that ``function``, and the user's functions that it calls, read from outside.

    The defaults of ``function`` itself are not among them: its arguments are given.
    """
    found: list[Use] = []
    seen = {id(function)}
    todo = [function]
    while todo:
        current = todo.pop(0)
        for name, value in _outside(current, with_defaults=current is not function):
            found.append(Use(current, name, value))
            inner = underlying(value)
            if inner is not None and id(inner) not in seen:
                seen.add(id(inner))
                todo.append(inner)
    return found


def own_functions(function: types.FunctionType) -> list[types.FunctionType]:
    """``function``, and the functions of the user that it calls, each once."""
    found = {function: None}
    for use in all_uses(function):
        inner = underlying(use.value)
        if inner is not None:
            found[inner] = None
    return list(found)


_LAX_LOOPS = {"fori_loop", "scan", "map", "associative_scan"}


def control_flow(function: types.FunctionType) -> set[str]:
    """The kinds of control flow in ``function`` and the user's functions that it calls.

    Some of "if", "for", "while", "lax" (a loop of ``jax.lax``), "lax while" and "recursion".
    While, lax while and recursion may have no end.
    """
    functions = own_functions(function)
    found = {kind for inner in functions for kind in _control_flow(inner.__code__)}
    if any(inner.__name__ in inner.__code__.co_names for inner in functions):
        found.add("recursion")
    return found


def _control_flow(code: types.CodeType) -> Iterator[str]:
    names = set(code.co_names)
    if "while_loop" in names:
        yield "lax while"
    if names & _LAX_LOOPS:
        yield "lax"
    instructions = list(dis.get_instructions(code))
    for_loops = {i.offset for i in instructions if i.opname == "FOR_ITER"}
    if for_loops:
        yield "for"
    if any("JUMP_BACKWARD" in i.opname and i.argval not in for_loops for i in instructions):
        yield "while"
    if any("POP_JUMP" in i.opname or "JUMP_IF" in i.opname for i in instructions):
        yield "if"
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _control_flow(inner)


class NoSourceError(Exception):
    """The source of a function is not at hand; the message says of which."""


def definition_of(function: types.FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The definition of ``function``, with the line numbers of its file.

    Raises:
        NoSourceError: its source can't be found, or it is one of several lambdas in a line.
    """
    made_from = getattr(function, DEFINITION, None)
    if isinstance(made_from, ast.Lambda):
        return made_from
    try:
        lines, _ = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        tree = ast.Module([], [])
    kind = ast.Lambda if function.__name__ == "<lambda>" else ast.FunctionDef
    found = [node for node in ast.walk(tree) if isinstance(node, kind)]
    if not found or (kind is ast.Lambda and len(found) > 1):
        message = f"the source of {function.__name__} can't be found"
        raise NoSourceError(message)
    ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
    return found[0]


def copied(tree: T) -> T:
    """A deep copy of a syntax tree, or of a list of them, and of nothing besides.

    Python has one ``ast.Load()`` for all names of all programs, and a traceback of IPython gives
    each node of a program, so this one, too, a ``parent``: ``copy.deepcopy`` alone would copy a
    whole other program with each name. What has no parts and no place is shared.
    """
    roots: list[Any] = tree if isinstance(tree, list) else [tree]
    nodes = [node for root in roots for node in ast.walk(root)]
    return copy.deepcopy(tree, {id(node): node for node in nodes if isinstance(node, _PARTLESS)})


def rebound(
    function: types.FunctionType,
    exchange: Callable[[Any], Any],
    finish: Callable[[types.FunctionType, Any], Any] = lambda copy, _given: copy,
    extra: dict[str, Any] | None = None,
    given: Any = None,
) -> Any:
    """A copy of ``function`` that reads ``exchange(value)`` wherever it reads ``value``.

    The user's own functions that it uses are copied in the same way, each passed through
    ``finish(copy, given)`` (for instance a compiler; ``given`` is what stood there before, maybe
    compiled with options), as is the result. ``extra`` names are put into the globals of all
    copies, where the user has none of that name (for instance another ``range``). ``given`` is
    what ``finish`` is told of ``function`` itself.
    """
    return _Copies(exchange, finish, extra or {}).of(function, given or function)


class _Copies:
    """The copies made in one go, so that functions which call each other stay connected."""

    def __init__(
        self,
        exchange: Callable[[Any], Any],
        finish: Callable[[types.FunctionType, Any], Any],
        extra: dict[str, Any],
    ) -> None:
        self._exchange = exchange
        self._finish = finish
        self._extra = extra
        self._globals: dict[int, dict[str, Any]] = {}
        self._cells: dict[int, types.CellType] = {}
        self._done: dict[int, Any] = {}

    def of(self, function: types.FunctionType, given: Any) -> Any:
        if id(function) in self._done:
            return self._done[id(function)]
        namespace = self._globals.setdefault(
            id(function.__globals__), {**self._extra, **function.__globals__}
        )
        copy = types.FunctionType(
            function.__code__,
            namespace,
            function.__name__,
            tuple(map(self._value, function.__defaults__ or ())) or None,
            tuple(map(self._cell, function.__closure__ or ())) or None,
        )
        copy.__kwdefaults__ = {
            name: self._value(value) for name, value in (function.__kwdefaults__ or {}).items()
        } or None
        copy.__qualname__, copy.__doc__ = function.__qualname__, function.__doc__
        copy.__module__ = function.__module__
        # known before what it uses is copied: it may call itself
        finished = self._done[id(function)] = self._finish(copy, given)
        for new, old in zip(copy.__closure__ or (), function.__closure__ or (), strict=True):
            if _is_filled(old) and not _is_filled(new):
                new.cell_contents = self._value(old.cell_contents)
        for name in _global_names(function.__code__):
            if name in function.__globals__:
                namespace[name] = self._value(function.__globals__[name])
        return finished

    def _cell(self, old: types.CellType) -> types.CellType:
        """The cell in the place of ``old``, the same for all functions that share it."""
        return self._cells.setdefault(id(old), types.CellType())

    def _value(self, value: Any) -> Any:
        inner = underlying(value)
        return self._exchange(value) if inner is None else self.of(inner, value)


def _outside(function: types.FunctionType, *, with_defaults: bool) -> Iterator[tuple[str, Any]]:
    for name in sorted(_global_names(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]
        elif hasattr(builtins, name):
            yield name, getattr(builtins, name)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if _is_filled(cell):
            yield name, cell.cell_contents
    if not with_defaults:
        return
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    yield from zip(names[len(names) - len(defaults) :], defaults, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


def _global_names(code: types.CodeType) -> set[str]:
    names = {
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _global_names(constant)
    return names


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises here
    except ValueError:
        return False
    return True


def evaluate(
    node: ast.expr, filename: str, namespace: dict[str, Any], ours: Mapping[str, Any] | None = None
) -> Any:
    """The value of ``node`` in ``namespace``; an error is the user's own.

    Names of ``ours``, which no user could have, mean what they mean there.
    """
    __tracebackhide__ = True
    code = compile(ast.Expression(node), filename, "eval")
    return eval(code, namespace, ours)  # noqa: S307  it is the user's cell


def arguments_of(
    call: ast.Call, filename: str, namespace: dict[str, Any], ours: Mapping[str, Any] | None = None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of ``call`` by position and by name, evaluated; an error is the user's own."""
    __tracebackhide__ = True
    # no name that a user could have
    capture = ast.copy_location(ast.Name("<capture>", ast.Load()), call)
    node = ast.copy_location(ast.Call(capture, call.args, call.keywords), call)
    catch: Callable[..., Any] = lambda *args, **kwargs: (args, kwargs)  # noqa: E731
    result: tuple[tuple[Any, ...], dict[str, Any]] = evaluate(
        node, filename, namespace, {**(ours or {}), "<capture>": catch}
    )
    return result
