"""What XLA's passes did: the module after each pass that changed it, each text kept once.

Most computations are the same after most passes, and most lines of one that was changed are. So a
line is kept once, and a computation as the numbers of its lines: compressed, without what XLA has
for people (metadata, tables of frames), and with the equations that its instructions came from.
"""

import hashlib
import re
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, cached_property

_COMPUTATION = re.compile(r"(?:ENTRY )?%?([\w.\-]+) .*\{\n")
_METADATA = re.compile(r', metadata=\{[^"}]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"}]*)*\}')
_PATH = re.compile(r"\t([\d ]*)\t")
_INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%?[\w.\-]+ = (?:\(.*?\)|\S+) ([a-z][\w\-]*)\(")
_LONG = 1_000  # lines of a computation from which on frequent lines are no anchors


@dataclass(frozen=True)
class Line:
    """A line of HLO without metadata, and the equation that it came from, as a path of numbers.

    The last is that of the equation, before it are those that it was within; empty if unknown.
    """

    text: str
    path: tuple[int, ...] = ()

    @cached_property
    def opcode(self) -> str:
        """What the instruction does; empty if the line is none."""
        found = _INSTRUCTION.match(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)
class Step:
    """The module after a pass: the digests of its computations, by their names."""

    pipeline: str
    name: str
    computations: Mapping[str, str]


@dataclass(frozen=True)
class Changed:
    """A line that a pass took out (``-``) or put in (``+``)."""

    sign: str
    line: Line


@dataclass(frozen=True)
class Event:
    """What a pass did to an equation: how many instructions of each opcode it had and has."""

    step: int
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def is_end(self) -> bool:
        """Whether nothing is left of the equation."""
        return not self.after


@dataclass(frozen=True)
class History:
    """The module before all passes, the first step, and after each that changed it.

    ``texts`` are the computations by their digests: the numbers of their lines, of type "I" of
    ``array``. ``kept`` are these lines of HLO; the path of an equation stands between two tabs in
    place of the metadata. Both are compressed by zlib.
    """

    steps: tuple[Step, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)
    kept: bytes = zlib.compress(b"")

    def lines(self, digest: str) -> list[Line]:
        """The lines of a computation."""
        return [self._lines[number] for number in array("I", zlib.decompress(self.texts[digest]))]

    @cached_property
    def _lines(self) -> list[Line]:
        """All lines that there are, by their numbers."""
        pieces = (_PATH.split(line, 1) for line in zlib.decompress(self.kept).decode().split("\n"))
        return [
            Line(line + "".join(rest[1:]), tuple(map(int, rest[0].split() if rest else ())))
            for line, *rest in pieces
        ]

    def module(self, step: int) -> list[Line]:
        """All lines of the module after a step."""
        found: list[Line] = []
        for digest in self.steps[step].computations.values():
            found += [*self.lines(digest), Line("")]
        return found

    def difference(self, step: int) -> Iterator[Changed]:
        """What a pass took out and put in."""
        for old, new in self._changed(step):
            yield from _difference(old, new)

    def counts(self, step: int) -> tuple[int, int]:
        """How many instructions a pass took out, and put in; not those that it only moved."""
        out: Counter[str] = Counter()
        into: Counter[str] = Counter()
        for old, new in self._changed(step):
            out.update(line.text.strip() for line in old if line.opcode)
            into.update(line.text.strip() for line in new if line.opcode)
        return (out - into).total(), (into - out).total()

    def _changed(self, step: int) -> Iterator[tuple[list[Line], list[Line]]]:
        """The computations that a pass changed, as they were and as they are."""
        before, after = self.steps[step - 1].computations, self.steps[step].computations
        for name in {**before, **after}:
            old, new = before.get(name), after.get(name)
            if old != new:
                yield self.lines(old) if old else [], self.lines(new) if new else []

    @cached_property
    def size_bytes(self) -> int:
        """How much is kept."""
        return len(self.kept) + sum(map(len, self.texts.values()))

    @cached_property
    def lives(self) -> Mapping[int, tuple[Event, ...]]:
        """What each equation that XLA was given went through, by its number."""
        of_text = {digest: self._opcodes(digest) for digest in self.texts}
        found: dict[int, list[Event]] = defaultdict(list)
        before: dict[int, Counter[str]] = {}
        for number, step in enumerate(self.steps):
            after: dict[int, Counter[str]] = defaultdict(Counter)
            for digest in step.computations.values():
                for equation, opcodes in of_text[digest].items():
                    after[equation] += opcodes
            for equation in before.keys() | after.keys():
                was, has = before.get(equation, Counter()), after.get(equation, Counter())
                if was != has or not number:
                    found[equation].append(Event(number, was, has))
            before = after
        return {equation: tuple(found[equation]) for equation in sorted(found)}

    def removed_by(self, equation: int) -> Step | None:
        """The pass after which nothing was left of an equation; None if something is."""
        life = self.lives.get(equation, ())
        return self.steps[life[-1].step] if life and life[-1].is_end else None

    def _opcodes(self, digest: str) -> Mapping[int, Counter[str]]:
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for line in self.lines(digest):
            if line.path and line.opcode:
                found[line.path[-1]][line.opcode] += 1
        return found


class Writer:
    """Makes a history from the texts of a module, in the order of the passes.

    ``tags_in`` gives the numbers of the equations in metadata, each within the one before it.
    """

    def __init__(self, before: str, tags_in: Callable[[str], tuple[int, ...]]) -> None:
        self._tags_in = tags_in
        self._kept: dict[str, int] = {}  # the numbers of the lines
        self._texts: dict[str, bytes] = {}
        self._steps: list[Step] = []
        self._last = ""
        # what XLA prints again and again is looked at once
        self._digest, self._number = cache(self._computation), cache(self._line)
        self._path = cache(self._path_in)
        self.add("", "before all passes", before)

    def add(self, pipeline: str, name: str, text: str) -> None:
        """The module after a pass; nothing is kept if it is as it was before."""
        if text == self._last:
            return
        self._last = text
        computations = {
            found[1]: self._digest(block)
            for piece in text.split("\n\n")  # tables of frames stand between others
            if (found := _COMPUTATION.match(block := piece.strip("\n")))
        }
        if not self._steps or computations != self._steps[-1].computations:
            self._steps.append(Step(pipeline, name, computations))

    def history(self) -> History:
        """What was added."""
        kept = zlib.compress("\n".join(self._kept).encode())
        return History(tuple(self._steps), dict(self._texts), kept)

    def _computation(self, printed: str) -> str:
        """The digest of a computation, which is kept."""
        numbers = array("I", map(self._number, printed.split("\n"))).tobytes()
        digest = hashlib.blake2b(numbers, digest_size=12).hexdigest()
        if digest not in self._texts:
            self._texts[digest] = zlib.compress(numbers)
        return digest

    def _line(self, printed: str) -> int:
        """The number of a line, which is kept: with a path in place of what is for people."""
        line = _METADATA.sub(lambda found: self._path(found[0]), printed)
        return self._kept.setdefault(line, len(self._kept))

    def _path_in(self, metadata: str) -> str:
        """The path of the equation in metadata, as it is kept."""
        return f"\t{' '.join(map(str, self._tags_in(metadata)))}\t"


def _difference(old: list[Line], new: list[Line]) -> Iterator[Changed]:
    before, after = [line.text for line in old], [line.text for line in new]
    matcher = SequenceMatcher(None, before, after, autojunk=max(len(old), len(new)) > _LONG)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind != "equal":
            yield from (Changed("-", line) for line in old[old_from:old_to])
            yield from (Changed("+", line) for line in new[new_from:new_to])
