"""For which arguments something is compiled: what JAX distinguishes, without the arguments.

Nothing of the user's stays alive in a :class:`Signature`, and no value is read: types and shapes,
names, short texts of plain static values, weak references to others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from jaxmagic._jax import Call, configuration
from jaxmagic.compiles.leaf import Leaf, leaf_of_aval, leaves_of, sharding_text
from jaxmagic.compiles.static import PLAIN, Static, static_text
from jaxmagic.compiles.structure import MOST_LEAVES, Structure, structure_of
from jaxmagic.pytree.names import clean
from jaxmagic.show import units

_MOST_ITEMS = 20
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Argument:
    """A traced argument: its leaves, and how they are arranged."""

    name: str
    leaves: tuple[Leaf, ...]
    structure: Structure

    def path(self, index: int) -> str:
        """The path of a leaf, with the name of the argument."""
        return self.name + self.structure.path(index)

    def __str__(self) -> str:
        if not self.name:
            return str(self.leaves[0])
        if self.structure.is_leaf:
            return f"{self.name}: {self.leaves[0]}"
        if self.structure.outer == "NoneType":
            return f"{self.name}: None"
        number = units.plural(self.structure.size, "leaf").replace("leafs", "leaves")
        return f"{self.name}: {self.structure.outer} of {number}"


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
        leaf = _structure_of_a_leaf()
        arguments = tuple(
            Argument("", (leaf_of_aval(aval),), leaf) for aval in call.avals[:_MOST_ITEMS]
        )
        return Signature(arguments, configuration=configuration())
    statics, arguments_ = [], []
    for position, name, value in _named(call):
        if position in call.static_argnums or name in call.static_argnames:
            statics.append(Static(name, value))
        else:
            arguments_.append(argument(name, value))
    given = tuple([pair for pair in call.options.items() if pair[1]])
    return Signature(tuple(arguments_), tuple(statics), _options(given), configuration())


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

    leaves, treedef = jax.tree.flatten(value)
    structure = structure_of(treedef, value)
    return Argument(name, leaves_of(leaves) if len(leaves) <= MOST_LEAVES else (), structure)


def _structure_of_a_leaf() -> Structure:
    import jax  # noqa: PLC0415  as above

    return structure_of(jax.tree.structure(0), 0)


def _options(given: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, str], ...]:
    try:
        return _options_as_text(given)
    except TypeError:  # one of them has no hash
        return _options_as_text.__wrapped__(given)


@lru_cache(maxsize=64)
def _options_as_text(given: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, str], ...]:
    return tuple([(key, _option(value)) for key, value in given])


def _option(value: Any) -> str:
    """An option of jit as text that is equal for equal options."""
    if isinstance(value, tuple):
        return clean(f"({', '.join(map(_option, value[:_MOST_ITEMS]))})", _LONGEST)
    if hasattr(value, "device_set"):
        return sharding_text(value)
    return static_text(value) if type(value) in PLAIN else clean(str(type(value).__name__))
