"""What an error of JAX really was: trees that do not fit together, or an interrupt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, TracebackType
from typing import Any

_Caller = tuple[CodeType, int]
_IN_CALLBACK = "Exception raised in callback: "
_WITH_TREES = ("map", "tree_map", "vmap_f", "flatten_axes", "flatten_axis_resources")


@dataclass(frozen=True)
class FailedTrees:
    """The trees of a call that failed because they do not fit together.

    ``what`` is the argument that is at fault as JAX names it, such as "vmap in_axes"; then the
    first of the ``trees`` should have been a prefix of the second, of which only the structure
    may be known: its leaves are of a type named "leaf". Else it is "tree.map", and the first tree
    should have had the structure of all others. ``has_is_leaf`` says that the call had its own
    notion of a leaf. ``caller`` is where the call was made: a code object and an offset in it.

    Where JAX took its own frames out of the traceback, ``what`` is empty and there are no trees,
    but ``scope`` has the variables of the caller, by name.
    """

    what: str
    trees: tuple[Any, ...]
    has_is_leaf: bool = False
    caller: _Caller | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)


_LEAF = type("leaf", (), {"__doc__": "A leaf of which only the place is known."})


def is_interrupt(error: BaseException) -> bool:
    """Whether ``error`` is a ``KeyboardInterrupt``, or what MLIR makes of one in a callback.

    That is a ``RuntimeError`` which has the interrupt's traceback as its text. Seen on JAX 0.12.0,
    where the key of a program's cache is made: some compiles in a hundred are there for a moment.
    """
    if not isinstance(error, RuntimeError):
        return isinstance(error, KeyboardInterrupt)
    said = str(error).strip()
    return said.startswith(_IN_CALLBACK) and said.splitlines()[-1].startswith("KeyboardInterrupt")


def failed_trees(error: BaseException) -> Iterator[FailedTrees]:
    """The trees in the traceback of ``error`` and of the errors it came from, likeliest first.

    From the local variables of functions of JAX, by their names in 0.7.0 and 0.12.0: ``map`` and
    ``tree_map`` (``tree`` and ``rest``), ``flatten_axes``, ``flatten_axis_resources``, ``vmap_f``.
    ``jax_traceback_filtering`` may have taken all but ``map`` out of the traceback.
    """
    waiting: list[tuple[BaseException | None, _Caller | None]] = [(error, None)]
    seen: set[int] = set()
    while waiting:
        here, caller = waiting.pop()
        if here is None or id(here) in seen:
            continue
        seen.add(id(here))
        found, caller = _failed_in(here.__traceback__, caller)
        yield from found
        waiting += [(here.__context__, caller), (here.__cause__, caller)]


def _failed_in(
    traceback: TracebackType | None, caller: _Caller | None
) -> tuple[list[FailedTrees], _Caller | None]:
    """The trees in one traceback: of a prefix first, else of the innermost call first.

    ``caller`` is that of the error that came from this one: a traceback within JAX has none. The
    last one is given back.
    """
    found: list[FailedTrees] = []
    prefixes: list[FailedTrees] = []
    arguments: Any = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if "/jax/_src/" not in code.co_filename.replace("\\", "/"):
            caller = code, traceback.tb_lasti
            if traceback.tb_next is None:
                frame = traceback.tb_frame
                scope = {**frame.f_globals, **frame.f_locals}
                found.append(FailedTrees("", (), caller=caller, scope=scope))
        elif code.co_name in _WITH_TREES:
            values = traceback.tb_frame.f_locals
            is_last = traceback.tb_next is None
            if code.co_name in ("map", "tree_map") and isinstance(values.get("rest"), tuple):
                trees = (values.get("tree"), *values["rest"])
                has_is_leaf = values.get("is_leaf") is not None
                found.insert(0, FailedTrees("tree.map", trees, has_is_leaf, caller))
            elif code.co_name == "vmap_f":
                arguments = values.get("args")
                if is_last and isinstance(arguments, tuple) and "in_axes" in values:
                    trees = (values["in_axes"], arguments)
                    prefixes.append(FailedTrees("vmap in_axes", trees, caller=caller))
            else:
                prefixes += _failed_prefix(values, arguments, caller)
        traceback = traceback.tb_next
    return prefixes or found, caller


def _failed_prefix(values: Any, arguments: Any, caller: _Caller | None) -> list[FailedTrees]:
    """What ``flatten_axes`` (``name``, ...) or ``flatten_axis_resources`` (``what``, ...) holds."""
    import jax

    what = values.get("name", values.get("what"))
    treedef = values.get("treedef", values.get("tree"))
    prefix = values.get("axis_tree") if "name" in values else values.get("shardings")
    if not isinstance(what, str) or not isinstance(treedef, jax.tree_util.PyTreeDef):
        return []
    try:
        full = jax.tree.unflatten(treedef, [_LEAF() for _ in range(treedef.num_leaves)])
        if jax.tree.structure(arguments) == treedef:
            full = arguments  # with shapes
    except Exception:  # noqa: BLE001  containers of the user's may refuse such leaves
        return []
    return [FailedTrees(what, (prefix, full), caller=caller)]
