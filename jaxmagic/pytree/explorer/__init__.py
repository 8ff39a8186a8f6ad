"""Walk through a tree of any size: rows that open when they are clicked.

    >>> explore(params, "params")

Needs a notebook and ipywidgets. The widget holds the model of the tree, never its arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise

if TYPE_CHECKING:
    from jaxmagic.pytree.explorer.widget import Explorer


class MissingWidgetsError(ImportError):
    """ipywidgets is not installed, or too old; the message says how to get it."""


def explore(obj: Any, name: str = "tree") -> Explorer:
    """A widget to walk through ``obj``: any object, or the model that ``summarise`` made of it.

    Args:
        obj: what is looked at; it is not kept.
        name: what it is called.

    Raises:
        MissingWidgetsError: ipywidgets 8 is not installed.
    """
    problem = _missing()
    if problem:
        raise MissingWidgetsError(problem)
    from jaxmagic.pytree.explorer.widget import Explorer  # noqa: PLC0415  ipywidgets is optional

    tree = obj if isinstance(obj, Tree) else summarise(obj)
    return Explorer(tree, clean(name))


def _missing() -> str:
    """Why there can be no widgets, if so."""
    how = 'Install it with pip install "jaxmagic[interactive]".'
    try:
        import ipywidgets  # type: ignore[import-untyped]  # noqa: PLC0415  as above
    except ImportError:
        return f"The explorer needs ipywidgets. {how}"
    if int(ipywidgets.__version__.split(".")[0]) < 8:  # noqa: PLR2004  the first with its style
        return f"The explorer needs ipywidgets 8, and this is {ipywidgets.__version__}. {how}"
    return ""
