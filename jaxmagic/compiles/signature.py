"""For which arguments something is compiled: what JAX distinguishes, without the arguments.

Nothing of the user's stays alive in a :class:`Signature`, and no value is read: types and shapes,
names, short texts of plain static values, weak references to others.
"""

import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import BuiltinFunctionType, FunctionType
from typing import Any, NamedTuple

from jaxmagic._jax import Call, configuration, x64_enabled
from jaxmagic.pytree.names import clean, field_label, item_label, type_name
from jaxmagic.show import units

MOST_LEAVES = 10_000  # with their paths; larger trees are told apart by their structure alone
_MOST_TREES = 200
_MOST_PATHS = 100_000
_MOST_ITEMS = 20
_LONGEST = 160
_BUILT_IN = (OrderedDict, defaultdict, type(None))
_PLAIN = (int, float, complex, bool, str, bytes, type(None))


class Leaf(NamedTuple):
    """What a program is specialised on in an array; ``placed`` is empty for the default device."""

    dtype: str
    shape: tuple[Any, ...]
    weak: bool = False
    placed: str = ""

    def __str__(self) -> str:
        weak = "weak " if self.weak else ""
        placed = f" on {self.placed}" if self.placed else ""
        return f"{weak}{self.dtype}[{','.join(map(str, self.shape))}]{placed}"


@dataclass(frozen=True, slots=True)
class Argument:
    """A traced argument: its leaves with their paths, and the types of its containers."""

    name: str
    paths: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    containers: tuple[str, ...] = ()
    fields: tuple["Static", ...] = ()
    tree: int = 0

    def __str__(self) -> str:
        if not self.name:
            return str(self.leaves[0])
        if not self.containers:
            return f"{self.name}: {self.leaves[0]}" if self.leaves else self.name
        number = units.plural(len(self.leaves), "leaf").replace("leafs", "leaves")
        what = "None" if self.containers[0] == "NoneType" else f"{self.containers[0]} of {number}"
        return f"{self.name}: {what}"


class Static:
    """A static argument: equal to another one if JAX takes them for equal.

    An object that is not a plain value is held weakly; when it is gone, one that is compared by
    identity equals no other.
    """

    __slots__ = ("_hash", "_kind", "_object", "name", "text")

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.text = static_text(value)
        self._kind = type_name(type(value))
        self._object = None
        try:
            self._hash = hash(value)
        except Exception:  # noqa: BLE001  the user's own __hash__ may fail
            self._hash = 0
        if not isinstance(value, (*_PLAIN, tuple)):
            try:
                self._object = weakref.ref(value)
            except TypeError:
                self._object = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static) or (self.name, self._kind, self._hash, self.text) != (
            other.name,
            other._kind,
            other._hash,
            other.text,
        ):
            return False
        if self._object is None or other._object is None:
            return True
        mine, others = self._object(), other._object()
        if mine is None or others is None:
            return self._object is other._object
        return mine is others or bool(mine == others)

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return f"{self.name}={self.text}"


