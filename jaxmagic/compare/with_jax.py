"""The JAX rows: the same source with ``np`` as ``jax.numpy``, op by op and through ``jax.jit``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import FunctionType, MappingProxyType
from typing import Any, cast

from jaxmagic import _jax
from jaxmagic.compare.backend import Prepared, RefusedError, Setup, try_once
from jaxmagic.compare.cell import Call
from jaxmagic.compare.values import (
    OwnCopies,
    as_jax_library,
    free_arrays,
    holds_arrays,
    is_array,
    is_jax_array,
    leaves,
    map_leaves,
    own_copy,
    to_jax,
)
from jaxmagic.measure.limit import LimitError, Steps, run_limited
from jaxmagic.show import units
from jaxmagic.source import control_flow, is_jitted, rebound
from jaxmagic.translate import TranslationError, translate

EQUATION_LIMIT = 6_000
"""More equations than this are not given to XLA.

Compile time grows faster than the program, and a loop unrolled into 32,000 equations killed the
process in every one of three tries (jax 0.10.2 on a CPU; 24,000 survived).
"""


NOTED_CONSTANT_BYTES = 4096
_NONE: Mapping[str, Any] = MappingProxyType({})


def eager(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:
    """The call op by op: each operation is compiled once for its shapes, and dispatched."""
    exchange = as_jax_library if not own_code else _unchanged
    copies = OwnCopies()

    def build(extra: dict[str, Any] | None) -> Any:
        def on_device(value: Any) -> Any:
            return copies(_placed(value, setup) if holds_arrays(value) else exchange(value))

        return rebound(call.function, on_device, extra=extra)

    steps = Steps()
    arguments = _placed(call.arguments, setup)
    with _jax.compile_log() as log:
        contender, result, changed = try_once(
            name,
            build({"range": steps.range}),
            build(None),
            lambda: own_copy(arguments),
            setup,
            steps,
        )
    if not any(map(is_jax_array, leaves(result))):
        message = (
            "the result is no JAX array, so Python or NumPy computed it: pass floats or arrays, "
            "and use np.*, not math.*, float() or int()."
        )
        raise RefusedError(message)
    notes = changed
    if log.programs == 0:
        notes += ("All operations were compiled before, so the compile time is 0.",)
    return Prepared(
        "JAX eager",
        contender,
        result,
        compile_s=sum(log.seconds.values()),
        compile_parts_s=dict(log.seconds),
        notes=notes,
    )


def jit(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:
    """The call as one compiled program, Python's loops translated into loops of ``jax.lax``.

    Code without loops is compiled as it is. So is code that can't be translated: its loops are
    unrolled, and the row says why.
    """
    if own_code or not control_flow(call.function) & {"if", "for", "while"}:
        return _one_program(name, call, setup, "JAX jit", own_code=own_code)
    try:
        return _translated(name, call, setup)
    except TranslationError as error:
        return _without_translation(name, call, setup, error)


def unrolled(name: str, call: Call, setup: Setup, *, own_code: bool) -> Prepared:
    """The call as one compiled program, its loops unrolled by tracing."""
    return _one_program(name, call, setup, "JAX jit (unrolled)", own_code=own_code)


def _translated(name: str, call: Call, setup: Setup) -> Prepared:
    translation = translate(call.function)
    in_lax = replace(call, function=cast("FunctionType", translation.function))
    traced, notes = _traced_call(in_lax, setup, own_code=False)
    if not (translation.loops and _jax.count_loops(traced.trace.jaxpr)):
        # its loops go over lists, or it has only ifs that are known: then it can run as it is
        try:
            return _one_program(name, call, setup, "JAX jit", own_code=False)
        except Exception as error:
            if type(error).__name__ != "TracerBoolConversionError":
                raise
    label = "JAX jit (loop -> lax)" if translation.loops else "JAX jit (if -> lax)"
    prepared = _compiled(name, label, traced, setup, notes)
    return replace(prepared, translated=str(translation))


def _without_translation(name: str, call: Call, setup: Setup, error: TranslationError) -> Prepared:
    if not control_flow(call.function) & {"for", "while"}:
        return _one_program(name, call, setup, "JAX jit", own_code=False)
    why = f"The loop can't become one of jax.lax: {error}"
    try:
        prepared = _one_program(name, call, setup, "JAX jit (unrolled)", own_code=False)
    except RefusedError as refused:
        message = f"{why} {str(refused)[0].upper()}{str(refused)[1:]}"
        raise RefusedError(message) from error
    except Exception as other:
        raise RefusedError(why) from other
    return replace(prepared, notes=(*prepared.notes, f"{why} So it is unrolled."))


def _one_program(name: str, call: Call, setup: Setup, label: str, *, own_code: bool) -> Prepared:
    if own_code and is_jitted(call.given) and not free_arrays(call.function):
        return compiled_by_jax(name, call.given, call.arguments, setup)
    traced, notes = _traced_call(call, setup, own_code=own_code)
    return _compiled(name, label, traced, setup, notes)


def _traced_call(call: Call, setup: Setup, *, own_code: bool) -> tuple["_Traced", tuple[str, ...]]:
    """The call traced, and a note on what is static.

    Arrays that the code uses are arguments of the program. Python integers, booleans and strings
    are static only where tracing needs their value.
    """
    exchange = as_jax_library if not own_code else _unchanged
    uses = free_arrays(call.function)
    steps = Steps()

    def program(*values: Any) -> Any:
        traced = {id(u.value): v for u, v in zip(uses, values, strict=False)}
        copies = OwnCopies()
        function = rebound(
            call.function,
            lambda value: traced[id(value)] if id(value) in traced else copies(exchange(value)),
            extra={"range": steps.range},
        )
        return function(*values[len(uses) :])

    program.__name__ = call.function.__name__
    values = _placed((*(use.value for use in uses), *call.arguments), setup)
    names = (*(use.name for use in uses), *call.names)
    traced = _traced_with_least_static(program, values, setup, steps)
    if not traced.static:
        return traced, ()
    listed = ", ".join(names[number] for number in traced.static)
    return traced, (f"Static, so part of the program: {listed}.",)


def compiled_by_jax(
    name: str,
    jitted: Any,
    arguments: tuple[Any, ...],
    setup: Setup,
    label: str = "JAX jit",
    keywords: Mapping[str, Any] = _NONE,
) -> Prepared:
    """A function of ``jax.jit``, as it is, compiled for these arguments and run once."""
    values, keywords = _placed((arguments, dict(keywords)), setup)
    return _compiled(name, label, _trace(jitted, values, [], setup, keywords=keywords), setup)


def _placed(values: Any, setup: Setup) -> Any:
    """``values`` as JAX takes them, where this comparison has them."""
    return to_jax(values) if setup.place is None else setup.place(values)


@dataclass(frozen=True)
class _Traced:
    """A jitted function traced for ``values``; the positions ``static`` are part of it."""

    jitted: Any
    values: tuple[Any, ...]
    static: list[int]
    trace: Any
    trace_s: float
    keywords: Mapping[str, Any]


def _trace(
    jitted: Any,
    values: tuple[Any, ...],
    static: list[int],
    setup: Setup,
    steps: Steps | None = None,
    keywords: Mapping[str, Any] = _NONE,
) -> _Traced:
    start = setup.clock()
    try:
        trace = run_limited(lambda: jitted.trace(*values, **keywords), setup.limit, steps)
    except LimitError as error:
        forecast = units.seconds(error.forecast_s or error.elapsed_s)
        message = (
            f"jax.jit unrolls the loop, and tracing it takes {forecast} or more: over the limit "
            f"of {units.seconds(error.limit_s)}. Write jax.lax.fori_loop in a %%jax section."
        )
        raise RefusedError(message) from error
    trace_s = setup.seconds_since(start)
    return _Traced(jitted, values, static, trace, trace_s, keywords)


def _compiled(
    name: str, label: str, traced: _Traced, setup: Setup, notes: tuple[str, ...] = ()
) -> Prepared:
    jaxpr = traced.trace.jaxpr
    _check_program(jaxpr)
    start = setup.clock()
    lowered = traced.trace.lower()
    lower_s = setup.seconds_since(start)
    start = setup.clock()
    compiled = lowered.compile()
    compile_s = setup.seconds_since(start)
    # the compiled program is in the cache of the jitted function now: a first call only runs it
    called = partial(traced.jitted, **traced.keywords) if traced.keywords else traced.jitted
    contender, result, changed = try_once(
        name, called, called, lambda: _deep_copy(traced.values), setup
    )
    constants = _jax.constant_bytes(jaxpr)
    if constants >= NOTED_CONSTANT_BYTES:
        advice = "which XLA may compute with while compiling: pass them as arguments."
        notes += (f"{units.size(constants)} of arrays are constants of the program, {advice}",)
    if _jax.disk_cache_in_use():
        notes += ("JAX's disk cache is on: the program may have been loaded, not compiled.",)
    return Prepared(
        label,
        contender,
        result,
        compile_s=traced.trace_s + lower_s + compile_s,
        compile_parts_s={"trace": traced.trace_s, "lower": lower_s, "compile": compile_s},
        temporary_bytes=lambda: _jax.temporary_bytes(compiled),
        notes=notes + changed,
    )


def _check_program(jaxpr: Any) -> None:
    equations = _jax.count_equations(jaxpr)
    if equations > EQUATION_LIMIT:
        message = (
            f"jax.jit unrolls the loop into {equations:,} equations; above {EQUATION_LIMIT:,} "
            "XLA compiles for minutes or dies. Write jax.lax.fori_loop in a %%jax section."
        )
        raise RefusedError(message)
    if not _jax.depends_on_inputs(jaxpr):
        message = (
            "everything was computed while tracing, nothing is left to run: the call has no "
            "array or float argument that the result depends on. Pass one."
        )
        raise RefusedError(message)


def _traced_with_least_static(
    program: Callable[..., Any], values: tuple[Any, ...], setup: Setup, steps: Steps
) -> _Traced:
    """Trace ``program`` with as few static arguments as it allows.

    An argument that is no array or number is always static. Integers and booleans are traced if
    that works, else static: first all of them, then each one is tried alone.
    """
    import jax  # noqa: PLC0415  slow to import, and not needed before a cell is run

    def trace(static: list[int]) -> _Traced:
        return _trace(jax.jit(program, static_argnums=static), values, static, setup, steps)

    always = [n for n, value in enumerate(values) if not _can_be_traced(value)]
    maybe = [n for n, value in enumerate(values) if n not in always and _holds_integers(value)]
    if not maybe:
        return trace(always)
    try:
        return trace(always)
    except RefusedError:
        raise
    except Exception:  # noqa: BLE001  if it is not for want of a static argument, it comes again
        best = trace(sorted(always + maybe))
    for number in maybe if len(maybe) > 1 else ():
        try:
            best = trace([n for n in best.static if n != number])
        except Exception:  # noqa: BLE001, S112  so this one has to be static
            continue
    return best


def _can_be_traced(value: Any) -> bool:
    return all(is_array(leaf) or isinstance(leaf, int | float | complex) for leaf in leaves(value))


def _holds_integers(value: Any) -> bool:
    return any(isinstance(leaf, int) for leaf in leaves(value))


def _deep_copy(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Copies of JAX arrays as well: the call may be given their memory (donation)."""
    return tuple(
        map_leaves(lambda leaf: leaf.copy() if is_jax_array(leaf) else leaf, value)
        for value in values
    )


def _unchanged(value: Any) -> Any:
    return value
