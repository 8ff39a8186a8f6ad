"""The names that lead to arrays: a search from variables through what they hold, level by level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import count, islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from jaxmagic import _jax
from jaxmagic.compiles.memory.held import PLAIN, Held, Readers, Way, held
from jaxmagic.compiles.memory.paths import Step
from jaxmagic.compiles.memory.ways import MOST, Holding, Patterns, Thing

if TYPE_CHECKING:
    from jaxmagic.compiles.memory.result import Name

_ATTRIBUTES, _LEVELS = 4, 24
_OFTEN, _LARGE = 256, 64
_CONTAINERS = frozenset(map(id, (dict, list, tuple)))


class Owners:
    """A search for the arrays whose groups are in ``group_of``, by identity, until ``until``.

    Each object is looked into once, those nearest to a variable first, at most four attributes
    and 24 levels deep. ``named`` are the identities of the arrays that were found, ``left_over``
    counts what there was no time to look into. A search holds on to all that it has met: drop
    it when the names are known.
    """

    def __init__(
        self, group_of: Mapping[int, int], clock: Callable[[], float], until: float
    ) -> None:
        self.named: set[int] = set()
        self.left_over = 0
        self._group_of = group_of
        self._clock = clock
        self._until = until
        self._taken = 0
        self._only_unnamed = False
        self._skipped: frozenset[int] = frozenset()
        self._holdings: dict[int, dict[int, Holding]] = {}
        self._patterns = Patterns()
        self._readers: Readers = {}
        self._met: dict[int, Thing] = {}
        self._waiting: list[Thing] = []

    def search(self, roots: Iterable[tuple[str, Held]], *, only_unnamed: bool = False) -> None:
        """Follow what ``roots`` hold; each has words that follow the names found there.

        ``only_unnamed`` gives no further names to arrays that have one.
        """
        self._only_unnamed = only_unnamed
        self._skipped = frozenset(self.named) if only_unnamed else frozenset()
        done = 0
        try:
            for told, (way, of, pairs) in roots:
                root = Thing(None, None, Step("same"), self._patterns.new())
                root.told = told
                self._children(root, way, of, pairs)
            while done < len(self._waiting):
                done += 1
                self._look_into(self._waiting[done - 1])
        except _TimeIsOverError:
            self.left_over += 1
        self.left_over += len(self._waiting) - done
        self._waiting.clear()

    def names(self, group: int) -> tuple[tuple[Name, ...], int]:
        """Names of the arrays of a group, and how many there are beyond them."""
        found: dict[Name, None] = {}
        left_out = 0
        for holding in self._holdings.get(group, {}).values():
            if len(found) < 2 * MOST:
                found |= dict.fromkeys(holding.names())
            else:
                left_out += holding.times
        names = tuple(found)
        return names[:MOST], left_out + sum(name.times for name in names[MOST:])

    def _look_into(self, thing: Thing) -> None:
        kind = type(thing.object)
        if issubclass(kind, (ModuleType, type)) and thing.level > 1:
            return
        try:
            if id(kind) in _CONTAINERS and self._at_once(thing):
                return
            for way, of, pairs in held(thing.object, self._readers):
                if way != "attribute" or thing.attributes < _ATTRIBUTES:
                    self._children(thing, way, of, pairs)
        except RuntimeError:  # another thread changes it at this moment
            self.left_over += 1

    def _children(self, above: Thing, way: Way, of: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        group_of, named = self._group_of, self.named
        of_module = issubclass(type(above.object), ModuleType)
        alike: dict[int, Holding] = {}
        for key, child in pairs:
            self._taken += 1
            if self._taken % _OFTEN == 0 and self._clock() > self._until:
                raise _TimeIsOverError
            group = group_of.get(id(child))
            if group is not None and id(child) not in self._skipped:
                named.add(id(child))
                holding = alike.get(group)
                if holding is None:
                    holding = self._holding(group, above, way, key, of)
                    if way == "item" and above.level > 0:
                        alike[group] = holding
                holding.add(above, Step(way, key, of))
                continue
            kind = id(type(child))
            if kind in PLAIN or group is not None or (of_module and kind not in _CONTAINERS):
                continue
            self._follow(child, above, Step(way, key, of))

    def _follow(self, child: Any, above: Thing, step: Step) -> None:
        """Look into ``child`` later, if it was not met before."""
        array = _jax.key_array(child)
        group = self._group_of.get(id(array))
        if group is not None:
            if id(array) not in self._skipped:
                self.named.add(id(array))
                self._holding(group, above, *step).add(above, step)
        elif id(child) in self._met:
            if not self._only_unnamed:
                self._met[id(child)].reached_again(above, step)
        elif above.level < _LEVELS:
            thing = Thing(child, above, step, self._patterns.behind(above, *step))
            self._met[id(child)] = thing
            self._waiting.append(thing)

    def _at_once(self, thing: Thing) -> bool:
        """Look through a large container at once, if it has only plain things or only arrays."""
        things = thing.object
        if len(things) < _LARGE or self._skipped:
            return False
        is_dict = type(things) is dict
        kinds = set(map(id, map(type, things.values() if is_dict else things)))
        if kinds <= PLAIN:
            return True
        if len(kinds) > 1 or len(things) > 2 * len(self._group_of):
            return False
        identities = list(map(id, things.values() if is_dict else things))
        groups = Counter(map(self._group_of.get, identities))
        if None in groups or len(groups) > MOST:  # others may hold further arrays
            return False
        if self._clock() > self._until:
            raise _TimeIsOverError
        self.named.update(identities)
        for group, times in groups.items():
            if group is None:
                continue
            keys = zip(things if is_dict else count(), identities, strict=False)
            first = islice((k for k, one in keys if self._group_of[one] == group), MOST + 1)
            steps = [Step("item", key) for key in first]
            holding = self._holding(group, thing, *steps[0])
            for step in steps:
                holding.add(thing, step)
            holding.times += times - len(steps)
        return True

    def _holding(self, group: int, above: Thing, way: Way, key: Any, of: str) -> Holding:
        pattern = self._patterns.behind(above, way, key, of)
        return self._holdings.setdefault(group, {}).setdefault(pattern, Holding())


class _TimeIsOverError(Exception):
    """There is none left for this search."""
