"""Two names for one array, of which one is changed.

In NumPy ``b = a`` and ``row = a[i]`` share memory, so changing one changes the other. Arrays of
JAX never change: ``a = a.at[i].set(v)`` makes a new one, which the other name does not see. Where
that could make a difference the function is refused, or, where it is fine for numbers and not for
arrays (``t = a[i]``), marked: the translation then asks for a number while it is traced.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jaxmagic.translate.liveness import Names, at_head, live_before, parameters, reads, stored
from jaxmagic.translate.result import TranslationError

CALLER = "the caller's array"
_VIEWS = frozenset(
    {
        "T",
        "real",
        "imag",
        "flat",
        "reshape",
        "ravel",
        "transpose",
        "squeeze",
        "swapaxes",
        "diagonal",
        "view",
        "asarray",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "broadcast_to",
        "moveaxis",
        "expand_dims",
        "flip",
        "flipud",
        "fliplr",
        "rot90",
        "split",
        "array_split",
        "hsplit",
        "vsplit",
        "rollaxis",
        "asanyarray",
        "ascontiguousarray",
        "broadcast_arrays",
    }
)


@dataclass(frozen=True)
class Link:
    """``derived`` may be (a part of) the array ``base``.

    ``element`` is the expression ``base[i]`` if it is so only where that is no number.
    """

    derived: str
    base: str
    element: ast.expr | None = None
    of_element: bool = False


State = frozenset[Link]


def check_aliases(
    body: Sequence[ast.stmt],
    arguments: ast.arguments,
    returns_argument: Callable[[ast.expr], bool],
    *,
    called: bool,
) -> None:
    """Refuse what shares memory and is changed; mark what must be a number.

    Sets the attribute ``only_number`` of an expression, or of a statement ``x += v``, that must
    be a number.

    Args:
        body: structured statements.
        arguments: the parameters of the function.
        returns_argument: whether a function that is called may give back one of its arguments.
        called: whether the function is called by another one of the user.

    Raises:
        TranslationError: an array that is changed has another name that is read later.
    """
    results = {
        flag
        for statement in body
        for node in ast.walk(statement)
        for flag, first in getattr(node, "flags", {}).items()
        if isinstance(first, ast.Name)
    }
    start = frozenset(Link(p, CALLER) for p in parameters(arguments)) if called else frozenset()
    _Aliases(returns_argument, results).block(body, frozenset({CALLER}), start)


class _Aliases:
    def __init__(self, returns_argument: Callable[[ast.expr], bool], results: set[str]) -> None:
        self._returns_argument = returns_argument
        self._results = results  # what is returned from a loop: nothing is changed after that

    def block(self, body: Sequence[ast.stmt], after: Names, state: State) -> State:
        needed = [after]
        for statement in reversed(body):
            needed.append(live_before([statement], needed[-1]) | {CALLER})
        needed.reverse()
        for statement, live in zip(body, needed[1:], strict=True):
            state = self._statement(statement, live, state)
        return state

    def _statement(self, statement: ast.stmt, live: Names, state: State) -> State:
        match statement:
            case ast.Assign():
                for target in statement.targets:
                    state = self._assigned(target, statement.value, live, state, statement)
                return self._chained(statement, state)
            case ast.AnnAssign() if statement.value is not None:
                return self._assigned(statement.target, statement.value, live, state, statement)
            case ast.AugAssign():
                self._augmented(statement, live, state)
            case ast.If():
                return self.block(statement.body, live, state) | self.block(
                    statement.orelse, live, state
                )
            case ast.For() | ast.While():
                return self._loop(statement, live, state)
        return state

    def _loop(self, loop: ast.For | ast.While, live: Names, state: State) -> State:
        head = live | at_head(loop, live)
        if isinstance(loop, ast.For):
            iterated = _roots_of_items(loop.iter)
            self._check_iterated(loop, iterated)
        while True:
            now = state
            if isinstance(loop, ast.For):
                for name in stored(loop.target):
                    now = _killed(now, name)
                    now |= {Link(name, base, None, of_element=True) for base in iterated}
            after = state | self.block(loop.body, head, now)
            if after == state:
                return state
            state = after

    def _check_iterated(self, loop: ast.For, iterated: Names) -> None:
        for node in ast.walk(ast.Module(loop.body, [])):
            if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)):
                continue
            if names := set(stored(node)) & iterated:
                name = min(names)
                raise TranslationError(
                    node.lineno, f"{name} is changed while the loop runs over it; use an index"
                )

    # ------------------------------------------------------------ assignments

    def _assigned(
        self, target: ast.expr, value: ast.expr, live: Names, state: State, where: ast.stmt
    ) -> State:
        both_tuples = isinstance(target, ast.Tuple | ast.List) and isinstance(
            value, ast.Tuple | ast.List
        )
        if both_tuples and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
            return self._pairwise(target.elts, value.elts, live, state, where)  # type: ignore[attr-defined]
        return self._pairwise([target], [value], live, state, where)

    def _pairwise(
        self,
        targets: Sequence[ast.expr],
        values: Sequence[ast.expr],
        live: Names,
        state: State,
        where: ast.stmt,
    ) -> State:
        before = state
        new: set[Link] = set()
        names: list[str] = []
        changed: set[str] = set()
        for target, value in zip(targets, values, strict=True):
            sources = self._sources(value)
            for base, element in sources:
                if base in changed:  # a[i], a[j] = a[j], a[i]: the second is read too late
                    _number_or_refuse(element, base, base, where.lineno)
            if isinstance(target, ast.Subscript):
                [root] = stored(target)[:1] or [""]
                self._changed(root, live, before, where)
                changed.add(root)
                continue
            for name in _plain_names(target):
                names.append(name)
                for base, element in sources:
                    new |= _links(name, base, element, before)
        for name in names:
            state = _killed(state, name)
        kept = {
            link for link in new if link.derived != link.base and link.derived not in self._results
        }
        if len(names) > 1 and set(names) == {base for v in values for base, _ in self._sources(v)}:
            kept = {link for link in kept if not {link.derived, link.base} <= set(names)}
        return state | kept

    def _chained(self, statement: ast.Assign, state: State) -> State:
        """``a = b = value``: all are the same."""
        names = [name for target in statement.targets for name in _plain_names(target)]
        if len(statement.targets) < 2 or isinstance(statement.value, ast.Constant):  # noqa: PLR2004  two names
            return state
        return state | {Link(other, names[0]) for other in names[1:]}

    def _augmented(self, statement: ast.AugAssign, live: Names, state: State) -> None:
        if isinstance(statement.target, ast.Subscript):
            [root] = stored(statement.target)[:1] or [""]
            self._changed(root, live, state, statement)
            return
        name = stored(statement.target)[0]
        if any(other in live for other, _ in _partners(name, state)):
            statement.only_number = True  # type: ignore[attr-defined]

    def _changed(self, name: str, live: Names, state: State, where: ast.stmt) -> None:
        """``name`` is changed in place: nobody else may need what it was."""
        for other, link in _partners(name, state):
            if other not in live:
                continue
            if link.derived == name:
                _number_or_refuse(None, name, other, where.lineno)
            else:
                _number_or_refuse(link.element, name, other, where.lineno)

    # ------------------------------------------------------------ what an expression shares

    def _sources(self, value: ast.expr) -> list[tuple[str, ast.expr | None]]:
        """The names whose array ``value`` may be or hold, with ``name[i]`` if it is an element."""
        match value:
            case ast.Name():
                return [(value.id, None)]
            case ast.Subscript():
                inner = self._sources(value.value)
                if _is_slice(value.slice):
                    return inner
                return [(base, element or value) for base, element in inner]
            case ast.Attribute():
                return self._sources(value.value) if value.attr in _VIEWS else []
            case ast.IfExp():
                return self._sources(value.body) + self._sources(value.orelse)
            case (
                ast.BoolOp(values=inner_values)
                | ast.Tuple(elts=inner_values)
                | ast.List(elts=inner_values)
            ):
                return [
                    source for inner_value in inner_values for source in self._sources(inner_value)
                ]
            case ast.Starred() | ast.NamedExpr():
                return self._sources(value.value)
            case ast.Call():
                return self._sources_of_call(value)
        return []

    def _sources_of_call(self, call: ast.Call) -> list[tuple[str, ast.expr | None]]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        given: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
        if name in _VIEWS:
            if isinstance(call.func, ast.Attribute):
                given.append(call.func.value)
        elif not self._returns_argument(call.func):
            return []
        return [source for argument in given for source in self._sources(argument)]


def _links(name: str, base: str, element: ast.expr | None, state: State) -> set[Link]:
    found = {Link(name, base, element, element is not None)}
    for other, link in _partners(base, state):
        inner = element if element is not None else link.element
        found.add(Link(name, other, inner, element is not None or link.of_element))
    return found


def _partners(name: str, state: State) -> Iterable[tuple[str, Link]]:
    for link in state:
        if link.derived == name:
            yield link.base, link
        elif link.base == name:
            yield link.derived, link


def _killed(state: State, name: str) -> State:
    return frozenset(link for link in state if name not in (link.derived, link.base))


def _number_or_refuse(element: ast.expr | None, name: str, other: str, line: int) -> None:
    if element is not None:
        element.only_number = True  # type: ignore[attr-defined]
        return
    if other == CALLER:
        reason = f"{name}, which is the caller's array, is changed in place; copy it first: .copy()"
    elif other == name:
        reason = f"parts of {name} are exchanged in place while they share memory; use .copy()"
    else:
        reason = f"{name} is changed in place while {other} shares its memory; use .copy()"
    raise TranslationError(line, reason)


def _is_slice(index: ast.expr) -> bool:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(
        isinstance(part, ast.Slice)
        or (isinstance(part, ast.Constant) and part.value in (None, Ellipsis))
        for part in parts
    )


def _plain_names(target: ast.expr) -> list[str]:
    return [] if isinstance(target, ast.Subscript) else stored(target)


def _roots_of_items(items: ast.expr) -> Names:
    """The arrays that a loop runs over: not those of which it only asks the length."""
    if isinstance(items, ast.Call) and isinstance(items.func, ast.Name):
        if items.func.id == "range":
            return frozenset()
        if items.func.id in ("enumerate", "zip", "reversed"):
            return frozenset().union(*map(_roots_of_items, items.args))
    return (
        reads(items) if isinstance(items, ast.Name | ast.Subscript | ast.Attribute) else frozenset()
    )
