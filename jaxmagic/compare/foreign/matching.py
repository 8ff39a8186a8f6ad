"""Which parameter of a compiled function takes what: arguments, their lengths, results.

The parameters are the arguments of the call in their order. The lengths of an array, one for each
dimension, may follow it; or those of the first array may follow all arguments, if all arrays are
alike. Results that are arrays come last, as pointers. The number and the kinds of the parameters
decide which of these forms is meant; one with the name of an argument takes that or nothing.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.foreign.files import Argument, Order, Result
from jaxmagic.compare.foreign.signature import Parameter, Signature
from jaxmagic.show import units

Form = Literal["each", "none", "once"]

_LENGTHS = {0: (), 1: ("n",), 2: ("rows", "columns")}
_HOLDS = {"b": "biufc", "i": "iufc", "u": "iufc", "f": "fc", "c": "c"}


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
            problem, note = _passed(argument, parameter.dtype, parameter)
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


def lengths_to_write(arguments: Sequence[Argument]) -> tuple[list[tuple[str, ...]], bool]:
    """Names for the lengths of each argument, and whether all arrays have the same ones.

    Those are to be passed once, after the arguments; others after each array.
    """
    arrays = [argument for argument in arguments if argument.is_array]
    once = len(arrays) > 1 and len({argument.values.shape for argument in arrays}) == 1
    taken = {argument.name for argument in arguments}
    names = []
    for argument in arguments:
        dimensions = argument.values.ndim
        lengths = _LENGTHS.get(dimensions, tuple(f"n{axis}" for axis in range(dimensions)))
        if (len(arrays) > 1 and not once) or taken & set(lengths):
            lengths = tuple(f"{length}_{written(argument.name)}" for length in lengths)
        names.append(lengths)
    if once:
        first = names[arguments.index(arrays[0])]
        names = [first if argument.is_array else () for argument in arguments]
    return names, once


def written(name: str) -> str:
    """``name`` as an identifier."""
    return re.sub(r"\W+", "_", name).strip("_")


def _roles(
    signature: Signature, arguments: tuple[Argument, ...], expected: list[Result], write: str
) -> tuple[tuple[Role, ...], list[Result], int | None]:
    parameters, returns = signature.parameters, signature.returns
    where = f"line {signature.line}: {signature.name}"
    if returns is not None:
        _check_returned(returns, expected, where, write)
        for roles in _forms(arguments, 0):
            if _fit(roles, parameters, arguments, expected):
                return roles, [_made(returns, expected[0])], None
    else:
        for roles in _forms(arguments, len(expected)):
            if expected and _fit(roles, parameters, arguments, expected):
                results = zip(parameters[-len(expected) :], expected, strict=True)
                return roles, [_made(parameter, result) for parameter, result in results], None
        for roles in _forms(arguments, 0):
            changed = _changed(roles, parameters, arguments, expected)
            enough = changed is not None or not expected
            if enough and _fit(roles, parameters, arguments, expected):
                return roles, [], changed
    number = len(expected) == 1 and not expected[0].shape
    needs = len(next(_forms(arguments, 0 if number else len(expected))))
    has = len(parameters)
    why = f"{where} does not fit this call"
    if has != needs:
        why = f"{where} has {units.plural(has, 'parameter')}, but this call needs {needs}"
    elif number and returns is None:
        why = f"{where} returns nothing"
    message = f"{why}; {write}"
    raise RefusedError(message)


def _check_returned(returns: Parameter, expected: list[Result], where: str, write: str) -> None:
    if returns.dtype is None or returns.pointer:
        message = f"{where} returns `{returns.declared}`, which can't be read back; {write}"
        raise RefusedError(message)
    if len(expected) != 1 or math.prod(expected[0].shape) != 1:
        what = f"{len(expected)} values" if len(expected) != 1 else "an array"
        message = f"{where} returns one number, but the result is {what}; {write}"
        raise RefusedError(message)


def _made(parameter: Parameter, result: Result) -> Result:
    return Result(np.dtype(parameter.dtype), result.shape, parameter.logical)


def _forms(arguments: Sequence[Argument], results: int) -> Any:
    """All sequences of roles that could be meant; the one to recommend first."""
    arrays = [number for number, argument in enumerate(arguments) if argument.is_array]
    shapes = {arguments[number].values.shape for number in arrays}
    alike: list[Form] = ["once"] if len(shapes) == 1 else []
    forms: list[Form] = ["each", "none"]
    forms = [*alike, *forms] if len(arrays) > 1 else [*forms, *alike]
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
    roles: Sequence[Role],
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
    expected: Sequence[Result],
) -> bool:
    names = {argument.name.lower() for argument in arguments}

    def fits(role: Role, parameter: Parameter) -> bool:
        own = arguments[role.number].name.lower() if role.kind == "argument" else ""
        if parameter.name.lower() in names - {own}:
            return False  # it is called as another argument
        if role.kind == "argument":
            return parameter.pointer == arguments[role.number].is_array
        if role.kind == "result":
            number = parameter.by_reference and not expected[role.number].shape
            return (parameter.pointer or number) and not parameter.const
        dtype, length = parameter.dtype, arguments[role.number].values.shape[role.axis]
        integer = dtype is not None and dtype.kind in "iu" and not parameter.pointer
        return integer and length <= np.iinfo(dtype).max

    return len(roles) == len(parameters) and all(map(fits, roles, parameters))


def _changed(
    roles: Sequence[Role],
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
    expected: list[Result],
) -> int | None:
    """The argument that stands for the result: of its shape, and not constant."""
    for role, parameter in zip(roles, parameters, strict=False):  # they may not fit
        shape = arguments[role.number].values.shape
        may_change = role.kind == "argument" and parameter.pointer and not parameter.const
        if may_change and expected and expected[0].shape == shape:
            return role.number
    return None


def _passed(argument: Argument, dtype: np.dtype[Any], parameter: Parameter) -> tuple[str, str]:
    """Why ``argument`` can't be passed as ``dtype`` without loss; or what to say if it can."""
    given, name = argument.values.dtype, argument.name
    if parameter.size not in (None, argument.values.size):
        return f"{name} has {argument.values.size} elements", ""
    if parameter.logical:
        return ("", "") if given.kind == "b" else (f"{name} is {given}", "")
    if dtype.kind not in _HOLDS[given.kind]:
        return f"{name} is {_python(given) if argument.weak else given}", ""
    if argument.weak:
        return _number_passed(name, argument.values[()], dtype)
    exact = np.can_cast(given, dtype, "safe") and not (
        given.kind in "iu" and dtype.kind in "fc" and given.itemsize == 8  # noqa: PLR2004  bytes
    )
    if given == dtype or (argument.is_array and not argument.values.size):
        return "", ""
    if not exact:
        return f"{name} is {given}", ""
    return "", f"{name} is converted from {given} to {dtype} once, before the timing."


def _number_passed(name: str, value: Any, dtype: np.dtype[Any]) -> tuple[str, str]:
    """The same for a Python number."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return ("", "") if limits.min <= value <= limits.max else (f"{name} is {value}", "")
    if dtype.kind in "fc" and value.dtype.kind in "biu":
        exact = int(np.real(dtype.type(value))) == int(value)
        return ("", "") if exact else (f"{name} is {value}, which {dtype} does not hold", "")
    if dtype.kind in "fc" and np.finfo(dtype).eps > np.finfo(value.dtype).eps:
        return "", f"{name} is passed as {dtype}: this row computes in 32 bits."
    return "", ""


def _python(dtype: np.dtype[Any]) -> str:
    return {"b": "a bool", "i": "an int", "u": "an int", "f": "a float", "c": "a complex"}[
        dtype.kind
    ]
