"""Text in C and C++: the part of the driver that knows the function, and what to write instead."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from jaxmagic.compare.foreign.files import Argument, Result
from jaxmagic.compare.foreign.matching import Plan, Role, lengths_to_write, written
from jaxmagic.compare.foreign.signature import Parameter, Signature

Dialect = Literal["c", "cpp", "fortran"]
_SPELLED = {
    "?": "_Bool",
    "b": "signed char",
    "B": "unsigned char",
    "h": "short",
    "H": "unsigned short",
    "i": "int",
    "I": "unsigned int",
    "f": "float",
    "d": "double",
    "F": "float _Complex",
    "D": "double _Complex",
}


def glue(plan: Plan, dialect: Dialect) -> str:
    """What ``driver.c`` includes: the declaration, the slots, and the call."""
    signature = plan.signature
    sizes = [
        argument.values.size * dtype.itemsize
        for argument, dtype in zip(plan.arguments, plan.dtypes, strict=True)
    ]
    first = len(sizes)
    if plan.changed is None:
        sizes += [
            int(np.prod(result.shape, dtype=int)) * result.dtype.itemsize for result in plan.results
        ]
    results = range(first, len(sizes)) if plan.changed is None else [plan.changed]
    actual = ", ".join(
        _actual(role, parameter, plan, first)
        for role, parameter in zip(plan.roles, signature.parameters, strict=True)
    )
    called = f"{signature.symbol}({actual})"
    if signature.returns is not None:
        called = f"*({signature.returns.spelled} *)jaxmagic_slots[{first}].live = {called}"
    lengths = [
        f"static {parameter.spelled} {_length(role)};\n"
        for role, parameter in zip(plan.roles, signature.parameters, strict=True)
        if role.kind == "length" and parameter.by_reference
    ]
    # set before each call, for the function might change it
    before = [
        f"{_length(role)} = {_value(role, plan)}; "
        for role, parameter in zip(plan.roles, signature.parameters, strict=True)
        if role.kind == "length" and parameter.by_reference
    ]
    slots = ", ".join(f"{{{size}, NULL, NULL}}" for size in sizes)
    text = (
        f"{plan.linkage}{signature.prototype};\n"
        f"enum {{ JAXMAGIC_ARGUMENTS = {first}, JAXMAGIC_RESULTS = {len(results)} }};\n"
        f"enum {{ JAXMAGIC_SLOTS = {len(sizes)} }};\n"
        f"static struct jaxmagic_slot jaxmagic_slots[] = {{{slots or '{0, NULL, NULL}'}}};\n"
        f"static const int jaxmagic_results[] = {{{', '.join(map(str, results)) or '0'}}};\n"
        f"{''.join(lengths)}"
        f"static void jaxmagic_call(void) {{ {''.join(before)}{called}; }}\n"
    )
    return in_dialect(text, dialect)


def check(signature: Signature, linkage: str, dialect: Dialect) -> str:
    """What a compiler takes after the section only if ``signature`` is what it sees, too."""
    declared = f"{linkage}{signature.prototype};\n"
    if dialect == "cpp":
        # another type would make it an overload, and its address ambiguous
        declared += f"static const void *const jaxmagic_check = (const void *)&{signature.name};\n"
    return in_dialect(declared, dialect)


def prototype(
    name: str, arguments: Sequence[Argument], expected: Sequence[Result], dialect: Dialect
) -> str:
    """What to write for a function with such arguments and results."""
    names, once = lengths_to_write(arguments)
    parts: list[str] = []
    last: list[str] = []
    for argument, lengths in zip(arguments, names, strict=True):
        kind, own = spelled(argument.values.dtype), written(argument.name)
        parts.append(f"const {kind} *{own}" if argument.is_array else f"{kind} {own}")
        declared = [f"long {length}" for length in lengths]
        last = declared if once and declared else last
        parts += [] if once else declared
    parts += last
    number = len(expected) == 1 and not expected[0].shape
    if not number:
        outs = ["out"] if len(expected) == 1 else [f"out{n}" for n in range(len(expected))]
        parts += [
            f"{spelled(result.dtype)} *{out}" for out, result in zip(outs, expected, strict=True)
        ]
    returned = spelled(expected[0].dtype) if number else "void"
    return in_dialect(f"{returned} {name}({', '.join(parts) or 'void'})", dialect, include=False)


def spelled(dtype: np.dtype[Any]) -> str:
    """``dtype`` as C spells it."""
    if dtype.kind in "iu" and dtype.itemsize == 8:  # noqa: PLR2004  bytes
        long = "long" if np.dtype("l").itemsize == dtype.itemsize else "long long"
        return long if dtype.kind == "i" else f"unsigned {long}"
    return _SPELLED.get(dtype.char, str(dtype))


def in_dialect(text: str, dialect: Dialect, *, include: bool = True) -> str:
    """``text`` with the types of C that C++ spells in another way."""
    if dialect != "cpp":
        return text
    translated = re.sub(r"(\w+) _Complex", r"std::complex<\1>", text).replace("_Bool", "bool")
    needed = include and "std::complex" in translated
    return f"#include <complex>\n{translated}" if needed else translated


def _actual(role: Role, parameter: Parameter, plan: Plan, first: int) -> str:
    """The expression that is passed for ``parameter``."""
    if role.kind == "length":
        return f"&{_length(role)}" if parameter.by_reference else _value(role, plan)
    slot = f"jaxmagic_slots[{role.number + (first if role.kind == 'result' else 0)}].live"
    if parameter.pointer or parameter.by_reference:
        return f"({parameter.spelled} *){slot}"
    return f"*({parameter.spelled} *){slot}"


def _length(role: Role) -> str:
    return f"jaxmagic_length{role.number}_{role.axis}"


def _value(role: Role, plan: Plan) -> str:
    return str(plan.arguments[role.number].values.shape[role.axis])
