"""The parameters and the result of a function in C or C++, read from its preprocessed source.

What is read here is checked by the compiler before it is used: see ``native``.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

_COMPLEX = {"_Complex", "__complex__", "complex"}
_QUALIFIERS = {
    *("const", "volatile", "restrict", "__restrict", "__restrict__", "register", "static"),
    *("extern", "inline", "__inline", "__inline__", "_Noreturn", "noexcept", "constexpr"),
}
_DTYPES: dict[tuple[str, ...], str] = {
    ("double",): "d",
    ("float",): "f",
    ("bool",): "?",
    ("_Bool",): "?",
    ("char", "signed"): "b",
    ("char", "unsigned"): "B",
    ("short",): "h",
    ("short", "unsigned"): "H",
    ("int",): "i",
    ("int", "unsigned"): "I",
    ("unsigned",): "I",
    ("signed",): "i",
    ("long",): "l",
    ("long", "unsigned"): "L",
    ("long", "long"): "q",
    ("long", "long", "unsigned"): "Q",
    ("complex", "double"): "D",
    ("complex", "float"): "F",
}
_SPELLED = {
    ("bool",): "_Bool",
    ("complex", "double"): "double _Complex",
    ("complex", "float"): "float _Complex",
}
_WORDS = _QUALIFIERS | _COMPLEX | {word for key in _DTYPES for word in key}


@dataclass(frozen=True)
class Parameter:
    """A parameter, or a result: ``dtype`` is None for a type that NumPy has not.

    ``spelled`` is its type without typedefs and qualifiers, ``written`` as it stands in the source.
    """

    name: str
    written: str
    spelled: str = ""
    dtype: np.dtype[Any] | None = None
    pointer: bool = False
    const: bool = False
    by_reference: bool = False  # a number in Fortran
    logical: bool = False  # a truth value that takes as much room as a number
    size: int | None = None  # elements of an array that is declared with that many

    @property
    def declared(self) -> str:
        """Its type as a declaration needs it."""
        star = " *" if self.pointer or self.by_reference else ""
        return f"{'const ' if self.const else ''}{self.spelled}{star}"


@dataclass(frozen=True)
class Signature:
    """A function as it is defined; ``returns`` is None for void, ``words`` are its specifiers."""

    name: str
    line: int
    returns: Parameter | None
    parameters: tuple[Parameter, ...]
    words: frozenset[str] = frozenset()
    symbol_name: str = ""  # where the linker knows it by another name

    @property
    def symbol(self) -> str:
        """The name by which C calls it."""
        return self.symbol_name or self.name

    @property
    def prototype(self) -> str:
        """Its declaration, without the names of the parameters."""
        returns = self.returns.declared if self.returns else "void"
        promise = " noexcept" if "noexcept" in self.words else ""
        parameters = ", ".join(parameter.declared for parameter in self.parameters)
        return f"{returns} {self.symbol}({parameters or 'void'}){promise}"


def find_signature(preprocessed: str, name: str, file: str) -> Signature | None:
    """The definition of the function ``name`` in ``file``, which was put through the preprocessor.

    None if there is none at the outermost level.
    """
    types = _typedefs(preprocessed)
    text = _outermost(_own_lines(preprocessed, file))
    match = re.search(
        rf"([^;{{}}]*?)\b{re.escape(name)}\s*\(((?:[^()]|\([^()]*\))*)\)([^;{{}}()]*)\{{\s*\}}",
        text,
    )
    if match is None:
        return None
    before, inside, after = match.groups()
    words = frozenset(re.findall(r"\w+", f"{before} {after}"))
    line = text.count("\n", 0, match.end(1)) + 1
    returned = _parameter(f"{before} ", types, named=False)
    parameters = tuple(
        _parameter(part, types) for part in _split(inside) if part.strip() not in ("", "void")
    )
    void = returned.spelled == "void" and not returned.pointer
    return Signature(name, line, None if void else returned, parameters, words)


def _own_lines(preprocessed: str, file: str) -> str:
    """The lines that come from ``file`` itself, each with its number, strings emptied."""
    own: list[str] = []
    number = 0
    for line in preprocessed.splitlines():
        marker = re.match(r'#\s*(?:line\s+)?(\d+)\s+"([^"]*)"', line)
        if marker:
            number = int(marker[1]) if marker[2].endswith(file) else 0
        elif number:
            own += [""] * (number - len(own))
            own[number - 1] += "" if line.startswith("#") else line  # a pragma is no code
            number += 1
    return re.sub(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", '""', "\n".join(own))


def _outermost(text: str) -> str:
    """``text`` with nothing in its braces but line breaks; a block ``extern "C"`` is none."""
    text = re.sub(r'(extern\s*""\s*)\{', r"\1 ", text)
    kept, depth = [], 0
    for piece in re.split(r"([{}\n])", text):
        depth = max(0, depth - (piece == "}"))
        if piece == "\n" or depth == 0:
            kept.append(piece)
        depth += piece == "{"
    return "".join(kept)


def _typedefs(preprocessed: str) -> dict[str, str]:
    simple = re.findall(r"\btypedef\s+([^;{}()]+?)\s*\b(\w+)\s*;", preprocessed)
    aliases = re.findall(r"\busing\s+(\w+)\s*=\s*([^;{}()]+?)\s*;", preprocessed)
    return {name: text for text, name in simple} | dict(aliases)


def _split(inside: str) -> list[str]:
    parts, depth = [""], 0
    for character in inside:
        depth += (character in "(<[") - (character in ")>]")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _parameter(text: str, types: dict[str, str], *, named: bool = True) -> Parameter:
    """A parameter; without ``named`` a return type, which may have specifiers before it."""
    written = " ".join(text.partition("=")[0].split())
    bare = re.sub(r'\[\[.*?\]\]|__attribute__\s*\(\(.*?\)\)|""', " ", written)
    bare = re.sub(r"\(\s*\*\s*(\w+)\s*\)\s*(\[[^\]]*\])+", r"* \1", bare)  # (*a)[n] is a row
    bare, dimensions = re.subn(r"(\[[^\]]*\]\s*)+$", "", bare.strip())
    bare = re.sub(r"\bcomplex\s*<\s*(\w+)\s*>", r"complex \1", re.sub(r"\bstd\s*::", "", bare))
    name = re.search(r"\w*$", bare)[0] if named else ""  # type: ignore[index]  # it may be empty
    if name in types or name in _WORDS:
        name = ""
    resolved = _resolved(bare.removesuffix(name), types)
    pointee, *stars = resolved.split("*")
    words = [word for word in re.findall(r"\w+|[^\w\s]", pointee) if word not in _QUALIFIERS]
    pointer = bool(stars or dimensions)
    spelled, dtype = _meaning(words)
    if len(stars) + dimensions > 1:
        dtype = None  # a pointer to pointers
    return Parameter(name, written, spelled, dtype, pointer, pointer and "const" in pointee.split())


def _resolved(text: str, types: dict[str, str]) -> str:
    """``text`` with typedefs replaced by what they stand for."""
    for _ in range(20):  # a typedef that names itself would never end
        replaced = re.sub(r"[A-Za-z_]\w*", lambda found: types.get(found[0], found[0]), text)
        if replaced == text:
            return text
        text = replaced
    return text


def _meaning(words: list[str]) -> tuple[str, np.dtype[Any] | None]:
    """How a type is spelled, and its dtype."""
    counted = Counter("complex" if word in _COMPLEX else word for word in words)
    if counted["short"] or counted["long"]:
        del counted["int"]  # long int is long
    if any(counted[word] for word in ("short", "int", "long")):
        del counted["signed"]
    key = tuple(sorted(counted.elements()))
    if key not in _DTYPES:
        return " ".join(words), None
    return _SPELLED.get(key, " ".join(words)), np.dtype(_DTYPES[key])
