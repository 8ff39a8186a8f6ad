"""One line that says what is being done while it takes long, and goes away afterwards."""

import sys
import time
from collections.abc import Callable
from typing import Any, Protocol, Self, TextIO

_AT_MOST_EVERY_S = 0.1


class Handle(Protocol):
    """What a notebook gives for an output that can be changed (IPython's DisplayHandle)."""

    def update(self, obj: Any, **kwargs: Any) -> None:
        """Show something else in the same place."""


class Progress:
    """A line of progress: call it with what is being done, in a few words.

    Used as a context, it is gone at the end. ``open_output`` makes a changeable output of a
    notebook from a MIME bundle; without it the line goes to ``stream``, if that is a terminal.
    """

    def __init__(
        self,
        name: str,
        open_output: Callable[[dict[str, str]], Handle] | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._open_output = open_output
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._output: Handle | None = None
        self._last_s = -_AT_MOST_EVERY_S
        self._width = 0

    def __enter__(self) -> Self:
        """Nothing is shown before the first call."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        if self._output is not None:
            self._output.update({"text/plain": "", "text/html": ""}, raw=True)
        elif self._width:
            self._write("")

    def __call__(self, what: str) -> None:
        """Say what is being done; at most ten times a second."""
        now_s = self._clock()
        if now_s - self._last_s < _AT_MOST_EVERY_S:
            return
        self._last_s = now_s
        line = f"{self._name}: {what} …"
        if self._open_output is None:
            self._write(line)
        elif self._output is None:
            self._output = self._open_output({"text/plain": line})
        else:
            self._output.update({"text/plain": line}, raw=True)

    def _write(self, line: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r{line.ljust(self._width)}" + ("" if line else "\r"))
            self._stream.flush()
            self._width = len(line)
