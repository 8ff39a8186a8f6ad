"""Fills in what a job is made of: what was called, for what, and why it is compiled."""

import threading
from itertools import chain
from operator import attrgetter

from jaxmagic import _jax
from jaxmagic.compiles import function as functions
from jaxmagic.compiles.job import Job
from jaxmagic.compiles.reason import History, Past
from jaxmagic.compiles.record import Kind, Reason
from jaxmagic.compiles.signature import of_primitive, signature_of
from jaxmagic.purpose import purpose

FOUND = Reason("found", "looked up, and its program was there already (or it was interrupted)")
_PLACED = attrgetter("placed")
_ASKED_FOR = "compiled by {purpose}"
_WORDS_OF_PARTS = {
    "forward": ("differentiated outside of jit: the forward pass is compiled by itself", "grad"),
    "backward": ("differentiated outside of jit: the backward pass is compiled by itself", "grad"),
    "batched": ("mapped outside of jit: compiled anew for the batch", "vmap"),
    "transformed": ("transformed outside of jit: compiled anew for that", "grad"),
}


class _Thread(threading.local):
    """The function that a thread has called last."""

    def __init__(self) -> None:
        self.called: functions.Function | None = None


class Explained:
    """Knows what was compiled before, and explains by that what is compiled now."""

    def __init__(self) -> None:
        self.history = History()
        self._usual: tuple[tuple[str, str], ...] = ()
        self._sentinel: _jax.CacheSentinel | None = None
        self._thread = _Thread()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Count from now on how often all caches are cleared."""
        self._sentinel = _jax.CacheSentinel()

    def end(self) -> None:
        """Count no longer."""
        self._sentinel = None
        self._thread = _Thread()

    def forget(self) -> None:
        """Everything is a first call from now on."""
        with self._lock:
            self.history.forget()

    def compiled(self, job: Job) -> None:
        """What the job was for is compiled: later ones are compared with it."""
        if job.past is not None:
            with self._lock:
                self.history.add(job.past)
            job.past = None

    def explain(self, job: Job, call: _jax.Call, *, traced: bool) -> None:
        """Fill in what was called and why it is compiled; ``traced`` says that it is traced."""
        if call.function is None:
            self._part(job, call)
        else:
            self._whole(job, call, traced=traced)
        if asked := purpose():
            job.reason = Reason("measured", _ASKED_FOR.format(purpose=asked))

    def _whole(self, job: Job, call: _jax.Call, *, traced: bool) -> None:
        """Fill in a call of a function."""
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
                job.past, call.function, traced=traced, is_full=_jax.jit_cache_is_full
            )
        job.signature = signature.text(self._usual)
        leaves = chain.from_iterable(argument.leaves for argument in signature.arguments)
        job.device = next(filter(None, map(_PLACED, leaves)), "")

    def _part(self, job: Job, call: _jax.Call) -> None:
        """Fill in a part of a transform outside of jit, of which only the leaves are known."""
        seen = self._thread.called
        job.kind, job.reason = "transform", transformed(call.how, job.name)
        job.function = seen if seen is not None and _is_named(seen, job.name) else None
        if job.function is not None:
            job.name = job.function.name
        job.signature = signature_of(call).text()


def transformed(part: str, name: str) -> Reason:
    """Why a part of a transform of the function ``name`` is compiled outside of jit."""
    words, transform = _WORDS_OF_PARTS[part]
    remedy = f"put jit around the whole: jax.jit(jax.{transform}({name}))"
    return Reason("transform", f"{name} is {words}", name, remedy=remedy)


def _kind(call: _jax.Call, function: functions.Function, *, is_primitive: bool) -> Kind:
    if is_primitive:
        return "eager op"
    if call.how == "ahead":
        return "ahead of time"
    return "library" if function.is_jax else "user function"


def _is_named(function: functions.Function, name: str) -> bool:
    return function.name.rpartition(".")[2] == name
