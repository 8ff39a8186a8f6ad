"""From the text of a cell, or of a line, to the comparison that it asks for."""

import ast
from dataclasses import replace
from typing import Any

from jaxmagic.compare.backend import Setup
from jaxmagic.compare.candidates import Wanted, candidates_of, decorated, given
from jaxmagic.compare.cell import (
    LANGUAGES,
    Call,
    CellError,
    as_typed,
    bind,
    call_of,
    run_definitions,
    split,
)
from jaxmagic.compare.result import Comparison
from jaxmagic.compare.sweep import parse_sweep, sweep_cell
from jaxmagic.compare.sweep.result import Sweep
from jaxmagic.compare.table import Candidate, run_candidates
from jaxmagic.source import arguments_of, evaluate, underlying


def compare_cell(
    text: str,
    namespace: dict[str, Any],
    filename: str,
    wanted: Wanted = Wanted(),  # noqa: B008  it is frozen
    setup: Setup = Setup(),  # noqa: B008  as above
) -> Comparison:
    """What ``%%jaxcompare`` does with the text of its cell (without the line of the magic).

    The definitions are executed in ``namespace`` and stay there; sections are executed in copies
    of it. ``filename`` is the name under which the text is known for tracebacks.

    Raises:
        CellError: the cell has no call, or a section can't be understood.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    main, sections = split(text, first_line=2)
    expression = run_definitions(main, filename, namespace)
    if expression is None:
        message = "the last line must be the call to time, for instance f(x)."
        raise CellError(message)
    call = call_of(expression, filename, namespace)
    call = replace(call, source=as_typed(expression, main))
    own = {
        section.backend: _section_call(section.text, section.backend, call, filename, namespace)
        for section in sections
        if section.backend not in LANGUAGES
    }
    others = [section for section in sections if section.backend in LANGUAGES]
    files = setup.files | {filename} | _files_of(call, *own.values())
    candidates = candidates_of(call, own, others, wanted)
    return run_candidates(call.source, candidates, replace(setup, files=files), decorated(call))


def compare_calls(
    text: str,
    namespace: dict[str, Any],
    filename: str,
    setup: Setup = Setup(),  # noqa: B008  it is frozen
) -> Comparison:
    """What ``%jaxcompare f(x), g(x)`` does: time calls of functions that exist, as they are.

    The arguments are evaluated once in ``namespace``. An expression that is no call becomes a
    function of what it names.

    Raises:
        CellError: there is no call.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    if not text:
        message = "give calls of functions that exist: %jaxcompare f(x), g(x)"
        raise CellError(message)
    try:
        tree = ast.parse(text, filename, "eval").body
    except SyntaxError as error:
        message = f"{text} is no Python expression ({error.msg})."
        raise CellError(message) from None
    expressions = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    candidates: list[Candidate] = []
    files = setup.files | {filename}
    for expression in expressions:
        label = as_typed(expression, text)
        name = (
            f"{label} ({len(candidates) + 1})" if label in {c.name for c in candidates} else label
        )
        if isinstance(expression, ast.Call):
            function = evaluate(expression.func, filename, namespace)
            arguments, keywords = arguments_of(expression, filename, namespace)
        else:
            call = call_of(expression, filename, namespace)
            function, arguments, keywords = call.function, call.arguments, {}
        below = underlying(function)
        files |= {below.__code__.co_filename} if below else set()
        candidates.append(given(name, function, arguments, keywords))
    source = " | ".join(candidate.label for candidate in candidates)
    return run_candidates(source, candidates, replace(setup, files=files))


def compare_swept(
    swept: str,
    text: str,
    namespace: dict[str, Any],
    filename: str,
    wanted: Wanted = Wanted(),  # noqa: B008  it is frozen
    setup: Setup = Setup(),  # noqa: B008  as above
) -> Sweep:
    """What ``%%jaxcompare n=10**1..10**7`` does: :func:`compare_cell` for each value of ``swept``.

    Raises:
        CellError: ``swept`` is no sweep over one variable, or the cell can't be understood.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    variable, values = parse_sweep(swept, namespace)

    def compare_at(left_out: frozenset[str], setup: Setup) -> Comparison:
        __tracebackhide__ = True
        left = replace(wanted, without=left_out)
        return compare_cell(text, namespace, filename, left, setup)

    return sweep_cell(text, variable, values, namespace, compare_at, setup)


def _section_call(
    text: str, backend: str, main: Call, filename: str, namespace: dict[str, Any]
) -> Call:
    """The call of a section: its own last line, or the main call with the section's function."""
    __tracebackhide__ = True
    own = dict(namespace)
    expression = run_definitions(text, filename, own)
    if expression is not None:
        return call_of(expression, filename, own)
    name = main.function.__name__
    function = underlying(own.get(name))
    if function is None or function is main.function:
        message = (
            f"the section %%{backend} defines no function {name}; define it there, or end the "
            "section with the call to time."
        )
        raise CellError(message)
    return bind(main.source, own[name], function, main.arguments, {})


def _files_of(*calls: Call) -> set[str]:
    return {call.function.__code__.co_filename for call in calls}
