"""Show what happens when Python is compiled.

In a notebook::

    %load_ext jaxmagic

then ``%%jaxcompare`` times one computation in Python, NumPy, Numba, JAX and other languages. In a
script, :func:`jaxmagic.compare` answers the same question and gives the same result, and
:func:`jaxmagic.translate` shows a loop as the loop of ``jax.lax`` that is timed.

Importing this package imports neither JAX nor IPython: names are loaded when they are used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jaxmagic.compare import compare as compare
    from jaxmagic.compare import compare_sweep as compare_sweep
    from jaxmagic.compare.result import Comparison as Comparison
    from jaxmagic.compare.result import Row as Row
    from jaxmagic.compare.sweep.result import Sweep as Sweep
    from jaxmagic.translate import translate as translate
    from jaxmagic.translate.result import Translation as Translation
    from jaxmagic.translate.result import TranslationError as TranslationError

__version__ = "0.1.0"

_ROOMS = ("compare", "translate")  # sub-packages that can be called: each answers its own question
_HOMES = {
    "Comparison": "jaxmagic.compare.result",
    "Row": "jaxmagic.compare.result",
    "Sweep": "jaxmagic.compare.sweep.result",
    "Translation": "jaxmagic.translate.result",
    "TranslationError": "jaxmagic.translate.result",
    "compare_sweep": "jaxmagic.compare",
}

__all__ = [
    "Comparison",
    "Row",
    "Sweep",
    "Translation",
    "TranslationError",
    "__version__",
    "compare",
    "compare_sweep",
    "translate",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"jaxmagic.{name}")
    if name not in _HOMES:
        message = f"module 'jaxmagic' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS, *_HOMES})


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add the magics to ``shell``; ``%load_ext jaxmagic`` calls this."""
    from jaxmagic import magics  # noqa: PLC0415  the package must not import IPython

    magics.load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take out everything that :func:`load_ipython_extension` put in."""
    from jaxmagic import magics  # noqa: PLC0415  the package must not import IPython

    magics.unload(shell)
