"""What two trees differ in: every fault at its path, in time for what differs.

>>> from jaxmagic.pytree.diff import difference
>>> difference({"w": np.ones((2, 3)), "b": 0.0}, {"w": np.ones((3, 2))}, names=("mine", "theirs"))
"""

from typing import Any

from jaxmagic.pytree.diff.compare import Comparing, Pair
from jaxmagic.pytree.diff.listing import Listing
from jaxmagic.pytree.diff.result import Difference, Fault, Total
from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.walk import summarise_together

__all__ = ["Difference", "Fault", "difference"]


def difference(
    a: Any,
    b: Any,
    *,
    names: tuple[str, str] = ("a", "b"),
    values: bool = False,
    prefix: bool = False,
) -> Difference:
    """Every way in which the trees ``a`` and ``b`` differ, each with its path.

    Args:
        a: a tree of any containers that JAX knows; a leaf is a tree, too.
        b: the tree it is compared with.
        names: what they are called where the result is shown.
        values: whether the elements of the leaves are compared as well.
        prefix: whether to ask instead if ``a`` is a tree prefix of ``b``, as ``in_axes`` must be
            of the arguments. None is a leaf of ``a`` then.
    """
    one, two = summarise_together(a, b)
    totals = _total(one), _total(two)
    if one.root == two.root:
        return Difference(
            names,
            totals,
            equal_leaves=totals[0].leaves,
            equal_containers=totals[0].containers,
            prefix=prefix,
            values=values,
        )
    comparing = Comparing(one.structures, prefix=prefix)
    root = comparing.run((one.root, two.root), a, b)
    listing = Listing(comparing, root, names)
    return Difference(
        names,
        totals,
        faults=tuple(listing.faults),
        counts=listing.counts,
        equal_leaves=root.equal_leaves,
        equal_containers=root.equal_containers,
        outline=tuple(listing.rows),
        unlisted=listing.distinct - len(listing.faults),
        prefix=prefix,
        values=values,
        notes=_notes(comparing, root, names),
    )


def _total(tree: Tree) -> Total:
    top = tree.top
    return Total(top.leaves, top.nodes - top.leaves, top.parameters, top.size_bytes)


def _notes(comparing: Comparing, root: Pair, names: tuple[str, str]) -> tuple[str, ...]:
    """What differs without being a fault, and where the search for the best match was given up."""
    told = []
    for text, times in root.remarks.items():
        leaves = "1 leaf" if times == 1 else f"{times:,} leaves"
        said = text.replace("{0}", names[0]).replace("{1}", names[1])
        told.append(f"{leaves}: {said}. This is no fault.")
    inexact = sum(not pair.exact for pair in comparing.pairs.values())
    if inexact:
        told.append(
            "A list of another length differs in too much to find what was inserted: its items "
            "are compared position by position."
        )
    return tuple(told)
