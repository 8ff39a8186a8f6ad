"""Which variables have to be arrays of JAX: a traced index, or a change, needs one."""

import ast

from jaxmagic.translate.liveness import Names, parameters, stored, targets


def indexed(definition: ast.FunctionDef) -> Names:
    """The names that are changed, or indexed by more than a constant, and what they come from.

    ``y = x.copy()`` and ``y = x`` hand the need on to ``x``.
    """
    found = set()
    keys = _keys(definition)
    for node in ast.walk(definition):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            stored_to = isinstance(node.ctx, ast.Store)
            names = {n.id for n in ast.walk(node.slice) if isinstance(n, ast.Name)}
            if stored_to or names - keys:
                found.add(node.value.id)
    while True:
        more = {
            name
            for node in ast.walk(definition)
            if isinstance(node, ast.Assign) and {getattr(t, "id", "") for t in node.targets} & found
            if (name := _origin(node.value)) is not None
        }
        if more <= found:
            return frozenset(found)
        found |= more


def _keys(definition: ast.FunctionDef) -> set[str]:
    """The variables of loops over texts: they are keys of dictionaries."""
    return {
        name
        for node in ast.walk(definition)
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple | ast.List)
        if any(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in node.iter.elts)
        for name in stored(node.target)
    }


def is_mask(index: ast.expr) -> bool:
    """Whether ``index`` chooses elements by a condition: ``a[a > 0]``."""
    if isinstance(index, ast.BinOp) and isinstance(index.op, ast.BitAnd | ast.BitOr):
        return is_mask(index.left) and is_mask(index.right)
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert):
        return is_mask(index.operand)
    return isinstance(index, ast.Compare)


def may_be_numpy(value: ast.expr, arrays: Names) -> bool:
    """Whether ``value`` may be an array of NumPy, given names that are arrays of JAX."""
    if isinstance(value, ast.BinOp):
        if isinstance(value.left, ast.List) or isinstance(value.right, ast.List):
            return False  # [0.0] * n is a list
        return may_be_numpy(value.left, arrays) and may_be_numpy(value.right, arrays)
    if isinstance(value, ast.Name):
        return value.id not in arrays
    if isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.UnaryOp) and may_be_numpy(value.operand, arrays)


def whole_numbers(definition: ast.FunctionDef) -> Names:
    """The variables that only ever are whole numbers and never negative.

    Those of ``range(n)``, and what begins with such a number and is only added to.
    """
    nodes = list(ast.walk(definition))
    found = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found -= parameters(definition.args)
    found -= {n for c in nodes if isinstance(c, ast.comprehension) for n in stored(c.target)}
    while True:
        other = {
            name
            for node in nodes
            if isinstance(node, ast.stmt) and not _sets_whole(node, frozenset(found))
            for target in targets(node)
            for name in stored(target)
        }
        if not found & other:
            return frozenset(found)
        found -= other


def _sets_whole(statement: ast.stmt, whole: Names) -> bool:
    match statement:
        case ast.For(target=ast.Name()):
            return _counts(statement.iter)
        case ast.Assign(targets=[ast.Name()]):
            return is_whole(statement.value, whole)
        case ast.AugAssign(target=ast.Name(), op=ast.Add() | ast.Mult() | ast.FloorDiv()):
            return is_whole(statement.value, whole)
    return False


def is_whole(value: ast.expr, whole: Names) -> bool:
    """Whether ``value`` is a whole number that is never negative, given variables that are."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mult):
        return is_whole(value.left, whole) and is_whole(value.right, whole)
    if isinstance(value, ast.Name):
        return value.id in whole
    return isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value >= 0


def _counts(items: ast.expr) -> bool:
    """Whether ``items`` is a range that begins at zero or above and goes up."""
    if not (isinstance(items, ast.Call) and isinstance(items.func, ast.Name)):
        return False
    if items.func.id != "range" or not items.args:
        return False
    one = len(items.args) == 1
    return one or all(is_whole(end, frozenset()) for end in (items.args[0], *items.args[2:]))


def _origin(value: ast.expr) -> str | None:
    if isinstance(value, ast.Name):
        return value.id
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("copy", "astype", "reshape", "ravel", "flatten")
    ):
        inner = value.func.value
        return inner.id if isinstance(inner, ast.Name) else None
    return None
