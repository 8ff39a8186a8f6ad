"""A function in a process of another language, called and timed there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxmagic.compare.backend import Prepared
from jaxmagic.compare.foreign.process import CoProcess, Workshop
from jaxmagic.measure.rounds import SAMPLES_PER_SLICE, Contender

_STARTUP_LIMIT_S = 120.0  # MATLAB takes its time
_LOAD_LIMIT_S = 60.0  # what is loaded may compile something
_ARGUMENTS_CHANGE = (
    "The call changes its arguments: each call gets a fresh copy, which is not timed."
)
_PRINTS = "The code prints while it runs; what it prints is not shown."


@dataclass
class Running:
    """A process that has loaded the function and its arguments.

    ``read`` makes the result of what the driver answered to a call. Each sample has at least
    ``evals`` calls.
    """

    workshop: Workshop
    process: CoProcess
    read: Callable[[list[str]], Any]
    limit_s: float
    changes: bool = False
    evals: int = 1

    def start(self) -> list[str]:
        """Wait for the driver, and let it load the user's code and the arguments.

        Returns what it tells of itself: its version, or nothing.
        """
        version = self.process.hear(max(self.limit_s, _STARTUP_LIMIT_S), "while it started")
        self.process.ask("load", max(self.limit_s, _LOAD_LIMIT_S), "while it was loaded")
        return version

    def call(self, phase: str = "in a later call") -> tuple[float, Any]:
        """The seconds that one more call took, and its result."""
        elapsed_ns, changes, *results = self.process.ask("call", self.limit_s, phase)
        self.changes = changes == "1"
        return float(elapsed_ns) / 1e9, self.read(results)

    def sample(self, slice_ns: int, evals: int) -> list[float]:
        """Seconds per call of each sample taken in ``slice_ns``."""
        evals = 1 if self.changes else max(evals, self.evals)
        command = f"time {slice_ns} {evals} {SAMPLES_PER_SLICE}"
        samples = self.process.ask(
            command, self.limit_s, "while it was timed", grace_s=2 * slice_ns / 1e9
        )
        return [float(sample) / 1e9 for sample in samples]

    def close(self) -> None:
        """End the process, and remove its files."""
        self.process.close()
        self.workshop.close()


def prepared(name: str, label: str, running: Running, result: Any, **known: Any) -> Prepared:
    """The row of a function that ``running`` has called once, with ``result``.

    ``known`` is what else there is to say: ``notes``, ``compile_s`` and ``compile_parts_s``.
    """
    notes = list(known.pop("notes", ()))
    notes += [_ARGUMENTS_CHANGE] if running.changes else []
    notes += [_PRINTS] if running.process.prints else []
    contender = Contender(
        name,
        function=lambda: running.call()[1],
        renew=tuple if running.changes else None,  # the driver does it; here, it is one call each
        sampler=running.sample,
    )
    return Prepared(label, contender, result, notes=tuple(notes), close=running.close, **known)
