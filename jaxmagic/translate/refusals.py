"""What is refused from its form alone, with the line and the reason."""

import ast
from collections.abc import Iterator, Sequence

from jaxmagic.translate.liveness import parameters, reads, sets, stored, targets
from jaxmagic.translate.result import TranslationError

_KINDS: dict[type[ast.AST], str] = {
    ast.Try: "try can't be translated: a compiled program raises nothing",
    ast.TryStar: "try can't be translated: a compiled program raises nothing",
    ast.Raise: "raise can't be translated: a compiled program raises nothing",
    ast.Assert: "assert can't be translated: a compiled program raises nothing",
    ast.With: "with can't be translated",
    ast.Global: "global variables can't be set by a program",
    ast.Nonlocal: "variables of an outer function can't be set by a program",
    ast.Delete: "del can't be translated",
    ast.Yield: "a generator can't be translated",
    ast.YieldFrom: "a generator can't be translated",
    ast.Await: "await can't be translated",
    ast.AsyncFor: "async can't be translated",
    ast.AsyncWith: "async can't be translated",
    ast.AsyncFunctionDef: "async can't be translated",
    ast.ClassDef: "a class can't be translated",
    ast.Match: "match can't be translated; use if and elif",
    ast.NamedExpr: ":= can't be translated; assign in a line of its own",
    ast.JoinedStr: "text can't be made from values of a program",
    ast.Import: "import inside a function can't be translated; import outside",
    ast.ImportFrom: "import inside a function can't be translated; import outside",
}


def check_syntax(definition: ast.FunctionDef) -> None:
    """Refuse what can't be translated whatever the values are.

    Raises:
        TranslationError: there is such a thing; that of the first line.
    """
    found: list[tuple[int, str]] = []
    for node in ast.walk(definition):
        found += [
            (getattr(node, "lineno", definition.lineno), reason)
            for kind, reason in _KINDS.items()
            if isinstance(node, kind)
        ]
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    found += _attributes(target)
            case ast.AugAssign(target=target) | ast.For(target=target):
                found += _attributes(target)
            case ast.FunctionDef() if node is not definition:
                found += _changed_outside(node)
            case ast.Expr(value=ast.Call() as call):
                found.append((node.lineno, _effect(call)))
    found += _captured(definition)
    found += _changed_outside(definition)
    if found:
        raise TranslationError(*min(found))


def _captured(definition: ast.FunctionDef) -> list[tuple[int, str]]:
    """Functions inside the function that use a variable which changes after their definition."""
    changing: dict[str, int] = dict.fromkeys(parameters(definition.args), 1)
    for node in _own_nodes(definition.body):
        weight = 2 if isinstance(node, ast.For | ast.While | ast.AugAssign) else 1
        inside = node.body if isinstance(node, ast.For | ast.While) else []
        names = {n for t in targets(node) for n in stored(t)} if isinstance(node, ast.stmt) else ()
        for name in {*names, *sets(inside)}:
            changing[name] = changing.get(name, 0) + weight
    found = []
    for node in _own_nodes(definition.body):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            inner: ast.AST = node.value
        elif isinstance(node, ast.FunctionDef):
            inner = node
        else:
            continue
        for name in sorted(reads(inner)):
            if changing.get(name, 0) > 1:
                reason = f"a function inside uses {name}, which changes; give it as an argument"
                found.append((node.lineno, reason))
    return found


def _changed_outside(definition: ast.FunctionDef) -> list[tuple[int, str]]:
    """Arrays that are changed and belong to somebody else."""
    bound = set(parameters(definition.args))
    stores = []
    for node in _own_nodes(definition.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            stores += [(name, node.lineno) for name in stored(node)]
    found = [
        (line, f"{name}, which is no variable of {definition.name}, is changed in place")
        for name, line in stores
        if name not in bound
    ]
    found += [
        (line, f"{name} is no array and is changed in place; make it one: np.zeros(n)")
        for name, line in stores
        if name in _containers(definition)
    ]
    gives = any(
        isinstance(node, ast.Return) and node.value is not None
        for node in _own_nodes(definition.body)
    )
    if not gives:
        found += [
            (line, f"{name} is changed in place and nothing is returned; return it")
            for name, line in stores
        ]
    return found


def _containers(definition: ast.FunctionDef) -> set[str]:
    """The variables that are lists, dictionaries or sets."""
    return {
        name
        for node in _own_nodes(definition.body)
        if isinstance(node, ast.Assign) and _is_container(node.value)
        for target in node.targets
        for name in stored(target)
        if isinstance(target, ast.Name)
    }


def _is_container(value: ast.expr) -> bool:
    if isinstance(value, ast.BinOp):
        return _is_container(value.left) or _is_container(value.right)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("list", "dict", "set")
    return isinstance(
        value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    )


def _own_nodes(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes but those inside functions that are defined here."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _attributes(target: ast.expr) -> list[tuple[int, str]]:
    return [
        (node.lineno, "setting an attribute can't be translated")
        for node in ast.walk(target)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]


def _effect(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return (
            f".{call.func.attr}() is called for what it changes; a program only computes values: "
            "fill an array instead"
        )
    return f"{ast.unparse(call.func)} is called for what it does, not for a value"
