"""The thread that tells the panel what happens, while cells run: at most ten messages a second."""

import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Literal

from jaxmagic.panel.batches import Batches
from jaxmagic.panel.wire import Wire

PAUSE_S = 0.1  # after each message
_MOST_FAULTS = 20
_END_S = 2.0

_FAULT = "The panel may have missed something: what tells it has failed ({said})."

Ring = Literal["hello", "changed", "look", "end"]


class Pushing:
    """Sends to all front ends, by ``send(event, fields)``, from the first :meth:`hello` on.

    ``state`` is asked for after a hello and after each :meth:`look`, and sent if it has changed.
    A fault is a note of the next batch. The thread ends when :meth:`end` says so, or when it
    fails and nobody hears it any longer, as ``is_gone`` tells.
    """

    def __init__(
        self,
        send: Callable[[str, Wire], None],
        state: Callable[[], Wire],
        batches: Batches,
        is_gone: Callable[[], bool],
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._send = send
        self._state = state
        self._batches = batches
        self._is_gone = is_gone
        self._sleep = sleep
        # its put is one step of C: an interrupt of the user's compile can't leave a lock behind
        self._bell: SimpleQueue[Ring] = SimpleQueue()
        self._told: Wire | None = None
        self._faults: list[str] = []
        self._remove: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = False

    def hello(self) -> None:
        """Tell everything: a front end has come. The first time, the thread starts."""
        self._bell.put("hello")
        with self._lock:
            if not (self._ended or (self._thread is not None and self._thread.is_alive())):
                self._thread = threading.Thread(target=self.run, name="jaxmagic panel", daemon=True)
                self._thread.start()

    def follow(self, recorder: Any) -> None:
        """Tell what this recorder records from now on, and what it has recorded."""
        with self._lock:
            if self.follows or self._ended:
                return
            self._batches.since = recorder.since
            self._remove = recorder.on_change(partial(self._bell.put, "changed"))
        self._bell.put("changed")

    @property
    def follows(self) -> bool:
        """Whether there is a recorder that it follows."""
        return self._remove is not None

    @property
    def runs(self) -> bool:
        """Whether a front end has said hello."""
        return self._thread is not None

    def look(self) -> None:
        """Look at the state, which may have changed; and at cells, which may have ended."""
        if self.runs:
            self._bell.put("look")

    def end(self) -> None:
        """End the thread, and hear no more of the recorder."""
        with self._lock:
            self._ended = True
            remove, self._remove = self._remove, None
            thread, self._thread = self._thread, None
        if remove is not None:
            remove()
        self._bell.put("end")
        if thread is not None:
            thread.join(_END_S)

    # ------------------------------------------------------------ in the thread

    def run(self) -> None:
        """Tell what has happened whenever the bell was rung, until the end."""
        while "end" not in (rung := self._rung()):
            try:
                sent = self._tell(rung)
            except Exception as error:  # noqa: BLE001  nothing of the user's stands behind it
                if self._is_gone():
                    return
                sent = 1
                self._fault(error)
            if self._batches.more:
                self._bell.put("changed")
            self._sleep(PAUSE_S * sent)

    def _rung(self) -> set[Ring]:
        """What has happened since the last time; waits until something has."""
        rung = {self._bell.get()}
        try:
            while True:
                rung.add(self._bell.get_nowait())
        except Empty:
            return rung

    def _tell(self, rung: set[Ring]) -> int:
        """Send what is new; how many messages that took."""
        sent = 0
        if "hello" in rung:
            self._told = None
            self._batches.again()
        if rung & {"hello", "look"} and (state := self._state()) != self._told:
            self._send("state", state)
            self._told = state
            sent += 1
        batch = self._batches.next(self._faults)
        if batch is not None:
            self._send("batch", batch)
            sent += 1
        return sent

    def _fault(self, error: Exception) -> None:
        """Note it, and tell everything anew, as it is not known what got lost."""
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f", line {where.tb_lineno}" if where is not None else ""
        sentence = _FAULT.format(said=f"{type(error).__name__}{line}")
        if sentence not in self._faults and len(self._faults) < _MOST_FAULTS:
            self._faults.append(sentence)
        self._told = None
        self._batches.again()
