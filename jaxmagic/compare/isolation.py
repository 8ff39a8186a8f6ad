"""What can't be stopped is predicted before it is run, or tried first where it can be killed.

A running call of Numba or XLA can't be interrupted, so a loop that never ends would take the
kernel with it. A loop that plain Python was seen to finish is predicted to end. Any other is
tried in another process::

    python -m jaxmagic.compare.isolation FILE

compiles and calls once what FILE describes, and is killed when it takes too long.
"""

import contextlib
import io
import linecache
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import types
from collections import ChainMap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cloudpickle

from jaxmagic import _jax
from jaxmagic.compare.backend import FIRST_CALL, Prepared, RefusedError, Setup, reason
from jaxmagic.compare.cell import Call
from jaxmagic.compare.interpreted import as_written
from jaxmagic.measure.limit import LimitError, Steps, run_limited
from jaxmagic.show import units
from jaxmagic.source import control_flow, is_jitted, is_numba_compiled, underlying

PROBE_S = 1.0
"""Plain Python gets this long to show that a loop ends."""

_LOOK_EVERY_S = 0.1
_LATE_S = 0.3  # a call is seen to have begun that much too late at most
_PROGRESS = "progress"  # the file in which the other process tells what it does
_SAYS_NO = 3  # the exit status of a process that wrote why it refuses


Prepare = Callable[[Setup], Prepared]


def make_sure_it_ends(
    backend: str, call: Call, prepare: Prepare, setup: Setup, *, own_code: bool, seen_to_end: bool
) -> str:
    """Return a note, or nothing, if ``prepare`` can be trusted to come back from this call.

    ``seen_to_end`` says that plain Python has finished the call, maybe in other code: then only
    a loop whose end depends on values can still have none, in other code or in 32 bits.

    Raises:
        RefusedError: tried in another process, it took longer than ``setup.timeout`` or crashed.
        LimitError: its call took longer than ``setup.limit`` there.
    """
    loops = control_flow(call.function) - {"if"}
    in_lax = loops & {"lax", "lax while"}
    if not (in_lax if backend == "eager" else loops):
        return ""
    # a tolerance that 64 bits reach may be out of reach for 32
    coarser = backend in ("jit", "unrolled") and not _jax.x64_enabled()
    if loops & {"while", "lax while", "recursion"} and (own_code or coarser):
        return try_elsewhere(prepare, setup)
    if seen_to_end or (not own_code and not in_lax and ends_in_python(call, setup)):
        return ""
    return try_elsewhere(prepare, setup)


def make_sure_a_compiled_one_ends(function: Any, prepare: Prepare, setup: Setup) -> str:
    """The same for a function that JAX or Numba compiles, and that nobody has called so far."""
    below = underlying(function)
    fresh = (is_jitted(function) and not _jax.was_called(function)) or (
        is_numba_compiled(function) and not function.signatures
    )
    if below is None or not fresh or not control_flow(below) - {"if"}:
        return ""
    return try_elsewhere(prepare, setup)


def ends_in_python(call: Call, setup: Setup) -> bool:
    """Whether the code, as it is written, is seen to end within a second (or within the limit)."""
    steps = Steps()
    try:
        form = as_written(call)
        function = form.build(steps)
        run_limited(lambda: function(*form.arguments), min(PROBE_S, setup.limit), steps)
    except LimitError:
        return False
    except Exception:  # noqa: BLE001  it is compiled code, which plain Python does not understand
        return False
    return True


@dataclass(frozen=True)
class _Task:
    """What the other process does, and what it has to know for that."""

    prepare: Prepare
    limit: float
    x64: bool
    sources: dict[str, list[str]]


