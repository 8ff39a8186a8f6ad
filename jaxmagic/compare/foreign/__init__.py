"""Sections in other languages, each in a process of its own: C, C++, Fortran, Octave and more.

What is asked of a process, and how it answers, stands in ``process``.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxmagic.compare.backend import Prepared, RefusedError, Setup
from jaxmagic.compare.cell import Call, Section
from jaxmagic.compare.foreign.native import compiled
from jaxmagic.compare.foreign.scripted import interpreted


@dataclass(frozen=True)
class Language:
    """A language that a section can be in; ``label`` names its row as long as it has not run."""

    label: str
    prepare: Callable[[Section, Call, Setup, Any], Prepared]


LANGUAGES: dict[str, Language] = {
    "c": Language("C", compiled),
    "cpp": Language("C++", compiled),
    "fortran": Language("Fortran", compiled),
    "octave": Language("Octave", interpreted),
    "matlab": Language("MATLAB", interpreted),
    "julia": Language("Julia", interpreted),
    "torch": Language("PyTorch", interpreted),
}


def prepared(section: Section, call: Call, setup: Setup, like: Any) -> Prepared:
    """The row of ``section``, whose function has the name of the called one.

    ``like`` is the result of a row that ran already, from which the shape of an array that is to
    come out is known; None if there is none.

    Raises:
        RefusedError: it can't run here; the sentence says why, and what to do.
    """
    if sys.platform == "win32":
        message = "a section in another language needs Linux or macOS."
        raise RefusedError(message)
    if not call.function.__name__.isidentifier():
        message = (
            "a section in another language has the called function under its name, and this one "
            "has none: define it with def."
        )
        raise RefusedError(message)
    return LANGUAGES[section.backend].prepare(section, call, setup, like)
