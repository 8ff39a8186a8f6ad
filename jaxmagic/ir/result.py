"""What the compiler made of a call: its stages, each line with where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaxmagic.ir.passes import Event, History, Step
from jaxmagic.ir.passes import Line as HistoryLine
from jaxmagic.show import Shown
from jaxmagic.show.result import Result


@dataclass(frozen=True)
class Expression:
    """An expression of the user's source, as far as it is known: ``text`` may be empty."""

    file: str
    label: str
    line: int
    text: str

    def __str__(self) -> str:
        """Where it stands and what it is."""
        return f"{self.label} line {self.line}: {self.text}".rstrip(": ")


@dataclass(frozen=True)
class Piece:
    """A piece of a line, with the number of the innermost expression that it is part of."""

    text: str
    expression: int | None


@dataclass(frozen=True)
class SourceLine:
    """A line of a cell or a file, cut into pieces."""

    label: str
    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Equation:
    """An equation of the jaxpr; ``within`` is the equation whose program it is part of.

    ``expression`` is what it came from; ``is_own`` says that it is not that of the call around it.
    """

    number: int
    within: int | None
    primitive: str
    results: tuple[str, ...]
    expression: int | None
    is_own: bool = True


def expression_of(equations: Sequence[Equation], path: tuple[int, ...]) -> int | None:
    """The expression that an equation came from, by the path to it; None if unknown.

    The path is the equation, and before it those that it was within: JAX keeps what is inside of
    several calls once, so an equation without one of its own has that of the call in the path.
    """
    *outer, number = path
    equation = equations[number]
    if equation.is_own or not outer:
        return equation.expression
    return expression_of(equations, tuple(outer))


@dataclass(frozen=True)
class Line:
    """A line of a stage.

    ``equations`` and ``expressions`` are what it came from, by number. ``is_direct`` says that the
    compiler has told so; else they are those of what it is used by, or made from. ``noise`` is the
    kind of a line that says little, such as "parameter", empty for others.
    """

    text: str
    equations: tuple[int, ...] = ()
    expressions: tuple[int, ...] = ()
    is_direct: bool = True
    noise: str = ""
    opcode: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Part:
    """A function or a computation of a stage; ``head`` is the line above those of HLO."""

    name: str
    lines: tuple[Line, ...]
    head: str = ""

    @property
    def text(self) -> str:
        """Its text, in the form that the compiler prints."""
        lines = [line.text for line in self.lines]
        if self.head:
            lines = [self.head, *(f"  {line}" for line in lines), "}"]
        return "\n".join(lines)


@dataclass(frozen=True)
class Stage:
    """One form of the program; ``name`` is what ``--stage`` takes.

    ``parts`` are in the order of the compiler, where a computation of HLO stands above its callers;
    ``head`` is the line above all of HLO.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    head: str = ""

    @property
    def main_first(self) -> list[Part]:
        """The parts in an order to read: what is run, then what it calls."""
        return sorted(self.parts, key=lambda part: not part.head.startswith("ENTRY "))

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of its lines."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def text(self) -> str:
        """Its text, without what jaxmagic has put into it and without XLA's metadata."""
        return "\n\n".join([*filter(None, [self.head]), *(part.text for part in self.parts)])


@dataclass(frozen=True, repr=False)
class IR(Result):
    """What the compiler made of one call, from one trace and one compile.

    ``stages`` are those that there are, in their order: "jaxpr", "stablehlo", "hlo-before", "hlo".
    ``history`` has the module after each pass that changed it. ``same_as_untagged`` is the answer
    of ``--verify``: whether XLA makes the same of the program without our tags.
    """

    call: str
    name: str
    equations: tuple[Equation, ...]
    expressions: tuple[Expression, ...]
    source: tuple[SourceLine, ...]
    stages: tuple[Stage, ...]
    history: History = field(default_factory=History)
    notes: tuple[str, ...] = ()
    platform: str = ""
    same_as_untagged: bool | None = None

    def stage(self, name: str) -> Stage:
        """The stage of this name.

        Raises:
            KeyError: there is none; the message names those that there are.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        message = f"no stage {name!r}; there are {', '.join(one.name for one in self.stages)}"
        raise KeyError(message)

    def line_of(self, line: HistoryLine) -> Line:
        """A line of the history as one of a stage."""
        expression = expression_of(self.equations, line.path) if line.path else None
        linked = () if expression is None else (expression,)
        return Line(line.text, line.path[-1:], linked, opcode=line.opcode)

    def life(self, equation: int) -> tuple[tuple[Step, Event], ...]:
        """The passes that changed an equation, with what there was of it before and after."""
        return tuple(
            (self.history.steps[one.step], one) for one in self.history.lives.get(equation, ())
        )


@dataclass(frozen=True, repr=False)
class StageText(Shown):
    """One stage of a program as text, as ``--stage`` asks for."""

    title: str
    text: str
