"""The answer to a call: the trees are read, the call is made once, and its value is read.

All that is shown of the operands is read before the call: the user's function may change them.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jaxmagic.pytree.mapped.asked import Asked, Numbered, text_of
from jaxmagic.pytree.mapped.operation import Operation, operation
from jaxmagic.pytree.mapped.result import DRAWN_LEAVES, ROWS, Mapped, Question
from jaxmagic.pytree.mapped.sides import (
    about_none,
    column_heads,
    leaf_rows,
    leaves_side,
    title_of,
    titles_of,
    tree_side,
    treedef_side,
)
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise, summarise_together

_CALL = 200
_OPERANDS = 6
_CHAIN = 90

_Finish = Callable[[Any], Mapped]


def answer(asked: Asked) -> Mapped:
    """Make the call and say what it did; an error of it passes through as it is."""
    __tracebackhide__ = True
    prepare, problem = _PREPARE[asked.known.question], None
    if asked.known.question == "unflatten":
        _keep_leaves(asked)
    try:
        finish = prepare(asked)
    except Exception as error:  # noqa: BLE001  what can't be taken apart fails in many ways
        problem = error
    value = asked.make()  # where it can't be taken apart, JAX says so here
    if problem is not None:
        raise problem
    return finish(value)


def _keep_leaves(asked: Asked) -> None:
    """Leaves that come out of an iterator are kept: they can be had but once."""
    leaves, wanted = asked.of("leaves"), getattr(asked.of("treedef").value, "num_leaves", None)
    if isinstance(wanted, int) and not isinstance(leaves.value, list | tuple):
        # one more than there is room for, so that JAX sees it: there may be no end
        leaves.value = list(itertools.islice(leaves.value, wanted + 1))


def _map(asked: Asked) -> _Finish:
    function = operation(asked.of("f"), asked.code)
    operands = [asked.of("tree"), *asked.others()]
    titles = titles_of([one.text for one in operands], "tree")
    numbered = asked.numbered(operands[0].value)
    things = [one.value for one in operands[:_OPERANDS]]
    shown = list(zip(things, summarise_together(*things), strict=True))
    cells = [numbered.cells(thing, tree) for thing, tree in shown]
    first = shown[0][1]
    paths = numbered.paths(first)
    names = function.parameters[1:] if asked.known.with_path else function.parameters
    columns = column_heads(titles[:_OPERANDS], names)
    notes = about_none(first, numbered)
    if len(operands) > _OPERANDS:
        notes.append(f"Shown are the first {_OPERANDS} of {len(operands)} trees.")
    with_sign = bool(function.sign) and len(operands) == len(names) == 2  # noqa: PLR2004  x + y
    between = (function.sign, "=") if with_sign else (*[","] * (len(shown) - 1), "→")
    heads = [*titles[: len(shown)], "result"] if with_sign else [*columns, function.text]
    sides = [
        tree_side(head, thing, tree, numbered)
        for head, (thing, tree) in zip(heads, shown, strict=False)
    ]

    def finish(value: Any) -> Mapped:
        tree = summarise(value)
        try:
            results = numbered.cells(value, tree)
        except Exception:  # noqa: BLE001  containers that are made anew may turn out as anything
            results = [""] * len(paths)
            notes.append("The result has another structure: its leaves can't be paired.")
            last = tree_side(heads[-1], value, tree, None)
        else:
            last = tree_side(heads[-1], value, tree, numbered)
        return replace(
            _begun(asked, function, titles),
            sides=(*sides, last),
            between=between,
            columns=(*columns, function.text),
            leaves=leaf_rows(paths, *cells, results),
            total=numbered.total,
            notes=tuple(notes),
            value=value,
        )

    return finish


def _reduce(asked: Asked) -> _Finish:
    argument, operand = asked.of("function"), asked.of("tree")
    function = operation(argument, asked.code)
    titles = titles_of([operand.text], "tree")
    numbered = asked.numbered(operand.value)
    tree = summarise(operand.value)
    cells = numbered.cells(operand.value, tree)
    side = tree_side(titles[0], operand.value, tree, numbered)
    paths = numbered.paths(tree)
    start = asked.argument("initializer")
    # what there is before the first call of the function
    before = [text_of(start.value)] if start else cells[:1]
    running = list(before if start is None else ())
    user_function = argument.value

    def heard(accumulated: Any, leaf: Any) -> Any:
        __tracebackhide__ = True
        result = user_function(accumulated, leaf)
        if len(running) < ROWS:
            running.append(text_of(result))
        return result

    asked.exchange(argument, heard)
    notes = about_none(tree, numbered)

    def finish(value: Any) -> Mapped:
        terms = [*(before if start else ()), *cells]
        chain = _chain(function, terms, text_of(value), numbered.total)
        if start is not None and not chain:
            notes.append(f"It starts with {before[0]}.")
        return replace(
            _begun(asked, function, titles),
            sides=(side, tree_side(chain or function.text, value, summarise(value), None)),
            between=("→",),
            columns=(*column_heads(titles, function.parameters[1:2]), function.text),
            leaves=leaf_rows(paths, cells, running),
            total=numbered.total,
            notes=tuple(notes),
            value=value,
            chain=chain,
        )

    return finish


def _chain(function: Operation, terms: list[str], result: str, total: int) -> str:
    """``1 + 2 + 3 = 6`` for a few leaves and an operator that is read from left to right."""
    if not function.sign or function.sign == "**" or not terms or total > DRAWN_LEAVES:
        return ""
    written = f"{f' {function.sign} '.join(terms)} = {result}"
    return written if len(written) <= _CHAIN else ""


def _taken_apart(asked: Asked) -> _Finish:
    """Leaves, flatten and structure: one tree, then its leaves, its treedef or both."""
    operand, question = asked.of("tree"), asked.known.question
    titles = titles_of([operand.text], "tree")
    numbered = asked.numbered(operand.value)
    tree = summarise(operand.value)
    cells = numbered.cells(operand.value, tree)
    first = tree_side(titles[0], operand.value, tree, numbered)
    paths = numbered.paths(tree)
    notes = about_none(tree, numbered)
    treedef = treedef_side(tree, numbered)

    def finish(value: Any) -> Mapped:
        sides = [first]
        if question != "structure":
            leaves = value[0] if question == "flatten" else value
            sides.append(leaves_side([x for _, x in leaves] if asked.known.with_path else leaves))
        if question != "leaves":
            sides.append(treedef)
        return replace(
            _begun(asked, None, titles),
            sides=tuple(sides),
            between=("→", ",")[: len(sides) - 1],
            columns=("leaf",),
            leaves=leaf_rows(paths, cells),
            total=numbered.total,
            notes=tuple(notes),
            value=value,
        )

    return finish


def _unflatten(asked: Asked) -> _Finish:
    treedef, leaves = asked.of("treedef"), asked.of("leaves")
    numbered = Numbered(treedef.value)
    titles = [title_of(treedef.text, "treedef"), title_of(leaves.text, "leaves")]
    given = leaves_side(leaves.value, titles[1])
    cells = [text_of(leaf) for leaf in leaves.value[:ROWS]]

    def finish(value: Any) -> Mapped:
        tree = summarise(value)
        return replace(
            _begun(asked, None, titles),
            sides=(
                treedef_side(tree, numbered, titles[0]),
                given,
                tree_side("result", value, tree, numbered),
            ),
            between=(",", "→"),
            columns=("leaf",),
            leaves=leaf_rows(numbered.paths(tree), cells),
            total=numbered.total,
            value=value,
        )

    return finish


_PREPARE: dict[Question, Callable[[Asked], _Finish]] = {
    "map": _map,
    "reduce": _reduce,
    "leaves": _taken_apart,
    "flatten": _taken_apart,
    "structure": _taken_apart,
    "unflatten": _unflatten,
}


def _begun(asked: Asked, function: Operation | None, titles: Sequence[str]) -> Mapped:
    """The result before there is any: the call as it was written, or as it would be."""
    written = asked.code
    if not written:
        before = [function.written] if function else []
        written = f"{asked.known.name}({', '.join([*before, *titles])})"
    return Mapped(
        call=clean(" ".join(written.split()), _CALL),
        function=asked.known.name,
        question=asked.known.question,
        operator=function.text if function else "",
    )
