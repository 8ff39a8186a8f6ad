"""What is said about a sweep besides its tables; what holds for several values is said once."""

import re
from collections.abc import Callable, Iterable, Sequence

from jaxmagic.compare import view
from jaxmagic.compare.result import Comparison
from jaxmagic.compare.sweep.result import Crossing, Sweep
from jaxmagic.compare.sweep.values import written
from jaxmagic.show import units

_MOST_CROSSINGS = 10
_COMPILED_FOR_TYPES = ("numba", "c", "cpp", "fortran", "julia")
_NUMBER = re.compile(r"\d[\d.,]*(?:e[-+]?\d+)?")


def title(result: Sweep) -> str:
    """What was swept, in one line."""
    values = units.plural(len(result.values), "value")
    return f"{result.call}, {values} of {result.variable}: {span(result)}"


def span(result: Sweep) -> str:
    """The smallest and the largest value in words."""
    if not result.values:
        return "none"
    low, high = written(min(result.values)), written(max(result.values))
    return low if low == high else f"{low} to {high}"


def warnings(result: Sweep) -> list[str]:
    """What must be read before the numbers."""
    said = []
    left = len(result.values) - len(result.made)
    if result.interrupted:
        last = f"at {result.variable} = {written(result.made[-1][0])}" if result.made else ""
        said.append(f"Interrupted: what was measured is shown, {last} maybe not all rows.")
    if result.failure is not None:
        said.append(f"{result.failure}; {units.plural(left, 'value')} not run.")
    # that a single comparison was interrupted is said already
    return said + _merged(result, _warnings_but_interrupted, alike=_first_part)


def crossings(result: Sweep) -> list[str]:
    """The crossings as sentences; how many there are besides those that are told."""
    all_of_them, told = result.crossings, told_crossings(result)
    labels = {series.backend: series.label for series in result.series}
    said = [
        f"{labels[crossing.faster]} overtakes {labels[crossing.slower]} at {result.variable} ≈ "
        f"{approximately(crossing)}{' and becomes the fastest' if crossing.leads else ''} "
        f"(measured at {written(crossing.low)} and {written(crossing.high)}"
        f"{'' if crossing.has_range else ', no range'})."
        for crossing in told
    ]
    left = len(all_of_them) - len(told)
    if left:
        said.append(f"{units.plural(left, 'more crossing')} in .crossings of the result.")
    return said


def told_crossings(result: Sweep) -> list[Crossing]:
    """Those that are told: where the fastest backend changes, then others, ten at most."""
    first = sorted(result.crossings, key=lambda crossing: not crossing.leads)
    return sorted(first[:_MOST_CROSSINGS], key=lambda crossing: crossing.value)


def approximately(crossing: Crossing) -> str:
    """The interpolated value, with two digits or as many as put it between its neighbours."""
    for digits in range(2, 8):
        rounded = float(f"{crossing.value:.{digits - 1}e}")
        if crossing.low <= rounded <= crossing.high:
            break
    return written(round(rounded) if rounded.is_integer() else rounded)


def gaps(result: Sweep) -> list[str]:
    """Why cells are empty or extrapolated, or not quite what their column says."""
    labels = {series.backend: series.label for series in result.series}
    said = [f"{labels[stop.backend]}: {stop.reason}" for stop in result.stops]
    stopped = {(stop.backend, stop.value) for stop in result.stops}
    for backend, label in labels.items():
        refused: list[tuple[int | float, str]] = [
            (value, row.reason)
            for value, comparison in result.made
            for row in comparison.rows
            if row.backend == backend and row.reason and (backend, value) not in stopped
        ]
        said += [f"{label}: {sentence}" for sentence in _once(refused, result)]
    return said + _other_labels(result)


def _other_labels(result: Sweep) -> list[str]:
    """Where a backend ran under another label: in another form, or in another way."""
    found = []
    for series in result.series:
        others: dict[str, list[int | float]] = {}
        for value, comparison in result.made:
            for row in comparison.rows:
                if row.backend == series.backend and row.ran and row.label != series.label:
                    others.setdefault(row.label, []).append(value)
        found += [
            f"{series.label} ran as {label} at {result.variable} = {_listed(values, result)}."
            for label, values in others.items()
        ]
    return found


