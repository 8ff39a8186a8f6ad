"""What the compiler makes of a function, stage by stage.

``jaxmagic.ir(f)(x)`` answers what ``%jaxir f(x)`` does. A call is traced once, each equation with a
tag that XLA carries along; it is compiled once, and never run.
"""

import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxmagic.ir.asking import Asked


def ir(function: Callable[..., Any], *, verify: bool = False) -> "Asked":
    """A function whose call says what the compiler makes of it: ``ir(f)(x, y)``.

    Args:
        function: a function, jitted or not, or a transform of one; or a module of a library.
        verify: compile the program once more without the tags that link its stages, and say
            whether XLA makes the same of it (``same_as_untagged``).

    Returns:
        a function of the same arguments, which may be ``jax.ShapeDtypeStruct``. It gives a
        ``jaxmagic.IR``, and raises what ``function`` raises while it is traced.
    """
    from jaxmagic.ir.asking import Asked  # noqa: PLC0415  only once something is asked

    return Asked(function, verify=verify)


class _Room(types.ModuleType):
    """A room that answers its question when it is called."""

    __call__ = staticmethod(ir)


__all__ = ["ir"]
sys.modules[__name__].__class__ = _Room
