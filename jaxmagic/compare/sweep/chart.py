"""A sweep as a picture: time against the variable, both axes logarithmic."""

import io
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jaxmagic.compare.sweep import sentences
from jaxmagic.compare.sweep.result import Series, Sweep
from jaxmagic.compare.sweep.values import written
from jaxmagic.show import units
from jaxmagic.show.picture import Picture, theme_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# each line has a marker of its own besides its colour, and its name at its end
_COLOURS = (
    *("#3f8fd6", "#e8862a", "#3aa05c", "#d9534f", "#9a6fd0", "#b08400"),
    *("#1f9e9e", "#c9619f", "#8a8a8a", "#7a9a2e", "#a5694f", "#5b6fd6"),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
_LABEL_APART = 0.062  # of the height of the axes: a line of text
_LABEL_WIDE = 0.14  # of the width of the axes: the label of a crossing
_LETTER_WIDE = 0.0145  # of the width of the axes: a letter below it
_FEW_DECADES = 2
_MINUTE_S = 60
_THOUSANDS = 10_000  # from here on 10k


def plot(result: Sweep) -> Picture:
    """Times against values, with crossings; below, the calls after which compiling has paid.

    What is extrapolated is dashed, with hollow markers.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: fewer than two values have a time.
    """
    from matplotlib import rc_context  # noqa: PLC0415  optional, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415  as above

    series = [one for one in result.series if one.measured]
    if len({value for one in series for value in one.measured}) < 2:  # noqa: PLR2004  a line has 2
        message = "fewer than two values have a time, so there is no line to plot"
        raise ValueError(message)
    paying = [_paying(one, result) for one in series]
    height = 4.4 + (1.8 if any(paying) else 0.0)
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "jaxmagic", "font.size": 11}):
        figure = Figure(figsize=(8.8, height), layout="constrained")
        if any(paying):
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4.0, 1.4))
            _plot_paying(lower, paying, result)
            bottom = lower
        else:
            upper = bottom = figure.subplots()
        _plot_times(upper, series, result)
        _name_values(bottom, result)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return Picture(theme_rule(text.getvalue()), _in_words(result))


def _plot_times(axes: "Axes", series: Sequence[Series], result: Sweep) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for number, one in enumerate(series):
        look = _look(number)
        axes.plot(*_line(one.measured), linewidth=1.8, markersize=5.5, **look)
        if one.extrapolated:
            last = max(one.measured)
            beyond = {last: one.measured[last], **one.extrapolated}
            axes.plot(*_line(beyond), linestyle=(0, (4, 3)), linewidth=1.4, color=look["color"])
            axes.plot(
                *_line(one.extrapolated),
                **{**look, "linestyle": "", "markerfacecolor": "none", "markersize": 6},
            )
    axes.margins(x=0.03, y=0.08)
    axes.autoscale_view()
    _mark_crossings(axes, result)
    _name_lines(axes, series)
    _format_times(axes)
    axes.set_title(
        "time of a call" + (", dashed: extrapolated" if _guessed(series) else ""),
        loc="left",
        fontsize=11,
    )
    _tidy(axes)


def _guessed(series: Sequence[Series]) -> bool:
    return any(one.extrapolated for one in series)


def _look(number: int) -> dict[str, Any]:
    colour = _COLOURS[number % len(_COLOURS)]
    return {"color": colour, "marker": _MARKERS[number % len(_MARKERS)], "markeredgewidth": 1.4}


def _line(times: dict[int | float, float]) -> tuple[list[int | float], list[float]]:
    values = sorted(times)
    return values, [times[value] for value in values]


def _mark_crossings(axes: "Axes", result: Sweep) -> None:
    """A ring around each crossing that is told; where the fastest backend changes, its value.

    A value that has no room below the ring is left out: the sentences have them all.
    """
    placed: list[tuple[float, float]] = []
    for crossing in sentences.told_crossings(result):
        at = (crossing.value, crossing.time_s)
        axes.plot(
            *([number] for number in at),
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor="#000000",
            markeredgewidth=1.1,
            linestyle="",
            zorder=5,
        )
        x, y = _share(crossing.value, axes.get_xlim()), _share(crossing.time_s, axes.get_ylim())
        rows = [row for row in (0, 1, 2) if _is_free((x, y - row * _LABEL_APART), placed)]
        if not crossing.leads or not rows:
            continue
        placed.append((x, y - rows[0] * _LABEL_APART))
        axes.annotate(
            f"{result.variable} ≈ {sentences.approximately(crossing)}",
            at,
            xytext=(6, -7 - 13 * rows[0]),  # right and below: lines rise, and leave room there
            textcoords="offset points",
            va="top",
            fontsize=9.5,
        )


def _is_free(place: tuple[float, float], placed: Sequence[tuple[float, float]]) -> bool:
    x, y = place
    apart = 0.9 * _LABEL_APART
    return not any(abs(x - a) < _LABEL_WIDE and abs(y - b) < apart for a, b in placed)


def _share(number: float, limits: tuple[float, float]) -> float:
    """Where ``number`` is on a logarithmic axis that goes from 0 to 1."""
    low, high = limits
    return math.log(number / low) / math.log(high / low)


