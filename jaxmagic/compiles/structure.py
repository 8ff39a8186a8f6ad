"""The structure of an argument: the paths of its leaves and its containers, told when asked.

Of what holds nothing of the user's, the ``PyTreeDef`` or the keys are kept, and paths are written
for the first difference that is told. Others are written at once: nothing of them may stay alive.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from jaxmagic._jax import plain_structure
from jaxmagic.compiles.leaf import remember
from jaxmagic.compiles.static import Static
from jaxmagic.pytree.names import field_label, item_label, type_name

MOST_LEAVES = 10_000  # with their paths; larger trees are told apart by their structure alone
_MOST_STRUCTURES = 200
_MOST_KEPT = 100_000  # leaves in all of them
_BUILT_IN = (dict, list, tuple, OrderedDict, defaultdict, type(None))


class Structure:
    """What JAX tells the structures of arguments apart by.

    ``fields`` are what its containers hold as static, ``outer`` is the type of the outermost one;
    empty for a leaf, ``size`` the number of leaves.
    """

    __slots__ = (
        *("_containers", "_hash", "_keys", "_paths", "_plain", "_some", "_treedef"),
        *("fields", "outer", "size"),
    )

    def __init__(self, treedef: Any, value: Any, plain: bytes | None = None) -> None:
        self._plain = plain
        self._treedef = None if plain is None else treedef
        self._hash = hash(treedef)  # of its form alone: JAX hashes neither keys nor static fields
        self._keys: tuple[Any, ...] | None = None
        self._paths: Sequence[str] | None = None
        self._some: dict[int, str] = {}
        self._containers: tuple[str, ...] | None = None
        self.fields: tuple[Static, ...] = ()
        self.size: int = treedef.num_leaves
        self.outer = _outer(treedef)
        if plain is None:
            self._containers, self.fields = _containers(treedef)
            keys = _keys_of(value) if self.size <= MOST_LEAVES else ()
            if _are_plain(keys):
                self._keys = keys
            else:
                self._paths = _written(keys)

    @property
    def is_leaf(self) -> bool:
        """Whether it is no container."""
        return not self.outer

    @property
    def paths(self) -> Sequence[str]:
        """The path of each leaf below the argument; of none if there are very many."""
        if self._paths is None:
            treedef, keys = self._treedef, self._keys
            self._paths = _written(keys) if keys is not None else _paths_within(treedef)
        return self._paths

    @property
    def containers(self) -> tuple[str, ...]:
        """The types of the containers, outermost first."""
        if self._containers is None:
            self._containers, _ = _containers(self._treedef)
        return self._containers

    def path(self, index: int) -> str:
        """The path of one leaf, without writing all of them."""
        if self._paths is not None:
            return self._paths[index]
        if self._keys is not None:
            return "".join(map(_label, self._keys[index]))
        known = self._some.get(index)
        if known is None:
            known = self._some[index] = _path_to(self._treedef, index)
        return known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Structure) or self._hash != other._hash:
            return False
        if self is other:
            return True
        if self._plain is not None and other._plain is not None:
            return self._plain == other._plain
        if (self.containers, self.fields) != (other.containers, other.fields):
            return False
        if self._keys is not None and other._keys is not None:
            return self._keys == other._keys
        return self.paths == other.paths

    def __hash__(self) -> int:
        return self._hash


def structure_of(treedef: Any, value: Any) -> Structure:
    """The structure of a ``value``, which flattens to ``treedef``."""
    plain = plain_structure(treedef) if treedef.num_leaves <= MOST_LEAVES else None
    if plain is None:
        return Structure(treedef, value)
    known = _STRUCTURES.get(plain)
    if known is None:
        if sum(kept.size for kept in _STRUCTURES.values()) > _MOST_KEPT:
            _STRUCTURES.clear()
        known = Structure(treedef, value, plain)
        remember(_STRUCTURES, plain, known, _MOST_STRUCTURES)
    return known


_STRUCTURES: dict[bytes, Structure] = {}


def _outer(treedef: Any) -> str:
    node = treedef.node_data()
    if node is not None and isinstance(node[0], type):
        return type_name(node[0])
    return "NoneType" if treedef.num_leaves == 0 else ""


def _keys_of(value: Any) -> tuple[Any, ...]:
    """The keys that lead to each leaf, as JAX has them."""
    import jax  # noqa: PLC0415  it is there: it is compiling

    found, _ = jax.tree_util.tree_flatten_with_path(value)
    return tuple([path for path, _ in found])


def _are_plain(paths: Sequence[Any]) -> bool:
    """Whether all keys are strings and numbers, and nothing of the user's."""
    return all(type(_inside(key)) in (str, int) for key in {*chain.from_iterable(paths)})


def _inside(key: Any) -> Any:
    if hasattr(key, "idx"):
        return key.idx
    return getattr(key, "name", None) or getattr(key, "key", key)


def _written(paths: Sequence[Any]) -> tuple[str, ...]:
    labels = {key: _label(key) for key in {*chain.from_iterable(paths)}}
    return tuple(["".join([labels[key] for key in path]) for path in paths])


def _label(key: Any) -> str:
    """A key of a path as text; a key is hashable, as JAX has it in a structure."""
    return field_label(key.name) if hasattr(key, "name") else item_label(_inside(key))


def _paths_within(treedef: Any) -> tuple[str, ...]:
    """The paths of a structure of built-in containers."""
    waiting, paths = [(treedef, "")], []
    while waiting:
        here, path = waiting.pop()
        inner = here.children()
        if inner:
            keys = _keys(here, len(inner))
            below = [(i, path + item_label(key)) for i, key in zip(inner, keys, strict=True)]
            waiting += reversed(below)
        elif here.num_leaves:
            paths.append(path)
    return tuple(paths)


def _path_to(treedef: Any, index: int) -> str:
    """The path of one leaf in such a structure."""
    path = ""
    while inner := treedef.children():
        for key, child in zip(_keys(treedef, len(inner)), inner, strict=True):
            if index < child.num_leaves:
                path, treedef = path + item_label(key), child
                break
            index -= child.num_leaves
    return path


def _keys(treedef: Any, number: int) -> Sequence[Any]:
    kind, keys = treedef.node_data()
    return list(keys) if kind is dict else range(number)


def _containers(structure: Any) -> tuple[tuple[str, ...], tuple[Static, ...]]:
    """The types of containers in a structure, outermost first, and what they hold as static.

    Both up to a number of containers.
    """
    waiting = [structure]
    known: dict[Any, str] = {}
    names: list[str] = []
    fields: list[Static] = []
    while waiting and len(names) < MOST_LEAVES:
        here = waiting.pop()
        node = here.node_data()
        if node is not None and isinstance(node[0], type):
            kind, held = node
            if kind not in known:
                known[kind] = type_name(kind)
            names.append(known[kind])
            if held is not None and held is not kind and kind not in _BUILT_IN:
                fields.append(Static(names[-1], held))
            waiting += reversed(here.children())
        elif here.num_leaves == 0:  # None has no node
            names.append("NoneType")
    return tuple(names), tuple(fields)
