"""The last error of the user's own code.

IPython takes the sentence with which a magic refuses a line for the last error, too, and forgets
the one before.
"""

import sys
from typing import Any

from IPython.core.error import UsageError

_last: list[BaseException] = []  # at most one


def last_error() -> BaseException | None:
    """The last error that was no refusal of a magic; None if there was none."""
    error: BaseException | None = getattr(sys, "last_value", None)
    if not isinstance(error, UsageError):
        return error
    return _last[0] if _last else None


def remember(result: Any) -> None:
    """Keep the error of a cell; to be called after each cell with its result."""
    error = result.error_in_exec
    if error is not None and not isinstance(error, UsageError):
        _last[:] = [error]


def forget() -> None:
    """Keep nothing any more."""
    _last.clear()
