"""``jaxmagic.translate(f)``: a sequential Python loop as ``lax`` loops, in readable Python.

    >>> print(jaxmagic.translate(solow))
    from jaxmagic.translate.loops import for_loop
    from jaxmagic.translate.python import range


    def solow(k, n, s=0.3, alpha=0.4, delta=0.1):
        def body(i, k):  # line 2
            k = s * k ** alpha + (1 - delta) * k
            return k
        k = for_loop(range(n), body, k)
        return k

What can't be translated truthfully is refused with its line. What stays different, as in all
programs of JAX: numbers have 32 bits unless JAX computes in 64; a division by zero gives inf or
nan and raises nothing; an index beyond the end reads the last element and writes nothing; arrays
that were given are never changed; a sum of integers whose number of steps is only known when the
program runs may wrap around.

This room can be called: ``jaxmagic.translate(f)`` is :func:`translate`.
"""

import sys
import types
from collections.abc import Callable
from typing import Any

from jaxmagic.source import underlying
from jaxmagic.translate.result import Translation, TranslationError
from jaxmagic.translate.rewrite import translated
from jaxmagic.translate.scope import Program
from jaxmagic.translate.written import compiled, written


def translate(function: Callable[..., Any]) -> Translation:
    """Translate the sequential loops of ``function`` into ``lax`` loops.

    Args:
        function: a Python function, or one that ``jax.jit`` or ``numba.njit`` compiles. The
            functions of the user that it calls are translated with it.

    Raises:
        TranslationError: something can't be translated truthfully; it has the line and the reason.
        TypeError: it is no function with Python source.
    """
    own = underlying(function)
    if own is None:
        message = f"{function!r} is no Python function whose source can be translated."
        raise TypeError(message)
    program = Program(own, translated)
    name = program.function(own, own.__code__.co_firstlineno)
    source, lines = written(program)
    return Translation(
        name=name,
        source=source,
        function=compiled(program),
        lines=lines,
        loops=sum(done.loops for done in program.done.values()),
        filename=own.__code__.co_filename,
    )


class _Room(types.ModuleType):
    """A room that answers its question when it is called."""

    __call__ = staticmethod(translate)


__all__ = ["Translation", "TranslationError", "translate"]
sys.modules[__name__].__class__ = _Room
