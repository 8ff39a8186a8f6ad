"""Show what happens when Python is compiled.

In a notebook::

    %load_ext jaxmagic

then ``%%jaxcompare`` times one computation in Python, NumPy, Numba, JAX and other languages, and
``%jaxir`` shows what the compiler made of it, ``%pytree`` what is in a tree of arrays, and
``%jaxcache`` what was compiled and why. In a script, :func:`jaxmagic.compare`,
:func:`jaxmagic.ir`, :func:`jaxmagic.tree` and :func:`jaxmagic.watch` answer the same questions and
give the same results; :func:`jaxmagic.translate` shows a loop as the loop of ``jax.lax`` that is
timed.

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
    from jaxmagic.compiles import assert_no_recompile as assert_no_recompile
    from jaxmagic.compiles import compiles as compiles
    from jaxmagic.compiles import watch as watch
    from jaxmagic.compiles.disk import disk_cache as disk_cache
    from jaxmagic.compiles.memory import devices as devices
    from jaxmagic.compiles.memory.result import Devices as Devices
    from jaxmagic.compiles.record import Compiles as Compiles
    from jaxmagic.ir import ir as ir
    from jaxmagic.ir.result import IR as IR
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

_ROOMS = (
    "compare",
    "compiles",
    "ir",
    "translate",
)  # sub-packages that can be called: each answers its own question
_HOMES = {
    "IR": "jaxmagic.ir.result.IR",
    "Comparison": "jaxmagic.compare.result.Comparison",
    "Compiles": "jaxmagic.compiles.record.Compiles",
    "Devices": "jaxmagic.compiles.memory.result.Devices",
    "Difference": "jaxmagic.pytree.diff.result.Difference",
    "Mapped": "jaxmagic.pytree.mapped.result.Mapped",
    "PyTree": "jaxmagic.pytree.look.result.PyTree",
    "Row": "jaxmagic.compare.result.Row",
    "Sweep": "jaxmagic.compare.sweep.result.Sweep",
    "Translation": "jaxmagic.translate.result.Translation",
    "TranslationError": "jaxmagic.translate.result.TranslationError",
    "assert_no_recompile": "jaxmagic.compiles.assert_no_recompile",
    "compare_sweep": "jaxmagic.compare.compare_sweep",
    "devices": "jaxmagic.compiles.memory.devices",
    "disk_cache": "jaxmagic.compiles.disk.disk_cache",
    "tree": "jaxmagic.pytree.look.look",
    "tree_call": "jaxmagic.pytree.mapped.tree_call",
    "tree_diff": "jaxmagic.pytree.diff.difference",
    "tree_why": "jaxmagic.pytree.diff.why",
    "watch": "jaxmagic.compiles.watch",
}

__all__ = [
    "IR",
    "Comparison",
    "Compiles",
    "Devices",
    "Difference",
    "Mapped",
    "PyTree",
    "Row",
    "Sweep",
    "Translation",
    "TranslationError",
    "__version__",
    "assert_no_recompile",
    "compare",
    "compare_sweep",
    "compiles",
    "devices",
    "disk_cache",
    "ir",
    "translate",
    "tree",
    "tree_call",
    "tree_diff",
    "tree_why",
    "watch",
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
