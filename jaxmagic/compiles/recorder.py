"""Listens to what JAX traces, lowers and compiles, and keeps a record of each program.

Read-only: nothing of JAX is changed, and an error in here never reaches the call that compiles.
"""

import sys
import threading
import time
from collections import Counter, OrderedDict
from itertools import count
from types import FrameType
from typing import Any

from jaxmagic import _jax
from jaxmagic.compiles import function as functions
from jaxmagic.compiles import place
from jaxmagic.compiles.job import Job, Phase
from jaxmagic.compiles.reason import History, Past
from jaxmagic.compiles.record import Compiles, Kind, Reason, Record
from jaxmagic.compiles.signature import of_primitive, signature_of
from jaxmagic.importing import AfterImport
from jaxmagic.pytree.names import clean, message

MOST_RECORDS = 10_000
_MOST_AHEAD = 100

_CLEARED = (
    "Another library called clear_event_listeners: what was compiled between that and now may be "
    "missing."
)
_FOUND = Reason("found", "looked up, and its program was there already (or it was interrupted)")
_WORDS_OF_PARTS = {
    "forward": ("differentiated outside of jit: the forward pass is compiled by itself", "grad"),
    "backward": ("differentiated outside of jit: the backward pass is compiled by itself", "grad"),
    "batched": ("mapped outside of jit: compiled anew for the batch", "vmap"),
    "transformed": ("transformed outside of jit: compiled anew for that", "grad"),
}


