"""Walk through a tree of any size: rows that open when they are clicked.

    >>> explore(params, "params")

Needs a notebook and ipywidgets. The widget holds the model of the tree, never its arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise
from jaxmagic.show.widgets import MissingWidgetsError, need_widgets

__all__ = ["MissingWidgetsError", "explore"]

if TYPE_CHECKING:
    from jaxmagic.pytree.explorer.widget import Explorer


def explore(obj: Any, name: str = "tree") -> Explorer:
    """A widget to walk through ``obj``: any object, or the model that ``summarise`` made of it.

    Args:
        obj: what is looked at; it is not kept.
        name: what it is called.

    Raises:
        MissingWidgetsError: ipywidgets 8 is not installed.
    """
    need_widgets()
    from jaxmagic.pytree.explorer.widget import Explorer  # noqa: PLC0415  ipywidgets is optional

    tree = obj if isinstance(obj, Tree) else summarise(obj)
    return Explorer(tree, clean(name))
