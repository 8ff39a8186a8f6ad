"""A process of another language that obeys one-line commands, and is stopped between them.

Its driver opens two named pipes in a folder that it is given: ``commands``, which it reads line
by line until it ends, and ``answers``, to which it writes one line for each command::

    ready [VERSION]                (unasked, when it has started)
    load                           -> loaded
    call                           -> called NS CHANGED [DTYPE:SHAPE ...]
    time SLICE_NS EVALS MOST       -> samples NS NS NS ...
    clock                          -> clock NS, what reading the clock takes (scripts only)

or ``error`` and a sentence. What the user's code prints goes elsewhere, so it can't disturb.
The process is a group of its own: Ctrl-C in a terminal does not reach it, and should this process
be killed, the system ends a group that is left behind stopped.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxmagic.compare.backend import RefusedError, first_sentence
from jaxmagic.show import units

_LOOK_EVERY_S = 0.05  # whether it has died, should none of its pipes tell
_KEPT_BYTES = 4000  # of what it prints on its error stream
_SAY_WHY = {signal.SIGABRT, signal.SIGTERM}  # a library that ends the process so has said why


class Workshop:
    """A temporary folder for what is made for one row; :meth:`close` removes it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="jaxmagic-"))
        self._end = weakref.finalize(self, _remove, self.path, os.getpid())

    def close(self) -> None:
        """Remove it with all that is in it; it may be gone already."""
        self._end()


@dataclass(frozen=True)
class Finished:
    """A tool that ran to its end: whether it succeeded, what it said, and how long it took."""

    succeeded: bool
    output: str
    errors: str
    elapsed_s: float


def run_tool(command: Sequence[str], folder: Path, limit_s: float) -> Finished:
    """Run a compiler or the like in ``folder``, speaking English, and wait for its end.

    Raises:
        RefusedError: it took longer than ``limit_s`` seconds, and was killed.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
        text=True,
        errors="replace",
        process_group=0,
    )
    with process:
        try:
            output, errors = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            _kill(process)
            tool = Path(command[0]).name
            message = f"{tool} was killed after {units.seconds(limit_s)}, while it compiled."
            raise RefusedError(message) from None
        except BaseException:
            _kill(process)
            raise
    return Finished(process.returncode == 0, output, errors, time.perf_counter() - start)


class CoProcess:
    """The process of a driver; it runs only while it is asked something.

    It ends when :meth:`close` is called, when this object is garbage, and when Python exits.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        for name in ("commands", "answers"):
            os.mkfifo(folder / name)
        # open for both: so opening waits for nobody, and writing to the dead is no error
        self._commands = os.open(folder / "commands", os.O_RDWR)
        self._answers = os.open(folder / "answers", os.O_RDWR | os.O_NONBLOCK)
        fds = [self._commands, self._answers]
        self._end = weakref.finalize(self, _close_all, os.getpid(), None, fds)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            process_group=0,
        )
        self._end.detach()
        self._end = weakref.finalize(self, _close_all, os.getpid(), self._process, fds)
        self._pending = b""
        self._complaints = b""
        self.prints = False
        self._selector = selectors.PollSelector()  # it has no descriptor to close
        self._selector.register(self._answers, selectors.EVENT_READ)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream.fileno(), selectors.EVENT_READ)

    @property
    def pid(self) -> int:
        """The number of the process, which is that of its group, too."""
        return self._process.pid

    def hear(self, limit_s: float, phase: str, *, grace_s: float = 0.0) -> list[str]:
        """The words of its next answer, after which it is stopped.

        It has ``limit_s`` seconds, and ``grace_s`` more that the limit is not about.

        Raises:
            RefusedError: it answered with an error, died, or took too long and was killed;
                ``phase`` says in words when that was.
        """
        try:
            line = self._line(time.monotonic() + limit_s + grace_s, limit_s, phase)
            self._signal(signal.SIGSTOP)
        except BaseException:
            self.close()
            raise
        kind, _, rest = line.partition(" ")
        if kind == "error":
            raise RefusedError(rest)
        return rest.split()

    def ask(self, command: str, limit_s: float, phase: str, *, grace_s: float = 0.0) -> list[str]:
        """Its answer to ``command``, as :meth:`hear` gives it."""
        if self._process.poll() is None and self._end.alive:
            self._signal(signal.SIGCONT)
            os.write(self._commands, f"{command}\n".encode())
            return self.hear(limit_s, phase, grace_s=grace_s)
        message = f"its process has ended before this call ({phase})."
        raise RefusedError(message)

    def close(self) -> None:
        """Kill it, if it still runs."""
        self._end()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _line(self, deadline: float, limit_s: float, phase: str) -> str:
        while b"\n" not in self._pending:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                message = (
                    f"killed after {units.seconds(limit_s)} {phase}: "
                    "over the limit (--limit raises it)."
                )
                raise RefusedError(message)
            dead = self._process.poll() is not None
            ready = self._selector.select(0 if dead else min(left_s, _LOOK_EVERY_S))
            for key, _ in ready:
                self._take(key.fd)
            if dead and not ready:
                raise RefusedError(self._why_it_died(phase))
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode(errors="replace")

    def _take(self, fd: int) -> None:
        with contextlib.suppress(BlockingIOError):
            text = os.read(fd, 65536)
            if fd == self._answers:
                self._pending += text
            elif not text:
                self._selector.unregister(fd)
            elif self._process.stderr is not None and fd == self._process.stderr.fileno():
                self._complaints = (self._complaints + text)[:_KEPT_BYTES]
            else:
                self.prints = True

    def _why_it_died(self, phase: str) -> str:
        code = self._process.returncode
        said = first_sentence(self._complaints.decode(errors="replace"))
        if code >= 0:
            ended = f"ended by itself with exit code {code} ({phase})"
            return f"{ended}: {said}" if said else f"{ended}."
        number = signal.Signals(-code)
        crashed = f"crashed: {number.name} ({phase})"
        if number == signal.SIGKILL:
            return f"{crashed}: something else killed it; it may have run out of memory."
        return f"{crashed}: {said}" if said and number in _SAY_WHY else f"{crashed}."


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in a copy that was forked
        shutil.rmtree(folder, ignore_errors=True)


def _close_all(owner: int, process: "subprocess.Popen[bytes] | None", fds: list[int]) -> None:
    if process is not None and os.getpid() == owner:  # not in a copy that was forked
        _kill(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    for fd in fds:
        os.close(fd)


def _kill(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    """Kill the whole group of ``process``, and wait until the system has forgotten it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
