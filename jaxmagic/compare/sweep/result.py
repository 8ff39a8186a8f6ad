"""What a sweep found: a comparison for every value, and the figures derived from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from jaxmagic.compare.result import Comparison, Row, calls_to_pay
from jaxmagic.compare.sweep.curves import Point, interpolated_s, meeting, predicted_s
from jaxmagic.measure.estimates import ratio_in_rounds
from jaxmagic.show.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from jaxmagic.show.picture import Picture

Late = Literal["call", "preparing"]

_SHORTEST_S = 1e-12  # a clock that did not move; zero has no logarithm


@dataclass(frozen=True)
class Stop:
    """A backend was left out from ``value`` on, for a ``reason``, which is a sentence.

    ``what`` got too slow: a single "call", or "preparing" it (tracing, compiling).
    """

    backend: str
    value: int | float
    what: Late
    reason: str


@dataclass(frozen=True)
class Series:
    """The times of one backend, by value: those measured, and those extrapolated.

    Extrapolated is only what lies beyond the value where the backend was left out because a call
    got too slow, along the line through its last two measured points on logarithmic axes.
    """

    backend: str
    label: str
    measured: dict[int | float, float]
    extrapolated: dict[int | float, float]

    def at(self, value: float) -> float | None:
        """The time at ``value`` in seconds, measured or extrapolated."""
        return self.measured.get(value, self.extrapolated.get(value))

    @property
    def points(self) -> list[Point]:
        """What was measured, by ascending value."""
        return [Point(value, self.measured[value]) for value in sorted(self.measured)]


@dataclass(frozen=True)
class Crossing:
    """``faster`` overtakes ``slower`` near ``value``, where a call of both takes ``time_s``.

    Both are backends. The crossing lies between the measured values ``low`` and ``high``, at
    which the order of the two was not in doubt; ``value`` is interpolated on logarithmic axes.
    ``leads`` says that no other backend is faster there, so ``faster`` becomes the fastest.
    ``has_range`` says that the order at both rests on the range of the ratio in this run, and not
    on the times alone for want of common rounds.
    """

    faster: str
    slower: str
    value: float
    time_s: float
    low: int | float
    high: int | float
    has_range: bool
    leads: bool = False


@dataclass(frozen=True)
class BreakEven:
    """After how many calls compiling was worth it, against the first backend.

    ``calls`` is None if that is never, or if it can't be said. ``extrapolated`` says that the
    first backend was not measured there.
    """

    calls: int | None
    never: bool = False
    extrapolated: bool = False


@dataclass(frozen=True, repr=False)
class Sweep(Result):
    """The answer of ``%%jaxcompare n=10**1..10**7``.

    ``comparisons`` belong to ``values``; one is None where nothing was run. ``stops`` say which
    backends were left out, from which value on. ``limit_s`` is what a call may take.
    ``failure`` is why larger values were not run although nobody interrupted it.
    """

    variable: str
    call: str
    values: tuple[int | float, ...]
    comparisons: tuple[Comparison | None, ...]
    limit_s: float
    stops: tuple[Stop, ...] = ()
    interrupted: bool = False
    failure: str | None = None

    @property
    def made(self) -> list[tuple[int | float, Comparison]]:
        """The values that were run, ascending, with their comparisons."""
        both = zip(self.values, self.comparisons, strict=True)
        return sorted(((v, c) for v, c in both if c is not None), key=lambda pair: pair[0])

    @property
    def series(self) -> list[Series]:
        """The times of every backend, in the order of the rows."""
        stops = {stop.backend: stop for stop in self.stops}
        found = []
        for backend, rows in self._rows().items():
            measured = {
                value: max(row.time_s, _SHORTEST_S) for value, row in rows if row.time_s is not None
            }
            label = next((row.label for _, row in reversed(rows) if row.ran), rows[-1][1].label)
            found.append(Series(backend, label, measured, {}))
            stop = stops.get(backend)
            if stop is not None and stop.what == "call":
                found[-1].extrapolated.update(self._extrapolated(found[-1].points, stop))
        return found

    @property
    def reference(self) -> Series | None:
        """The first backend that has a time: compiling has to pay against it."""
        return next((series for series in self.series if series.measured), None)

    @property
    def crossings(self) -> list[Crossing]:
        """Where one backend overtakes another, by value; only between measured points.

        Two backends whose ratio can't be told from one in this run are in no order there.
        """
        rows = {backend: dict(pairs) for backend, pairs in self._rows().items()}
        series = self.series
        found = []
        for one, other in combinations(series, 2):
            third = [each for each in series if each is not one and each is not other]
            for crossing in _crossings_of(one, other, rows[one.backend], rows[other.backend]):
                times = [interpolated_s(each.points, crossing.value) for each in third]
                leads = all(time_s is None or time_s >= crossing.time_s for time_s in times)
                found.append(replace(crossing, leads=leads))
        return sorted(found, key=lambda crossing: crossing.value)

    def fastest(self, value: float) -> list[str]:
        """The backend with the shortest measured time at ``value``, and those level with it."""
        rows = [pairs for pairs in self._at(value) if pairs.time_s is not None]
        best = min(rows, key=lambda row: row.time_s or 0.0, default=None)
        if best is None:
            return []
        return [row.backend for row in rows if row is best or order(best, row).sign == 0]

    def compiles(self, backend: str) -> list[float]:
        """The seconds of every fresh compile of ``backend``, by ascending value."""
        rows = (row for _, row in self._rows().get(backend, ()))
        return [row.compile_s for row in rows if row.compile_s]

    def break_even(self, backend: str, value: float) -> BreakEven | None:
        """When compiling pays at ``value``; None where ``backend`` compiles nothing or is no row.

        It is always against :attr:`reference`, also where that was too slow to be measured.
        """
        reference = self.reference
        row = next((row for row in self._at(value) if row.backend == backend), None)
        if row is None or row.compile_s is None or row.time_s is None or reference is None:
            return None
        if reference.backend == backend or reference.at(value) is None:
            return None
        extrapolated = value not in reference.measured
        calls = calls_to_pay(row.compile_s, row.time_s, reference.at(value) or 0.0)
        return BreakEven(calls, calls is None, extrapolated)

    def to_pandas(self) -> pd.DataFrame:
        """One line for each value and backend; ``value`` is that of the variable.

        ``time_s`` is empty where nothing was measured; ``extrapolated_s`` is a column of its own.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd  # noqa: PLC0415  optional

        lines = []
        for value in self.values:
            rows = {row.backend: row for row in self._at(value)}
            for series in self.series:
                row = rows.get(series.backend, Row(series.backend, series.label))
                pays = self.break_even(series.backend, value)
                line: dict[str, object] = {
                    "value": value,
                    "backend": series.backend,
                    "label": row.label,
                }
                line |= {name: getattr(row, name) for name in _IN_FRAME}
                line["extrapolated_s"] = series.extrapolated.get(value)
                line["pays_after_calls"] = pays.calls if pays else None
                line["pays_is_extrapolated"] = bool(pays and pays.extrapolated)
                lines.append(line)
        return pd.DataFrame(lines)

    def plot(self) -> Picture:
        """Times against values on logarithmic axes, with crossings, as an SVG picture.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: fewer than two values have a time.
        """
        from jaxmagic.compare.sweep.chart import plot  # noqa: PLC0415  loads matplotlib

        return plot(self)

    def _rows(self) -> dict[str, list[tuple[int | float, Row]]]:
        """The rows of every backend, by ascending value."""
        rows: dict[str, list[tuple[int | float, Row]]] = {}
        for value, comparison in self.made:
            for row in comparison.rows:
                rows.setdefault(row.backend, []).append((value, row))
        return rows

    def _at(self, value: float) -> tuple[Row, ...]:
        return next((comparison.rows for at, comparison in self.made if at == value), ())

    def _extrapolated(self, measured: list[Point], stop: Stop) -> dict[int | float, float]:
        """Times beyond ``stop``, at least the limit: that much is known.

        None if the line is below half of the limit there: it was exceeded, so the line is wrong.
        """
        first_s = predicted_s(measured, stop.value)
        if first_s is None or first_s < self.limit_s / 2:
            return {}
        beyond = [value for value in self.values if value >= stop.value]
        return {value: max(predicted_s(measured, value) or 0.0, self.limit_s) for value in beyond}


