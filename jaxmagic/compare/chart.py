"""The samples of a comparison as a picture."""

import io
from statistics import median

from jaxmagic.compare.result import Comparison
from jaxmagic.show import units
from jaxmagic.show.picture import Picture, theme_rule

_MOST_DOTS = 150  # per row: more only make the file large


def plot(result: Comparison) -> Picture:
    """Every timed call as a dot on a logarithmic axis of time, with the time of each row marked.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: no row has a time.
    """
    from matplotlib import rc_context  # noqa: PLC0415  optional, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415  as above
    from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: PLC0415  as above

    rows = [row for row in result.rows if row.ran]
    if not rows:
        message = "no row has a time, so there is nothing to plot"
        raise ValueError(message)
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "jaxmagic", "font.size": 11}):
        figure = Figure(figsize=(8.4, 0.75 + 0.52 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for height, row in enumerate(reversed(rows)):
            calls = [sample for samples in row.samples_s.values() for sample in samples]
            dots = calls[:: max(1, len(calls) // _MOST_DOTS)]
            # spread by the order in time, so that a drift within the run can be seen
            spread = [height - 0.26 + 0.52 * n / max(len(dots) - 1, 1) for n in range(len(dots))]
            axes.plot(dots, spread, ".", color="#4393d8", alpha=0.45, markersize=4)
            time_s = row.time_s or median(calls)
            axes.plot(
                [time_s, time_s], [height - 0.36, height + 0.36], color="#f28e2b", linewidth=2.5
            )
            axes.annotate(
                units.seconds(time_s),
                (time_s, height + 0.36),
                xytext=(4, -1),
                textcoords="offset points",
                fontsize=10,
            )
        axes.set_xscale("log")
        axes.margins(x=0.08)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: units.seconds(value)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(range(len(rows)), [row.label for row in reversed(rows)])
        axes.set_ylim(-0.6, len(rows) - 0.3)
        axes.set_xlabel("time of a call (logarithmic); every dot is a timed call, early ones below")
        axes.grid(axis="x", alpha=0.3)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    times = ", ".join(f"{row.label} {units.seconds(row.time_s)}" for row in rows)
    return Picture(theme_rule(text.getvalue()), f"Time of a call of {result.call}: {times}")
