"""A program while it is traced, lowered and compiled: what its record is made of."""

import threading
import time
from dataclasses import dataclass, field

from jaxmagic.compiles.function import Function
from jaxmagic.compiles.place import Place
from jaxmagic.compiles.reason import Past
from jaxmagic.compiles.record import Disk, Kind, Outcome, Reason, Record

UNKNOWN = Reason("unclear", "this version of JAX does not show what was called")


@dataclass(slots=True, eq=False)
class Job:
    """One program that is being compiled; ``anchor`` and the name in the ``event`` identify it."""

    number: int
    name: str
    anchor: int
    how: str
    place: Place
    event: str = ""
    kind: Kind = "ahead of time"
    function: Function | None = None
    past: Past | None = None
    reason: Reason = field(default_factory=lambda: UNKNOWN)
    signature: str = ""
    ms: dict[str, float] = field(default_factory=dict)
    disk: Disk = ""
    device: str = ""
    phase: str = ""
    outcome: Outcome = "open"
    thread: str = field(default_factory=lambda: threading.current_thread().name)
    started_s: float = field(default_factory=time.time)

    def record(self) -> Record:
        """What is known by now."""
        function = self.function
        return Record(
            number=self.number,
            function=self.name,
            kind=self.kind,
            reason=self.reason,
            module=function.module if function else "",
            file=function.file if function else "",
            signature=self.signature,
            cell=self.place.cell,
            line=self.place.line,
            caller=self.place.caller,
            trace_ms=self.ms.get("trace"),
            lower_ms=self.ms.get("lower"),
            compile_ms=self.ms.get("compile"),
            disk=self.disk,
            device=self.device,
            thread=self.thread,
            phase=self.phase,
            outcome=self.outcome,
            started_s=self.started_s,
        )


@dataclass(slots=True, eq=False)
class Phase:
    """A phase that lasts, from ``start_s`` on; ``job`` is None for a trace within another one.

    ``frame`` and ``code`` tell whether it still lasts: an interrupt may take away its end.
    """

    name: str
    frame: int
    code: object
    job: Job | None
    error: int
    start_s: float = 0.0