def compiles(result: Sweep) -> list[str]:
    """How often each backend compiled, and how long that took in all."""
    counted = []
    for series in result.series:
        seconds = result.compiles(series.backend)
        if seconds:
            often = "once" if len(seconds) == 1 else f"{len(seconds)} times"
            counted.append(f"{series.label} {often}, {units.seconds(sum(seconds))} in all")
    if not counted:
        return []
    said = [
        f"Compiled afresh for every value of {result.variable} that was run: {'; '.join(counted)}."
    ]
    if result.reference is not None and any(
        result.break_even(series.backend, value)
        for series in result.series
        for value, _ in result.made
    ):
        said.append(
            f"Pays at call: the call at which compiling is won back against "
            f"{result.reference.label}; ~ where its time is extrapolated."
        )
    compiled = [series for series in result.series if result.compiles(series.backend)]
    if any(series.backend.startswith("jit") for series in compiled):
        said.append(
            "A program of jax.jit is for the shapes, dtypes and static arguments that it was "
            "compiled for, so a new size means a new program. Where only a traced number changes, "
            "JAX would use the same program again; here it is compiled again all the same."
        )
    for_types = [series.label for series in compiled if series.backend in _COMPILED_FOR_TYPES]
    if for_types:
        said.append(
            f"{', '.join(for_types)}: compiled for types, not for sizes, so that one compile "
            "would do for all values outside of this measurement."
        )
    return said


def notes(result: Sweep) -> list[str]:
    """The notes of all comparisons and their rows."""
    return _merged(result, _notes_of)


def how(result: Sweep) -> str:
    """How the numbers were obtained."""
    seconds = {comparison.seconds for _, comparison in result.made}
    budget = units.seconds(max(seconds)) if seconds else "no time"
    return (
        f"How: for every value all backends are timed side by side, {budget} for each. * the "
        "fastest, and those that can't be told from it in this run. ~ extrapolated: a power law "
        "through the last two measured times, a guess. Crossings are interpolated between "
        "measured times in the same way, never from extrapolated ones; no range: too few common "
        "rounds to say that the order is not by chance (--seconds measures longer)."
    )


def on_what(result: Sweep) -> str:
    """What it ran on, as far as it was the same for all values."""
    return view.on_what(result.made[0][1]) if result.made else ""


def _warnings_but_interrupted(comparison: Comparison) -> list[str]:
    return [said for said in view.warnings(comparison) if not said.startswith("Interrupted")]


def _notes_of(comparison: Comparison) -> list[str]:
    labels: dict[str, list[str]] = {}
    for row in comparison.rows:
        for note in row.notes:
            labels.setdefault(note, []).append(row.label)
    said = [f"{', '.join(who)}: {note}" for note, who in labels.items()]
    return [*said, *comparison.notes]


def _without_numbers(sentence: str) -> str:
    return _NUMBER.sub("#", sentence)


def _first_part(sentence: str) -> str:
    """What a warning is about; the rest tells the rows and figures."""
    return _without_numbers(sentence.rpartition(": ")[0] or sentence)


def _merged(
    result: Sweep,
    sentences_of: Callable[[Comparison], Sequence[str]],
    alike: Callable[[str], str] = _without_numbers,
) -> list[str]:
    said = [
        (value, sentence)
        for value, comparison in result.made
        for sentence in sentences_of(comparison)
    ]
    return _once(said, result, alike)


def _once(
    said: Iterable[tuple[int | float, str]],
    result: Sweep,
    alike: Callable[[str], str] = _without_numbers,
) -> list[str]:
    """Each sentence once, with the values that it was said for unless that is all of them.

    Of sentences that are ``alike`` the first is said, and where there are others.
    """
    groups: dict[str, list[tuple[int | float, str]]] = {}
    for value, sentence in said:
        groups.setdefault(alike(sentence), []).append((value, sentence))
    found = []
    for pairs in groups.values():
        first = pairs[0][1]
        same = [value for value, sentence in pairs if sentence == first]
        others = [value for value, sentence in pairs if sentence != first]
        if not others and len(same) == len(result.made):
            found.append(first)
            continue
        where = f"{result.variable} = {_listed(same, result)}"
        if others:
            where += f"; much the same at {_listed(others, result)}"
        found.append(f"{first.removesuffix('.')} ({where}).")
    return found


def _listed(values: Sequence[int | float], result: Sweep) -> str:
    """Values in words; three and more that follow each other as a span."""
    made = [value for value, _ in result.made]
    at = [made.index(value) for value in dict.fromkeys(values)]
    runs: list[list[int]] = []
    for n in at:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    words = []
    for run in runs:
        ends = [written(made[n]) for n in run]
        words += [f"{ends[0]} to {ends[-1]}"] if len(run) > 2 else ends  # noqa: PLR2004  3 is a span
    return ", ".join(words)
