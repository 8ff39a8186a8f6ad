"""Listens to what JAX traces, lowers and compiles, and keeps a record of each program.

Read-only: nothing of JAX is changed, and an error in here never reaches the call that compiles.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from jaxmagic import _jax
from jaxmagic.compiles.explained import Explained
from jaxmagic.compiles.kept import Changes, Kept
from jaxmagic.compiles.phases import Phases
from jaxmagic.compiles.record import Compiles, Record
from jaxmagic.importing import AfterImport
from jaxmagic.pytree.names import clean, message

MOST_RECORDS = 10_000

_CLEARED = (
    "Another library called clear_event_listeners: what was compiled between that and now may be "
    "missing."
)


class Recorder:
    """Records of what JAX compiles, from :meth:`start` to :meth:`stop`.

    At most ``most`` records are kept; older ones are dropped and counted. ``hook_s`` is the time
    that listening took.
    """

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self.hook_s = 0.0
        self.hook_calls = 0
        self._kept = Kept(most)
        self._explained = Explained()
        self._phases = Phases(self._kept, self._explained, self._fault, self.mend)
        self._attached = False
        self._starts = 0
        self._import = AfterImport("jax", self._attach)
        self._listeners = {
            "scalar": self._on_scalar,
            "seconds": self._on_seconds,
            "event": self._on_event,
        }

    # ------------------------------------------------------------ from start to stop

    @property
    def running(self) -> bool:
        """Whether it listens, or will as soon as JAX is imported."""
        return self._starts > 0

    @property
    def last(self) -> int:
        """The number of the latest record; 0 if there is none."""
        return self._kept.last

    def start(self) -> None:
        """Listen from now on, or as soon as JAX is imported. Each start needs its own stop."""
        self._starts += 1
        if self._starts > 1:
            self.mend()
        elif "jax" in sys.modules:
            self._attach()
        else:
            self._import.wait()

    def stop(self) -> None:
        """Listen no longer, when all who started have stopped."""
        self._starts = max(self._starts - 1, 0)
        if self._starts == 0:
            self._import.cancel()
            self._attached = False
            self._explained.end()
            self._phases.end_all()
            if "jax" in sys.modules:
                _jax.stop_listening(self._listeners)

    def _attach(self) -> None:
        try:
            _jax.listen(self._listeners)
            self._explained.begin()
            self._attached = True
        except Exception as error:  # noqa: BLE001  an import of JAX must not fail because of this
            self._fault(error)

    def mend(self) -> None:
        """Listen again if another library has taken all listeners out."""
        if not self.running or "jax" not in sys.modules:
            return
        if not self._attached:
            self._attach()
        elif _jax.listen(self._listeners):
            self._kept.note(_CLEARED)

    # ------------------------------------------------------------ what was recorded

    def compiles(self, after: int = 0) -> Compiles:
        """The records whose number is above ``after``, those included that are still open."""
        self.mend()
        self._phases.let_go(sys._getframe())  # noqa: SLF001  the stack of this thread
        return self._kept.after(after)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what went wrong while recording."""
        return self._kept.notes

    def open(self) -> list[Record]:
        """What is being traced, lowered or compiled just now, in any thread."""
        return self._kept.open()

    def since(self, mark: int = 0) -> Changes:
        """What has changed since the ``mark`` of earlier changes; all that is kept for 0.

        It is meant for another thread that follows while this one compiles, and takes time only
        for what has changed.
        """
        return self._kept.since(mark)

    def on_change(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call ``tell`` after each change that :meth:`since` would show; returns what ends that.

        It is called in the thread that compiles, in the midst of it: let it set an event and no
        more.
        """
        return self._kept.on_change(tell)

    def clear(self) -> None:
        """Forget all records; what was compiled before is still known to the reasons."""
        self._kept.clear()

    def forget(self) -> None:
        """Forget everything, as if it had just been made."""
        self._kept.forget()
        self._explained.forget()
        self._phases.forget_ahead()

    # ------------------------------------------------------------ listeners

    def _on_scalar(self, event: str, _value: float, **details: Any) -> None:
        """JAX tells the time when a phase begins."""
        phase = _jax.COMPILE_PHASES.get(event)
        if phase is None:
            return
        start_s = time.perf_counter()
        try:
            name = str(details.get("fun_name", ""))
            self._phases.begin(phase, name, sys._getframe(1))  # noqa: SLF001  it calls this
        except Exception as error:  # noqa: BLE001  it must not reach the user's call
            self._fault(error)
        self._spent(start_s)

    def _on_seconds(self, event: str, _seconds: float, **_details: Any) -> None:
        """JAX tells the seconds of a phase when it ends."""
        end_s = time.perf_counter()
        phase = _jax.COMPILE_PHASES.get(event)
        if phase is None:
            return
        try:
            self._phases.end(phase, end_s)
        except Exception as error:  # noqa: BLE001  as above
            self._fault(error)
        self._spent(end_s)

    def _on_event(self, event: str, **_details: Any) -> None:
        disk = _jax.DISK_EVENTS.get(event)
        if disk in ("hit", "written"):
            self._phases.on_disk(written=disk == "written")

    def _spent(self, start_s: float) -> None:
        self.hook_s += time.perf_counter() - start_s
        self.hook_calls += 1

    def _fault(self, error: Exception) -> None:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f", line {where.tb_lineno}" if where is not None else ""
        said = clean(message(error), 120)
        self._kept.note(f"A program could not be recorded in full ({said}{line}).")
