"""How any result is shown: text, static HTML and pictures, from one plain value.

A room keeps its result in ``result.py`` and the view of it in ``view.py`` beside it, with the
functions ``text(result)`` and ``html(result)``. Here the one finds the other.
"""

from importlib import import_module
from typing import Any

TEXT_WIDTH = 100


class Shown:
    """A result that is shown as its text, at most 100 columns wide, wherever Python shows it."""

    def __repr__(self) -> str:
        """The text of this result: its fields hold thousands of samples."""
        return text(self)


def text(result: Any) -> str:
    """``result`` as plain text, at most 100 columns wide."""
    shown: str = _view(result).text(result)
    return shown


def html(result: Any) -> str:
    """``result`` as static HTML: no script, no request, readable without its style."""
    shown: str = _view(result).html(result)
    return shown


def _view(result: Any) -> Any:
    room, _, _ = type(result).__module__.rpartition(".")
    return import_module(f"{room}.view")
