"""``jaxmagic.translate(f)``: a sequential Python loop as ``lax`` loops, in readable Python.

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
