"""From an error back to the trees that did not fit together, and what they were called."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from types import CodeType

from jaxmagic import _jax
from jaxmagic.pytree.names import clean, type_name

_LONGEST = 40
_MAPS = ("tree.map", "tree_map", "tree_multimap")
_ORDER = ("first", "second", "third", "fourth", "fifth", "sixth")
_LOOPS = (  # what is in the error of a loop, and what its body gives back for the carry
    ("loop_carry", "jax.eval_shape(body, 0, init)"),
    ("while_loop body", "jax.eval_shape(body, init)"),
    ("carry", "jax.eval_shape(body, init, x)[0]"),
)
_BRANCHES = ("true_fun", "branch 0")
_PREFIX_WORDS = ("tree prefix", "pytree structure error", "in_axes", "out_axes", "shardings")


class DifferenceError(Exception):
    """There is nothing to explain; the message says what to type instead."""


def nothing_found(error: BaseException) -> DifferenceError:
    """Why an error can't be explained: its traceback has no trees."""
    name = type_name(type(error))
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  an error of the user's may fail to say what it is
        said = ""
    gone = f"JAX keeps no trees in the traceback of this {name}: compare"
    if isinstance(error, TypeError) and said:
        for word, carried in _LOOPS:
            if word in said:
                return DifferenceError(
                    f"{gone} what the loop starts with and what its body gives back, "
                    f"%pytree --diff init, {carried}."
                )
        if any(word in said for word in _BRANCHES):
            return DifferenceError(
                f"{gone} what the branches give back, "
                "%pytree --diff jax.eval_shape(one, x), jax.eval_shape(other, x)."
            )
    if any(word in said for word in _PREFIX_WORDS):
        return DifferenceError(f"{gone} them with %pytree --diff --prefix in_axes, args.")
    return DifferenceError(
        f"There are no trees in the traceback of this {name}: compare two trees with "
        "%pytree --diff a, b."
    )


def failed_calls(error: BaseException) -> Iterator[tuple[_jax.FailedTrees, tuple[str, ...]]]:
    """The trees of the calls that failed, likeliest first, each with the names of its trees."""
    for failed in _jax.failed_trees(error):
        written = _written(*failed.caller) if failed.caller else []
        if failed.what:
            yield failed, _names(failed, written)
        elif len(written) > 1 and all(name in failed.scope for name in written):
            trees = tuple(failed.scope[name] for name in written)
            yield replace(failed, what="tree.map", trees=trees, scope={}), tuple(written)


def _names(failed: _jax.FailedTrees, written: list[str]) -> tuple[str, ...]:
    number = len(failed.trees)
    if failed.what != "tree.map":
        word = failed.what.split()[-1]
        return word, "results" if word.startswith("out") else "arguments"
    if len(written) == number:
        seen: dict[str, int] = {}
        names: list[str] = []
        for name in written:
            seen[name] = seen.get(name, 0) + 1
            names.append(name if seen[name] == 1 else f"{name} ({_ordinal(len(names))} tree)")
        return tuple(names)
    return tuple(f"the {_ordinal(position)} tree" for position in range(number))


def _ordinal(position: int) -> str:
    return _ORDER[position] if position < len(_ORDER) else f"{position + 1}th"


def _written(code: CodeType, offset: int) -> list[str]:
    """The trees in the source of a call of ``tree.map``; empty if that is not to be had."""
    positions = next(islice(code.co_positions(), offset // 2, None), None)
    if positions is None or None in positions:
        return []
    first, last, start, end = positions
    lines = linecache.getlines(code.co_filename)
    if first is None or last is None or not 0 < first <= last <= len(lines):
        return []
    text = [line.encode() for line in lines[first - 1 : last]]
    text[-1] = text[-1][:end]
    text[0] = text[0][start:]
    try:
        call = ast.parse(b"(" + b"".join(text) + b")", mode="eval").body
    except (SyntaxError, ValueError):  # the file is not what ran
        return []
    if not isinstance(call, ast.Call) or any(isinstance(a, ast.Starred) for a in call.args):
        return []
    if not ast.unparse(call.func).endswith(_MAPS):  # not the call itself, but what led to it
        return []
    return [clean(ast.unparse(argument), _LONGEST) for argument in call.args[1:]]
