"""The structure of an argument: its containers and the ways to its leaves, as text when asked.

Nothing of the user's stays alive in it: names of types, and keys that are plain strings or numbers.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from jaxmagic._jax import Node, tree_nodes
from jaxmagic.compiles.leaf import remember
from jaxmagic.compiles.static import Static
from jaxmagic.pytree.names import field_label, item_label, type_name

MOST_LEAVES = 10_000  # with the ways to them; larger trees are told apart by their form alone
_MOST_STRUCTURES = 200
_MOST_KEPT = 100_000  # leaves, about, in all of them
_NONE = type(None)
_BUILT_IN = {dict, list, tuple, OrderedDict, defaultdict, _NONE}


class _Label(str):
    """A step that is text already: a field, or a key whose value is not kept."""

    __slots__ = ()


Step = str | int
"""A key, an index or a label: what leads from a container to what is in it."""

Keys = int | tuple[Step, ...] | None
"""What leads to what is in a container: the number of items, or the keys; None for a leaf."""


class Structure:
    """What JAX tells the structures of arguments apart by.

    ``containers`` are the types, outermost first, ``fields`` what they hold as static; ``outer`` is
    the type of the outermost one, empty for a leaf, and ``size`` the number of leaves.
    """

    def __init__(self, treedef: Any, value: Any) -> None:
        self.size: int = treedef.num_leaves
        nodes = tree_nodes(treedef, MOST_LEAVES)
        kinds = [kind for kind, _, _ in nodes if kind is not None]
        names = {kind: type_name(kind) for kind in {*kinds}}
        self.containers = tuple([names[kind] for kind in kinds])
        self.outer = self.containers[0] if kinds else ""
        held = () if names.keys() <= _BUILT_IN else _static(nodes)
        self.fields = tuple([Static(names[kind], value) for kind, value in held])
        self._hash = hash(treedef)  # of its form alone: JAX hashes neither keys nor static fields
        is_small = self.size <= MOST_LEAVES
        self._form = _form(nodes) if is_small else ()
        if self._form is None:
            self.ways = _ways_of(value)

    @cached_property
    def ways(self) -> tuple[tuple[Step, ...], ...]:
        """The steps that lead to each leaf; none if there are very many leaves."""
        return _ways_within(self._form or ())

    @cached_property
    def places(self) -> frozenset[tuple[Step, ...]]:
        """The same as a set."""
        return frozenset(self.ways)

    @property
    def is_leaf(self) -> bool:
        """Whether it is no container."""
        return not self.outer

    def path(self, index: int) -> str:
        """The path to a leaf below the argument, as JAX writes it: ``['layer'][0].w``."""
        return "".join(map(_label, self.ways[index]))

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """Equal for equal structures, but for what they hold as static."""
        return self._hash, self.containers, self.ways if self._form is None else self._form

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Structure) or self._hash != other._hash:
            return False
        return (self.identity, self.fields) == (other.identity, other.fields)

    def __hash__(self) -> int:
        return self._hash


def structure_of(treedef: Any, value: Any) -> Structure:
    """The structure of a ``value``, which flattens to ``treedef``; one object for equal ones.

    It is another object only for those that hold something as static.
    """
    structure = Structure(treedef, value)
    if structure.fields:
        return structure
    known = _STRUCTURES.get(structure.identity)
    if known is None:
        known = structure
        most = min(_MOST_STRUCTURES, _MOST_KEPT // max(structure.size, 1))
        remember(_STRUCTURES, structure.identity, known, most)
    return known


_STRUCTURES: dict[tuple[Any, ...], Structure] = {}


def _static(nodes: Sequence[Node]) -> list[tuple[type, Any]]:
    """What containers hold that is a static part of the structure, each with their type."""
    return [
        (kind, held)
        for kind, held, _ in nodes
        if kind is not None and held is not None and held is not kind and kind not in _BUILT_IN
    ]


def _form(nodes: Sequence[Node]) -> tuple[Keys, ...] | None:
    """What leads to what is in each node; None if one of them is no built-in or named tuple."""
    fields: dict[type, tuple[Step, ...]] = {}
    keys: list[Any] = []
    form: list[Keys] = []
    for kind, held, arity in nodes:
        if kind is None:
            form.append(None)
        elif kind is dict:
            keys += held
            form.append(tuple(held))
        elif kind is list or kind is tuple or kind is _NONE:
            form.append(arity)
        elif held is kind:  # a named tuple
            if kind not in fields:
                fields[kind] = tuple([_Label(field_label(name)) for name in kind._fields])
            form.append(fields[kind])
        else:
            return None
    return tuple(form) if {*map(type, keys)} <= {str, int} else None


def _ways_within(form: Sequence[Keys]) -> tuple[tuple[Step, ...], ...]:
    """The ways to the leaves of a form, in which the last of several comes first."""
    waiting: list[tuple[Step, ...]] = [()]
    ways = []
    for keys in form:
        way = waiting.pop()
        if keys is None:
            ways.append(way)
        else:
            waiting += [(*way, key) for key in (range(keys) if isinstance(keys, int) else keys)]
    return tuple(reversed(ways))


def _ways_of(value: Any) -> tuple[tuple[Step, ...], ...]:
    """The same for any value, by the keys that JAX has."""
    import jax  # noqa: PLC0415  it is there: it is compiling

    found, _ = jax.tree_util.tree_flatten_with_path(value)
    steps = {key: _step(key) for key in {*chain.from_iterable(path for path, _ in found)}}
    return tuple([tuple([steps[key] for key in path]) for path, _ in found])


def _step(key: Any) -> Step:
    """A key of JAX, without what it holds; it is hashable, as JAX has it in a structure."""
    if hasattr(key, "name"):
        return _Label(field_label(key.name))
    inside = key.idx if hasattr(key, "idx") else getattr(key, "key", key)
    return inside if type(inside) in (str, int) else _Label(item_label(inside))


def _label(step: Step) -> str:
    return step if isinstance(step, _Label) else item_label(step)
