"""One level of a tree: the children of a container, as JAX would take it apart, and their labels.

JAX is asked through ``jax.tree_util.default_registry``. It names all fields of a namedtuple after
the first one (up to 0.10.2), so these are labelled by ``_fields`` here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jaxmagic.pytree.model import Kind
from jaxmagic.pytree.names import (
    Indices,
    clean,
    distinct,
    field_label,
    item_label,
    item_labels,
    message,
    type_name,
)


@dataclass(slots=True)
class Level:
    """The children of one container. ``data`` is its static data; ``note`` says what is wrong.

    ``failed`` is set if it could not be taken apart at all.
    """

    children: list[Any]
    data: Any = None
    note: str = ""
    failed: bool = False


def is_container(thing: Any) -> bool:
    """Whether JAX takes ``thing``, and all else of its type, apart."""
    from jax.tree_util import default_registry  # noqa: PLC0415  JAX is loaded when asked for

    try:
        return default_registry.flatten_one_level(thing) is not None
    except Exception:  # noqa: BLE001  only a flatten function can fail
        return True


def level(container: Any) -> Level:
    """The children of ``container``."""
    kind = type(container)
    if kind is list or kind is tuple:
        return Level(list(container))
    from jax.tree_util import default_registry  # noqa: PLC0415  as above

    try:
        children, data = default_registry.flatten_one_level(container)
        return Level(list(children), tuple(data) if kind is dict else data)
    except Exception as error:  # noqa: BLE001  a flatten function of the user's may raise anything
        if kind is dict:
            note = "JAX can't flatten this dict: its keys can't be sorted. Use keys of one type."
            return Level(list(container.values()), tuple(container), note)
        note = f"{type_name(kind)} could not be flattened: {message(error)}"
        return Level([], note=note, failed=True)


def kind_and_labels(container: Any, parts: Level) -> tuple[Kind, Sequence[str]]:
    """What kind of container it is to a reader, and the labels of its children."""
    kind = type(container)
    if parts.failed:
        return "error", ()
    if container is None:
        return "none", ()
    if kind is list or kind is tuple:
        return ("list" if kind is list else "tuple"), Indices(len(parts.children))
    if kind is dict:
        return "dict", item_labels(parts.data)
    if _is_namedtuple(container, parts):
        return "namedtuple", distinct(map(field_label, kind._fields))
    return _registered(container, len(parts.children))


def _is_namedtuple(container: Any, parts: Level) -> bool:
    """Whether JAX flattens it as a namedtuple, and not by a registered function."""
    fields = getattr(type(container), "_fields", None)
    return (
        isinstance(container, tuple)
        and isinstance(fields, tuple)
        and parts.data is type(container)
        and len(fields) == len(parts.children)
    )


def _registered(container: Any, number: int) -> tuple[Kind, Sequence[str]]:
    from jax.tree_util import (  # noqa: PLC0415  as above
        DictKey,
        SequenceKey,
        default_registry,
    )

    of_keys: dict[type, Kind] = {DictKey: "dict", SequenceKey: "list"}
    flat_labels = tuple(f"[<flat index {i}>]" for i in range(number))
    try:
        pairs = default_registry.flatten_one_level_with_keys(container)[0]
        keys = [key for key, _ in pairs]
    except Exception:  # noqa: BLE001  keys are only names: the children are known without them
        return "object", flat_labels
    if len(keys) != number:
        return "object", flat_labels
    types = set(map(type, keys))
    looks: Kind = "object"
    if len(types) == 1:
        looks = of_keys.get(types.pop(), "object")
    if not keys and isinstance(container, dict):
        looks = "dict"
    return looks, distinct(_labels(keys))


def _labels(keys: list[Any]) -> Iterator[str]:
    from jax.tree_util import DictKey, GetAttrKey, SequenceKey  # noqa: PLC0415  as above

    for key in keys:
        kind = type(key)
        if kind is DictKey:
            yield item_label(key.key)
        elif kind is GetAttrKey:
            yield field_label(key.name)
        elif kind is SequenceKey:
            yield f"[{key.idx}]" if type(key.idx) is int else item_label(key.idx)
        else:
            try:
                yield clean(str(key))
            except Exception:  # noqa: BLE001  a key type of the user's may fail to say its name
                yield f"<{type_name(kind)}>"
