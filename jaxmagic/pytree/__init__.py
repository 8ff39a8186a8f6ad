"""PyTrees: what a tree of any size consists of.

    >>> from jaxmagic.pytree import summarise
    >>> summarise({"w": np.ones((2, 3)), "b": [0.0, None]})
    Tree(2 leaves, 7 parameters, 48 B, 5 structures)

The model of a tree is :class:`Tree`, the table of its :class:`Structure`; it is made in one pass
by :func:`summarise`, and is what other rooms use. All answers start from it:
:func:`jaxmagic.pytree.look.look` shows a tree, :mod:`jaxmagic.pytree.arrays` reads what its arrays
hold and where they lie, :mod:`jaxmagic.pytree.explorer` walks through it,
:mod:`jaxmagic.pytree.mapped` shows what ``jax.tree.map`` does to it, and
:mod:`jaxmagic.pytree.diff` tells how two differ.
"""

from jaxmagic.pytree.model import Shared, Structure, Tree
from jaxmagic.pytree.places import leaves, value_at
from jaxmagic.pytree.walk import summarise, summarise_together

__all__ = [
    "Shared",
    "Structure",
    "Tree",
    "leaves",
    "summarise",
    "summarise_together",
    "value_at",
]
