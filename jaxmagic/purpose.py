"""What JAX compiles for: one part of jaxmagic says so, and the record of the compile repeats it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PURPOSE: ContextVar[str] = ContextVar("purpose", default="")


def purpose() -> str:
    """What this thread was told to :func:`compiling_for`; empty if nothing."""
    return _PURPOSE.get()


@contextmanager
def compiling_for(told: str) -> Iterator[None]:
    """A context in which what is compiled is not the user's doing, but for ``told``."""
    before = _PURPOSE.set(told)
    try:
        yield
    finally:
        _PURPOSE.reset(before)
