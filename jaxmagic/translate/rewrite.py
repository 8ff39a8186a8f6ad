"""A function without jumps, its loops and branches as calls of the wrappers in ``loops``."""

import ast
import copy
import types
from collections.abc import Sequence

from jaxmagic.source import copied, definition_of
from jaxmagic.translate.aliases import check_aliases
from jaxmagic.translate.arrays import indexed, is_mask, may_be_numpy, whole_numbers
from jaxmagic.translate.expressions import Expressions
from jaxmagic.translate.jumps import structured
from jaxmagic.translate.liveness import (
    Names,
    at_head,
    live_before,
    ordered_sets,
    parameters,
    reads,
    sets,
    stored,
)
from jaxmagic.translate.nodes import assign, assign_all, at, call, define, give_back, load, plain
from jaxmagic.translate.refusals import check_syntax
from jaxmagic.translate.result import TranslationError
from jaxmagic.translate.scope import Program, Translated

_LOOPS = "jaxmagic.translate.loops"
Statements = list[ast.stmt]
_ORDINALS = ("first", "second", "third")


def translated(program: Program, function: types.FunctionType, name: str) -> Translated:
    """``function`` in its new form, called ``name``.

    Raises:
        TranslationError: it can't be translated truthfully.
    """
    original = copied(definition_of(function))
    if isinstance(original, ast.Lambda):
        body: Statements = [at(ast.Return(original.body), original)]
        definition = ast.FunctionDef(name, original.args, body, [])
        ast.fix_missing_locations(at(definition, original))
    else:
        definition = original
    check_syntax(definition)
    rewriter = _Rewriter(program, function, definition)
    return Translated(function, rewriter.function(name), rewriter.loops)


