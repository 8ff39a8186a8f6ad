"""What an explorer of a program can show, a page of lines at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from jaxmagic.ir.result import IR, Line, Stage

PAGE = 300  # lines; a browser lights up ten times as many at once


@dataclass(frozen=True)
class Row:
    """A line, with ``-`` or ``+`` before it where a pass took it out or put it in.

    ``heading`` is what it stands below, where lines of several passes are shown together.
    """

    line: Line
    sign: str = ""
    heading: str = ""


def choices(result: IR) -> dict[str, Callable[[], Iterable[Row]]]:
    """What can be shown, by its title: each stage, and of each pass what it changed and made."""
    found: dict[str, Callable[[], Iterable[Row]]] = {
        stage.title: partial(_of_stage, stage) for stage in result.stages
    }
    steps = list(enumerate(result.history.steps[1:], 1))
    if steps:
        found["all passes: what each changed"] = lambda: (
            replace(row, heading=f"{number}. {step.name}")
            for number, step in steps
            for row in _changed(result, number)
        )
    for number, step in steps:
        found[f"{number}. {step.name}: what it changed"] = partial(_changed, result, number)
        found[f"{number}. {step.name}: HLO after it"] = partial(_after, result, number)
    return found


def _changed(result: IR, number: int) -> Iterator[Row]:
    for one in result.history.difference(number):
        yield Row(result.line_of(one.line), one.sign)


def _after(result: IR, number: int) -> Iterator[Row]:
    for one in result.history.module(number):
        yield Row(result.line_of(one))


def _of_stage(stage: Stage) -> Iterator[Row]:
    for number, part in enumerate(stage.main_first):
        if len(stage.parts) > 1:
            yield from [Row(Line(""))] if number else []
            yield Row(Line(part.name))
        yield from map(Row, part.lines)


class Pages:
    """The rows of one choice that have some text in them, and the page that is shown."""

    def __init__(self, result: IR) -> None:
        self._choices = choices(result)
        self._all: list[Row] = []
        self._found: list[Row] = []
        self._sought = ""
        self._start = 0
        if self.titles:
            self.choose(self.titles[0])

    @property
    def titles(self) -> list[str]:
        """What can be chosen."""
        return list(self._choices)

    @property
    def rows(self) -> list[Row]:
        """The page that is shown."""
        return self._found[self._start : self._start + PAGE]

    def choose(self, title: str) -> None:
        """Show another stage or pass, from its beginning."""
        self._all = list(self._choices[title]())
        self.find(self._sought)

    def find(self, text: str) -> None:
        """Keep the lines that have ``text`` in them, in any case; all if it is empty."""
        self._sought = text
        wanted = text.casefold()
        self._found = [row for row in self._all if wanted in row.line.text.casefold()]
        self._start = 0

    def turn(self, pages: int) -> None:
        """Go on by as many pages, or back; not beyond the ends."""
        last = max(len(self._found) - 1, 0) // PAGE * PAGE
        self._start = min(max(self._start + pages * PAGE, 0), last)

    @property
    def has_more(self) -> tuple[bool, bool]:
        """Whether there are pages before this one, and after it."""
        return self._start > 0, self._start + PAGE < len(self._found)

    @property
    def said(self) -> str:
        """Which lines these are."""
        if not self._found:
            return f"No line has “{self._sought}”." if self._sought else "There are no lines."
        last = min(self._start + PAGE, len(self._found))
        said = f"Lines {self._start + 1:,} to {last:,} of {len(self._found):,}"
        if self._sought:
            said += f" that have “{self._sought}”, of {len(self._all):,}"
        return f"{said}."