def try_elsewhere(prepare: Prepare, setup: Setup) -> str:
    """Compile and call once in another process; returns a note, empty if that was fine.

    An error of the user's code there will come here in the same way, and is left to that.

    Raises:
        RefusedError: it took longer than ``setup.timeout``, or it crashed.
        LimitError: its call takes longer than ``setup.limit``.
    """
    sources = {name: linecache.getlines(name) for name in setup.files}
    task = _Task(prepare, setup.limit, _jax.x64_enabled(), sources)
    try:
        payload = pickle.dumps(sys.path) + _pickled(task)
    except Exception as error:  # noqa: BLE001  whatever an object of the user's raises
        return (
            "It has loops that were not seen to end, and could not be tried in another process "
            f"first ({type(error).__name__}: {error})."
        )
    with tempfile.TemporaryDirectory(prefix="jaxmagic-") as folder:
        file = Path(folder) / "task"
        file.write_bytes(payload)
        return _watched(file, setup)


def _pickled(task: _Task) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream).dump(task)
    return stream.getvalue()


def _with_file(code: types.CodeType) -> tuple[Any, ...]:
    make, arguments = cloudpickle.CloudPickler.dispatch_table[types.CodeType](code)
    return _made, (make, arguments, code.co_filename)


def _made(make: Any, arguments: tuple[Any, ...], file: str) -> Any:
    return make(*arguments).replace(co_filename=file)


class _Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]  # it has no types
    """Tells the file of a function, by which its source is found: cloudpickle 3.1.3 does not."""

    dispatch_table: ClassVar = ChainMap(
        {types.CodeType: _with_file}, cloudpickle.CloudPickler.dispatch_table
    )


def _watched(file: Path, setup: Setup) -> str:
    told = file.with_name(_PROGRESS)
    start = setup.clock()
    called: int | None = None
    with _process(file) as process:
        while (code := _exit_status(process)) is None:
            elapsed_s = setup.seconds_since(start)
            what = told.read_text(encoding="utf-8") if told.exists() else ""
            setup.progress(f"trying it in another process first, {elapsed_s:.0f} s: {what}")
            if called is None and what.startswith(FIRST_CALL):
                called = setup.clock()
            in_call_s = 0.0 if called is None else setup.seconds_since(called)
            if in_call_s > setup.limit + _LATE_S:
                raise LimitError(setup.limit, in_call_s, None)
            if elapsed_s > setup.timeout:
                message = (
                    f"killed after {units.seconds(elapsed_s)} in another process, where it was "
                    "tried first: over the time-out (--timeout raises it)."
                )
                raise RefusedError(message)
    if code < 0:
        name = signal.Signals(-code).name
        message = f"crashed ({name}) in another process, where it was tried first."
        raise RefusedError(message)
    if code == _SAYS_NO:
        raise RefusedError(file.read_text(encoding="utf-8"))
    return ""


def _exit_status(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(_LOOK_EVERY_S)
    except subprocess.TimeoutExpired:
        return None


@contextlib.contextmanager
def _process(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    # a second process must not take all memory of a GPU
    environment = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    process = subprocess.Popen(
        [sys.executable, "-m", "jaxmagic.compare.isolation", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # so that Ctrl-C in a terminal is ours alone
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _run(task: _Task, told: Path) -> None:
    for name, lines in task.sources.items():
        linecache.cache[name] = (sum(map(len, lines)), None, lines, name)
    with _jax.x64(task.x64):
        task.prepare(
            Setup(
                limit=task.limit,
                files=frozenset(task.sources),
                progress=lambda what: _replace(told, what),
            )
        )


def _replace(file: Path, text: str) -> None:
    """Write ``text`` so that who reads ``file`` never sees a part of it."""
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _main(file: Path) -> int:
    with file.open("rb") as stream:
        sys.path[:] = pickle.load(stream)  # noqa: S301  both are written by the process above
        task = pickle.load(stream)  # noqa: S301  as above
    try:
        _run(task, file.with_name(_PROGRESS))
    except (LimitError, RefusedError) as error:
        file.write_text(reason(error, task.sources), encoding="utf-8")
        return _SAYS_NO
    return 0


if __name__ == "__main__":
    # at once: who waits counts the time until the end, and libraries take theirs to say goodbye
    os._exit(_main(Path(sys.argv[1])))