class _Thread(threading.local):
    """What a thread is compiling: phases that last, from outside, and jobs between phases."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.waiting: list[Job] = []
        self.inner_ms: tuple[str, float] = ("", 0.0)
        self.called: functions.Function | None = None


class Recorder:
    """Records of what JAX compiles, from :meth:`start` to :meth:`stop`.

    At most ``most`` records are kept; older ones are dropped and counted. ``hook_s`` is the time
    that listening took.
    """

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self.most = most
        self._dropped = 0  # the number of the latest record that was dropped
        self._cleared = 0  # and of the latest one that was there when they were cleared
        self.hook_s = 0.0
        self.hook_calls = 0
        self.history = History()
        self._numbers = count(1)
        self._last = 0
        self._entries: OrderedDict[int, Job | Record] = OrderedDict()
        self._ahead: OrderedDict[str, Job] = OrderedDict()
        self._notes: Counter[str] = Counter()
        self._usual: tuple[tuple[str, str], ...] = ()
        self._thread = _Thread()
        self._lock = threading.RLock()
        self._sentinel: _jax.CacheSentinel | None = None
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
        return self._last

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
            self._sentinel = None
            self._thread = _Thread()
            if "jax" in sys.modules:
                _jax.stop_listening(self._listeners)

    def _attach(self) -> None:
        try:
            _jax.listen(self._listeners)
            self._sentinel = _jax.CacheSentinel()
        except Exception as error:  # noqa: BLE001  an import of JAX must not fail because of this
            self._fault(error)

    def mend(self) -> None:
        """Listen again if another library has taken all listeners out."""
        if not self.running or "jax" not in sys.modules:
            return
        if self._sentinel is None:
            self._attach()
        elif _jax.listen(self._listeners):
            self._notes[_CLEARED] += 1

    # ------------------------------------------------------------ what was recorded

    def compiles(self, after: int = 0) -> Compiles:
        """The records whose number is above ``after``, those included that are still open."""
        self.mend()
        self._let_go(sys._getframe())  # noqa: SLF001  the stack of this thread
        with self._lock:
            entries = [entry for number, entry in self._entries.items() if number > after]
            dropped = max(self._dropped - max(after, self._cleared), 0)
        records = [entry.record() if isinstance(entry, Job) else entry for entry in entries]
        return Compiles(tuple(records), dropped, tuple(self.notes))

    @property
    def notes(self) -> list[str]:
        """Sentences on what went wrong while recording."""
        return list(self._notes)

    def open(self) -> list[Record]:
        """What is being traced, lowered or compiled just now, in any thread."""
        with self._lock:
            jobs = [entry for entry in self._entries.values() if isinstance(entry, Job)]
        return [job.record() for job in jobs if job.phase]

    def clear(self) -> None:
        """Forget all records; what was compiled before is still known to the reasons."""
        with self._lock:
            self._entries.clear()
            self._cleared = self._last
            self._notes.clear()

    def forget(self) -> None:
        """Forget everything, as if it had just been made."""
        with self._lock:
            self.clear()
            self.history.forget()
            self._ahead.clear()
            self._numbers = count(1)
            self._last = self._dropped = self._cleared = 0

    # ------------------------------------------------------------ listeners

    def _on_scalar(self, event: str, _value: float, **details: Any) -> None:
        """JAX tells the time when a phase begins."""
        phase = _jax.COMPILE_PHASES.get(event)
        if phase is None:
            return
        start_s = time.perf_counter()
        try:
            self._begin(phase, str(details.get("fun_name", "")), sys._getframe(1))  # noqa: SLF001
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
            self._end(phase, end_s)
        except Exception as error:  # noqa: BLE001  as above
            self._fault(error)
        self._spent(end_s)

    def _on_event(self, event: str, **_details: Any) -> None:
        disk = _jax.DISK_EVENTS.get(event)
        phases = self._thread.phases
        if disk in ("hit", "written") and phases and phases[-1].job is not None:
            phases[-1].job.disk = "hit" if disk == "hit" else "written"

    def _spent(self, start_s: float) -> None:
        self.hook_s += time.perf_counter() - start_s
        self.hook_calls += 1

    def _fault(self, error: Exception) -> None:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f", line {where.tb_lineno}" if where is not None else ""
        if len(self._notes) < self.most:
            said = clean(message(error), 120)
            self._notes[f"A program could not be recorded in full ({said}{line})."] += 1

    # ------------------------------------------------------------ phases

    def _begin(self, phase: str, name: str, frame: FrameType) -> None:
        thread = self._thread
        own = frame.f_back.f_back if frame.f_back and frame.f_back.f_back else frame
        if thread.phases or thread.waiting:
            self._let_go(own)
        begun = Phase(phase, id(own), own.f_code, None, _raised())
        thread.phases.append(begun)
        if phase != "trace" or (len(thread.phases) == 1 and _jax.is_outermost()):
            begun.job = self._job(phase, name, own)
            begun.job.phase = phase
            if phase == "compile":
                begun.job.disk = "below threshold" if _jax.disk_cache_in_use() else "off"
                begun.job.device = begun.job.device or _default_device()
        begun.start_s = time.perf_counter()

    def _end(self, phase: str, end_s: float) -> None:
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
            thread.inner_ms = ("", ms)
            return
        job.ms[phase] = ms
        job.phase = ""
        if _raised() not in (0, ended.error):
            job.outcome = "failed" if isinstance(sys.exc_info()[1], Exception) else "interrupted"
            self._finish(job)
        elif phase == "compile":
            job.outcome = "compiled"
            if job.past is not None:
                with self._lock:
                    self.history.add(job.past)
            self._finish(job)
        elif job.how == "ahead":
            self._pause(job, phase)
        else:
            thread.waiting.append(job)

    def _let_go(self, frame: FrameType | None) -> None:
        """Give up what an interrupt has ended without JAX saying so, seen from a ``frame``."""
        thread = self._thread
        if not (thread.phases or thread.waiting):
            return
        own = id(frame)
        alive: dict[int, Any] = {}
        while frame is not None:
            alive[id(frame)] = frame.f_code
            frame = frame.f_back
        for phase in list(thread.phases):
            if phase.frame == own or alive.get(phase.frame) is not phase.code:
                thread.phases.remove(phase)
                self._abandon(phase)
        for job in list(thread.waiting):
            if job.anchor not in alive:
                thread.waiting.remove(job)
                job.outcome = "interrupted" if "lower" in job.ms else "traced"
                if job.outcome == "traced":
                    job.reason = _FOUND
                self._finish(job)

    def _abandon(self, phase: Phase) -> None:
        if phase.job is not None:
            phase.job.phase = ""
            phase.job.outcome = "interrupted"
            self._finish(phase.job)

    def _finish(self, job: Job) -> None:
        """Keep its record in its place; nothing else of it."""
        with self._lock:
            if job.number in self._entries:
                self._entries[job.number] = job.record()

    def _pause(self, job: Job, phase: str) -> None:
        """What is traced or lowered ahead of time may be compiled later, or not at all."""
        job.outcome = "lowered" if phase == "lower" else "traced"
        with self._lock:
            if phase == "trace" and job.past is not None:
                self.history.add(job.past)
                job.past = None
            self._ahead[job.event] = job
            self._ahead.move_to_end(job.event)
            while len(self._ahead) > _MOST_AHEAD:
                self._ahead.popitem(last=False)
        self._finish(job)

    # ------------------------------------------------------------ jobs

    def _job(self, phase: str, name: str, own: FrameType) -> Job:
        """The job that a phase belongs to: one that waits for it, or a new one."""
        thread = self._thread
        frame = _jax.call_frame(own)
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
                    return self._resumed(paused)
        call = _jax.call_of(frame) if frame is not None else None
        if call is not None and call.avals and phase == "lower":
            found = next((j for j in thread.waiting if j.anchor == call.within), None)
            if found is not None and found.how == "call" and "lower" not in found.ms:
                thread.waiting.remove(found)
                found.anchor, found.past = call.anchor, None
                found.kind, found.reason = "transform", _transformed(call.how, found.name)
                return found
        job = self._new(name, call, own, traced=phase == "trace")
        if phase == "lower" and len(thread.phases) > 1 and thread.inner_ms[1]:
            job.ms["trace"], thread.inner_ms = thread.inner_ms[1], ("", 0.0)
        return job

    def _resumed(self, job: Job) -> Job:
        with self._lock:
            job.outcome = "open"
            if job.number in self._entries:
                self._entries[job.number] = job
        return job

    def _new(self, name: str, call: _jax.Call | None, own: FrameType, *, traced: bool) -> Job:
        if traced and self._sentinel is not None and _jax.listen(self._listeners):
            self._notes[_CLEARED] += 1
        where = place.find(own, functions.is_users_file)
        anchor, how = (call.anchor, call.how) if call is not None else (0, "ahead")
        with self._lock:
            number = self._last = next(self._numbers)
            job = self._entries[number] = Job(number, clean(name), anchor, how, where, name)
            while len(self._entries) > self.most:
                self._dropped, _ = self._entries.popitem(last=False)
        if call is not None:
            self._look(job, call, traced=traced)
        return job

    def _look(self, job: Job, call: _jax.Call, *, traced: bool) -> None:
        """Fill in what was called and why it is compiled."""
        if call.function is None:
            seen = self._thread.called
            job.kind, job.reason = "transform", _transformed(call.how, job.name)
            job.function = seen if seen is not None and _is_named(seen, job.name) else None
            if job.function is not None:
                job.name = job.function.name
            job.signature = signature_of(call).text()
            return
        job.function = function = functions.describe(call.function)
        parameters = _jax.primitive_parameters(call.function)
        if parameters is None:
            job.name = function.name
            self._thread.called = function
            signature = signature_of(call)
        else:
            signature = of_primitive(call, parameters)
        job.kind = _kind(call, function, is_primitive=parameters is not None)
        with self._lock:
            self._usual = self._usual or signature.configuration
            cleared = self._sentinel.cleared if self._sentinel is not None else 0
            unjitted = parameters is not None
            job.past = Past(signature, call.how, function, job.place, cleared, unjitted, job.number)
            job.reason = self.history.why(
                job.past, call.function, traced=traced, full=_jax.jit_cache_is_full()
            )
        job.signature = signature.text(self._usual)
        leaves = (leaf.placed for argument in signature.arguments for leaf in argument.leaves)
        job.device = next(filter(None, leaves), "")


def _kind(call: _jax.Call, function: functions.Function, *, is_primitive: bool) -> Kind:
    if is_primitive:
        return "eager op"
    if call.how == "ahead":
        return "ahead of time"
    return "library" if function.is_jax else "user function"


def _is_named(function: functions.Function, name: str) -> bool:
    return function.name.rpartition(".")[2] == name


def _transformed(part: str, name: str) -> Reason:
    words, transform = _WORDS_OF_PARTS[part]
    remedy = f"put jit around the whole: jax.jit(jax.{transform}({name}))"
    return Reason("transform", f"{name} is {words}", name, remedy=remedy)


def _raised() -> int:
    """Which exception is being handled here, if any."""
    error = sys.exc_info()[1]
    return 0 if error is None else id(error)


def _default_device() -> str:
    """Where a program runs that was not put anywhere: the backend is there when it compiles."""
    import jax  # noqa: PLC0415  as above

    device: Any = jax.config.jax_default_device
    if device is None or isinstance(device, str):
        return f"{device or jax.default_backend()}:0"
    return f"{device.platform}:{device.id}"
