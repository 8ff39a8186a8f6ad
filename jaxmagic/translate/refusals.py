"""What is refused from its form alone, with the line and the reason."""

import ast
import types

from jaxmagic.translate.result import TranslationError
from jaxmagic.translate.scope import Program

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


def check_syntax(
    definition: ast.FunctionDef, function: types.FunctionType, program: Program
) -> None:
    """Refuse what can't be translated whatever the values are.

    Raises:
        TranslationError: there is such a thing; that of the first line.
    """
    found: list[tuple[int, str]] = []
    for node in ast.walk(definition):
        for kind, reason in _KINDS.items():
            if isinstance(node, kind):
                found.append((node.lineno, reason))
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    found += _attributes(target)
            case ast.AugAssign(target=target) | ast.For(target=target):
                found += _attributes(target)
            case ast.Expr(value=ast.Call() as call):
                found.append((node.lineno, _effect(call)))
    if found:
        raise TranslationError(*min(found))


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
