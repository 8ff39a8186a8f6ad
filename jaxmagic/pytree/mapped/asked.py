"""A call that is about to be made: its arguments by parameter, and the leaves that it has."""

import inspect
import itertools
from collections.abc import Callable
from typing import Any

from jaxmagic.pytree.mapped.call import Argument
from jaxmagic.pytree.mapped.functions import Known
from jaxmagic.pytree.mapped.result import ROWS
from jaxmagic.pytree.mapped.treedef import Heard, leaf_places
from jaxmagic.pytree.mapped.values import value_text
from jaxmagic.pytree.model import Place, Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise

_PATH = 120


class Numbered:
    """The leaves of a treedef by number, and the places of the first ones.

    ``by_user`` says that an ``is_leaf`` of the user's decided what a leaf is.
    """

    def __init__(self, treedef: Any, *, by_user: bool = False) -> None:
        self.total: int = treedef.num_leaves
        self.places: tuple[Place, ...] = tuple(itertools.islice(leaf_places(treedef), ROWS))
        self.by_user = by_user
        self._treedef = treedef

    def paths(self, tree: Tree) -> list[str]:
        """The paths of the first leaves in the model of such a tree."""
        return [clean(tree.path(place), _PATH) for place in self.places]

    def first(self, thing: Any) -> list[Any]:
        """What lies at the first leaves of another object with this structure.

        Raises:
            ValueError: it has another structure.
        """
        return list(self._treedef.flatten_up_to(thing)[: len(self.places)])

    def cells(self, thing: Any, tree: Tree) -> list[str]:
        """What lies there, as text; ``tree`` is the model of ``thing``.

        Raises:
            ValueError: it has another structure.
        """
        pairs = zip(self.first(thing), self.places, strict=True)
        return [_text(value, tree, place) for value, place in pairs]


class Asked:
    """A call with its arguments, of which some may be exchanged before it is made.

    Raises:
        TypeError: the arguments do not fit the function.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        known: Known,
        positional: list[Argument],
        named: dict[str, Argument],
        code: str = "",
    ) -> None:
        __tracebackhide__ = True
        self.known = known
        self.positional, self.named = positional, named
        self.code = code
        self._function = function
        self._exchanged: dict[int, Any] = {}
        fits = True
        try:
            self._bound = inspect.signature(function).bind(*positional, **named).arguments
        except TypeError:
            fits = False
        if not fits:
            self.make()  # says in its own words what does not fit

    def argument(self, parameter: str) -> Argument | None:
        """The argument that was given for ``parameter``."""
        return self._bound.get(parameter)

    def of(self, parameter: str) -> Argument:
        """The argument for a parameter that has no default."""
        found: Argument = self._bound[parameter]
        return found

    def others(self) -> tuple[Argument, ...]:
        """The trees of a map behind the first one."""
        others: tuple[Argument, ...] = self._bound.get("rest", ())
        return others

    def exchange(self, argument: Argument, value: Any) -> None:
        """Give ``value`` to the function instead of the value of ``argument``."""
        self._exchanged[id(argument)] = value

    def make(self) -> Any:
        """Call the function; an error is the user's or JAX's own."""
        __tracebackhide__ = True
        given = self._exchanged
        return self._function(
            *(given.get(id(one), one.value) for one in self.positional),
            **{name: given.get(id(one), one.value) for name, one in self.named.items()},
        )

    def numbered(self, tree: Any) -> Numbered:
        """The leaves of ``tree`` as this call counts them; an ``is_leaf`` is asked here, once."""
        from jax import tree_util  # noqa: PLC0415  JAX is not imported before it is asked for

        argument = self.argument("is_leaf")
        if argument is None or argument.value is None:
            return Numbered(tree_util.tree_structure(tree))
        heard = Heard(argument.value)
        self.exchange(argument, heard.repeat)
        if not self.known.with_path:
            return Numbered(tree_util.tree_structure(tree, is_leaf=heard.ask), by_user=True)
        takes_path = self.argument("is_leaf_takes_path")
        options = {} if takes_path is None else {"is_leaf_takes_path": takes_path.value}
        flat = tree_util.tree_flatten_with_path(tree, is_leaf=heard.ask, **options)
        return Numbered(flat[1], by_user=True)


def _text(value: Any, tree: Tree, place: Place) -> str:
    try:
        return value_text(value, tree, tree.at(place))
    except IndexError:  # the container that is there now was made anew, and not as JAX said
        return text_of(value)


def text_of(value: Any) -> str:
    """What any object is, as a short text."""
    tree = summarise(value)
    return value_text(value, tree, tree.root)
