"""Show what happens when Python is compiled.

In a notebook::

    %load_ext jaxmagic

then ``%%jaxcompare`` times one computation in Python, NumPy, Numba, JAX and other languages, and
``%pytree`` shows what is in a tree of arrays. In a script, :func:`jaxmagic.compare` and
:func:`jaxmagic.tree` answer the same questions and give the same results;
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
    from jaxmagic.pytree.diff import difference as tree_diff
    from jaxmagic.pytree.diff import why as tree_why
    from jaxmagic.pytree.diff.result import Difference as Difference
    from jaxmagic.pytree.look import look as tree
    from jaxmagic.pytree.look.result import PyTree as PyTree
    from jaxmagic.pytree.mapped import tree_call as tree_call
    from jaxmagic.pytree.mapped.result import Mapped as Mapped
    from jaxmagic.translate import translate as translate
    from jaxmagic.translate.result import Translation as Translation
    from jaxmagic.translate.result import TranslationError as TranslationError

__version__ = "0.1.0"

_ROOMS = ("compare", "translate")  # sub-packages that can be called: each answers its own question
_HOMES = {
    "Comparison": "jaxmagic.compare.result.Comparison",
    "Difference": "jaxmagic.pytree.diff.result.Difference",
    "Mapped": "jaxmagic.pytree.mapped.result.Mapped",
    "PyTree": "jaxmagic.pytree.look.result.PyTree",
    "Row": "jaxmagic.compare.result.Row",
    "Sweep": "jaxmagic.compare.sweep.result.Sweep",
    "Translation": "jaxmagic.translate.result.Translation",
    "TranslationError": "jaxmagic.translate.result.TranslationError",
    "compare_sweep": "jaxmagic.compare.compare_sweep",
    "tree": "jaxmagic.pytree.look.look",
    "tree_call": "jaxmagic.pytree.mapped.tree_call",
    "tree_diff": "jaxmagic.pytree.diff.difference",
    "tree_why": "jaxmagic.pytree.diff.why",
}

__all__ = [
    "Comparison",
    "Difference",
    "Mapped",
    "PyTree",
    "Row",
    "Sweep",
    "Translation",
    "TranslationError",
    "__version__",
    "compare",
    "compare_sweep",
    "translate",
    "tree",
    "tree_call",
    "tree_diff",
    "tree_why",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"jaxmagic.{name}")
    if name not in _HOMES:
        message = f"module 'jaxmagic' has no attribute {name!r}"
        raise AttributeError(message)
    module, _, there = _HOMES[name].rpartition(".")
    return getattr(import_module(module), there)


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
