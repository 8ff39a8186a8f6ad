"""What a translation is: readable source, the function, and which line comes from where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.show import Shown


class TranslationError(Exception):
    """A function can't be translated truthfully; the message is a sentence with the line.

    ``line`` is the line in the user's file or cell, ``reason`` what stands in the way there.
    ``final`` says that running the loop step by step would not help either.
    """

    def __init__(self, line: int, reason: str, *, final: bool = False) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason
        self.final = final

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}."


@dataclass(frozen=True, repr=False)
class Translation(Shown):
    """A function whose sequential loops are ``lax`` loops.

    ``source`` is its text, with the imports that it needs and the user's functions that it calls;
    ``lines`` tells for a line of that text the line of the original. ``function`` is the text as
    a function, compiled so that its tracebacks show the original file and lines. ``loops`` is how
    many loops became ``lax`` loops. ``filename`` is the file or cell of the original.
    """

    name: str
    source: str
    function: Callable[..., Any] = field(compare=False)
    lines: Mapping[int, int]
    loops: int
    filename: str