@dataclass(frozen=True)
class Signature:
    """All that JAX tells programs of one function apart by, as far as it is known."""

    arguments: tuple[Argument, ...] = ()
    statics: tuple[Static, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    configuration: tuple[tuple[str, str], ...] = ()

    @cached_property
    def size(self) -> int:
        """How many leaves it keeps."""
        return sum(len(argument.leaves) for argument in self.arguments)

    def text(self, usual: tuple[tuple[str, str], ...] = ()) -> str:
        """On one line: arguments, static ones, and what is configured in an unusual way."""
        pieces: list[str] = []
        for piece in (*self.arguments, *self.statics):
            pieces.append(str(piece))
            if sum(map(len, pieces)) > _LONGEST:
                break
        if usual and usual != self.configuration:
            was = dict(usual)
            pieces += [f"{name}={now}" for name, now in self.configuration if was[name] != now]
        return clean(", ".join(pieces), _LONGEST)


def signature_of(call: Call) -> Signature:
    """The signature of a call that JAX compiles something for."""
    if call.avals:
        leaves = tuple(_leaf(aval, "") for aval in call.avals[:_MOST_ITEMS])
        arguments = tuple(Argument("", ("",), (leaf,)) for leaf in leaves)
        return Signature(arguments, configuration=configuration())
    statics, arguments_ = [], []
    for position, name, value in _named(call):
        if position in call.static_argnums or name in call.static_argnames:
            statics.append(Static(name, value))
        else:
            arguments_.append(argument(name, value))
    options = tuple((key, _option(value)) for key, value in call.options.items() if value)
    return Signature(tuple(arguments_), tuple(statics), options, configuration())


def of_primitive(call: Call, parameters: Mapping[str, Any]) -> Signature:
    """The signature of an operation outside of jit: its parameters are static."""
    arguments = tuple(argument(f"operand {n}", x) for n, x in enumerate(call.args))
    statics = tuple(_Parameter(name, value) for name, value in parameters.items())
    return Signature(arguments, statics, (), configuration())


class _Parameter(Static):
    """A parameter of a primitive, which may hold a traced function."""

    __slots__ = ()

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(name, value)
        values = value if isinstance(value, tuple) else (value,)
        if any(hasattr(getattr(inner, "jaxpr", inner), "eqns") for inner in values):
            self.text = "a traced function"


def _named(call: Call) -> Iterator[tuple[int, str, Any]]:
    """Each argument with its position (-1 by name) and the name that the function gives it."""
    names, rest = [], ""
    for parameter in (call.parameters or {}).values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = parameter.name
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    for position, value in enumerate(call.args):
        if position < len(names):
            yield position, names[position], value
        else:
            yield position, f"{rest or 'args'}[{position - len(names)}]", value
    for name, value in call.kwargs.items():
        yield -1, name, value


def argument(name: str, value: Any) -> Argument:
    """What JAX sees of an argument; no values are read."""
    import jax  # noqa: PLC0415  it is there: it is compiling

    if isinstance(value, jax.Array):
        return Argument(name, (name,), (_leaf_of(value),))
    structure: Any = jax.tree.structure(value)
    if structure.num_nodes == 1 and structure.num_leaves == 1:
        return Argument(name, (name,), (_leaf_of(value),))
    tree = hash(structure)  # of its form alone: JAX hashes neither keys nor static fields
    known = _STRUCTURES.get((name, structure))
    if known is not None:
        leaves = tuple(map(_leaf_of, jax.tree.leaves(value)))
        return Argument(name, known[0], leaves, known[1], (), tree)
    containers, fields, is_plain = _containers(structure, name)
    if structure.num_leaves > MOST_LEAVES:
        return Argument(name, (), (), containers, fields, tree)
    found, _ = jax.tree_util.tree_flatten_with_path(value)
    labels: dict[Any, str] = {}
    paths = tuple([name + "".join([_label(key, labels) for key in path]) for path, _ in found])
    if is_plain:
        if sum(len(kept) for kept, _ in _STRUCTURES.values()) > _MOST_PATHS:
            _STRUCTURES.clear()
        _remember(_STRUCTURES, (name, structure), (paths, containers), _MOST_TREES)
    leaves = tuple([_leaf_of(leaf) for _, leaf in found])
    return Argument(name, paths, leaves, containers, fields, tree)


# paths and containers by name and structure, of structures that hold nothing of the user's
_STRUCTURES: dict[tuple[str, Any], tuple[tuple[str, ...], tuple[str, ...]]] = {}


def _remember(memo: MutableMapping[Any, Any], key: Any, value: Any, most: int) -> None:
    """Keep a value for the next time, of a bounded number."""
    if len(memo) >= most:
        memo.clear()
    memo[key] = value


def _label(key: Any, labels: dict[Any, str]) -> str:
    """A key of a path as text; a key is hashable, as JAX has it in a structure."""
    label = labels.get(key)
    if label is None:
        if hasattr(key, "idx"):
            label = item_label(key.idx)
        elif hasattr(key, "name"):
            label = field_label(key.name)
        else:
            label = item_label(getattr(key, "key", key))
        labels[key] = label
    return label


def _containers(structure: Any, name: str) -> tuple[tuple[str, ...], tuple[Static, ...], bool]:
    """The types of containers in a structure, outermost first, and what they hold as static.

    Both up to a number of containers. Last, whether they are all there and hold but plain keys.
    """
    waiting, is_plain = [structure], True
    names: list[str] = []
    fields: list[Static] = []
    while waiting and len(names) < MOST_LEAVES:
        here = waiting.pop()
        node = here.node_data()
        if node is not None and isinstance(node[0], type):
            kind, held = node
            names.append(type_name(kind))
            if kind is dict:
                is_plain = is_plain and all(type(key) in (str, int) for key in held)
            elif kind not in (list, tuple):
                is_plain = False
                if kind not in _BUILT_IN and held is not kind:
                    fields.append(Static(f"{name} ({names[-1]})", held))
            waiting += reversed(here.children())
        elif here.num_leaves == 0:  # None has no node
            names.append("NoneType")
    return tuple(names), tuple(fields), is_plain and not waiting


def _leaf_of(value: Any) -> Leaf:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if type(value).__module__ == "numpy" and type(shape) is tuple:
        key = ("numpy", shape, dtype, x64_enabled())
        leaf = _LEAVES.get(key)
        if leaf is None:
            leaf = _leaf(_aval(value), "")
            _remember(_LEAVES, key, leaf, MOST_LEAVES)
        return leaf
    kind = type(value)
    is_array = _ARRAYS.get(kind)
    if is_array is None:
        is_array = _is_array(value)
        _remember(_ARRAYS, kind, is_array, _MOST_TREES)
    return _leaf(_aval(value), _placed(value) if is_array else "")


_ARRAYS: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def _is_array(value: Any) -> bool:
    import jax  # noqa: PLC0415  as above

    return isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)


