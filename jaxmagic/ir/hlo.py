"""HLO as XLA prints it, read into computations and instructions. No line is passed over.

Read are the texts of all supported versions of JAX: with ``source_file`` and ``source_line`` in the
metadata of an instruction (JAX up to 0.7), or with ``stack_frame_id`` and tables of frames above
the computations.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

_TABLES = ("FileNames", "FunctionNames", "FileLocations", "StackFrames")
_NUMBERS = ("line", "column", "end_line", "end_column")
_CALLS = (
    *("calls", "to_apply", "body", "condition", "branch_computations", "called_computations"),
    *("true_computation", "false_computation", "select", "scatter", "comparator"),
)
_NAME = r"%?[\w.\-]+"
_INSTRUCTION = re.compile(rf"(ROOT )?({_NAME}) = ")
_OPCODE = re.compile(r" ([a-z][\w\-]*)\(")
_COMPUTATION = re.compile(rf"(ENTRY )?({_NAME}) (?:\((.*)\) -> (.*) )?{{$")
_ATTRIBUTE = re.compile(r"([\w\-]+)=", re.ASCII)
_ROW = re.compile(r"(\d+) (.*)")
_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s}]+)')
_ESCAPED = re.compile(r"\\(.)")
_COMMENT = re.compile(r"/\*.*?\*/")
_OP_NAME = re.compile(r'op_name="((?:[^"\\]|\\.)*)"')
_NESTED = re.compile(r'["/()\[\]{}]')
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|[()\[\]{},]')


class HloError(ValueError):
    """A line that is no HLO, or HLO of a form that is not known here."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: ``ROOT %name = shape opcode(arguments), attribute=value, ...``.

    ``arguments`` is what stands in the brackets: operands, the number of a parameter, or the value
    of a constant. ``operands`` are names, without the ``%`` that XLA may print, and without the
    number of an element, which newer XLA may print behind a tuple (``%tuple.1#3``). ``attributes``
    are texts.
    """

    name: str
    shape: str
    opcode: str
    arguments: str
    operands: tuple[str, ...]
    attributes: Mapping[str, str]
    is_root: bool

    @property
    def elements(self) -> tuple[str, ...]:
        """The numbers of the elements that operands are, each empty where it is a whole value."""
        return tuple(piece.partition("#")[2] for piece in split(self.arguments))

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The names of the computations that it calls, or is made of."""
        texts = (self.attributes[key] for key in _CALLS if key in self.attributes)
        names = (name for text in texts for name in split(text.strip("{}")))
        return tuple(_bare(name) for name in names if name)

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        """What XLA knows of where it came from, such as ``op_name``; empty if nothing."""
        return dict(_fields(self.attributes.get("metadata", "")))

    @property
    def op_name(self) -> str:
        """The names of the calls, transforms and the primitive that it came from."""
        found = _OP_NAME.search(self.attributes.get("metadata", ""))
        return _unquoted(found[1]) if found else ""

    def __str__(self) -> str:
        """The line that was read, but for its indentation."""
        return self._line(self.attributes)

    @property
    def without_metadata(self) -> str:
        """The line without what XLA knows of where it came from."""
        return self._line({k: value for k, value in self.attributes.items() if k != "metadata"})

    def _line(self, attributes: Mapping[str, str]) -> str:
        root = "ROOT " if self.is_root else ""
        written = "".join(f", {key}={value}" for key, value in attributes.items())
        return f"{root}%{self.name} = {self.shape} {self.opcode}({self.arguments}){written}"


@dataclass(frozen=True)
class Computation:
    """A function of the module; the last instruction need not be the root."""

    name: str
    parameters: str
    result: str
    is_entry: bool
    instructions: tuple[Instruction, ...]

    @property
    def head(self) -> str:
        """The line above its instructions."""
        types = f"({self.parameters}) -> {self.result} " if self.result else ""
        return f"{'ENTRY ' if self.is_entry else ''}%{self.name} {types}{{"

    @cached_property
    def root(self) -> Instruction:
        """The instruction whose value is that of the computation."""
        return next(one for one in self.instructions if one.is_root)

    @cached_property
    def by_name(self) -> Mapping[str, Instruction]:
        """The instructions by their names."""
        return {one.name: one for one in self.instructions}


@dataclass(frozen=True)
class Place:
    """A line of a source file, columns as XLA has them; 0 where it has none."""

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    function: str = ""


@dataclass(frozen=True)
class Module:
    """A module: its computations as they are printed, called ones before those that call them."""

    name: str
    attributes: Mapping[str, str]
    computations: tuple[Computation, ...]
    tables: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The line above its computations."""
        said = (f"{key}={value}" for key, value in self.attributes.items())
        return ", ".join([f"HloModule {self.name}", *said])

    @cached_property
    def entry(self) -> Computation:
        """The computation that is run."""
        return next(one for one in self.computations if one.is_entry)

    @cached_property
    def by_name(self) -> Mapping[str, Computation]:
        """The computations by their names."""
        return {one.name: one for one in self.computations}

    @property
    def instructions(self) -> Iterator[Instruction]:
        """All instructions of all computations."""
        for computation in self.computations:
            yield from computation.instructions

    def place(self, instruction: Instruction) -> Place | None:
        """Where XLA says that an instruction came from, the innermost frame; None if nowhere."""
        metadata = instruction.metadata
        if "source_file" in metadata:
            return Place(metadata["source_file"], int(metadata.get("source_line", 0)))
        frame = dict(_fields(self._row("StackFrames", metadata.get("stack_frame_id"))))
        location = dict(_fields(self._row("FileLocations", frame.get("file_location_id"))))
        if not location:
            return None
        numbers = {key: int(location.get(key, 0)) for key in _NUMBERS}
        return Place(
            self._row("FileNames", location.get("file_name_id")).strip('"'),
            function=self._row("FunctionNames", location.get("function_name_id")).strip('"'),
            **numbers,
        )

    def _row(self, table: str, number: str | None) -> str:
        return self.tables.get(table, {}).get(int(number or 0), "")


def parse(text: str) -> Module:
    """The module that XLA has printed.

    Raises:
        HloError: a line can't be read.
    """
    lines = _Lines(text)
    name, attributes = _header(lines.next())
    tables: dict[str, dict[int, str]] = {}
    computations: list[Computation] = []
    while (line := lines.next()) is not None:
        if line in _TABLES:
            tables[line] = dict(_rows(lines))
        else:
            computations.append(_computation(line, lines))
    if sum(one.is_entry for one in computations) != 1:
        message = "a module has one computation that is its ENTRY"
        raise HloError(message)
    return Module(name, attributes, tuple(computations), tables)


def split(text: str) -> list[str]:
    """Split at the commas that are neither in brackets, nor in a string, nor in a comment."""
    if not _NESTED.search(text):
        return [piece.strip() for piece in text.split(",")] if text.strip() else []
    pieces, start = [], 0
    for at, mark in _marks(text):
        if mark == ",":
            pieces.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*pieces, last] if last or pieces else []


class _Lines:
    """The lines of a text that say something, one after the other."""

    def __init__(self, text: str) -> None:
        self._lines = iter(text.splitlines())

    def next(self) -> str | None:
        return next((line.strip() for line in self._lines if line.strip()), None)

    def until_blank(self) -> Iterator[str]:
        for line in self._lines:
            if not line.strip():
                return
            yield line.strip()


def _header(line: str | None) -> tuple[str, dict[str, str]]:
    if line is None or not line.startswith("HloModule "):
        message = "a module begins with HloModule and its name"
        raise HloError(message)
    name, *attributes = split(line.removeprefix("HloModule "))
    return name, _attributes(attributes, line)


def _rows(lines: _Lines) -> Iterator[tuple[int, str]]:
    for line in lines.until_blank():
        row = _ROW.fullmatch(line)
        if row is None:
            raise _error(line)
        yield int(row[1]), row[2]


def _computation(line: str, lines: _Lines) -> Computation:
    head = _COMPUTATION.fullmatch(line)
    if head is None:
        raise _error(line)
    entry, name, parameters, result = head.groups()
    instructions = []
    while (inner := lines.next()) is not None and not inner.startswith("}"):
        instructions.append(_instruction(inner))
    if inner is None or not instructions:
        message = f"the computation {name} has no end, or nothing in it"
        raise HloError(message)
    if not any(one.is_root for one in instructions):
        instructions[-1] = replace(instructions[-1], is_root=True)
    return Computation(
        _bare(name), parameters or "", result or "", entry is not None, tuple(instructions)
    )


def _instruction(line: str) -> Instruction:
    head = _INSTRUCTION.match(line)
    rest = line[head.end() :] if head else ""
    opcode = _opcode(rest)
    if head is None or opcode is None:
        raise _error(line)
    close = _end_of_brackets(rest, opcode.end() - 1)
    arguments = rest[opcode.end() : close]
    attributes = split(rest[close + 1 :].removeprefix(","))
    operands: list[str] = []
    if opcode[1] not in ("constant", "parameter", "iota"):
        operands = [_bare(piece.split()[-1].partition("#")[0]) for piece in split(arguments)]
    return Instruction(
        _bare(head[2]),
        rest[: opcode.start()],
        opcode[1],
        arguments,
        tuple(operands),
        _attributes(attributes, line),
        head[1] is not None,
    )


def _opcode(rest: str) -> re.Match[str] | None:
    """Where the opcode is: behind the shape, which may have blanks in the brackets of a tuple."""
    start = _end_of_brackets(rest, 0) + 1 if rest.startswith("(") else 0
    return _OPCODE.search(rest, start)


def _attributes(pieces: Sequence[str], line: str) -> dict[str, str]:
    found = {}
    for piece in pieces:
        name = _ATTRIBUTE.match(piece)
        if name is None:
            raise _error(line)
        found[name[1]] = piece[name.end() :]
    return found


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """The fields of ``{name="value" number=3}``."""
    for name, value in _FIELD.findall(text):
        yield name, _unquoted(value[1:-1]) if value.startswith('"') else value


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _bare(name: str) -> str:
    return (_COMMENT.sub("", name) if "/*" in name else name).strip().removeprefix("%")


def _end_of_brackets(text: str, start: int) -> int:
    """Where the bracket is closed that is opened at ``start``."""
    end = text.find(")", start)
    if text[start] == "(" and end >= 0 and not _NESTED.search(text, start + 1, end):
        return end
    for at, mark in _marks(text, start + 1):
        if mark in ")]}":
            return at
    raise _error(text)


def _marks(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """The commas from ``start`` on that no bracket, string or comment is around, and where.

    It ends with a closing bracket that was not opened.
    """
    depth = 0
    for found in _MARK.finditer(text, start):
        mark = found[0]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            if depth == 0:
                yield found.start(), mark
                return
            depth -= 1
        elif mark == "," and depth == 0:
            yield found.start(), mark


def _error(line: str) -> HloError:
    return HloError(f"this line can't be read: {line[:200]}")
