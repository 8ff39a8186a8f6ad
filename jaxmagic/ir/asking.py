"""The answer to "what did the compiler make of this call?"."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from jaxmagic.ir import hlo
from jaxmagic.ir.asked import Call
from jaxmagic.ir.compiled import Compiled, compile_with_passes
from jaxmagic.ir.result import IR
from jaxmagic.ir.same import fingerprint
from jaxmagic.ir.source import expressions, originated, source_lines
from jaxmagic.ir.stages import Stages
from jaxmagic.ir.traced import Traced, trace
from jaxmagic.measure.garbage import uncollected
from jaxmagic.purpose import compiling_for

_NO_FRAMES = (
    "JAX tells of no code of yours in it, so there is no source that is linked with the stages."
)


def ir_of(call: Call, *, verify: bool = False, progress: Callable[[str], None] | None = None) -> IR:
    """What the compiler made of a call; it is traced and compiled once, and never run.

    ``verify`` compiles it once more without tags, and says whether XLA made the same of it.

    Raises:
        Exception: what the function raises while it is traced.
    """
    __tracebackhide__ = True
    say = progress if progress is not None else _silent
    with compiling_for("%jaxir, to be shown"):
        say("tracing")
        traced = trace(call.function, *call.args, **call.kwargs)
        return _ir(traced, call.code, say, verify=verify)


def _ir(traced: Traced, code: str, say: Callable[[str], None], *, verify: bool) -> IR:
    notes: list[str] = []
    equations, frames = originated(traced.equations)
    if equations and not frames:
        notes.append(_NO_FRAMES)
    say("lowering")
    lowered, compiled = None, Compiled()
    try:
        lowered = traced.lowered
    except Exception as error:  # noqa: BLE001  a missing stage does not take the others down
        notes.append(f"JAX could not lower it: {type(error).__name__}: {error}")
    # XLA lets Python run while it compiles. What is made meanwhile is no garbage: to go through it
    # and all else in the process again and again took a twentieth of the time.
    with uncollected(), ThreadPoolExecutor(1, "jaxmagic-ir") as beside:
        source = beside.submit(source_lines, frames)
        reading = Stages(equations, beside)
        reading.of_trace(traced)
        if lowered is not None:
            reading.of_lowering(lowered)
            say("compiling")
            compiled = compile_with_passes(lowered, reading.of_dump)
            say("linking")
            reading.of_compile(compiled)
        found, missing = reading.ended()
    result = IR(
        call=code,
        name=traced.name,
        equations=equations,
        expressions=expressions(frames),
        source=source.result(),
        stages=tuple(found),
        history=compiled.history,
        notes=(*notes, *compiled.notes, *missing),
        platform=_platform(),
    )
    if verify and compiled.after:
        say("compiling without tags")
        untagged = compile_with_passes(traced.as_it_is.lower())
        return replace(result, same_as_untagged=_same(compiled.after, untagged.after))
    return result


def _same(one: str, other: str) -> bool:
    return bool(other) and fingerprint(hlo.parse(one)) == fingerprint(hlo.parse(other))


def _platform() -> str:
    """What it is compiled for."""
    import jax  # noqa: PLC0415  it was traced with it

    return str(jax.default_backend())


def _silent(_: str) -> None:
    """Say nothing."""


class Asked:
    """A function whose call is answered instead of made: ``jaxmagic.ir(f)(x)``."""

    def __init__(self, function: Callable[..., Any], *, verify: bool) -> None:
        self._function = function
        self._verify = verify

    def __call__(self, *args: Any, **kwargs: Any) -> IR:
        """What the compiler makes of the call; see :func:`ir_of`."""
        name = getattr(self._function, "__name__", type(self._function).__name__)
        return ir_of(Call(self._function, args, kwargs, f"{name}(...)"), verify=self._verify)
