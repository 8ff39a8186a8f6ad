"""The rows of the interpreter: plain Python, and NumPy."""

import types
from typing import Any

import numpy as np

from jaxmagic.compare.backend import Prepared, RefusedError, Setup, try_once
from jaxmagic.compare.cell import Call
from jaxmagic.compare.plain import NoPlainFormError, PlainForm, loop_carried, plain_form
from jaxmagic.compare.values import (
    OwnCopies,
    as_numpy_library,
    free_arrays,
    holds_arrays,
    is_array_library,
    own_copy,
    to_numpy,
)
from jaxmagic.measure.limit import Steps
from jaxmagic.measure.memory import traced_temporary_bytes
from jaxmagic.source import all_uses, rebound


def python(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:
    """The call in plain Python; what the user wrote for it runs as it is."""
    if own_code:
        return _prepared(name, "Python", as_written(call), setup)
    _check_no_jax(call.function, "python")
    try:
        form = plain_form(call.function, call.arguments)
    except NoPlainFormError as error:
        message = f"{error}; plain Python needs a %%python section."
        raise RefusedError(message) from error
    label = f"Python ({form.word})" if form.word else "Python"
    return _prepared(name, label, form, setup)


def numpy(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:
    """The call in NumPy: as it was written, numbers becoming NumPy's where there is no array."""
    if own_code:
        return _prepared(name, "NumPy", as_written(call), setup)
    _check_no_jax(call.function, "numpy")
    form = as_written(call)
    uses_arrays = (
        any(is_array_library(use.value) for use in all_uses(call.function))
        or any(map(holds_arrays, call.arguments))
        or free_arrays(call.function)
    )
    if uses_arrays:
        return _prepared(name, "NumPy", form, setup)
    scalars = tuple(np.float64(a) if isinstance(a, float) else a for a in call.arguments)
    if not any(isinstance(a, float) for a in call.arguments):
        message = "NumPy takes no part: the call has no array and no float."
        raise RefusedError(message)
    note = "NumPy has no array here: Python runs the code, on NumPy's numbers."
    if carried := loop_carried(call.function):
        note += " Line {1} needs {0} from the step before.".format(*carried)
    return _prepared(name, "NumPy (scalars)", PlainForm("", scalars, form.build), setup, note)


def as_written(call: Call) -> PlainForm:
    """The call as the user wrote it, on copies of what it could change."""
    copies = OwnCopies()

    def exchange(value: Any) -> Any:
        return copies(to_numpy(value) if holds_arrays(value) else as_numpy_library(value))

    def build(steps: Steps | None) -> Any:
        extra = {"range": steps.range} if steps else None
        return rebound(call.function, exchange, extra=extra)

    return PlainForm("", to_numpy(call.arguments), build)


def _prepared(name: str, label: str, form: PlainForm, setup: Setup, *notes: str) -> Prepared:
    steps = Steps()
    contender, result, changed = try_once(
        name,
        form.build(steps),
        form.build(None),
        lambda: own_copy(form.arguments),
        setup,
        steps,
    )

    def temporary_bytes() -> int | None:
        arguments = contender.renew() if contender.renew else contender.arguments
        return traced_temporary_bytes(lambda: contender.function(*arguments))

    return Prepared(
        label,
        contender,
        form.restore(result),
        temporary_bytes=temporary_bytes,
        restore=form.restore,
        notes=notes + changed,
    )


def _check_no_jax(function: types.FunctionType, backend: str) -> None:
    for use in all_uses(function):
        value = use.value
        module = getattr(value, "__module__", None) or ""
        if isinstance(value, types.ModuleType):
            module = value.__name__
        is_jaxs = module.split(".")[0] == "jax" and as_numpy_library(value) is value
        if is_jaxs and not holds_arrays(value):
            message = f"the code uses {use.name}, which is JAX's; write a %%{backend} section."
            raise RefusedError(message)
