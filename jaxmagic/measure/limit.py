"""Run something in Python under a time limit, with a forecast for its loops.

Only Python code can be stopped: between two bytecodes, an exception is set in its thread. A
single call into compiled code runs to its end.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Result = TypeVar("Result")

_LOOK_EVERY_S = 0.05
_FORECAST_AFTER_S = 0.5  # earlier, too little of a loop is done to say when it will end


class OverLimit(BaseException):
    """The work was stopped; not an ``Exception``, so that no ``except`` of the user keeps it."""


class LimitError(Exception):
    """The work takes longer than it may.

    ``forecast_s`` is the time that it was going to take, None if there was no loop to tell by.
    """

    def __init__(self, limit_s: float, elapsed_s: float, forecast_s: float | None) -> None:
        super().__init__(f"over the limit of {limit_s} s")
        self.limit_s = limit_s
        self.elapsed_s = elapsed_s
        self.forecast_s = forecast_s


class Steps:
    """Counts the steps of loops over ``range``, and tells which share of the work is done.

    ``steps.range`` stands in for ``range`` in the function that is watched. Only the loops that
    run now are known, so the share is that of the outermost one.
    """

    def __init__(self) -> None:
        self._active: list[list[int]] = []  # [done, of] for every loop that runs, outermost first

    @property
    def done(self) -> float:
        """Share of the outermost running loop that is done, between 0 and 1."""
        share = 0.0
        for done, of in reversed(self._active.copy()):
            share = (done + share) / max(of, 1)
        return share

    def range(self, *arguments: Any) -> "_CountedRange":
        """A ``range`` whose iterations are counted."""
        return _CountedRange(range(*arguments), self._active)


class _CountedRange:
    """Behaves as the ``range`` that it holds, and counts when it is iterated over."""

    def __init__(self, steps: range, active: list[list[int]]) -> None:
        self._steps = steps
        self._active = active

    def __iter__(self) -> Iterator[int]:
        entry = [0, len(self._steps)]
        self._active.append(entry)
        try:
            for entry[0], step in enumerate(self._steps):
                yield step
        finally:
            # an abandoned loop (break) is closed late: by then others may stand behind it
            self._active[:] = [other for other in self._active if other is not entry]

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, index: Any) -> Any:
        return self._steps[index]

    def __contains__(self, item: object) -> bool:
        return item in self._steps

    def __reversed__(self) -> Iterator[int]:
        return iter(_CountedRange(self._steps[::-1], self._active))

    def __eq__(self, other: object) -> bool:
        return self._steps == (other._steps if isinstance(other, _CountedRange) else other)

    def __hash__(self) -> int:
        return hash(self._steps)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._steps, name)


def run_limited(
    work: Callable[[], Result],
    limit_s: float,
    steps: Steps | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Result:
    """``work()``, stopped when it takes longer than ``limit_s`` seconds or is going to.

    With ``steps`` it is stopped as soon as its loops show that it will take too long.

    Raises:
        LimitError: it was stopped.
    """
    watch = _Watch(limit_s, steps, clock)
    try:
        try:
            watch.start()
            return work()
        finally:
            watch.over = True  # at once: from here on, one more exception can arrive, no second
            watch.stop()
    except OverLimit:
        watch.stop()
        raise LimitError(limit_s, watch.elapsed_s, watch.forecast_s) from None


class _Watch:
    """Looks at the clock from a thread of its own, and stops the thread that made it.

    Nothing is sent before :meth:`start` has ended, as it would come in the midst of the lock by
    which threads start, nor once ``over`` is set, but for what is just being sent.
    """

    def __init__(self, limit_s: float, steps: Steps | None, clock: Callable[[], float]) -> None:
        self._limit_s = limit_s
        self._steps = steps
        self._clock = clock
        self._start = clock()
        self._target = threading.get_ident()
        self._at_work = threading.Lock()  # held until the work is over, which wakes the thread
        self._at_work.acquire()
        self._unraisable = sys.unraisablehook
        self._started = False
        self.over = False
        self.elapsed_s = 0.0
        self.forecast_s: float | None = None
        self._thread = threading.Thread(target=self._look, name="jaxmagic limit", daemon=True)

    def start(self) -> None:
        """Begin to look at the clock; from now on an exception can arrive."""
        self._thread.start()
        self._started = True

    def stop(self) -> None:
        """End the watch; afterwards no exception can arrive. One may arrive in here: call again."""
        if self._at_work.locked():
            self._at_work.release()
        if self._thread.is_alive():  # it is not if Ctrl-C came before it was started
            self._thread.join()
        _set_exception(self._target, None)
        sys.unraisablehook = self._unraisable

    def _look(self) -> None:
        while not self._at_work.acquire(timeout=_LOOK_EVERY_S):
            self.elapsed_s = self._clock() - self._start
            done = self._steps.done if self._steps else 0.0
            self.forecast_s = self.elapsed_s / done if done else None
            early = self.elapsed_s >= _FORECAST_AFTER_S and (self.forecast_s or 0) > self._limit_s
            is_late = early or self.elapsed_s > self._limit_s
            if is_late and self._started and not self.over:
                # again and again until it is heard: a callback may swallow it, and must not tell
                sys.unraisablehook = self._tell_others
                _set_exception(self._target, OverLimit)

    def _tell_others(self, unraisable: Any) -> None:
        if unraisable.exc_type is not OverLimit:
            self._unraisable(unraisable)


def _set_exception(thread: int, kind: type[BaseException] | None) -> None:
    exception = ctypes.py_object(kind) if kind else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)