_IN_FRAME = ("time_s", "compile_s", "speedup", "threads", "temporary_bytes", "agreement", "reason")


class Order(NamedTuple):
    """``sign`` is -1 if a call of the first is shorter, 1 if the other's, 0 if it can't be told."""

    sign: int
    has_range: bool


def order(one: Row, other: Row) -> Order:
    """The order of two rows that have times, by the range of their ratio in this run.

    Without enough common rounds for a range it is decided by the times alone.
    """
    if one.samples_s and other.samples_s:
        ratio = ratio_in_rounds(one.samples_s, other.samples_s)
        if ratio.low is not None:
            return Order(_sign(ratio.point - 1) if ratio.differs else 0, has_range=True)
    return Order(_sign((one.time_s or 0.0) - (other.time_s or 0.0)), has_range=False)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _crossings_of(
    one: Series,
    other: Series,
    rows: dict[int | float, Row],
    other_rows: dict[int | float, Row],
) -> Iterator[Crossing]:
    """The crossings of two backends: between values where their order is clear and differs."""
    common = sorted(one.measured.keys() & other.measured.keys())
    before, was = 0.0, Order(0, has_range=False)
    for value in common:
        now = order(rows[value], other_rows[value])
        if now.sign * was.sign < 0:
            between = [v for v in common if before <= v <= value]
            point = _meeting(one, other, between)
            faster, slower = (one, other) if now.sign < 0 else (other, one)
            yield Crossing(
                faster.backend,
                slower.backend,
                point.value,
                point.time_s,
                between[0],
                value,
                has_range=now.has_range and was.has_range,
            )
        if now.sign:
            before, was = value, now


def _meeting(one: Series, other: Series, values: list[int | float]) -> Point:
    """Where two lines, in other order at the last than at the first of ``values``, meet."""

    def points(value: float) -> tuple[Point, Point]:
        return Point(value, one.measured[value]), Point(value, other.measured[value])

    first_leads = one.measured[values[0]] < other.measured[values[0]]
    changes = (
        (low, high)
        for low, high in pairwise(values)
        if (one.measured[high] < other.measured[high]) != first_leads
    )
    low, high = next(changes, (values[0], values[-1]))
    return meeting(points(low), points(high))
