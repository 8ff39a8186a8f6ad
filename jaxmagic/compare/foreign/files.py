"""What goes into a process and comes out of it: raw binary files, one for each value."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from jaxmagic.compare.backend import RefusedError
from jaxmagic.compare.cell import Call
from jaxmagic.compare.values import is_array, leaves, to_numpy
from jaxmagic.source import NoSourceError, definition_of

Order = Literal["C", "F"]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Argument:
    """A number or an array that is passed.

    ``weak`` marks a Python number: it has a kind, but no width of its own.
    """

    name: str
    values: Array
    weak: bool

    @property
    def is_array(self) -> bool:
        """Whether it has dimensions."""
        return self.values.ndim > 0


@dataclass(frozen=True)
class Result:
    """The dtype and the shape of a value that comes out.

    ``logical`` marks truth values that are stored as integers.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    logical: bool = False


def arguments_of(call: Call, language: str) -> tuple[Argument, ...]:
    """The arguments of ``call``.

    Raises:
        RefusedError: one of them is neither a number nor an array of numbers.
    """
    found = []
    for name, value in zip(call.names, to_numpy(call.arguments), strict=True):
        number = isinstance(value, bool | int | float | complex)
        if not number and not is_array(value):
            message = (
                f"{name} is a {type(value).__name__}; a section in {language} takes numbers "
                "and arrays, so pass what is in it one by one."
            )
            raise RefusedError(message)
        values = np.asarray(value)
        if values.dtype.kind not in "biufc":
            what = "too large an integer" if number else f"of dtype {values.dtype}"
            message = f"{name} is {what}, which {language} does not have."
            raise RefusedError(message)
        weak = type(value) in (bool, int, float, complex)
        found.append(Argument(name, values, weak))
    return tuple(found)


def expected(call: Call, like: Any, arguments: tuple[Argument, ...]) -> list[Result]:
    """What is to come out: as ``like``, or else one value as the arrays among the arguments."""
    if like is None and _returns_nothing(call):
        return []
    if _is_list_of_numbers(like):
        whole = np.asarray(like)
        return [Result(whole.dtype, whole.shape)]
    if like is not None:
        return [
            Result(array.dtype, array.shape)
            for array in map(np.asarray, leaves(to_numpy(like)))
            if array.dtype.kind in "biufc"
        ]
    arrays = [argument.values for argument in arguments if argument.is_array]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shape = arrays[0].shape
    kinds = [a.values.dtype for a in arguments if a.values.dtype.kind in "fc"]
    return [Result(np.result_type(*kinds) if kinds else np.dtype(float), shape)]


def _returns_nothing(call: Call) -> bool:
    try:
        tree = definition_of(call.function)
    except NoSourceError:
        return False
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return isinstance(tree, ast.FunctionDef) and not any(node.value for node in returns)


def _is_list_of_numbers(like: Any) -> bool:
    """Whether ``like`` stands for an array, as where plain Python ran on lists."""
    if not isinstance(like, list) or any(map(is_array, leaves(like))):
        return False
    try:
        return np.asarray(like).dtype.kind in "biufc"
    except ValueError:  # ragged
        return False


def write(values: Array, path: Path, order: Order) -> None:
    """Write ``values`` to ``path``, nothing but its elements."""
    path.write_bytes(values.tobytes(order))


def read(path: Path, result: Result, order: Order) -> Any:
    """The value that was written to ``path``; a number if it has no dimensions."""
    values = np.frombuffer(path.read_bytes(), result.dtype).copy()
    if result.logical:
        values = values != 0
    return values.reshape(result.shape, order=order)[()]


def like_the_others(values: list[Any], like: Any) -> Any:
    """One value as it is, several as a tuple; the other rows return a list or a tuple alike."""
    if len(values) == 1 and (not isinstance(like, list | tuple) or _is_list_of_numbers(like)):
        return values[0]
    return tuple(values) if values else None
