"""``break``, ``continue`` and early ``return`` as branches and flags.

What follows a jump moves into the branch where the jump is not taken. A loop that can be left
gets a flag, ``stopped``; a ``return`` inside a loop sets ``result`` and ``returned``. What comes
out has loops, branches and assignments only, and returns at the end of its last branches.
"""

import ast
import copy
from collections.abc import Callable, Sequence

from jaxmagic.source import copied
from jaxmagic.translate.liveness import sets
from jaxmagic.translate.nodes import assign, at
from jaxmagic.translate.result import TranslationError

Statements = list[ast.stmt]
_MOST_STATEMENTS = 400


def structured(
    body: Sequence[ast.stmt], fresh: Callable[[str], str], not_yet: Callable[[], str]
) -> Statements:
    """``body``, a function's, without jumps.

    Loops that can be left have the attribute ``stop``: the name of the flag that ends them, and
    ``flags``: the flags that begin with them, with their first values.

    Args:
        body: the statements.
        fresh: gives a name that the function does not use.
        not_yet: gives the name of what stands for a result that does not exist yet.

    Raises:
        TranslationError: there are too many early exits.
    """
    return _Structure(fresh, not_yet).function(list(body))


class _Structure:
    def __init__(self, fresh: Callable[[str], str], not_yet: Callable[[], str]) -> None:
        self._fresh = fresh
        self._not_yet = not_yet
        self._result, self._returned = "result", "returned"
        self._made = 0

    def function(self, body: Statements) -> Statements:
        """The statements of a function: a return ends it."""
        done: Statements = []
        for number, statement in enumerate(body):
            rest = body[number + 1 :]
            self._count(statement)
            if isinstance(statement, ast.Return):
                return [*done, statement]
            if isinstance(statement, ast.If) and _holds(statement, ast.Return):
                return [*done, self._ending_if(statement, rest)]
            if isinstance(statement, ast.For | ast.While):
                returns = _returns_within(statement)
                if returns:
                    self._result = self._fresh("result")
                    self._returned = self._fresh("returned")
                loop, tail = self._loop(statement, depth=1)
                done.append(loop)
                if returns:
                    value = at(ast.Name(self._result, ast.Load()), statement)
                    test = at(ast.Name(self._returned, ast.Load()), statement)
                    leaving = at(ast.If(test, [at(ast.Return(value), statement)], []), statement)
                    if isinstance(statement, ast.While) and _never_ends(statement):
                        return [*done, *leaving.body]
                    return [*done, self._ending_if(leaving, [*tail, *rest])]
                if tail:
                    return [*done, *self.function([*tail, *rest])]
            elif isinstance(statement, ast.If):
                done.append(self._plain_if(statement))
            else:
                done.append(statement)
        last = body[-1] if body else None
        none = ast.Return(ast.Constant(None))
        return [*done, at(none, last) if last is not None else none]

    def _plain_if(self, statement: ast.If) -> ast.If:
        """An ``if`` without return, outside of loops; loops inside it are made structured."""
        made = copy.copy(statement)
        made.body = self._straight(statement.body)
        made.orelse = self._straight(statement.orelse)
        return made

    def _straight(self, body: Statements) -> Statements:
        done: Statements = []
        for statement in body:
            if isinstance(statement, ast.For | ast.While):
                loop, tail = self._loop(statement, depth=1)
                done += [loop, *self._straight(tail)]
            elif isinstance(statement, ast.If):
                done.append(self._plain_if(statement))
            else:
                done.append(statement)
        return done

    def _ending_if(self, statement: ast.If, rest: Statements) -> ast.If:
        """An ``if`` with a return in it: all that follows moves into its branches."""
        made = copy.copy(statement)
        one, other = (
            branch if _always(branch) else [*branch, *copied(rest)]
            for branch in (statement.body, statement.orelse)
        )
        made.body, made.orelse = self.function(one), self.function(other)
        return made

    def _loop(self, loop: ast.For | ast.While, depth: int) -> tuple[ast.stmt, Statements]:
        """A loop, its jumps as flags, and its ``else``, which follows and may have jumps."""
        made = copy.copy(loop)
        breaks, returns = _leaves_by(loop, ast.Break), _returns_within(loop)
        made.orelse = []
        made.flags = {}  # type: ignore[union-attr]
        made.stop = None  # type: ignore[union-attr]
        stopped = self._returned
        if breaks:
            stopped = self._fresh("stopped" if depth == 1 else f"stopped_{depth}")
            made.flags[stopped] = ast.Constant(False)  # type: ignore[union-attr]  # noqa: FBT003
        if returns and depth == 1:
            made.flags[self._result] = ast.Name(self._not_yet(), ast.Load())  # type: ignore[union-attr]
            made.flags[self._returned] = ast.Constant(False)  # type: ignore[union-attr]  # noqa: FBT003
        made.placeholders = _set_by_break_or_else(loop) if breaks else frozenset()  # type: ignore[union-attr]
        if breaks or returns:
            made.stop = stopped  # type: ignore[union-attr]
        made.body = self._block(loop.body, stopped, depth)
        if not loop.orelse or not breaks:
            return made, loop.orelse
        test = at(ast.Name(stopped, ast.Load()), loop)
        return made, [at(ast.If(test, [at(ast.Pass(), loop)], loop.orelse), loop)]

    def _block(self, body: Statements, stopped: str, depth: int) -> Statements:
        """The statements of a loop's step; nothing follows a jump."""
        done: Statements = []
        for number, statement in enumerate(body):
            rest = body[number + 1 :]
            self._count(statement)
            match statement:
                case ast.Continue():
                    return done
                case ast.Break():
                    return [*done, assign(stopped, ast.Constant(True), statement)]  # noqa: FBT003
                case ast.Return():
                    value = statement.value or ast.Constant(None)
                    done += [assign(self._result, value, statement)]
                    flags = dict.fromkeys([self._returned, stopped])
                    yes = ast.Constant(True)  # noqa: FBT003
                    return done + [assign(flag, yes, statement) for flag in flags]
                case ast.If() if _jumps(statement):
                    made = copy.copy(statement)
                    one, other = (
                        branch if _always(branch) else [*branch, *copied(rest)]
                        for branch in (statement.body, statement.orelse)
                    )
                    made.body = self._block(one, stopped, depth)
                    made.orelse = self._block(other, stopped, depth)
                    return [*done, made]
                case ast.If():
                    made = copy.copy(statement)
                    made.body = self._block(statement.body, stopped, depth)
                    made.orelse = self._block(statement.orelse, stopped, depth)
                    done.append(made)
                case ast.For() | ast.While():
                    loop, tail = self._loop(statement, depth + 1)
                    done.append(loop)
                    if _returns_within(statement):
                        yes = ast.Constant(True)  # noqa: FBT003
                        leave: Statements = (
                            [] if stopped == self._returned else [assign(stopped, yes, statement)]
                        )
                        test = at(ast.Name(self._returned, ast.Load()), statement)
                        following = self._block([*tail, *rest], stopped, depth)
                        return [*done, at(ast.If(test, leave, following), statement)]
                    if tail:
                        return [*done, *self._block([*tail, *rest], stopped, depth)]
                case _:
                    done.append(statement)
        return done

    def _count(self, statement: ast.stmt) -> None:
        self._made += 1
        if self._made > _MOST_STATEMENTS:
            raise TranslationError(statement.lineno, "there are too many early exits")


