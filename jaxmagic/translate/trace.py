"""Where in the user's code something happens while a translated function is traced."""

import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager

from jaxmagic.translate.result import TranslationError

MARK = "__translated__"
"""A global that all translated functions have: their frames are the user's lines."""


class UntraceableError(Exception):
    """Something can't be compiled; the message says why."""


def current_line() -> int:
    """The line of the user's code that is being traced."""
    frame = _current_frame()
    return 0 if frame is None else frame.f_lineno


def current_file() -> str:
    """The file or cell of the user's code that is being traced."""
    frame = _current_frame()
    return "" if frame is None else frame.f_code.co_filename


def _current_frame() -> types.FrameType | None:
    frame = inspect.currentframe()
    while frame is not None and MARK not in frame.f_globals:
        frame = frame.f_back
    return frame


def refused_here(reason: str) -> TranslationError:
    """The refusal of what the user's code does at this moment."""
    return TranslationError(current_line(), reason)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what JAX can't trace in here into a refusal with the user's line."""
    here = current_line()
    try:
        yield
    except UntraceableError as error:
        raise TranslationError(here, str(error)) from error
    except Exception as error:
        if not is_for_want_of_values(error):
            raise
        raise TranslationError(line_of(error, here), reason_of(error)) from error


def is_for_want_of_values(error: BaseException) -> bool:
    """Whether ``error`` arose only because a value is traced."""
    import jax  # noqa: PLC0415  slow to import, and not needed to translate

    if isinstance(error, jax.errors.JAXTypeError | jax.errors.JAXIndexError | OverflowError):
        return True
    if isinstance(error, IndexError):
        return "static start/stop/step" in str(error)
    return isinstance(error, TypeError | AttributeError | ValueError) and (
        str(error).endswith("has no attribute 'at'")
        or "racer" in str(error)
        or "shape" in str(error).lower()
        or "not a valid JAX" in str(error)
    )


def line_of(error: BaseException, otherwise: int) -> int:
    """The innermost line of translated code in the traceback of ``error``."""
    found = otherwise
    traceback: types.TracebackType | None = error.__traceback__
    while traceback is not None:
        if MARK in traceback.tb_frame.f_globals:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def reason_of(error: BaseException) -> str:
    """Why ``error`` stands in the way of tracing, in plain words."""
    import jax  # noqa: PLC0415  as above

    if isinstance(error, UntraceableError):
        return str(error)
    errors = jax.errors
    for kind, reason in (
        (errors.NonConcreteBooleanIndexError, "the shape of the result depends on values"),
        (errors.TracerArrayConversionError, "this needs NumPy, which can't be part of a program"),
        (errors.TracerIntegerConversionError, "this needs an integer before the program runs"),
        (errors.ConcretizationTypeError, "this needs a value before the program runs"),
    ):
        if isinstance(error, kind):
            return reason
    if isinstance(error, AttributeError) and str(error).endswith("has no attribute 'at'"):
        return f"{_object_of(error)} is changed in place; use an array: np.zeros(n)"
    if isinstance(error, OverflowError):
        return "an integer is too large for JAX's integers"
    if isinstance(error, IndexError) and "static start/stop/step" in str(error):
        return "the length of a slice is not known before the program runs"
    first = str(error).strip().splitlines()
    said = first[0].rstrip(".") if first else ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _object_of(error: AttributeError) -> str:
    kind = type(error.obj).__name__
    return "a variable without a value" if kind == "Unset" else f"a {kind}"
