"""What JAX compiled, by which cell, and why again.

::

    import jaxmagic

    with jaxmagic.watch() as log:
        f(x)
        f(x[1:])
    print(log)

Nothing is recorded before it is asked for: by ``%load_ext jaxmagic``, by :func:`watch` or by
:func:`start`. This room imports neither JAX nor IPython; when JAX is not imported yet, the recorder
begins as soon as it is.
"""

import sys
import types
from collections.abc import Callable
from typing import Any, TypeVar, overload

from jaxmagic.compiles.record import Compiles, Reason, Record
from jaxmagic.compiles.recorder import Recorder
from jaxmagic.compiles.watching import NoRecompile, RecompileError, Watch, no_recompile

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OFF = (
    "Nothing is being recorded: %load_ext jaxmagic begins in a notebook, "
    "`with jaxmagic.watch() as log:` in a script."
)
_RECORDER = Recorder()


def recorder() -> Recorder:
    """The recorder of this process, of which there is one, as there is one JAX."""
    return _RECORDER


def start() -> None:
    """Record what is compiled from now on, or from when JAX is imported; once per start, stop."""
    _RECORDER.start()


def stop() -> None:
    """End what :func:`start` began; the last one takes out everything and forgets the records."""
    _RECORDER.stop()
    if not _RECORDER.running:
        _RECORDER.forget()


def compiles() -> Compiles:
    """What JAX compiled since recording began: a record for each program, oldest first.

    Those that are being compiled just now, in another thread, are there with their phase.
    """
    found = _RECORDER.compiles()
    if _RECORDER.running:
        return found
    return Compiles(found.records, found.dropped, (*found.notes, _OFF))


def watch() -> Watch:
    """A context that knows what was compiled within it.

    ``with watch() as log:``; then ``len(log)``, ``for record in log``, ``log.compiles``.
    """
    return Watch(_RECORDER)


@overload
def assert_no_recompile(function: _Function) -> _Function: ...
@overload
def assert_no_recompile(*, allow_first: bool = True, eager: bool = False) -> NoRecompile: ...
def assert_no_recompile(
    function: Any = None, *, allow_first: bool = True, eager: bool = False
) -> Any:
    """A context or decorator for tests: nothing may be compiled again within it.

    ::

        with assert_no_recompile():
            for batch in batches:
                step(params, batch)

        @assert_no_recompile
        def test_training(): ...

    Args:
        function: what is decorated.
        allow_first: whether a first compile of a function is allowed; if not, nothing may be
            compiled at all. The second function object of the same code within the context is no
            first one.
        eager: whether operations outside of jit, and functions of libraries, count too.

    Raises:
        RecompileError: an AssertionError with the reasons in words, and the ``records``. It is
            raised when the context is left without another error.
    """
    return no_recompile(_RECORDER, function, allow_first=allow_first, eager=eager)


class _Room(types.ModuleType):
    """A room that answers its question when it is called."""

    __call__ = staticmethod(compiles)


__all__ = [
    "Compiles",
    "Reason",
    "RecompileError",
    "Record",
    "assert_no_recompile",
    "compiles",
    "recorder",
    "start",
    "stop",
    "watch",
]
sys.modules[__name__].__class__ = _Room
