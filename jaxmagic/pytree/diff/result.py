"""What two trees differ in: plain values, JSON both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from jaxmagic.show.result import Result

Kind = Literal[
    "missing",
    "extra",
    "renamed",
    "type",
    "none",
    "leaf",
    "length",
    "static",
    "shape",
    "dtype",
    "value",
    "unreadable",
]
RowKind = Literal["way", "equal", "again", "rest", "fault"]

_LONGEST_CALLED = 20


def called(names: tuple[str, str]) -> tuple[str, str]:
    """What two trees are called in a sentence: by their names, if these are short and differ."""
    if names[0] == names[1]:
        return "the first", "the second"
    short = [
        len(name) <= _LONGEST_CALLED and (" " not in name or name.replace(" ", "").isidentifier())
        for name in names
    ]
    return names[0] if short[0] else "the first", names[1] if short[1] else "the second"


@dataclass(frozen=True)
class Total:
    """How large a tree is: its leaves and containers, and the elements and bytes of its arrays."""

    leaves: int
    containers: int
    parameters: int
    size_bytes: int


@dataclass(frozen=True)
class Fault:
    """One way in which the trees differ, at one place or at several.

    ``kind`` is "missing" or "extra" for what only the first or the second tree has, "renamed"
    for such a pair that is alike, "type" for containers or leaves of different types, "none"
    where one side is None, "leaf" where a leaf stands against a container, "length", "static"
    (the static data of a container), "shape", "dtype", "value", and "unreadable" for what JAX
    can't flatten.
    ``path`` is the place as JAX writes it, ``other_path`` the one in the second tree, where that
    is another. ``left`` and ``right`` are what lies there in either tree, empty for nothing.
    ``hint`` says more: a likely cause, or what to write instead.
    ``count`` is at how many places the trees differ in just this way; ``places`` has the paths
    of the first eight of them.
    """

    kind: Kind
    path: str
    left: str = ""
    right: str = ""
    hint: str = ""
    other_path: str = ""
    count: int = 1
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of the outline that both trees have in common.

    ``kind`` is "fault", "way" for a container on the way to a fault, "equal" for what is equal
    in the container above, "again" for a change that an earlier row has in full, "rest" for what
    the budget of rows left out. ``fault`` is the index of the fault. ``times`` is the number
    of siblings that this row and all below it stand for.
    """

    kind: RowKind
    level: int
    label: str = ""
    left: str = ""
    right: str = ""
    hint: str = ""
    times: int = 1
    fault: int | None = None


@dataclass(frozen=True, repr=False)
class Difference(Result):
    """The answer of ``%pytree --diff``, :func:`jaxmagic.tree_diff` and :func:`jaxmagic.tree_why`.

    ``faults`` has each way in which the trees differ once, ``counts`` the number of places by
    kind of fault, those included that were not listed (``unlisted`` is the number of such
    faults). ``outline`` are the rows that are shown. ``equal_leaves`` and ``equal_containers``
    are counted over the whole tree. ``notes`` are sentences on what is different without being a
    fault, and on what was not compared.
    With ``prefix``, the question was whether the first tree is a prefix of the second; with
    ``values``, the elements of equal leaves were compared, too, but for ``uncompared`` leaves.
    ``more`` has the differences of the first tree from further ones.
    """

    names: tuple[str, str]
    totals: tuple[Total, Total]
    faults: tuple[Fault, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    equal_leaves: int = 0
    equal_containers: int = 0
    outline: tuple[Row, ...] = ()
    unlisted: int = 0
    prefix: bool = False
    values: bool = False
    uncompared: int = 0
    notes: tuple[str, ...] = ()
    more: tuple[Difference, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether no fault was found."""
        return not self.faults
