"""Which children of two containers belong together.

Sequences are aligned by what their items look like, so that one inserted item is one fault and
not a different item at each place behind it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

STEPS = 2_000_000
EDITS = 400
_CELLS = 10_000
_AT_ONCE = 32


@dataclass(slots=True)
class Alignment:
    """Children that belong together, and those that are on one side only.

    ``matched`` has ranges ``(start on the left, start on the right, length)``, ``missing`` and
    ``extra`` have positions on the left and on the right. ``exact`` is False if looking for the
    best alignment was given up: then position is all that decided.
    """

    matched: list[tuple[int, int, int]] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    exact: bool = True

    def match(self, left: int, right: int, length: int = 1) -> None:
        """Add a matched range, as part of the last one where it goes on there."""
        if not length:
            return
        if self.matched:
            a, b, n = self.matched[-1]
            if (a + n, b + n) == (left, right):
                self.matched[-1] = (a, b, n + length)
                return
        self.matched.append((left, right, length))


def by_key(left: Sequence[Hashable], right: Sequence[Hashable]) -> Alignment:
    """Children with equal keys belong together."""
    found = Alignment()
    if left == right:
        found.match(0, 0, len(left))
        return found
    positions = {key: position for position, key in enumerate(right)}
    for position, key in enumerate(left):
        other = positions.pop(key, None)
        if other is None:
            found.missing.append(position)
        else:
            found.match(position, other)
    found.extra.extend(positions.values())
    return found


def by_position(left: Sequence[int], right: Sequence[int], face: Callable[[int], Any]) -> Alignment:
    """Items at equal positions of equally long sequences; else after the fewest insertions.

    ``left`` and ``right`` have a number for what each item looks like; ``face`` tells what is
    seen of it at first sight. Items that are replaced are matched by that.
    """
    found = Alignment()
    if len(left) == len(right):
        found.match(0, 0, len(left))
        return found
    changed = _changed(left, right)
    if changed is None:
        shorter = min(len(left), len(right))
        found.match(0, 0, shorter)
        found.missing.extend(range(shorter, len(left)))
        found.extra.extend(range(shorter, len(right)))
        found.exact = False
        return found
    end_a = end_b = 0
    for a, a_end, b, b_end in changed:
        found.match(end_a, end_b, a - end_a)
        pairs = _replaced([face(x) for x in left[a:a_end]], [face(x) for x in right[b:b_end]])
        taken_a, taken_b = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, j in pairs:
            found.match(a + i, b + j)
        found.missing.extend(a + i for i in range(a_end - a) if i not in taken_a)
        found.extra.extend(b + j for j in range(b_end - b) if j not in taken_b)
        end_a, end_b = a_end, b_end
    found.match(end_a, end_b, len(left) - end_a)
    return found


def _changed(left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int, int, int]] | None:
    """The ranges that differ, as (start, end) on the left and on the right; None if too many."""
    a_end, b_end = len(left), len(right)
    start = _equal_run(left, right, 0, 0)
    same = _equal_run(left[start:][::-1], right[start:][::-1], 0, 0)
    a_end, b_end = a_end - same, b_end - same
    if start in (a_end, b_end):
        return [(start, a_end, start, b_end)]
    common = _common(left[start:a_end], right[start:b_end])
    if common is None:
        return None
    ranges = []
    a = b = start
    for i, j, length in [*common, (a_end - start, b_end - start, 0)]:
        if (start + i, start + j) != (a, b):
            ranges.append((a, start + i, b, start + j))
        a, b = start + i + length, start + j + length
    return ranges


def _common(left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int, int]] | None:
    """A longest common subsequence as ranges that are equal; None if it would take too long.

    The greedy search for the shortest edit script (Myers, "An O(ND) difference algorithm",
    1986).
    """
    if not set(left) & set(right):
        return []
    n, m = len(left), len(right)
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    steps = 0
    for edits in range(min(n + m, EDITS) + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            y = x - diagonal
            equal = _equal_run(left, right, x, y)
            x, y = x + equal, y + equal
            furthest[diagonal] = x
            steps += 1 + equal // _AT_ONCE
            if x == n and y == m:
                return _backwards(trace, n, m)
        if steps > STEPS:
            return None
    return None


def _equal_run(left: Sequence[int], right: Sequence[int], x: int, y: int) -> int:
    """How many items are equal from these positions on."""
    most = min(len(left) - x, len(right) - y)
    length, step, growing = 0, 1, True
    while step and length < most:
        step = min(step, most - length)
        a, b = x + length, y + length
        if left[a : a + step] == right[b : b + step]:
            length += step
            step = 2 * step if growing else step
        else:
            growing = False
            step //= 2
    return length


def _backwards(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int, int]]:
    """The equal ranges that the search went through on its way to (x, y)."""
    ranges = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        down = diagonal == -edits or (
            diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        before = diagonal + 1 if down else diagonal - 1
        from_x = furthest[before] if edits else 0
        from_y = from_x - before if edits else 0
        length = min(x - from_x, y - from_y)
        if length:
            ranges.append((x - length, y - length, length))
        x, y = from_x, from_y
    ranges.reverse()
    return ranges


def _replaced(left: list[Any], right: list[Any]) -> list[tuple[int, int]]:
    """Pairs of as many items as there are on the shorter side, those of one face if possible."""
    n, m = len(left), len(right)
    if n == m or n * m > _CELLS:
        return [(i, i) for i in range(min(n, m))]
    best = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            paired = best[i + 1][j + 1] + (n + m if left[i] == right[j] else 1)
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        paired = best[i + 1][j + 1] + (n + m if left[i] == right[j] else 1)
        if best[i][j] == paired:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
