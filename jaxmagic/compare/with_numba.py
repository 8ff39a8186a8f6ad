"""The Numba row: the same source through ``numba.njit``."""

from importlib.util import find_spec
from typing import Any

from jaxmagic.compare.backend import Prepared, RefusedError, Setup, try_once
from jaxmagic.compare.cell import Call
from jaxmagic.compare.lift import NoLiftError, lifted
from jaxmagic.compare.values import as_numpy_library, own_copy, to_numpy
from jaxmagic.source import is_numba_compiled, rebound


def numba(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:  # noqa: ARG001
    """The call compiled by Numba, the arrays that it uses passed in as arguments.

    Options that the user gave to ``njit`` are kept. Numba compiles a trivial function first, so
    that starting Numba does not count as compiling this one.
    """
    if find_spec("numba") is None:
        message = "Numba is not installed: pip install numba"
        raise RefusedError(message)
    import numba  # noqa: PLC0415  optional, and slow to import

    decorator: Any = numba.jit

    def compiled(copy: Any, given: Any) -> Any:
        options = given.targetoptions if is_numba_compiled(given) else {}
        return decorator(**{**options, "nopython": True})(copy)

    decorator(nopython=True)(_trivial)()
    try:
        function, arrays = lifted(call.function)
    except NoLiftError as error:
        message = f"Numba would freeze a global array into the program, and {error}."
        raise RefusedError(message) from error
    dispatcher = rebound(function, as_numpy_library, compiled, given=call.given)
    return compiled_by_numba(name, dispatcher, (*arrays, *call.arguments), setup)


def compiled_by_numba(
    name: str, dispatcher: Any, arguments: tuple[Any, ...], setup: Setup, label: str = "Numba"
) -> Prepared:
    """A function of ``numba.njit``, compiled for the types of ``arguments`` and run once."""
    import numba  # noqa: PLC0415  optional, and slow to import

    on_host = to_numpy(arguments)
    start = setup.clock()
    dispatcher.compile(tuple(numba.typeof(argument) for argument in on_host))
    compile_s = setup.seconds_since(start)
    contender, result, changed = try_once(
        name, dispatcher, dispatcher, lambda: own_copy(on_host), setup
    )
    return Prepared(label, contender, result, compile_s=compile_s, notes=changed)


def _trivial() -> int:
    return 0
