"""What two trees differ in: every fault at its path, in time for what differs.

>>> from jaxmagic.pytree.diff import difference
>>> difference({"w": np.ones((2, 3))}, {"w": np.ones((3, 2)), "b": 0.0})
1 only in b, 1 leaf differs; 0 leaves equal
a: 1 leaf in 1 container, 6 parameters, 48 B. b: 2 leaves in 1 container, 7 parameters, 48 B.
  dict 1 → dict 2
+ │ ['b']  float  only in b
≠ │ ['w']  f64[2,3] → f64[3,2]  shape (transposed?)
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jaxmagic._jax import FailedTrees
from jaxmagic.pytree.diff.compare import Comparing, Key, Pair
from jaxmagic.pytree.diff.listing import ROWS, Listing
from jaxmagic.pytree.diff.operands import DifferenceError, failed_calls, nothing_found
from jaxmagic.pytree.diff.result import Difference, Fault, Row, Total, called
from jaxmagic.pytree.diff.values import (
    BUDGET_BYTES,
    SECONDS,
    Budget,
    Values,
    compare_values,
)
from jaxmagic.pytree.model import Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise_together

__all__ = ["Difference", "DifferenceError", "Fault", "difference", "why"]

_VALUE_ROWS = 20
_LONGEST_NAME = 40
_UNFLATTENED = "Some places can't be flattened by JAX: they were compared as far as they go."
_HAD_IS_LEAF = (
    "The call had an is_leaf: inside of what that takes for a leaf, a difference is no fault."
)


def difference(
    a: Any,
    b: Any,
    *,
    names: tuple[str, str] = ("a", "b"),
    values: bool = False,
    prefix: bool = False,
    progress: Callable[[str], None] | None = None,
    seconds: float = SECONDS,
    budget_bytes: int = BUDGET_BYTES,
) -> Difference:
    """Every way in which the trees ``a`` and ``b`` differ, each with its path.

    Args:
        a: a tree of any containers that JAX knows; a leaf is a tree, too.
        b: the tree it is compared with.
        names: what they are called where the result is shown.
        values: whether the elements of the leaves are compared as well.
        prefix: whether to ask instead if ``a`` is a tree prefix of ``b``, as ``in_axes`` must be
            of the arguments. None is a leaf of ``a`` then.
        progress: told what is being done while values are compared.
        seconds: how long values are compared at most.
        budget_bytes: how much of them is read at most.
    """
    one, two = summarise_together(a, b)
    made, pairs = _found(one, two, a, b, names, prefix=prefix)
    if not values or prefix:
        return made
    budget = Budget(seconds, budget_bytes, progress=progress)
    whole = (one.root, two.root), a, b
    made = replace(made, values=True)
    return _with_values(
        made, compare_values(one.structures, pairs, whole, made.equal_leaves, budget)
    )


def _found(
    one: Tree,
    two: Tree,
    a: Any,
    b: Any,
    names: tuple[str, str],
    *,
    prefix: bool = False,
    any_leaves: bool = False,
) -> tuple[Difference, dict[Key, Pair]]:
    """The difference of two models without values, and the pairs of structures that differ."""
    names = clean(names[0], _LONGEST_NAME), clean(names[1], _LONGEST_NAME)
    totals = _total(one), _total(two)
    equal = totals[0].leaves, totals[0].containers
    made = Difference(names, totals, (), {}, *equal, prefix=prefix)
    pairs: dict[Key, Pair] = {}
    if one.root != two.root:
        comparing = Comparing(one.structures, prefix=prefix, any_leaves=any_leaves)
        root = comparing.run((one.root, two.root), a, b)
        listing = Listing(comparing, root, called(names))
        pairs = comparing.pairs
        made = replace(
            made,
            faults=tuple(listing.faults),
            counts=listing.counts,
            equal_leaves=root.equal_leaves,
            equal_containers=root.equal_containers,
            outline=tuple(listing.rows),
            unlisted=listing.distinct - len(listing.faults),
            notes=_notes(comparing, root, called(names)),
        )
    if one.top.faults or two.top.faults:
        made = replace(made, notes=(*made.notes, _UNFLATTENED))
    return made, pairs


def _with_values(made: Difference, found: Values) -> Difference:
    """A difference and the leaves of which only the values differ."""
    rows = [
        Row("fault", 0, fault.path, fault.left, fault.right, fault.hint, 1, len(made.faults) + n)
        for n, fault in enumerate(found.faults)
    ]
    outline = [*made.outline, *rows[: max(ROWS - len(made.outline), _VALUE_ROWS)]]
    if left := found.different - (len(outline) - len(made.outline)):
        outline.append(Row("rest", 0, label=f"{left:,} more with other values"))
    return replace(
        made,
        faults=(*made.faults, *found.faults),
        counts=made.counts | ({"value": found.different} if found.different else {}),
        equal_leaves=made.equal_leaves - found.different,
        outline=tuple(outline),
        unlisted=made.unlisted + found.different - len(found.faults),
        uncompared=sum(found.skipped.values()),
        notes=(*made.notes, *found.notes()),
    )


def why(error: BaseException) -> Difference:
    """How the trees differ over which a call of ``jax.tree.map`` failed, or ``jax.vmap``.

    They are found in the traceback, also where a library made the call. Of more than two, the
    first is compared with each of the others. The error may also be that of an ``in_axes``,
    ``out_axes``, ``in_shardings`` or ``out_shardings`` that is no prefix of its value.

    Raises:
        DifferenceError: there are no trees in the traceback, or they do not differ.
    """
    found = False
    for failed, names in failed_calls(error):
        found = True
        differing = _differing(failed, names)
        if differing:
            notes = differing[0].notes
            if failed.has_is_leaf:
                notes = (*notes, _HAD_IS_LEAF)
            return replace(differing[0], more=tuple(differing[1:]), notes=notes)
    if not found:
        raise nothing_found(error)
    message = (
        "The trees of this call have the same structure, shapes and dtypes: the error came from "
        "the function itself."
    )
    raise DifferenceError(message)


def _differing(failed: FailedTrees, names: tuple[str, ...]) -> list[Difference]:
    """The differences over which a call failed.

    ``jax.tree.map`` asks for one structure only: shapes and dtypes are named where the structures
    are the same, so that it was the function that failed.
    """
    prefix = failed.what != "tree.map"
    first, *others = summarise_together(*failed.trees)
    for any_leaves in (not prefix, False):
        made = [
            _found(
                first,
                other,
                failed.trees[0],
                tree,
                (names[0], name),
                prefix=prefix,
                any_leaves=any_leaves,
            )[0]
            for name, other, tree in zip(names[1:], others, failed.trees[1:], strict=True)
        ]
        differing = [one for one in made if one.faults]
        if differing:
            return differing
    return []


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