def _name_lines(axes: "Axes", series: Sequence[Series]) -> None:
    """The name of every line at the right, beside its end and never on another name."""
    limits = axes.get_ylim()
    ends = []
    for one in series:
        last, time_s = max({**one.measured, **one.extrapolated}.items())
        ends.append((_share(time_s, limits), last, time_s))
    order = sorted(range(len(ends)), key=lambda n: ends[n][0])
    places = _spread([ends[n][0] for n in order], _LABEL_APART)
    for n, place in zip(order, places, strict=True):
        _, last, time_s = ends[n]
        axes.annotate(
            series[n].label,
            (last, time_s),
            xytext=(1.035, place),
            textcoords="axes fraction",
            va="center",
            fontsize=10.5,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0, 0.5),
                "linestyle": (0, (1, 2)),
                "color": _look(n)["color"],
                "linewidth": 1.0,
                "shrinkA": 2,
                "shrinkB": 4,
            },
        )


def _spread(shares: Sequence[float], apart: float) -> list[float]:
    """``shares``, ascending, moved so that neighbours are ``apart``, and inside of 0 to 1."""
    groups: list[list[float]] = []
    for share in shares:
        groups.append([share])
        # a group stands around the middle of what it wants; those that touch become one
        while len(groups) > 1 and _top(groups[-2], apart) + apart > _bottom(groups[-1], apart):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_bottom(group, apart) + n * apart for group in groups for n in range(len(group))]


def _bottom(group: Sequence[float], apart: float) -> float:
    half = apart * (len(group) - 1) / 2
    middle = sum(group) / len(group)
    return min(max(middle - half, 0.0), max(1.0 - 2 * half, 0.0))


def _top(group: Sequence[float], apart: float) -> float:
    return _bottom(group, apart) + apart * (len(group) - 1)


def _format_times(axes: "Axes") -> None:
    from matplotlib.ticker import (  # noqa: PLC0415  as above
        FuncFormatter,
        LogLocator,
        MaxNLocator,
        NullFormatter,
    )

    low, high = axes.get_ylim()
    decades = math.log10(high / low)
    subs = (1.0, 2.0, 5.0) if decades < _FEW_DECADES else (1.0,)
    locator = (
        LogLocator(subs=subs, numticks=12) if decades >= 1 else MaxNLocator(6, steps=[1, 2, 5, 10])
    )
    axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda time_s, _: _time_tick(time_s)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _time_tick(time_s: float) -> str:
    """``10.0 ms`` as ``10 ms``, for the ticks are round; seconds stay seconds, for the same."""
    time = f"{time_s:,.0f} s" if time_s >= _MINUTE_S else units.seconds(time_s)
    return re.sub(r"\.0+(?= )", "", time)


def _name_values(axes: "Axes", result: Sweep) -> None:
    """The variable below the axis, and ticks at its values, as many as there is room for."""
    from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: PLC0415  as above

    values = sorted(result.values)
    width = math.log(values[-1] / values[0])
    ticks = values[:1]
    for value in values[1:]:
        letters = (len(_tick(ticks[-1])) + len(_tick(value))) / 2 + 1
        if math.log(value / ticks[-1]) / width > letters * _LETTER_WIDE:
            ticks.append(value)
    axes.set_xticks(ticks)
    axes.set_xticks(values, minor=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"{result.variable} (both axes logarithmic)")


def _tick(value: float) -> str:
    """A number as short as it can be written in full: 10, 1,024, 100k, 1M."""
    if value < 1 or not math.isclose(value, round(value)):
        return written(value)
    whole = round(value)
    if whole < _THOUSANDS or float(f"{whole:.2e}") != whole:
        return written(whole)
    return re.sub(r"\.0+(?=\D)|(?<=\.\d)0(?=\D)", "", units.count(whole))


def _paying(series: Series, result: Sweep) -> dict[int | float, tuple[int, bool]]:
    """The calls after which compiling has paid, by value, and whether that is extrapolated."""
    found = {}
    for value in sorted(series.measured):
        pays = result.break_even(series.backend, value)
        if pays is not None and pays.calls is not None:
            found[value] = (max(pays.calls, 1), pays.extrapolated)
    return found


def _plot_paying(
    axes: "Axes", paying: Sequence[dict[int | float, tuple[int, bool]]], result: Sweep
) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415  as above

    axes.set_yscale("log")
    for number, points in enumerate(paying):
        look = _look(number)
        line = _line({value: float(calls) for value, (calls, _) in points.items()})
        axes.plot(*line, linewidth=1.4, color=look["color"])
        for value, (calls, guessed) in points.items():
            hollow = {"markerfacecolor": "none"} if guessed else {}
            axes.plot([value], [calls], markersize=5, **{**look, "linestyle": "", **hollow})
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.7), max(2 * high, 15.0))
    axes.yaxis.set_major_locator(LogLocator(numticks=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda calls, _: _tick(calls)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    against = result.reference.label if result.reference else ""
    axes.set_title(f"calls until compiling has paid, against {against}", loc="left", fontsize=11)
    _tidy(axes)


def _tidy(axes: "Axes") -> None:
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _in_words(result: Sweep) -> str:
    """The picture in one sentence."""
    found = []
    for one in result.series:
        if one.measured:
            low, high = min(one.measured), max(one.measured)
            times = f"{units.seconds(one.measured[low])} to {units.seconds(one.measured[high])}"
            found.append(f"{one.label} {times} for {written(low)} to {written(high)}")
    crossings = " ".join(sentences.crossings(result))
    return (
        f"Time of a call of {result.call} against {result.variable}: {', '.join(found)}. "
        f"{crossings}"
    ).strip()