class _Rewriter:
    def __init__(
        self,
        program: Program,
        function: types.FunctionType,
        definition: ast.FunctionDef,
        outer: Names = frozenset(),
    ) -> None:
        self._program = program
        self._function = function
        self._definition = definition
        self._body = structured(
            definition.body, program.fresh, lambda: program.imported(_LOOPS, "not_yet")
        )
        self._parameters = parameters(definition.args)
        self._local = self._parameters | sets(self._body) | outer
        self._order = [*_in_order(definition.args), *ordered_sets(self._body)]
        self._expressions = Expressions(program, function, self._local)
        self._arrays = indexed(definition)
        self._expressions.whole = whole_numbers(definition)
        called = bool(outer) or function is not program.main
        check_aliases(
            self._body, definition.args, self._expressions.may_return_argument, called=called
        )
        self._flags = {
            flag for node in _all_nodes(self._body) for flag in getattr(node, "flags", {})
        }
        self.loops = 0

    def function(self, name: str) -> ast.FunctionDef:
        """The whole function."""
        body = [s for s in self._body if not _is_docstring(s)]
        made = copy.copy(self._definition)
        made.name, made.decorator_list, made.returns = name, [], None
        made.args = _without_annotations(made.args)
        heads = [
            assign(parameter, self._as_array(load(parameter), made), made)
            for parameter in _in_order(made.args)
            if parameter in self._arrays
        ]
        made.body = heads + self._block(body, frozenset(), self._parameters)
        return made

    def _as_array(self, value: ast.expr, where: ast.AST) -> ast.expr:
        jnp = load(self._program.imported("jax.numpy"))
        return at(ast.Call(ast.Attribute(jnp, "asarray", ast.Load()), [value], []), where)

    # ------------------------------------------------------------ statements

    def _block(self, body: Sequence[ast.stmt], after: Names, bound: Names) -> Statements:
        """``body`` rewritten; ``after`` is needed behind it, ``bound`` has a value before it."""
        needed = [after]
        for statement in reversed(body):
            needed.append(live_before([statement], needed[-1]))
        needed.reverse()
        done: Statements = []
        for statement, live in zip(body, needed[1:], strict=True):
            made = self._statement(statement, live, bound)
            bound |= sets(made)
            done += made
        return done

    def _statement(  # noqa: C901, PLR0911  one case for each kind of statement
        self, statement: ast.stmt, after: Names, bound: Names
    ) -> Statements:
        match statement:
            case ast.For():
                return self._for(statement, after, bound)
            case ast.While():
                return self._while(statement, after, bound)
            case ast.If():
                return self._if(statement, after, bound)
            case ast.Return():
                value = statement.value or at(ast.Constant(None), statement)
                return [at(ast.Return(self._expressions.of(value)), statement)]
            case ast.Assign():
                return self._assign(statement)
            case ast.AugAssign():
                return self._augmented(statement)
            case ast.AnnAssign():
                if statement.value is None:
                    return []
                plain = ast.Assign([statement.target], statement.value)
                return self._assign(at(plain, statement))
            case ast.Pass():
                return []
            case ast.Expr():
                if isinstance(statement.value, ast.Constant):
                    return []
                return [at(ast.Expr(self._expressions.of(statement.value)), statement)]
            case ast.FunctionDef():
                return [self._inner_function(statement)]
        raise TranslationError(statement.lineno, f"{type(statement).__name__} can't be translated")

    def _assign(self, statement: ast.Assign) -> Statements:
        value = self._expressions.of(statement.value)
        target = statement.targets[0]
        if len(statement.targets) == 1 and isinstance(target, ast.Subscript):
            store = self._masked if is_mask(target.slice) else self._stored
            return [store(target, value, statement)]
        if not any(
            isinstance(node, ast.Subscript) for t in statement.targets for node in ast.walk(t)
        ):
            names_set = {getattr(target, "id", None) for target in statement.targets}
            if names_set & self._arrays and may_be_numpy(statement.value, self._arrays):
                value = self._as_array(value, statement)
            return [at(ast.Assign(statement.targets, value), statement)]
        if len(statement.targets) > 1:
            return self._chained(statement, value)
        if not isinstance(statement.targets[0], ast.Tuple | ast.List):
            raise TranslationError(statement.lineno, "this assignment has too many targets")
        names: list[ast.expr] = []
        stores: Statements = []
        for number, target in enumerate(statement.targets[0].elts):
            if isinstance(target, ast.Subscript):
                name = self._program.fresh((*_ORDINALS, f"value_{number}")[min(number, 3)])
                stores.append(self._stored(target, load(name), statement))
                names.append(ast.Name(name, ast.Store()))
            elif isinstance(target, ast.Name):
                names.append(target)
            else:
                raise TranslationError(statement.lineno, "this assignment is nested too deeply")
        taken = ast.Assign([ast.Tuple(names, ast.Store())], value)
        return [at(taken, statement), *stores]

    def _chained(self, statement: ast.Assign, value: ast.expr) -> Statements:
        """``a[0] = a[1] = value``: from left to right."""
        name = self._program.fresh("value")
        made: Statements = [assign(name, value, statement)]
        for target in statement.targets:
            made += self._assign(at(ast.Assign([target], load(name)), statement))
        return made

    def _augmented(self, statement: ast.AugAssign) -> Statements:
        current: ast.expr = copied(statement.target)
        if isinstance(statement.target, ast.Subscript) and is_mask(statement.target.slice):
            current = statement.target.value
        for node in ast.walk(current):
            if isinstance(node, ast.Name | ast.Subscript):
                node.ctx = ast.Load()
        if getattr(statement, "only_number", False):
            number = self._program.imported("jaxmagic.translate.python", "number")
            current = call(number, [current], statement)
        sum_ = at(ast.BinOp(current, statement.op, statement.value), statement)
        return self._assign(at(ast.Assign([statement.target], sum_), statement))

    def _masked(self, target: ast.Subscript, value: ast.expr, where: ast.stmt) -> ast.stmt:
        """``a[a > 0] = v``: how many are chosen need not be known."""
        if not isinstance(target.value, ast.Name):
            raise TranslationError(where.lineno, "what is changed here has no name")
        name = target.value.id
        jnp = load(self._program.imported("jax.numpy"))
        arguments = [self._expressions.of(target.slice), value, load(name)]
        chosen = ast.Call(ast.Attribute(jnp, "where", ast.Load()), arguments, [])
        dtype = ast.Attribute(load(name), "dtype", ast.Load())
        kept = ast.Call(ast.Attribute(chosen, "astype", ast.Load()), [dtype], [])
        return assign(name, kept, where)

    def _stored(self, target: ast.Subscript, value: ast.expr, where: ast.stmt) -> ast.stmt:
        """``a = a.at[i].set(value)``."""
        indices: list[ast.expr] = []
        inner: ast.expr = target
        while isinstance(inner, ast.Subscript):
            index = self._expressions.of(inner.slice)
            indices = [*(index.elts if isinstance(index, ast.Tuple) else [index]), *indices]
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise TranslationError(where.lineno, "what is changed here has no name")
        index = indices[0] if len(indices) == 1 else ast.Tuple(indices, ast.Load())
        place = ast.Subscript(ast.Attribute(load(inner.id), "at", ast.Load()), index, ast.Load())
        stored_in = ast.Call(ast.Attribute(place, "set", ast.Load()), [value], [])
        return assign(inner.id, stored_in, where)

    def _inner_function(self, definition: ast.FunctionDef) -> ast.stmt:
        """A function inside the function, with loops and branches of its own."""
        inner = _Rewriter(self._program, self._function, copied(definition), outer=self._local)
        made = inner.function(definition.name)
        self.loops += inner.loops
        return made

    # ------------------------------------------------------------ branches

    def _if(self, statement: ast.If, after: Names, bound: Names) -> Statements:
        branches = (statement.body, statement.orelse)
        ends = bool(statement.body) and _returns(statement.body)
        changed = sets(statement.body) | sets(statement.orelse)
        outs = [name for name in self._order_of(changed) if name in after]
        if not outs and not ends:
            return []
        test = self._expressions.of(statement.test)
        short = [self._short(branch, outs, bound, ends=ends) for branch in branches]
        if short[0] is not None and short[1] is not None:
            if self._only_stops(outs, short[0], short[1], statement.test):
                return [assign(outs[0], test, statement)]
            value = self._expressions.choice(test, short[0], short[1], statement)
            if ends:
                return [at(ast.Return(value), statement)]
            return [assign(outs[0], value, statement)]
        live = frozenset() if ends else frozenset(outs)
        given = self._order_of(
            frozenset(
                name
                for branch in branches
                for name in sets(branch) & live_before(branch, live)
                if name in bound
            )
        )
        names = [self._program.fresh(name) for name in ("then", "otherwise")]
        made: Statements = []
        for name, branch in zip(names, branches, strict=True):
            where = branch[0] if branch else statement
            body = self._unset(live_before(branch, live) & changed - bound, where)
            body += self._block(branch, live, bound | frozenset(outs))
            if not ends:
                body.append(give_back(outs, body[-1] if body else statement))
            made.append(define(name, given, body, where))
        arguments = [test, *map(load, names), *map(load, given)]
        value = call(self._program.imported(_LOOPS, "cond"), arguments, statement)
        if ends:
            return [*made, at(ast.Return(value), statement)]
        return [*made, assign_all(outs, value, statement)]

    def _short(
        self, branch: Sequence[ast.stmt], outs: list[str], bound: Names, *, ends: bool
    ) -> ast.expr | None:
        """The value of a branch that is one expression; else None."""
        branch = [s for s in branch if not isinstance(s, ast.Pass)]
        if ends:
            if len(branch) == 1 and isinstance(branch[0], ast.Return):
                value = branch[0].value or at(ast.Constant(None), branch[0])
                return self._expressions.of(value)
            return None
        if len(outs) != 1:
            return None
        if not branch:
            if outs[0] in bound:
                return load(outs[0])
            return load(self._program.imported(_LOOPS, "unset"))
        if len(branch) > 1 or not isinstance(branch[0], ast.Assign | ast.AugAssign):
            return None
        made = self._statement(branch[0], frozenset(outs), bound)
        if len(made) == 1 and isinstance(made[0], ast.Assign):
            [target, *others] = made[0].targets
            if not others and isinstance(target, ast.Name) and target.id == outs[0]:
                return made[0].value
        return None

    def _only_stops(self, outs: list[str], one: ast.expr, other: ast.expr, test: ast.expr) -> bool:
        """Whether a branch only sets a flag, false until then, if a comparison holds."""
        return (
            outs[:1] == [getattr(other, "id", None)]
            and outs[0] in self._flags
            and isinstance(one, ast.Constant)
            and one.value is True
            and isinstance(test, ast.Compare)
        )

    def _unset(self, names: Names, where: ast.AST) -> Statements:
        return [
            assign(name, load(self._program.imported(_LOOPS, "unset")), where)
            for name in self._order_of(names)
        ]

    def _order_of(self, names: Names) -> list[str]:
        return [name for name in dict.fromkeys(self._order) if name in names]

    # ------------------------------------------------------------ loops

    def _for(self, loop: ast.For, after: Names, bound: Names) -> Statements:
        head = at_head(loop, after)
        own = frozenset(stored(loop.target))
        kept = own & after  # the last value of the loop's variable is used after the loop
        carry = self._carry(loop, (sets(loop.body) & (after | head)) | kept)
        if not carry:
            return []
        self.loops += 1
        body: Statements = []
        if isinstance(loop.target, ast.Name) and not kept:
            item = loop.target.id
        else:
            item = self._program.fresh("item")
            body.append(at(ast.Assign([loop.target], load(item)), loop))
        if item in carry:
            item = self._program.fresh("item")
        body += self._block(loop.body, frozenset(carry), bound | own | frozenset(carry))
        body.append(give_back(carry, body[-1] if body else loop))
        name = self._program.fresh("body")
        made: Statements = [define(name, [item, *carry], body, loop)]
        wrapper = "for_loop_until" if loop.stop else "for_loop"  # type: ignore[attr-defined]
        arguments = [self._expressions.of(loop.iter), load(name)]
        arguments += self._first(loop, carry, bound)
        value = call(self._program.imported(_LOOPS, wrapper), arguments, loop)
        return [*made, assign_all(carry, value, loop)]

    def _while(self, loop: ast.While, after: Names, bound: Names) -> Statements:
        head = at_head(loop, after)
        carry = self._carry(loop, sets(loop.body) & (after | head))
        if not carry:
            raise TranslationError(loop.lineno, "this loop changes nothing, so it never ends")
        self.loops += 1
        live = frozenset(carry)
        body = self._block(loop.body, live | (reads(loop.test) & live), bound | live)
        body.append(give_back(carry, body[-1] if body else loop))
        name = self._program.fresh("body")
        made: Statements = [define(name, carry, body, loop)]
        wrapper = "while_loop_until" if loop.stop else "while_loop"  # type: ignore[attr-defined]
        condition = at(ast.Lambda(plain(carry), self._expressions.of(loop.test)), loop)
        arguments = [condition, load(name), *self._first(loop, carry, bound)]
        value = call(self._program.imported(_LOOPS, wrapper), arguments, loop)
        return [*made, assign_all(carry, value, loop)]

    def _carry(self, loop: ast.For | ast.While, names: Names) -> list[str]:
        """The variables that go from step to step, the flag that ends the loop last."""
        stop = loop.stop  # type: ignore[union-attr]
        ordered = [name for name in self._order_of(names) if name != stop]
        return [*ordered, stop] if stop else ordered

    def _first(self, loop: ast.For | ast.While, carry: list[str], bound: Names) -> list[ast.expr]:
        """What the carry is before the first step."""
        flags: dict[str, ast.expr] = loop.flags  # type: ignore[union-attr]
        first: list[ast.expr] = []
        for name in carry:
            if name in flags:
                first.append(copy.copy(flags[name]))
            elif name in bound:
                first.append(load(name))
            else:
                later_set = name in loop.placeholders  # type: ignore[union-attr]
                sentinel = "not_yet" if later_set else "unset"
                first.append(load(self._program.imported(_LOOPS, sentinel)))
        return first


def _all_nodes(body: Statements) -> list[ast.AST]:
    return [node for statement in body for node in ast.walk(statement)]


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _returns(body: Sequence[ast.stmt]) -> bool:
    """Whether a block of structured code ends with a return."""
    last = body[-1]
    return isinstance(last, ast.Return) or (
        isinstance(last, ast.If) and bool(last.body) and _returns(last.body)
    )


def _in_order(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [argument.arg for argument in every]


def _without_annotations(arguments: ast.arguments) -> ast.arguments:
    made = copied(arguments)
    for node in ast.walk(made):
        if isinstance(node, ast.arg):
            node.annotation = None
    return made
