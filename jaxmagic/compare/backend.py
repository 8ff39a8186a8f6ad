"""What every backend has in common: what it is asked for, what it answers, how it says no."""

import random
import time
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.compare.values import own_copy, ready, same_values, waiting_for
from jaxmagic.measure.limit import LimitError, Steps, run_limited
from jaxmagic.measure.rounds import Clock, Contender
from jaxmagic.show import units


class RefusedError(Exception):
    """The backend can't run this call; the message is the sentence for the row."""


@dataclass(frozen=True)
class Setup:
    """How a comparison is to be made, besides what is compared.

    ``seconds`` is the budget of measuring for each row. No call may take longer than ``limit``
    seconds. ``x64`` says whether JAX computes in 64 bits; None leaves that as it is. ``clock``
    gives nanoseconds, ``rng`` the order within each round. ``progress`` is told in a few words
    what is being done. ``files`` are the names of the user's code, for line numbers.
    Code that can't be stopped must be compiled and have run once after ``timeout`` seconds, or it
    is given up. ``place`` moves arguments to where JAX is to compute; None is its default device.
    ``reference`` is the result of the first row, None as long as there is none.
    """

    seconds: float = 0.3
    limit: float = 10.0
    timeout: float = 60.0
    x64: bool | None = None
    clock: Clock = time.perf_counter_ns
    rng: random.Random | None = None
    progress: Callable[[str], None] = lambda _what: None
    files: frozenset[str] = frozenset()
    place: Callable[[Any], Any] | None = None
    reference: Any = None

    def seconds_since(self, start_ns: int) -> float:
        """Seconds that have passed since ``clock()`` was ``start_ns``."""
        return (self.clock() - start_ns) / 1e9


@dataclass(frozen=True)
class Prepared:
    """A backend that is compiled and has run once.

    ``result`` is what the first call returned, in the form in which the call was written.
    ``compile_s`` is None where nothing is compiled, ``temporary_bytes`` where it can't be known.
    ``device`` and the seconds of moving arguments in and the result out are given where the user
    asked for a device. ``translated`` is the source that runs in place of the user's.
    ``close`` ends what was started for it, and is called in any case.
    """

    label: str
    contender: Contender
    result: Any
    compile_s: float | None = None
    compile_parts_s: dict[str, float] = field(default_factory=dict)
    temporary_bytes: Callable[[], int | None] = lambda: None
    restore: Callable[[Any], Any] = lambda result: result
    notes: tuple[str, ...] = ()
    device: str | None = None
    transfer_in_s: float | None = None
    transfer_out_s: float | None = None
    translated: str = ""
    close: Callable[[], object] = lambda: None


def reason(error: BaseException, files: Collection[str]) -> str:
    """``error`` in one sentence, with the line of the user's code where it happened."""
    if isinstance(error, RefusedError):
        return str(error)
    if isinstance(error, LimitError):
        return _over_limit(error)
    where = f"line {line}: " if (line := line_of(error, files)) else ""
    return f"{where}{_in_words(error)}"


def line_of(error: BaseException, files: Collection[str]) -> int | None:
    """The innermost line of the user's code that ``error`` came through."""
    location = getattr(error, "loc", None)  # Numba's errors know the line that they are about
    if getattr(location, "filename", None) in files:
        return int(location.line)  # type: ignore[union-attr]
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in files
    ]
    return lines[-1] if lines else None


def first_sentence(text: str) -> str:
    """The first line of ``text`` that says something, on one line and not too long."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines[1:] and lines[0].startswith("Failed in nopython mode pipeline"):
        del lines[0]  # where in Numba, not why
    sentence = lines[0] if lines else ""
    return sentence if len(sentence) <= 200 else f"{sentence[:197]}..."  # noqa: PLR2004


def _over_limit(error: LimitError) -> str:
    limit = f"over the limit of {units.seconds(error.limit_s)} (--limit raises it)"
    if error.forecast_s is None:
        return f"stopped after {units.seconds(error.elapsed_s)}: {limit}."
    return f"predicted to take {units.seconds(error.forecast_s)}: {limit}."


_HINTS = {
    "TracerBoolConversionError": (
        "an if, while, and, or or not needs the value of a traced array; "
        "write np.where, or jax.lax.cond or while_loop in a %%jax section."
    ),
    "TracerIntegerConversionError": (
        "an index or a count needs the value of a traced array; it must be a Python integer."
    ),
    "TracerArrayConversionError": (
        "a function that is not JAX's was given a traced array; use np.*, or a %%jax section."
    ),
    "ConcretizationTypeError": (
        "a Python number is needed where there is a traced array; write np.exp, not math.exp, "
        "and leave out float() and int()."
    ),
    "NonConcreteBooleanIndexError": (
        "a boolean mask makes an array whose shape depends on values; write np.where."
    ),
}


def _in_words(error: BaseException) -> str:
    for kind in type(error).__mro__:
        if kind.__name__ in _HINTS and kind.__module__.startswith("jax"):
            return _HINTS[kind.__name__]
    text = str(error)
    if isinstance(error, TypeError) and "JAX arrays are immutable" in text:
        return "JAX arrays can't be changed in place; write x = x.at[i].set(v)."
    if isinstance(error, AttributeError) and "module 'jax.numpy" in text:
        return f"{first_sentence(text)}; write it in another way, or a %%jax section."
    return f"{type(error).__name__}: {first_sentence(text)}"


FIRST_CALL = "first call of"
"""What ``progress`` is told when all is compiled begins with this."""


def try_once(
    name: str,
    probe: Callable[..., Any],
    function: Callable[..., Any],
    fresh: Callable[[], tuple[Any, ...]],
    setup: Setup,
    steps: Steps | None = None,
) -> tuple[Contender, Any, tuple[str, ...]]:
    """Call ``probe(*fresh())`` once, within the limit, and see how ``function`` is to be timed.

    Returns the contender, the first result, and a note if the call changes its arguments: then
    it is given fresh ones every time.

    Raises:
        LimitError: the call took too long, or was going to.
    """
    arguments = fresh()
    setup.progress(f"{FIRST_CALL} {name}")
    result = run_limited(lambda: ready(probe(*arguments)), setup.limit, steps)
    wait = waiting_for(result)
    if same_values(arguments, fresh()):
        return Contender(name, function, arguments, wait), result, ()
    note = "The call changes its arguments: each call gets a fresh copy, which is not timed."
    return Contender(name, function, fresh(), wait, fresh), own_copy(result), (note,)
