"""Which variables a piece of code reads and sets, and which are still needed after it."""

import ast
from collections.abc import Iterable, Sequence

Names = frozenset[str]
NONE: Names = frozenset()


def reads(node: ast.AST | None) -> Names:
    """The names that an expression, or a statement by itself, reads.

    Those that a lambda or a comprehension inside it defines for itself are not among them.
    """
    if node is None:
        return NONE
    if isinstance(node, ast.Name):
        return frozenset({node.id}) if isinstance(node.ctx, ast.Load) else NONE
    if isinstance(node, ast.Lambda):
        return (reads(node.body) - parameters(node.args)) | _of_all(_defaults(node.args))
    if isinstance(node, ast.FunctionDef):
        inner = _of_all(ast.walk(node), deep=False) - parameters(node.args)
        return inner - sets(node.body)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        inner = _of_all(ast.iter_child_nodes(node))
        return inner - frozenset(n for g in node.generators for n in stored(g.target))
    return _of_all(ast.iter_child_nodes(node))


def _of_all(nodes: Iterable[ast.AST], *, deep: bool = True) -> Names:
    if deep:
        return frozenset().union(*(reads(node) for node in nodes))
    return frozenset(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def parameters(arguments: ast.arguments) -> Names:
    """The names of all parameters."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return frozenset(argument.arg for argument in every)


def stored(target: ast.AST) -> list[str]:
    """The names that an assignment to ``target`` sets, in order; ``a[i] = v`` sets ``a``."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Subscript | ast.Starred):
        return stored(target.value)
    if isinstance(target, ast.Tuple | ast.List):
        return [name for element in target.elts for name in stored(element)]
    return []


def targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement assigns to, itself and not what is inside it."""
    match statement:
        case ast.Assign():
            return statement.targets
        case ast.AugAssign() | ast.AnnAssign() | ast.For():
            return [statement.target]
        case ast.FunctionDef():
            return [ast.Name(statement.name, ast.Store())]
    return []


def sets(statements: Sequence[ast.stmt]) -> Names:
    """The names that statements set, those inside loops and branches included."""
    return frozenset(ordered_sets(statements))


def ordered_sets(statements: Sequence[ast.stmt]) -> list[str]:
    """:func:`sets` in the order of the text, each once."""
    found: dict[str, None] = {}
    for statement in statements:
        for target in targets(statement):
            found.update(dict.fromkeys(stored(target)))
        if isinstance(statement, ast.For | ast.While | ast.If):
            found.update(dict.fromkeys(ordered_sets([*statement.body, *statement.orelse])))
    return list(found)


def live_before(statements: Sequence[ast.stmt], after: Names) -> Names:
    """The names whose value before ``statements`` matters, given those that matter after."""
    for statement in reversed(statements):
        after = before(statement, after)
    return after


def before(statement: ast.stmt, after: Names) -> Names:
    """:func:`live_before` of one statement."""
    match statement:
        case ast.If():
            branches = (live_before(b, after) for b in (statement.body, statement.orelse))
            return reads(statement.test).union(*branches)
        case ast.For():
            return reads(statement.iter) | (after | at_head(statement, after)) - _flags(statement)
        case ast.While():
            return (after | at_head(statement, after)) - _flags(statement)
        case ast.Return():
            return reads(statement.value)
        case ast.Assign() | ast.AnnAssign():
            killed = frozenset(n for t in targets(statement) for n in _names_only(t))
            inner = _of_all(_loads_of_targets(statement)) | reads(statement.value)
            return (after - killed) | inner
        case ast.AugAssign():
            return (
                after
                | reads(statement.value)
                | frozenset(stored(statement.target))
                | _of_all(_loads_of_targets(statement))
            )
        case ast.FunctionDef():
            return (after - {statement.name}) | reads(statement)
    return after | reads(statement)


def _flags(loop: ast.For | ast.While) -> Names:
    """What begins anew with ``loop``, once jumps have become flags."""
    return frozenset(getattr(loop, "flags", ()))


def at_head(loop: ast.For | ast.While, after: Names) -> Names:
    """The names whose value at the start of a step of ``loop`` matters, but for its target."""
    test = reads(loop.test) if isinstance(loop, ast.While) else NONE
    own = frozenset(stored(loop.target)) if isinstance(loop, ast.For) else NONE
    head: Names = NONE
    while True:
        found = (live_before(loop.body, after | head | test) - own) | test
        if found == head:
            return head
        head = found


def _names_only(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Tuple | ast.List):
        return [name for element in target.elts for name in _names_only(element)]
    return _names_only(target.value) if isinstance(target, ast.Starred) else []


def _loads_of_targets(statement: ast.stmt) -> list[ast.expr]:
    """What the targets read: the array and the index of ``a[i] = v``."""
    found: list[ast.expr] = []
    todo = list(targets(statement))
    while todo:
        target = todo.pop()
        if isinstance(target, ast.Tuple | ast.List):
            todo += target.elts
        elif isinstance(target, ast.Starred):
            todo.append(target.value)
        elif isinstance(target, ast.Subscript):
            found.append(target.slice)
            if isinstance(target.value, ast.Subscript):
                todo.append(target.value)
            else:
                found.append(target.value)
    return found
