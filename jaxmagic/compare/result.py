"""What a comparison found: plain values, units in their names, JSON both ways."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jaxmagic.show.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from jaxmagic.show.picture import Picture


@dataclass(frozen=True)
class Row:
    """One backend of a comparison.

    A backend that did not run has a ``reason``, one sentence, and no times. Everything that is
    not known is None. Times are seconds of one call; ``speedup`` is how many times faster than
    the first row that ran, with the range in which the median of this run's rounds lies (None
    below eight common rounds). ``compile_s`` is what was paid once, in ``compile_parts_s`` by
    stage; ``pays_after_calls`` is the number of calls after which compiling was worth it against
    the first row, ``never_pays`` says that it never is. ``threads`` is the CPU time of all
    threads over that of the busiest one. ``temporary_bytes`` is what one call allocates beyond
    its arguments and results.
    ``agreement`` compares the result with that of the first row: "same", "within precision",
    "different" or "random", with the largest deviation relative to the largest value.
    ``recompiled`` is the number of programs that were compiled while it was timed; above zero,
    its time is not that of running alone. ``device`` is where it ran if that was asked for;
    moving the arguments there and the result back takes ``transfer_in_s`` and ``transfer_out_s``,
    which is in no other figure. ``translated`` is the source that ran in place of what was
    written, empty if that ran as it is.
    ``samples_s`` are the raw samples: seconds of each call, by round; a sample of more than one
    call (``evals``) is their mean.
    """

    backend: str
    label: str
    reason: str | None = None
    time_s: float | None = None
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None
    compile_s: float | None = None
    compile_parts_s: dict[str, float] = field(default_factory=dict)
    pays_after_calls: int | None = None
    never_pays: bool = False
    threads: float | None = None
    temporary_bytes: int | None = None
    dtypes: tuple[str, ...] = ()
    agreement: str | None = None
    deviation: float | None = None
    where: str = ""
    notes: tuple[str, ...] = ()
    evals: int = 1
    recompiled: int = 0
    device: str | None = None
    transfer_in_s: float | None = None
    transfer_out_s: float | None = None
    translated: str = ""
    samples_s: dict[int, tuple[float, ...]] = field(default_factory=dict, repr=False)

    @property
    def ran(self) -> bool:
        """Whether there is a time."""
        return self.time_s is not None

    @property
    def calls(self) -> int:
        """How many calls were timed."""
        return self.evals * sum(map(len, self.samples_s.values()))


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """The answer of ``%%jaxcompare`` and :func:`jaxmagic.compare`.

    ``call`` is what was timed, ``seconds`` the budget of measuring for each backend, ``rounds``
    how many were measured. ``others_cores`` is how many cores other programs kept busy
    meanwhile, of the ``cores`` that this process may use. ``x64`` says whether JAX computed in
    64 bits. ``versions`` has the versions of everything that took part, ``device`` and
    ``processor`` what it ran on. ``notes`` are sentences about the comparison as a whole.
    """

    call: str
    rows: tuple[Row, ...]
    seconds: float
    rounds: int
    interrupted: bool
    x64: bool | None
    cores: int
    others_cores: float | None
    device: str | None
    processor: str
    versions: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> Row | None:
        """The row that the others are compared with: the first one that ran."""
        return next((row for row in self.rows if row.ran), None)

    def __getitem__(self, backend: str) -> Row:
        """The row of ``backend``, for instance ``result["jit"]``.

        Raises:
            KeyError: there is no such row.
        """
        for row in self.rows:
            if row.backend == backend:
                return row
        raise KeyError(backend)

    def to_pandas(self) -> pd.DataFrame:
        """One row per backend with all figures, without the raw samples.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd  # noqa: PLC0415  optional

        columns = [name for name in Row.__dataclass_fields__ if name not in _NOT_IN_FRAME]
        table = [[getattr(row, name) for name in columns] for row in self.rows]
        return pd.DataFrame(table, columns=columns).set_index("backend")

    def plot(self) -> Picture:
        """The calls of every backend on a logarithmic axis of time, as an SVG picture.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: no row has a time.
        """
        from jaxmagic.compare.chart import plot  # noqa: PLC0415  loads matplotlib

        return plot(self)


_NOT_IN_FRAME = ("samples_s", "compile_parts_s", "notes", "translated")


def calls_to_pay(compile_s: float, time_s: float, reference_s: float) -> int | None:
    """Calls after which ``compile_s`` is won back; None if a call is not faster at all."""
    saved_s = reference_s - time_s
    return math.ceil(compile_s / saved_s) if saved_s > 0 else None