def _aval(value: Any) -> Any:
    """The abstract value of an argument, or the argument if JAX knows none."""
    import jax  # noqa: PLC0415  as above

    try:
        return jax.typeof(value)
    except Exception:  # noqa: BLE001  what JAX knows no type of: it is about to say so
        return value


_LEAVES: dict[Any, Leaf] = {}


def _leaf(aval: Any, placed: str) -> Leaf:
    shape, dtype = getattr(aval, "shape", None), getattr(aval, "dtype", None)
    if not isinstance(shape, tuple) or dtype is None:
        return Leaf(type_name(type(aval)), ())
    weak = getattr(aval, "weak_type", False)
    leaf = _LEAVES.get((shape, dtype, weak, placed))
    if leaf is None:
        name = clean(str(dtype))
        leaf = Leaf(name, shape, bool(weak), placed)
        _remember(_LEAVES, (shape, dtype, weak, placed), leaf, MOST_LEAVES)
    return leaf


_PLACES: dict[Any, str] = {}


def _placed(array: Any) -> str:
    """Where an array was put on purpose; empty if JAX may move it."""
    if not getattr(array, "committed", True):
        return ""
    sharding = array.sharding
    placed = _PLACES.get(sharding)
    if placed is None:
        placed = sharding_text(sharding)
        _remember(_PLACES, sharding, placed, _MOST_TREES)
    return placed


def sharding_text(sharding: Any) -> str:
    """``cpu:0``, or ``P('x') over 4 devices``."""
    devices = sorted(f"{d.platform}:{d.id}" for d in sharding.device_set)
    if len(devices) == 1:
        return devices[0]
    spec = getattr(sharding, "spec", None)
    how = type_name(type(sharding)) if spec is None else f"P{tuple(spec)!r}".replace(",)", ")")
    return clean(f"{how} over {len(devices)} devices ({devices[0]} to {devices[-1]})", 100)


def static_text(value: Any) -> str:
    """A plain value as it is written, else what it is: the ``repr`` of others is not called."""
    kind = type(value)
    if kind in (str, bytes):
        return clean(repr(value[:_LONGEST]))
    if kind is int and value.bit_length() > _LONGEST:
        return f"an int of {value.bit_length()} bits"
    if kind in _PLAIN:
        return clean(repr(value))
    if kind is tuple:
        inner = ", ".join(static_text(item) for item in value[:_MOST_ITEMS])
        more = ", …" if len(value) > _MOST_ITEMS else "," if len(value) == 1 else ""
        return clean(f"({inner}{more})")
    if kind.__module__ in ("numpy", "numpy.dtypes"):
        return clean(str(value))
    if isinstance(value, Enum):
        return f"{type_name(kind)}.{clean(value.name)}"
    if isinstance(value, type):
        return type_name(value)
    if isinstance(value, FunctionType | BuiltinFunctionType):
        return clean(value.__qualname__.rpartition("<locals>.")[2])
    return f"a {type_name(kind)}"


def _option(value: Any) -> str:
    """An option of jit as text that is equal for equal options."""
    if isinstance(value, tuple):
        return clean(f"({', '.join(map(_option, value[:_MOST_ITEMS]))})", _LONGEST)
    if hasattr(value, "device_set"):
        return sharding_text(value)
    return static_text(value) if type(value) in _PLAIN else clean(str(type(value).__name__))
