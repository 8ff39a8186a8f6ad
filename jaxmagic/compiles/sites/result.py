"""What was compiled at each place that called: plain values, units in their names."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaxmagic.show.result import Result


@dataclass(frozen=True)
class Site:
    """One place that called one function: ``programs`` were compiled there, ``again`` of them anew.

    ``place`` is ``In[3]:2`` or ``train.py:17``, ``kind`` that of the records. The milliseconds are
    sums; ``reasons`` counts the kinds of reasons.
    """

    place: str
    function: str
    kind: str
    programs: int
    again: int
    trace_ms: float
    lower_ms: float
    compile_ms: float
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def total_ms(self) -> float:
        """Milliseconds of all phases together."""
        return self.trace_ms + self.lower_ms + self.compile_ms


@dataclass(frozen=True, repr=False)
class Sites(Result):
    """The answer of ``%jaxcache --sum``: places that called, the slowest first.

    ``dropped`` is the number of older records that were not kept.
    """

    sites: tuple[Site, ...] = ()
    dropped: int = 0
    notes: tuple[str, ...] = ()
