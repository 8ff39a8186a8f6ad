"""What a PyTree consists of: every different structure once, with exact totals.

A model of eight GPT blocks has one structure "block", which its list of blocks names eight
times. A structure is an index into ``Tree.structures``; children always come before parents, so
that a table of anything per structure is filled in one pass from the front. Parts of a tree that
are equal (same types, keys, static data, shapes and dtypes; values are never looked at) have the
same index, in one tree and between trees that were summarised together.

A *place* is where something lies: the positions of the children on the way from the root, so
``()`` is the root and ``(2, 0)`` the first child of its third child. A *path* is the text of a
place as JAX writes it: ``['blocks'][2].kernel``.

The model holds text and numbers only, and keeps no object of the user's alive. How to reach the
objects again: :func:`jaxmagic.pytree.places.leaves`
and :func:`jaxmagic.pytree.places.value_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jaxmagic.show import units

Kind = Literal[
    "dict",
    "list",
    "tuple",
    "namedtuple",
    "object",
    "none",
    "array",
    "number",
    "text",
    "opaque",
    "cycle",
    "error",
]
Place = tuple[int, ...]

LEAVES: frozenset[Kind] = frozenset({"array", "number", "text", "opaque"})


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure of a tree: a container with its children, or a class of equal leaves.

    ``kind`` is how it looks to a reader: "object" is any other registered container, "none" is
    None (a container without children for JAX), "array" is all that has a shape and a dtype,
    "opaque" is a leaf that is none of these (a function, a set), "cycle" stands for a container
    that contains itself and "error" for one that could not be taken apart.
    ``type_name`` and ``module`` name its Python type; ``keys`` are the labels of its
    ``children`` as JAX writes them in paths, clean and different from each other.

    Of an array, ``shape`` has its lengths (text where a length is a symbol), ``dtype`` its name,
    ``sharding`` how it lies on its devices, and ``words`` what is special: "weak type",
    "deleted", "tracer", "key", "abstract", "ref".
    ``static`` is the static data of a container as text, ``note`` what is wrong, as a sentence.

    The totals are over everything below, itself included: ``leaves`` as JAX counts them;
    ``parameters``, the elements of arrays and one for each number; ``size_bytes``, the bytes of
    all arrays whose size is known, and ``unsized``, the number of leaves where it is not;
    ``nodes``, leaves and containers; ``depth``, the containers on the longest way down;
    ``faults``, how many places JAX could not flatten. ``placed`` has pairs of a group of devices
    (an index into ``Tree.devices``) and the bytes on each device of this group. What lies at two
    places counts twice; ``Tree.repeated_bytes`` is how much that is.
    """

    kind: Kind
    type_name: str
    module: str = ""
    keys: Sequence[str] = ()
    children: tuple[int, ...] = ()
    shape: tuple[int | str, ...] | None = None
    dtype: str = ""
    sharding: str = ""
    words: tuple[str, ...] = ()
    static: str = ""
    note: str = ""
    leaves: int = 0
    parameters: int = 0
    size_bytes: int = 0
    unsized: int = 0
    placed: tuple[tuple[int, int], ...] = ()
    nodes: int = 1
    depth: int = 0
    faults: int = 0

    @property
    def is_leaf(self) -> bool:
        """Whether JAX takes this for a leaf."""
        return self.kind in LEAVES


@dataclass(frozen=True, slots=True)
class Shared:
    """One array that lies at several places of a tree.

    ``count`` is the number of places; ``places`` has at most 32 of them, in the order of the
    tree, and fewer where the tree is thousands of levels deep.
    """

    structure: int
    count: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """A PyTree as the table of its structures.

    ``root`` is the index of the whole tree in ``structures``. ``shared`` has the arrays that lie
    at more than one place, the 100 that repeat most bytes; ``shared_arrays`` is how many there are,
    ``repeated`` at how many places an array lies that was met before, and ``repeated_bytes``
    what these places add to ``size_bytes`` of the root though the memory is there once.
    ``devices`` are the groups of devices that arrays lie on, such as ``("cpu:0", "cpu:1")``.
    """

    root: int
    structures: Sequence[Structure]
    shared: tuple[Shared, ...] = ()
    shared_arrays: int = 0
    repeated: int = 0
    repeated_bytes: int = 0
    devices: tuple[tuple[str, ...], ...] = ()

    @property
    def top(self) -> Structure:
        """The structure of the whole tree."""
        return self.structures[self.root]

    def at(self, place: Place) -> int:
        """The index of the structure at ``place``.

        Raises:
            IndexError: there is no such place.
        """
        index = self.root
        for position in place:
            index = self.structures[index].children[position]
        return index

    def path(self, place: Place) -> str:
        """The path of ``place`` as JAX writes it, empty for the root.

        Raises:
            IndexError: there is no such place.
        """
        index, labels = self.root, []
        for position in place:
            labels.append(self.structures[index].keys[position])
            index = self.structures[index].children[position]
        return "".join(labels)

    def device_bytes(self, structure: int | None = None) -> dict[str, int]:
        """The bytes of a structure (the whole tree by default) on each device that has any."""
        on: dict[str, int] = {}
        for group, size_bytes in self.structures[
            self.root if structure is None else structure
        ].placed:
            for device in self.devices[group]:
                on[device] = on.get(device, 0) + size_bytes
        return on

    def __repr__(self) -> str:
        """The totals: a tree may have a million structures."""
        top = self.top
        return (
            f"Tree({top.leaves:,} {'leaf' if top.leaves == 1 else 'leaves'}, "
            f"{units.count(top.parameters)} parameters, {units.size(top.size_bytes)}, "
            f"{units.plural(len(self.structures), 'structure')})"
        )
