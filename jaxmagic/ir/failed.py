"""Why JAX could not trace a call, in one sentence with the line and what to write instead."""

import linecache
import traceback

from jaxmagic.cells import cells, is_users_file, number_of

_REMEDIES = {
    "TracerBoolConversionError": (
        "Python asks for the truth of a value that is not known while JAX traces: write "
        "jnp.where or jax.lax.cond, or mark the argument as static"
    ),
    "TracerArrayConversionError": (
        "NumPy asks for the values of an array that are not known while JAX traces: write jnp "
        "instead of np"
    ),
    "TracerIntegerConversionError": (
        "Python asks for a whole number that is not known while JAX traces: index with jnp, or "
        "mark the argument as static"
    ),
    "ConcretizationTypeError": (
        "Python asks for a value that is not known while JAX traces: use jnp and jax.lax, or mark "
        "the argument as static"
    ),
    "NonConcreteBooleanIndexError": (
        "a mask of unknown size can't index an array while JAX traces: write jnp.where"
    ),
}


def explained(error: BaseException) -> str | None:
    """The sentence; None if the error is not about a value that is not known."""
    names = [kind.__name__ for kind in type(error).__mro__]
    remedy = next((_REMEDIES[name] for name in names if name in _REMEDIES), None)
    if remedy is None:
        return None
    where = _where(error)
    return f"{where}: {remedy}." if where else f"{remedy}."


def _where(error: BaseException) -> str:
    """The last line of the user's own that was being traced."""
    numbers = cells()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users_file(frame.filename) and (line := frame.lineno):
            text = linecache.getline(frame.filename, line).strip()
            cell = number_of(frame.filename, numbers)
            file = f"In[{cell}]" if cell is not None else frame.filename.rpartition("/")[2]
            return f"{file} line {line}, `{text}`" if text else f"{file} line {line}"
    return ""
