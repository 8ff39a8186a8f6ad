"""How many programs are compiled, by JAX or Numba, while something is timed."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from jaxmagic import _jax


@contextlib.contextmanager
def programs_compiled() -> Iterator[Callable[[], int]]:
    """Count the programs that are compiled in this context; what it gives tells how many so far."""
    with contextlib.ExitStack() as stack:
        by_jax = stack.enter_context(_jax.compile_log()) if "jax" in sys.modules else None
        by_numba = stack.enter_context(_numba_compiles()) if "numba" in sys.modules else []
        yield lambda: (by_jax.programs if by_jax else 0) + len(by_numba)


@contextlib.contextmanager
def _numba_compiles() -> Iterator[list[Any]]:
    from numba.core import event  # noqa: PLC0415  only when the user has Numba already

    compiled: list[Any] = []

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:
            compiled.append(event)

        def on_end(self, event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Listener()):
        yield compiled
