r"""Names that anybody may have chosen (keys, types, messages) as text that is safe to show.

>>> clean("safe\u202ename")
'safe\\u202ename'

Everything that is shown of a tree's names goes through :func:`clean` once, in the model. It does
not escape for HTML or DOT: that stays with whoever writes these.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, overload

LONGEST = 60
_ELISION = "…"

# printable by Unicode's classes, yet without ink: fillers, blanks and variation selectors
_INVISIBLE = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",
    *map(chr, range(0x180B, 0x1810)),
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
_TYPE_NAME = type.__dict__["__name__"]


def clean(text: str, longest: int = LONGEST) -> str:
    r"""``text`` without anything that hides or turns around: at most ``longest`` characters.

    Controls, line breaks, surrogates, characters of zero width and those that change the
    direction of writing become escapes such as ``\u202e``. What is too long loses its middle.
    """
    if len(text) > 2 * longest:  # escapes only make it longer
        text = text[:longest] + _ELISION + text[-longest:]
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_visible, text))
    if len(text) <= longest:
        return text
    front = (longest - 1) // 2
    return text[:front] + _ELISION + text[front + 1 - longest :]


def _visible(character: str) -> str:
    if character.isprintable() and character not in _INVISIBLE:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four digits


def type_name(kind: type) -> str:
    """The name of a type, clean; a metaclass that overrides it is not asked."""
    return clean(_TYPE_NAME.__get__(kind))


def module_name(kind: type) -> str:
    """The module that a type says it comes from, clean; empty if it says none."""
    module = type.__dict__["__module__"].__get__(kind)
    return clean(module) if type(module) is str else ""


def message(error: BaseException) -> str:
    """What an error says, on one line: ``ValueError: no such layer``."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  the error's own text may fail as well
        said = ""
    first = next((line.strip() for line in said.splitlines() if line.strip()), "")
    name = type_name(type(error))
    return clean(f"{name}: {first}" if first else name, 200)


def item_label(key: Any) -> str:
    """The key of a dict as JAX writes it in a path: ``['w']``, ``[0]``, ``[(1, 2)]``."""
    return f"[{_key_text(key)}]"


def field_label(name: Any) -> str:
    """The name of a field as JAX writes it in a path: ``.kernel``."""
    return f".{clean(name) if type(name) is str else _key_text(name)}"


def _key_text(key: Any) -> str:
    if type(key) is str:
        return clean(repr(key if len(key) <= 2 * LONGEST else clean(key, 2 * LONGEST)))
    if isinstance(key, Enum):
        return clean(f"{type_name(type(key))}.{key._name_}")
    try:
        return clean(repr(key))
    except Exception:  # noqa: BLE001  a key's own repr may fail
        return f"<{type_name(type(key))}>"


class Indices(Sequence[str]):
    """The labels of a list or tuple, ``[0]`` to ``[n - 1]``, written when they are asked for."""

    __slots__ = ("_range",)

    def __init__(self, number: int) -> None:
        self._range = range(number)

    def __len__(self) -> int:
        return len(self._range)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """The label at ``index``, or a tuple of labels for a slice."""
        if isinstance(index, slice):
            return tuple(f"[{i}]" for i in self._range[index])
        return f"[{self._range[index]}]"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Indices):
            return len(self) == len(other)
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        """As short as the labels are many."""
        return f"Indices({len(self)})"


class Items(Sequence[str]):
    """The labels of a dict with plain, short keys, written when they are asked for."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Sequence[str | int]) -> None:
        self._keys = tuple(keys)

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """The label at ``index``, or a tuple of labels for a slice."""
        if isinstance(index, slice):
            return tuple(map(item_label, self._keys[index]))
        return item_label(self._keys[index])

    def __iter__(self) -> Iterator[str]:
        return map(item_label, self._keys)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Items):
            return self._keys == other._keys
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        """As short as the labels are many."""
        return f"Items({len(self)})"


def item_labels(keys: Sequence[Any]) -> Sequence[str]:
    """The labels of a dict's keys, each of them different from the others."""
    return Items(keys) if all(map(_is_plain, keys)) else distinct(map(item_label, keys))


def _is_plain(key: Any) -> bool:
    """Whether its label is short whatever it holds, so that no two labels come out the same."""
    if type(key) is str:
        return key.isascii() and key.isprintable() and len(repr(key)) <= LONGEST
    return type(key) is int and key.bit_length() <= LONGEST


def distinct(labels: Iterator[str]) -> tuple[str, ...]:
    """``labels``, numbered where two of them came out the same: ``['a…z']``, ``['a…z']#2``."""
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        number = seen[label] = seen.get(label, 0) + 1
        told.append(label if number == 1 else f"{label}#{number}")
    return tuple(told)
