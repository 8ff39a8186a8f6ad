"""Which variables have to be arrays of JAX: a traced index, or a change, needs one."""

import ast

from jaxmagic.translate.liveness import Names


def indexed(definition: ast.FunctionDef) -> Names:
    """The names that are changed, or indexed by more than a constant, and what they come from.

    ``y = x.copy()`` and ``y = x`` hand the need on to ``x``.
    """
    found = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            stored_to = isinstance(node.ctx, ast.Store)
            if stored_to or any(isinstance(n, ast.Name) for n in ast.walk(node.slice)):
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
