"""From phases that begin and end in each thread to the programs that they belong to."""

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from types import FrameType
from typing import Any

from jaxmagic import _jax
from jaxmagic.compiles import place
from jaxmagic.compiles.explained import FOUND, Explained, transformed
from jaxmagic.compiles.job import Job, Phase
from jaxmagic.compiles.kept import Kept
from jaxmagic.pytree.names import clean

_MOST_AHEAD = 100


class _Thread(threading.local):
    """What a thread is compiling: phases that last, from outside, and jobs between phases."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.waiting: list[Job] = []
        self.inner_ms = 0.0


class Phases:
    """Phases that begin and end; each belongs to a job, which becomes a record in ``kept``.

    What can't be explained goes to ``fault``, and has its name and its times. When the end of a
    phase was not heard, ``mend`` may do something about it.
    """

    def __init__(
        self,
        kept: Kept,
        explained: Explained,
        fault: Callable[[Exception], None],
        mend: Callable[[], None],
    ) -> None:
        self._kept = kept
        self._explained = explained
        self._fault = fault
        self._mend = mend
        self._ahead: OrderedDict[str, Job] = OrderedDict()
        self._thread = _Thread()
        self._lock = threading.Lock()

    def end_all(self) -> None:
        """Nothing is being compiled any more, as far as it can be heard."""
        self._thread = _Thread()

    def forget_ahead(self) -> None:
        """What was done ahead of time is not gone on with."""
        with self._lock:
            self._ahead.clear()

    def begin(self, phase: str, name: str, frame: FrameType) -> None:
        """A phase begins, told from a ``frame`` of JAX."""
        thread = self._thread
        own = frame.f_back.f_back if frame.f_back and frame.f_back.f_back else frame
        call = _jax.call_frame(own)
        if thread.phases or any(job.anchor != id(call) for job in thread.waiting):
            self.let_go(own)
        begun = Phase(phase, id(own), own.f_code, None, _raised())
        thread.phases.append(begun)
        if phase != "trace" or (len(thread.phases) == 1 and _jax.is_outermost()):
            begun.job = job = self._job(phase, name, own, call)
            job.phase = phase
            if phase == "compile":
                job.disk = "below threshold" if _jax.disk_cache_in_use() else "off"
                job.device = job.device or _default_device()
            self._kept.change(job)
        begun.start_s = time.perf_counter()

    def end(self, phase: str, end_s: float) -> None:
        """The phase ends that this thread has begun last."""
        thread = self._thread
        while thread.phases:
            ended = thread.phases.pop()
            if ended.name == phase:
                break
            self._abandon(ended)
        else:
            return
        ms = (end_s - ended.start_s) * 1e3
        job = ended.job
        if job is None:
            thread.inner_ms = ms
            return
        job.ms[phase] = ms
        job.phase = ""
        error = sys.exc_info()[1]
        if error is not None and id(error) != ended.error:
            is_failure = isinstance(error, Exception) and not _jax.is_interrupt(error)
            job.outcome = "failed" if is_failure else "interrupted"
            self._finish(job)
        elif phase == "compile":
            job.outcome = "compiled"
            self._explained.compiled(job)
            self._finish(job)
        elif job.how == "ahead":
            self._pause(job, phase)
        else:
            thread.waiting.append(job)
            self._kept.change(job)

    def on_disk(self, *, written: bool) -> None:
        """The program that this thread compiles was found on disk, or written there."""
        phases = self._thread.phases
        if phases and phases[-1].job is not None:
            phases[-1].job.disk = "written" if written else "hit"

    def let_go(self, frame: FrameType | None) -> None:
        """Give up what an interrupt has ended without JAX saying so, seen from a ``frame``."""
        thread = self._thread
        if not (thread.phases or thread.waiting):
            return
        own = id(frame)
        alive: dict[int, Any] = {}
        while frame is not None:
            alive[id(frame)] = frame.f_code
            frame = frame.f_back
        unheard = [
            phase
            for phase in thread.phases
            if phase.frame == own or alive.get(phase.frame) is not phase.code
        ]
        for phase in unheard:
            thread.phases.remove(phase)
            self._abandon(phase)
        if unheard:
            self._mend()
        for job in list(thread.waiting):
            if job.anchor not in alive:
                thread.waiting.remove(job)
                job.outcome = "interrupted" if "lower" in job.ms else "traced"
                if job.outcome == "traced":
                    job.reason = FOUND
                self._finish(job)

    def _abandon(self, phase: Phase) -> None:
        if phase.job is not None:
            phase.job.phase = ""
            phase.job.outcome = "interrupted"
            self._finish(phase.job)

    def _finish(self, job: Job) -> None:
        """It is done with, and what it was compiled for is no longer needed."""
        job.past = None
        self._kept.change(job)

    def _pause(self, job: Job, phase: str) -> None:
        """What is traced or lowered ahead of time may be compiled later, or not at all."""
        job.outcome = "lowered" if phase == "lower" else "traced"
        if phase == "trace":
            self._explained.compiled(job)
        with self._lock:
            self._ahead[job.event] = job
            self._ahead.move_to_end(job.event)
            while len(self._ahead) > _MOST_AHEAD:
                _, forgotten = self._ahead.popitem(last=False)
                forgotten.past = None
        self._kept.change(job)

    # ------------------------------------------------------------ jobs

    def _job(self, phase: str, name: str, own: FrameType, frame: FrameType | None) -> Job:
        """The job that a phase belongs to: one that waits for it, or a new one."""
        thread = self._thread
        if phase != "trace":
            anchor = id(frame) if frame is not None else 0
            name = name.partition("(")[2].removesuffix(")") or name
            for waiting in thread.waiting:
                if (waiting.anchor, waiting.event) == (anchor, name) and phase not in waiting.ms:
                    thread.waiting.remove(waiting)
                    return waiting
            if frame is None or frame.f_code.co_name.startswith("jit_"):
                with self._lock:
                    paused = self._ahead.get(name)
                if paused is not None and phase not in paused.ms:
                    paused.outcome = "open"
                    self._kept.reopen(paused)
                    return paused
        call = _jax.call_of(frame) if frame is not None else None
        if call is not None and call.avals and phase == "lower":
            found = next((j for j in thread.waiting if j.anchor == call.within), None)
            if found is not None and found.how == "call" and "lower" not in found.ms:
                thread.waiting.remove(found)
                found.anchor, found.past = call.anchor, None
                found.kind = "transform"
                if found.reason.kind != "measured":
                    found.reason = transformed(call.how, found.name)
                return found
        job = self._new(name, call, own, traced=phase == "trace")
        if phase == "lower" and len(thread.phases) > 1 and thread.inner_ms:
            job.ms["trace"], thread.inner_ms = thread.inner_ms, 0.0
        return job

    def _new(self, name: str, call: _jax.Call | None, own: FrameType, *, traced: bool) -> Job:
        where = place.find(own)
        anchor, how = (call.anchor, call.how) if call is not None else (0, "ahead")
        job = self._kept.add(lambda number: Job(number, clean(name), anchor, how, where, name))
        if call is not None:
            try:
                self._explained.explain(job, call, traced=traced)
            except Exception as error:  # noqa: BLE001  it has a name and its times all the same
                self._fault(error)
        return job


def _raised() -> int:
    """Which exception is being handled here, if any."""
    error = sys.exc_info()[1]
    return 0 if error is None else id(error)


def _default_device() -> str:
    """Where a program runs that was not put anywhere: the backend is there when it compiles."""
    import jax  # noqa: PLC0415  it is there: it is compiling

    device: Any = jax.config.jax_default_device
    if device is None or isinstance(device, str):
        return f"{device or jax.default_backend()}:0"
    return f"{device.platform}:{device.id}"