def _holds(node: ast.AST, kind: type[ast.stmt]) -> bool:
    """Whether a statement of ``kind`` is in ``node``, not counting functions inside it."""
    return any(
        isinstance(child, kind)
        or (not isinstance(child, ast.FunctionDef | ast.Lambda) and _holds(child, kind))
        for child in ast.iter_child_nodes(node)
    )


def _returns_within(loop: ast.For | ast.While) -> bool:
    """Whether a step of ``loop`` may return."""
    return any(isinstance(s, ast.Return) or _holds(s, ast.Return) for s in loop.body)


def _leaves_by(loop: ast.AST, kind: type[ast.stmt]) -> bool:
    """Whether ``kind``, a break or continue, belongs to this loop and not to one inside it."""
    children = loop.body if isinstance(loop, ast.For | ast.While) else ast.iter_child_nodes(loop)
    for child in children:
        if isinstance(child, kind):
            return True
        if isinstance(child, ast.For | ast.While):  # its else belongs to what is outside of it
            if any(isinstance(s, kind) or _leaves_by(s, kind) for s in child.orelse):
                return True
        elif not isinstance(child, ast.FunctionDef) and _leaves_by(child, kind):
            return True
    return False


def _jumps(statement: ast.If) -> bool:
    return (
        _leaves_by(statement, ast.Break)
        or _leaves_by(statement, ast.Continue)
        or _holds(statement, ast.Return)
    )


def _always(body: Statements) -> bool:
    """Whether ``body`` never reaches its end."""
    for statement in body:
        if isinstance(statement, ast.Return | ast.Break | ast.Continue):
            return True
        if isinstance(statement, ast.If) and _always(statement.body) and _always(statement.orelse):
            return True
    return False


def _set_by_break_or_else(loop: ast.For | ast.While) -> frozenset[str]:
    """The variables that have a value after ``loop``, broken or not, by its breaks and its else."""
    found = frozenset(name for s in loop.orelse if isinstance(s, ast.Assign) for name in sets([s]))
    todo: list[Sequence[ast.stmt]] = [loop.body]
    while todo:
        block = todo.pop()
        if any(isinstance(s, ast.Break) for s in block):
            found &= sets([s for s in block if isinstance(s, ast.Assign)])
        todo += [b for s in block if isinstance(s, ast.If) for b in (s.body, s.orelse)]
    return found


def _never_ends(loop: ast.While) -> bool:
    return (
        isinstance(loop.test, ast.Constant)
        and bool(loop.test.value)
        and not _leaves_by(loop, ast.Break)
    )
