"""Run the user's code thousands of times without anyone noticing, and tell what it said."""

import contextlib
import io
import random
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from jaxmagic.show import units


class _Counted(io.TextIOBase):
    """A text stream that keeps only the number of its lines."""

    def __init__(self) -> None:
        self.lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        return len(text)


@dataclass
class Heard:
    """What the code printed and warned of."""

    printed: _Counted = field(default_factory=_Counted)
    warned: list[warnings.WarningMessage] = field(default_factory=list)

    def notes(self, files: Collection[str]) -> list[str]:
        """It in sentences, each once; warnings from the user's ``files`` with their line."""
        said = []
        if self.printed.lines:
            lines = units.plural(self.printed.lines, "line")
            said.append(f"The code printed {lines} while it was measured; they are not shown.")
        for warning in self.warned:
            where = f" (line {warning.lineno})" if warning.filename in files else ""
            text = " ".join(str(warning.message).split())
            said.append(f"{warning.category.__name__}{where}: {text}")
        return list(dict.fromkeys(said))


@contextlib.contextmanager
def quiet() -> Iterator[Heard]:
    """Print nothing, note warnings, and put the random state of Python and NumPy back."""
    heard = Heard()
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with contextlib.redirect_stdout(heard.printed), warnings.catch_warnings(record=True) as w:
            heard.warned = w
            yield heard
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002  the state that the user's code may use
