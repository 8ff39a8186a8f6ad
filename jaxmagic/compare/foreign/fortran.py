"""The parameters and the result of a procedure in Fortran, as gfortran understood them.

gfortran prints its table of symbols with ``-fdump-fortran-original``: types, kinds, intents and
shapes after everything that implicit typing, modules and flags say.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.foreign.files import Argument, Result
from jaxmagic.compare.foreign.glue import spelled
from jaxmagic.compare.foreign.matching import lengths_to_write, written
from jaxmagic.compare.foreign.signature import Parameter, Signature

_LETTERS = {"REAL": "f", "INTEGER": "i", "LOGICAL": "i", "COMPLEX": "c"}
_WORDS = {"f": "real", "i": "integer", "b": "logical", "c": "complex"}
_DEFAULT_INTEGER = 2**31  # is out of range


@dataclass(frozen=True)
class _Symbol:
    """An entry of the table, in the words of gfortran."""

    type: str
    attributes: str
    array: str
    arglist: tuple[str, ...]
    result: str
    label: str


def find_procedure(dump: str, text: str, name: str) -> Signature | None:
    """The function or subroutine ``name``, outside of modules or in one; None if there is none.

    Raises:
        RefusedError: it needs more than addresses to be called.
    """
    name = name.lower()
    scopes = _scopes(dump)
    home = next(
        (scope for scope in scopes if name in scope[1] and _is_procedure(*scope, name)), None
    )
    if home is None:
        return None
    module, outer = home
    procedure = outer[name]
    inside = next((symbols for scope, symbols in scopes if scope == name), outer)
    line = next(
        (
            number
            for number, code in enumerate(text.splitlines(), start=1)
            if re.search(rf"\b(function|subroutine)\s+{name}\b", code, re.IGNORECASE)
        ),
        0,
    )
    parameters = tuple(
        _parameter(argument, inside.get(argument), line) for argument in procedure.arglist
    )
    returns = None
    if re.search(r"\bFUNCTION\b", procedure.attributes):
        returned = inside.get(procedure.result, procedure)
        if "DIMENSION" in returned.attributes or "DIMENSION" in procedure.attributes:
            message = (
                f"line {line}: {name} is a function that returns an array: make it a subroutine "
                "with the array as its last argument, intent(out)."
            )
            raise RefusedError(message)
        returns = _parameter(procedure.result or name, returned, line)
    in_module = "MODULE-PROC" in procedure.attributes
    symbol = procedure.label or (f"__{module}_MOD_{name}" if in_module else f"{name}_")
    return Signature(name, line, returns, parameters, symbol_name=symbol)


def prototype(name: str, arguments: Sequence[Argument], expected: Sequence[Result]) -> str:
    """What to write for a procedure with such arguments and results."""
    names, once = lengths_to_write(arguments)
    order: list[str] = []
    numbers: list[str] = []
    shaped: list[str] = []
    shapes: dict[tuple[int, ...], str] = {}
    for argument, lengths in zip(arguments, names, strict=True):
        own = written(argument.name)
        order.append(own)
        small = argument.weak and abs(argument.values) < _DEFAULT_INTEGER
        kind = _kind(argument.values.dtype, weak=bool(small))
        if not argument.is_array:
            numbers.append(f"{kind} :: {own}")
            continue
        order += [] if once else lengths
        numbers += [f"integer :: {length}" for length in lengths]
        shapes[argument.values.shape] = ", ".join(lengths)
        shaped.append(f"{kind} :: {own}({', '.join(lengths)})")
    order += next(filter(None, names)) if once else ()
    numbers = list(dict.fromkeys(numbers))  # the lengths of all arrays, once
    if len(expected) == 1 and not expected[0].shape:
        head = f"{_kind(expected[0].dtype)} function {name}({', '.join(order)})"
        return "; ".join([head, *numbers, *shaped])
    for number, result in enumerate(expected):
        out = "out" if len(expected) == 1 else f"out{number}"
        order.append(out)
        lengths_out = shapes.get(result.shape, ", ".join(map(str, result.shape)))
        shape = f"({lengths_out})" if result.shape else ""
        shaped.append(f"{_kind(result.dtype)}, intent(out) :: {out}{shape}")
    return "; ".join([f"subroutine {name}({', '.join(order)})", *numbers, *shaped])


def _kind(dtype: np.dtype[Any], *, weak: bool = False) -> str:
    if dtype.kind == "b":
        return "logical"
    if weak and dtype.kind == "i":
        return "integer"
    size = dtype.itemsize // (2 if dtype.kind == "c" else 1)
    return f"{_WORDS.get(dtype.kind, str(dtype))}({size})"


def _scopes(dump: str) -> list[tuple[str, dict[str, _Symbol]]]:
    """The symbols of each program unit, by their names."""
    parts = re.split(r"^ *procedure name = (\w+)$", dump, flags=re.MULTILINE)
    return [
        (scope.lower(), _symbols(table.partition("code:")[0]))
        for scope, table in zip(parts[1::2], parts[2::2], strict=True)
    ]


def _symbols(table: str) -> dict[str, _Symbol]:
    entries = re.split(r"symtree: '(\w+)' *\|\| *symbol: ", table)
    found = {}
    for name, text in zip(entries[1::2], entries[2::2], strict=True):
        head, _, body = text.partition("\n")
        if "from namespace" in head:
            continue
        label = re.search(r"binding_label: '([^']*)'", head)
        found[name.lower()] = _Symbol(
            type=_after("type spec", body),
            attributes=_after("attributes", body),
            array=_after("Array spec", body),
            arglist=tuple(_after("Formal arglist", body).lower().split()),
            result=_after("result", body).lower(),
            label=label[1] if label else "",
        )
    return found


def _after(what: str, body: str) -> str:
    match = re.search(rf"^ *{what} ?: ?(.*)$", body, re.MULTILINE)
    return match[1].strip() if match else ""


def _is_procedure(scope: str, symbols: dict[str, _Symbol], name: str) -> bool:
    attributes = symbols[name].attributes
    own = scope == name or "MODULE-PROC" in attributes
    return own and "PROCEDURE" in attributes and "USE-ASSOC" not in attributes


def _parameter(name: str, symbol: _Symbol | None, line: int) -> Parameter:
    if symbol is None:
        return Parameter(name, name)
    kind = re.match(r"\((REAL|INTEGER|LOGICAL|COMPLEX) (\d+)", symbol.type)
    written = symbol.type.strip("()").lower().replace(" ", "(", 1) + ")"
    written = f"{written.split()[0].rstrip(')')}) :: {name}"
    attributes = symbol.attributes
    array = bool(symbol.array)
    by_descriptor = any(
        word in symbol.array for word in ("ASSUMED_SHAPE", "DEFERRED", "ASSUMED_RANK")
    ) or any(re.search(rf"\b{word}\b", attributes) for word in ("ALLOCATABLE", "POINTER"))
    if by_descriptor:
        message = (
            f"line {line}: {name} has no shape of its own (it is {name}(:), allocatable or a "
            f"pointer): pass its length too, and write {name}(n)."
        )
        raise RefusedError(message)
    value = bool(re.search(r"\bVALUE\b", attributes))
    optional = value and "OPTIONAL" in attributes  # it has one more, hidden argument
    if kind is None or optional or ("PROCEDURE" in attributes and "FUNCTION" not in attributes):
        return Parameter(name, written)
    size = int(kind[2]) * (2 if kind[1] == "COMPLEX" else 1)
    try:
        dtype = np.dtype(f"{_LETTERS[kind[1]]}{size}")
    except TypeError:  # integer(16)
        return Parameter(name, written)
    if dtype.kind in "fc" and size > (16 if dtype.kind == "c" else 8):
        return Parameter(name, written)  # real(16) is not NumPy's long double
    constant = "DUMMY(IN)" in attributes
    return Parameter(
        name,
        f"{written}(...)" if array else written,
        spelled(dtype),
        dtype,
        pointer=array,
        const=constant,
        by_reference=not array and not value and "DUMMY" in attributes,
        logical=kind[1] == "LOGICAL",
        size=_constant_size(symbol.array),
    )


def _constant_size(array: str) -> int | None:
    """The number of elements of an array whose shape is written in numbers."""
    bounds = re.fullmatch(r"\(\d+ \[\d+\] AS_EXPLICIT ((?:-?\d+ )+)\)", array)
    if bounds is None:
        return None
    numbers = list(map(int, bounds[1].split()))
    return math.prod(
        max(0, last - first + 1) for first, last in zip(numbers[::2], numbers[1::2], strict=True)
    )
