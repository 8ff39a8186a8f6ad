"""The ways that a search has gone: what it met, what holds that, and which ways are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxmagic.compiles.memory.paths import Step, written
from jaxmagic.compiles.memory.result import Name

if TYPE_CHECKING:
    from jaxmagic.compiles.memory.held import Way

MOST = 4
"""Ways of one pattern that are written out; more of them are one name with ``[…]``."""

_MOST_OTHERS = 3


class Thing:
    """An object that a search has met, the thing ``above`` that holds it, and the step between.

    A root has none above; ``told`` are the words that follow names found there. Things of one
    ``pattern`` are reached by steps that differ in keys of items only. ``also`` are further ways.
    """

    __slots__ = ("above", "also", "attributes", "level", "object", "pattern", "step", "told")

    def __init__(self, thing: Any, above: Thing | None, step: Step, pattern: int) -> None:
        self.object = thing
        self.above = above
        self.step = step
        self.pattern = pattern
        self.also: list[tuple[Thing, Step]] = []
        self.told: str = above.told if above else ""
        self.level: int = above.level + 1 if above else 0
        self.attributes: int = above.attributes + (step.way == "attribute") if above else 0

    def steps(self) -> list[Step]:
        """From a variable to this thing."""
        found = []
        here = self
        while here.above is not None:
            found.append(here.step)
            here = here.above
        return found[::-1]

    def is_within(self, other: Thing) -> bool:
        """Whether ``other`` is this thing or holds it."""
        here: Thing | None = self
        while here is not None and here is not other:
            here = here.above
        return here is not None

    def reached_again(self, above: Thing, step: Step) -> None:
        """Keep another way to this thing, unless it leads through the thing itself."""
        if len(self.also) < _MOST_OTHERS and not above.is_within(self):
            self.also.append((above, step))


class Patterns:
    """Numbers for ways that are alike."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def new(self) -> int:
        """That of a root."""
        return self._numbers.setdefault(len(self._numbers), len(self._numbers))

    def behind(self, above: Thing, way: Way, key: Any, of: str) -> int:
        """That of a step from ``above``; variables are not items."""
        is_any = way == "item" and above.level > 0
        step = (above.pattern, way, None if is_any else key, of)
        return self._numbers.setdefault(step, len(self._numbers))


class Holding:
    """The ways of one pattern that lead to the arrays of one group."""

    def __init__(self) -> None:
        self.times = 0
        self._ways: list[tuple[Thing, Step]] = []
        self._varies: set[int] = set()  # places counted from the end
        self._last: Thing | None = None

    def add(self, above: Thing, step: Step) -> None:
        """One more way."""
        self.times += 1
        if above is self._last and self.times > MOST:
            self._varies.add(1)  # two ways from the same container
            return
        if not self._ways:
            self._ways.append((above, step))
            self._last = above
            return
        if len(self._ways) < MOST:
            self._ways.append((above, step))
        first, first_step = self._ways[0]
        if step.key is not first_step.key:
            self._varies.add(1)
        if above is self._last:
            return
        self._last = here = above
        place = 2
        while here is not first and here.above is not None and first.above is not None:
            if here.step.key is not first.step.key:
                self._varies.add(place)
            here, first, place = here.above, first.above, place + 1

    def names(self) -> list[Name]:
        """The ways as they are written, those that are alike as one if they are many."""
        folds = self.times > MOST
        found = []
        for above, step in self._ways[: 1 if folds else None]:
            for told, way in _written_ways(above, step):
                steps: list[Step | None] = list(way)
                for place in self._varies if folds else ():
                    if steps[-place] is not None and way[-place].way == "item":
                        steps[-place] = None
                found.append(Name(*written(steps, told), self.times if folds else 1))
        return list(dict.fromkeys(found))


def _written_ways(above: Thing, step: Step) -> list[tuple[str, list[Step]]]:
    """The first way, and those where something on it can be reached otherwise."""
    ways = [(above.told, [*above.steps(), step])]
    behind = [step]
    here = above
    while here.above is not None:
        for other, other_step in here.also:
            ways.append((other.told, [*other.steps(), other_step, *behind]))
        behind = [here.step, *behind]
        here = here.above
    return ways
