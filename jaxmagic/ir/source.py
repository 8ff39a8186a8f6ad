"""The user's own source behind a program: which expressions its equations came from.

An equation came from the innermost call in the user's own code, be that of a library function.
JAX keeps the program of a function that it has traced once, such as that behind ``jnp.where``:
what stands in it about its callers is about the first one. There the call counts, not the inside.
"""

import ast
import linecache
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from jaxmagic._jax import Equation as Traced
from jaxmagic._jax import Frame
from jaxmagic.cells import cells, is_own_file, is_users_file, number_of
from jaxmagic.ir.result import Equation, Expression, Piece, SourceLine

_MOST_LINES = 400  # of one file


def originated(traced: Sequence[Traced]) -> tuple[tuple[Equation, ...], tuple[Frame, ...]]:
    """The equations of a program with the expressions that they came from, and those expressions.

    An equation that has none of its own has that of the call around it.
    """
    numbers: dict[Frame, int] = {}
    found: list[Equation] = []
    for one in traced:
        frame = _own(one, None if one.within is None else traced[one.within])
        expression = None if one.within is None else found[one.within].expression
        if frame is not None:
            expression = numbers.setdefault(frame, len(numbers))
        found.append(
            Equation(one.number, one.within, one.primitive, one.results, expression, bool(frame))
        )
    return tuple(found), tuple(numbers)


def _own(equation: Traced, around: Traced | None) -> Frame | None:
    """The user's innermost frame of an equation, if it is about the call that it is within."""
    if around is not None and around.calls:
        functions = (frame.function.rpartition(".")[2] for frame in equation.frames)
        if around.calls not in functions:
            return None
    # behind our own frames is who has asked
    frames = takewhile(lambda frame: not is_own_file(frame.file), equation.frames)
    return next((frame for frame in frames if is_users_file(frame.file)), None)


def expressions(frames: Iterable[Frame]) -> tuple[Expression, ...]:
    """Each frame as an expression of the source."""
    numbers = cells()
    return tuple(
        Expression(frame.file, _label(frame.file, numbers), frame.line, _text(frame))
        for frame in frames
    )


def source_lines(frames: Sequence[Frame]) -> tuple[SourceLine, ...]:
    """The functions that the expressions stand in, their lines cut where one begins or ends.

    Each piece has the number of the innermost expression that it is part of.
    """
    of_file: dict[str, list[tuple[int, Frame]]] = defaultdict(list)
    for number, frame in enumerate(frames):
        of_file[frame.file].append((number, frame))
    numbers = cells()
    found: list[SourceLine] = []
    for file, numbered in of_file.items():
        lines = [line.rstrip("\n") for line in linecache.getlines(file)]
        label = _label(file, numbers)
        for number in _shown(lines, [frame for _, frame in numbered])[:_MOST_LINES]:
            pieces = _pieces(lines[number - 1], number, numbered)
            found.append(SourceLine(label, number, pieces))
    return tuple(found)


def _label(file: str, numbers: Mapping[str, int]) -> str:
    cell = number_of(file, numbers)
    return f"In[{cell}]" if cell is not None else Path(file).name


def _text(frame: Frame) -> str:
    """The expression as it is written, its lines joined; empty if the source is not to be had."""
    pieces = []
    for line in range(frame.line, frame.end_line + 1):
        text = linecache.getline(frame.file, line).rstrip("\n")
        start, end = _columns(text, line, frame)
        pieces.append(text[start:end].strip())
    return " ".join(pieces)


def _columns(text: str, line: int, frame: Frame) -> tuple[int, int]:
    """Where an expression begins and ends in a line, in characters; whole if that is not known."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if frame.end_column:
        data = text.encode()
        if line == frame.line:
            start = len(data[: frame.column].decode(errors="ignore"))
        if line == frame.end_line:
            end = len(data[: frame.end_column].decode(errors="ignore"))
    return start, end


def _shown(lines: Sequence[str], frames: Sequence[Frame]) -> list[int]:
    """The lines of the outermost functions or statements that have an expression in them."""
    wanted = {line for frame in frames for line in range(frame.line, frame.end_line + 1)}
    shown = set(wanted)
    for statement in _statements("\n".join(lines)):
        if not wanted.isdisjoint(statement):
            shown.update(statement)
    return sorted(line for line in shown if 1 <= line <= len(lines))


@lru_cache(maxsize=16)  # a file is asked about again and again
def _statements(text: str) -> tuple[range, ...]:
    """The lines of each statement of a file or a cell, and of a class of its own."""
    try:
        return tuple(_lines_of(ast.parse(text).body))
    except SyntaxError:
        return ()  # a cell with magics: then only the lines themselves


def _lines_of(statements: Iterable[ast.stmt]) -> Iterator[range]:
    for statement in statements:
        if isinstance(statement, ast.ClassDef):
            yield from _lines_of(statement.body)
        else:
            decorators = getattr(statement, "decorator_list", ())
            first = min([statement.lineno, *(one.lineno for one in decorators)])
            yield range(first, (statement.end_lineno or statement.lineno) + 1)


def _pieces(text: str, line: int, numbered: Sequence[tuple[int, Frame]]) -> tuple[Piece, ...]:
    """A line, cut up."""
    owner: list[int | None] = [None] * len(text)
    here = [(n, frame) for n, frame in numbered if frame.line <= line <= frame.end_line]
    for number, frame in sorted(here, key=lambda pair: _size(pair[1])):
        start, end = _columns(text, line, frame)
        owner[start:end] = [number] * len(owner[start:end])
    pieces: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or owner[at] != owner[start]:
            pieces.append(Piece(text[start:at], owner[start]))
            start = at
    return tuple(pieces)


def _size(frame: Frame) -> tuple[int, int]:
    return -(frame.end_line - frame.line), -(frame.end_column - frame.column)
