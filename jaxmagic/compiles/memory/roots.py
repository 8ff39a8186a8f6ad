"""Where names begin: variables, results, the last error, and the calls that are running."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

from jaxmagic.compiles.memory.held import Held, variables
from jaxmagic.compiles.memory.result import LAST_TRACEBACK

_NOT_THE_USERS = {"In", "_ih", "_oh", "_dh", "get_ipython", "exit", "quit", "open", "__builtins__"}
_NUMBERED = re.compile(r"_\d+")
_LIBRARIES = frozenset(
    {
        *("IPython", "ipykernel", "traitlets", "asyncio", "tornado", "threading", "concurrent"),
        *("jaxmagic", "runpy", "contextlib", "socketserver", "zmq", "selectors", "queue"),
    }
)
_WITHOUT_COPIES = sys.version_info >= (3, 13)

Root = tuple[str, Held]
"""Variables, with the words that follow the names found among them."""


def of_the_user(namespace: Mapping[str, Any]) -> Iterator[Root]:
    """Variables, results of cells, and the user's calls in the last traceback."""
    mine = [
        pair
        for pair in list(namespace.items())
        if pair[0] not in _NOT_THE_USERS and not _NUMBERED.fullmatch(pair[0])
    ]
    yield "", ("global", "", mine)
    yield from _of_last_error(users=True)


def elsewhere(namespace: Mapping[str, Any]) -> Iterator[Iterable[Root]]:
    """Where else arrays may be that have no name yet, the likeliest first.

    A result deleted from ``Out`` is still in ``_3``. Before Python 3.13 the calls that are running
    are left out: to ask for their variables would change what ``locals()`` gave to the user.
    """
    numbered = [pair for pair in list(namespace.items()) if _NUMBERED.fullmatch(pair[0])]
    yield [("", ("global", "", numbered))]
    if _WITHOUT_COPIES:
        yield _of_running()
    yield _of_last_error(users=False)


def _of_last_error(*, users: bool) -> Iterator[Root]:
    """The calls that the last error went through: those of the user, or of libraries."""
    waiting = [getattr(sys, "last_value", None), getattr(sys, "last_exc", None)]
    tracebacks = [getattr(sys, "last_traceback", None)]
    seen: set[int] = set()
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        tracebacks.append(error.__traceback__)
        waiting += [error.__cause__, error.__context__]
    frames: dict[FrameType, None] = {}
    for traceback in tracebacks:
        here = traceback
        while here is not None:
            frames[here.tb_frame] = None
            here = here.tb_next
    for frame in reversed(list(frames)):
        if _is_library(frame) != users:
            of = frame.f_code.co_name
            yield LAST_TRACEBACK, ("local", of, variables(frame))


def _of_running() -> Iterator[Root]:
    """The calls of all threads that are running now, innermost first."""
    threads = sys._current_frames()  # noqa: SLF001  documented under this name
    for frame in threads.values():
        here: FrameType | None = frame
        while here is not None:
            if not _is_library(here):
                yield ", which runs", ("local", here.f_code.co_name, variables(here))
            here = here.f_back


def _is_library(frame: FrameType) -> bool:
    """Whether a call is not the user's; by its file, as that of a cell is none of a package."""
    name = frame.f_globals.get("__name__")
    package = name.partition(".")[0] if type(name) is str else ""
    return package in _LIBRARIES or package in {"jax", "jaxlib", "numpy", "flax", "optax"}
