"""What was compiled and why: plain values, units in their names, JSON both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from jaxmagic.show.result import Result

Kind = Literal["user function", "eager op", "library", "transform", "ahead of time"]
Disk = Literal["", "off", "below threshold", "written", "hit"]
Outcome = Literal["open", "compiled", "traced", "lowered", "interrupted", "failed"]
Why = Literal[
    "first",
    "shape",
    "dtype",
    "weak type",
    "static value",
    "tree",
    "new function",
    "other code",
    "options",
    "configuration",
    "device",
    "cleared",
    "evicted",
    "transform",
    "ahead of time",
    "found",
    "measured",
    "unclear",
]


@dataclass(frozen=True)
class Reason:
    """Why something was compiled: the smallest difference to what was compiled before.

    ``words`` is one line; ``changed`` is the argument as the function's signature names it, such
    as ``x`` or ``params['w']``, or the name of a switch, with what it was ``before`` and what it
    is ``after``. ``remedy`` says what to do about it, where something can be done. ``earlier`` is
    the number of the record that it is compared with, 0 if there is none.
    """

    kind: Why
    words: str
    changed: str = ""
    before: str = ""
    after: str = ""
    remedy: str = ""
    earlier: int = 0

    @property
    def again(self) -> bool:
        """Whether this was compiled although something like it had been."""
        return self.kind not in ("first", "other code", "found", "measured")


@dataclass(frozen=True)
class Record:
    """One program that JAX traced, lowered and compiled, or a part of that.

    ``number`` counts from 1. A "library" function is one that JAX itself jits; what other libraries
    give to ``jax.jit`` counts as the user's. ``function``, ``module`` and ``file`` say what was
    compiled, ``signature`` for which arguments, as text. ``cell`` is the execution count of the
    cell that ran, ``line`` the line in it, or in the file ``caller`` where there is no cell.
    ``trace_ms``, ``lower_ms`` and ``compile_ms`` are None for what did not happen, as JAX had it
    still; ``compile_ms`` is the time of loading where ``disk`` is "hit". ``phase`` is "trace",
    "lower" or "compile" while that lasts. ``outcome`` is "compiled", or how far it came.
    ``started_s`` is the time of day in seconds since 1970.
    """

    number: int
    function: str
    kind: Kind
    reason: Reason
    module: str = ""
    file: str = ""
    signature: str = ""
    cell: int | None = None
    line: int | None = None
    caller: str = ""
    trace_ms: float | None = None
    lower_ms: float | None = None
    compile_ms: float | None = None
    disk: Disk = ""
    device: str = ""
    thread: str = ""
    phase: str = ""
    outcome: Outcome = "open"
    started_s: float = 0.0

    @property
    def total_ms(self) -> float:
        """Milliseconds of all phases together."""
        return sum(ms or 0.0 for ms in (self.trace_ms, self.lower_ms, self.compile_ms))

    @property
    def place(self) -> str:
        """Where it was called: ``In[3]:2``, or ``train.py:17`` outside of a notebook."""
        where = f"In[{self.cell}]" if self.cell is not None else self.caller.rpartition("/")[2]
        return where if self.line is None or not where else f"{where}:{self.line}"


@dataclass(frozen=True, repr=False)
class Compiles(Result):
    """The answer of :func:`jaxmagic.compiles`: what JAX compiled, oldest first.

    ``dropped`` is the number of older records that were not kept. ``notes`` are sentences on
    what may be missing.
    """

    records: tuple[Record, ...] = ()
    dropped: int = 0
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        """The records, oldest first."""
        return iter(self.records)

    def __getitem__(self, index: int) -> Record:
        """The record at a place in this list, which is not its number."""
        return self.records[index]

    @property
    def again(self) -> tuple[Record, ...]:
        """Those that were compiled again, each of which has a reason that may be avoided."""
        return tuple(record for record in self.records if record.reason.again)

    @property
    def total_ms(self) -> float:
        """Milliseconds of all records together."""
        return sum(record.total_ms for record in self.records)
