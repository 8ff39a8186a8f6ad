"""Which parameter of a compiled function takes what: arguments, their lengths, results.

The parameters are the arguments of the call in their order. The lengths of an array, one for each
dimension, may follow it; or those of the first array may follow all arguments, if all arrays are
alike. Results that are arrays come last, as pointers. The number and the kinds of the parameters
decide which of these forms is meant.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.foreign.files import Argument, Order, Result
from jaxmagic.compare.foreign.signature import Parameter, Signature

Form = Literal["each", "none", "once"]


@dataclass(frozen=True)
class Role:
    """What a parameter is for: the argument or the result ``number``, or a length."""

    kind: Literal["argument", "length", "result"]
    number: int
    axis: int = 0


@dataclass(frozen=True)
class Plan:
    """How a function is called.

    ``dtypes`` are those in which the arguments are passed. ``changed`` is the argument that
    stands for the result, where a function returns nothing but changes what it is given.
    """

    signature: Signature
    arguments: tuple[Argument, ...]
    roles: tuple[Role, ...]
    dtypes: tuple[np.dtype[Any], ...]
    results: tuple[Result, ...]
    changed: int | None = None
    notes: tuple[str, ...] = ()
    linkage: str = ""  # what stands before the declaration
    order: Order = "C"


def matched(
    signature: Signature,
    arguments: tuple[Argument, ...],
    expected: list[Result],
    prototype: str,
) -> Plan:
    """How ``signature`` takes ``arguments`` and gives back ``expected``.

    Raises:
        RefusedError: it does not; the sentence shows the ``prototype`` to write.
    """
    write = f"write `{prototype}`."
    for parameter in signature.parameters:
        if parameter.dtype is None:
            message = (
                f"line {signature.line}: `{parameter.written}` is neither a number nor an array "
                f"of numbers that NumPy has; {write}"
            )
            raise RefusedError(message)
    roles, results, changed = _roles(signature, arguments, expected, write)
    dtypes, notes = [], []
    for role, parameter in zip(roles, signature.parameters, strict=True):
        if role.kind == "argument" and parameter.dtype is not None:
            argument = arguments[role.number]
            problem, note = _passed(argument, parameter.dtype)
            if problem:
                message = (
                    f"line {signature.line}: {parameter.name or argument.name} is "
                    f"`{parameter.written}`, but {problem}; {write}"
                )
                raise RefusedError(message)
            dtypes.append(parameter.dtype)
            notes += [note] if note else []
    if changed is not None:
        results = [Result(dtypes[changed], arguments[changed].values.shape)]
        notes.append(
            f"{signature.name} returns nothing: {arguments[changed].name}, which it may change, "
            "is taken for its result."
        )
    return Plan(signature, arguments, roles, tuple(dtypes), tuple(results), changed, tuple(notes))


def _roles(
    signature: Signature, arguments: tuple[Argument, ...], expected: list[Result], write: str
) -> tuple[tuple[Role, ...], list[Result], int | None]:
    parameters, returns = signature.parameters, signature.returns
    where = f"line {signature.line}: {signature.name}"
    if returns is not None:
        if returns.dtype is None or returns.pointer:
            message = f"{where} returns `{returns.declared}`, which can't be read back; {write}"
            raise RefusedError(message)
        if len(expected) != 1 or math.prod(expected[0].shape) != 1:
            what = f"{len(expected)} values" if len(expected) != 1 else "an array"
            message = f"{where} returns one number, but the result is {what}; {write}"
            raise RefusedError(message)
        for roles in _forms(arguments, 0):
            if _fit(roles, parameters, arguments):
                return roles, [Result(returns.dtype, expected[0].shape)], None
    else:
        for roles in _forms(arguments, len(expected)):
            if expected and _fit(roles, parameters, arguments):
                dtypes = [parameter.dtype for parameter in parameters[-len(expected) :]]
                pairs = zip(dtypes, expected, strict=True)
                return roles, [Result(np.dtype(d), result.shape) for d, result in pairs], None
        for roles in _forms(arguments, 0):
            if _fit(roles, parameters, arguments):
                return roles, [], _changed(roles, parameters, arguments, expected)
    needs = len(next(_forms(arguments, 0 if returns else len(expected))))
    message = (
        f"{where} has {len(parameters)} parameters, but this call needs {needs}; {write}"
        if len(parameters) != needs
        else f"the parameters of {signature.name} (line {signature.line}) do not fit this call; "
        f"{write}"
    )
    raise RefusedError(message)


def _forms(arguments: Sequence[Argument], results: int) -> Any:
    """All sequences of roles that could be meant; the one to recommend first."""
    arrays = [number for number, argument in enumerate(arguments) if argument.is_array]
    shapes = {arguments[number].values.shape for number in arrays}
    forms: list[Form] = ["each", "none", *(["once"] if len(shapes) == 1 else [])]  # type: ignore[list-item]
    for form in forms:
        roles = []
        for number, argument in enumerate(arguments):
            roles.append(Role("argument", number))
            if form == "each":
                roles += _lengths(number, argument)
        if form == "once":
            roles += _lengths(arrays[0], arguments[arrays[0]])
        roles += [Role("result", number) for number in range(results)]
        yield tuple(roles)


def _lengths(number: int, argument: Argument) -> list[Role]:
    return [Role("length", number, axis) for axis in range(argument.values.ndim)]


def _fit(
    roles: Sequence[Role], parameters: Sequence[Parameter], arguments: Sequence[Argument]
) -> bool:
    return len(roles) == len(parameters) and all(
        parameter.pointer == arguments[role.number].is_array
        if role.kind == "argument"
        else parameter.dtype is not None and parameter.dtype.kind in "iu" and not parameter.pointer
        if role.kind == "length"
        else (parameter.pointer or parameter.by_reference) and not parameter.const
        for role, parameter in zip(roles, parameters, strict=True)
    )


def _changed(
    roles: Sequence[Role],
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
    expected: list[Result],
) -> int | None:
    """The argument that stands for the result: of its shape, and not constant."""
    for role, parameter in zip(roles, parameters, strict=True):
        shape = arguments[role.number].values.shape
        may_change = role.kind == "argument" and parameter.pointer and not parameter.const
        if may_change and expected and expected[0].shape == shape:
            return role.number
    return None


def _passed(argument: Argument, dtype: np.dtype[Any]) -> tuple[str, str]:
    """Why ``argument`` can't be passed as ``dtype`` without loss; or what to say if it can."""
    given, name = argument.values.dtype, argument.name
    if argument.weak:
        value = argument.values[()]
        kinds = "?biufc" if given.kind == "b" else "iufc" if given.kind == "i" else "fc"
        if dtype.kind not in kinds + "b" * (given.kind == "b") or (
            given.kind == "c" and dtype.kind != "c"
        ):
            return f"{name} is {_python(given)}", ""
        if dtype.kind in "iu" and given.kind == "i":
            limits = np.iinfo(dtype)
            if not limits.min <= value <= limits.max:
                return f"{name} is {value}", ""
        elif given.kind == "i" and int(np.real(dtype.type(value))) != int(value):
            return f"{name} is {value}, which {dtype} does not hold", ""
        if given.kind in "fc" and dtype.itemsize < given.itemsize and dtype.kind == given.kind:
            return "", f"{name} is passed as {dtype}: this row computes in less than 64 bits."
        return "", ""
    exact = np.can_cast(given, dtype, "safe") and not (
        given.kind in "iu" and dtype.kind in "fc" and given.itemsize == 8  # noqa: PLR2004  bytes
    )
    if given == dtype or (argument.is_array and not argument.values.size):
        return "", ""
    if not exact:
        return f"{name} is {given}", ""
    return "", f"{name} is converted from {given} to {dtype} once, before the timing."


def _python(dtype: np.dtype[Any]) -> str:
    return {"b": "a bool", "i": "an int", "u": "an int", "f": "a float", "c": "a complex"}[
        dtype.kind
    ]
