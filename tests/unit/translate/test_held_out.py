"""Is a translated loop ever silently wrong, is a refusal at its place, and how much translates.

The functions of held_out.py were written before the translator was; they are not tuned to it.
"""

import functools
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import pytest

import jaxmagic.translate
from jaxmagic._jax import x64

SHARE = 0.85  # of what should translate, at least so much does
MARK = "# <- refused"
NEEDS_A_VALUE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


def _held_out():
    """Load held_out.py from beside this file: test folders are not packages."""
    name, file = "jaxmagic_held_out", Path(__file__).with_name("held_out.py")
    spec = importlib.util.spec_from_file_location(name, file)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENTRIES = {entry.function.__name__: entry for entry in _held_out().ENTRIES}


def _named(*expected):
    return [name for name, entry in ENTRIES.items() if entry.expected in expected]


@dataclass(frozen=True)
class Outcome:
    """What became of one function: it "agrees", is "wrong", was "refused", or "broke"."""

    kind: str
    why: str = ""
    error: Exception | None = None


def _copies(arguments):
    return tuple(np.array(a) if isinstance(a, np.ndarray) else a for a in arguments)


def _needs_a_value(error):
    """Whether ``error`` may be gone once the integers are known while tracing."""
    if isinstance(error, (*NEEDS_A_VALUE, jaxmagic.translate.TranslationError)):
        return True
    return isinstance(error, TypeError) and "concrete" in str(error)  # as of jnp.zeros(n)


def _run(function, arguments):
    """Call it under jit: all is traced; if that needs a value, all but the integers."""
    whole = tuple(i for i, a in enumerate(arguments) if isinstance(a, int))
    try:
        return jax.jit(function)(*_copies(arguments))
    except Exception as first:
        if not (whole and _needs_a_value(first)):
            raise
        try:
            return jax.jit(function, static_argnums=whole)(*_copies(arguments))
        except Exception:
            if isinstance(first, jaxmagic.translate.TranslationError):
                raise first from None
            raise


def _difference(result, expected, rtol):
    """Say how ``result`` differs from what Python returned; "" if it does not."""
    if isinstance(expected, (tuple, list)):
        if not isinstance(result, (tuple, list)) or len(result) != len(expected):
            return f"{result!r} instead of {expected!r}"
        both = zip(result, expected, strict=True)
        return next(filter(None, (_difference(r, e, rtol) for r, e in both)), "")
    result, expected = np.asarray(result), np.asarray(expected)
    # a sum that starts at the integer 0 and meets no float stays one in Python, not in JAX
    kinds = {"b": "b", "i": "if", "f": "f"}.get(expected.dtype.kind, "")
    if result.shape != expected.shape or result.dtype.kind not in kinds:
        return f"{result!r} instead of {expected!r}"
    if expected.dtype.kind == "f":
        room = rtol * np.max(np.abs(expected), initial=0.0)
        same = np.allclose(result, expected, rtol=0.0, atol=room)
    else:
        same = np.array_equal(result, expected)
    return "" if same else f"{result!r} instead of {expected!r}"


@functools.cache
def _outcome(name):
    entry = ENTRIES[name]
    refusal = None
    try:
        translation = jaxmagic.translate(entry.function)
    except jaxmagic.translate.TranslationError as error:
        return Outcome("refused", str(error), error)
    for arguments in entry.calls:
        expected = entry.function(*_copies(arguments))
        try:
            with x64(True):  # noqa: FBT003  a switch
                result = jax.device_get(_run(translation.function, arguments))
        except jaxmagic.translate.TranslationError as error:
            refusal = refusal or error
            continue
        except Exception as error:  # noqa: BLE001  whatever it is, a test reports it
            return Outcome("broke", f"{type(error).__name__}: {error}", error)
        difference = _difference(result, expected, entry.rtol)
        if difference:
            return Outcome("wrong", f"{difference}\n{translation.source}")
    if refusal:
        return Outcome("refused", str(refusal), refusal)
    return Outcome("agrees")


def _marked_lines(function):
    lines, start = inspect.getsourcelines(function)
    return {start + i for i, line in enumerate(lines) if MARK in line}


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_translated_agrees_with_python_and_the_rest_is_refused_with_a_reason(name):
    outcome = _outcome(name)
    assert outcome.kind in {"agrees", "refused"}, outcome.why
    if outcome.kind == "agrees":
        compile(jaxmagic.translate(ENTRIES[name].function).source, name, "exec")
        return
    refusal = outcome.error
    source = Path(inspect.getsourcefile(ENTRIES[name].function)).read_text("utf-8").splitlines()
    assert 1 <= refusal.line <= len(source)
    assert source[refusal.line - 1].strip()
    assert refusal.reason.strip()
    assert str(refusal) == f"line {refusal.line}: {refusal.reason}."


@pytest.mark.parametrize("name", _named("refused"))
def test_what_cannot_be_said_in_jax_is_refused_where_it_stands(name):
    outcome = _outcome(name)
    assert outcome.kind == "refused", outcome.why
    assert outcome.error.line in _marked_lines(ENTRIES[name].function), outcome.why


def test_most_of_what_people_write_is_translated():
    names = _named("translated")
    missed = {name: _outcome(name) for name in names if _outcome(name).kind != "agrees"}
    share = 1 - len(missed) / len(names)
    lines = [f"{name}: {outcome.kind}: {outcome.why}" for name, outcome in missed.items()]
    assert share >= SHARE, f"{share:.0%} of {len(names)} translated\n" + "\n".join(lines)


@pytest.mark.parametrize("name", ["discount_in_place", "bubble_sort", "heat_rod"])
def test_the_arrays_of_the_caller_stay_as_they_are(name):
    arguments = _copies(ENTRIES[name].calls[0])
    with x64(True):  # noqa: FBT003  a switch
        try:
            jaxmagic.translate(ENTRIES[name].function).function(*arguments)
        except jaxmagic.translate.TranslationError as refusal:
            pytest.skip(f"it is refused: {refusal}")
    np.testing.assert_equal(arguments, ENTRIES[name].calls[0])


def test_the_share_of_refusals_among_the_held_out_functions_is_small():
    assert len(_named("translated")) >= SHARE * len(ENTRIES)
    assert all(_marked_lines(ENTRIES[name].function) for name in _named("refused"))
    assert not any(_marked_lines(ENTRIES[name].function) for name in _named("translated", "either"))
