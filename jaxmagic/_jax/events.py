"""What JAX tells while it compiles: names of events, and how to listen."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

COMPILE_PHASES: Mapping[str, str] = {
    "/jax/core/compile/jaxpr_trace_duration": "trace",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower",
    "/jax/core/compile/backend_compile_duration": "compile",
}
DISK_EVENTS: Mapping[str, str] = {
    "/jax/compilation_cache/compile_requests_use_cache": "below threshold",
    "/jax/compilation_cache/cache_hits": "hit",
    "/jax/compilation_cache/cache_misses": "written",
}
_LISTENERS: Mapping[
    str, tuple[str, str, str, str]
] = {  # public and private names of the same: to register, the list, to take out
    "event": (
        "register_event_listener",
        "get_event_listeners",
        "unregister_event_listener",
        "_unregister_event_listener_by_callback",
    ),
    "seconds": (
        "register_event_duration_secs_listener",
        "get_event_duration_listeners",
        "unregister_event_duration_listener",
        "_unregister_event_duration_listener_by_callback",
    ),
    "scalar": (
        "register_scalar_listener",
        "get_scalar_listeners",
        "unregister_scalar_listener",
        "_unregister_scalar_listener_by_callback",
    ),
}


def listen(listeners: Mapping[str, Any]) -> int:
    """Register those ``listeners`` (event, seconds, scalar) that JAX does not call already.

    Returns how many were registered: above zero later on, if another library has called
    ``clear_event_listeners``.
    """
    from jax import monitoring

    private = _monitoring()
    missing = [
        kind
        for kind, listener in listeners.items()
        if listener not in getattr(private, _LISTENERS[kind][1], list)()
    ]
    for kind in missing:
        register = getattr(monitoring, _LISTENERS[kind][0], None)
        if register is not None:
            register(listeners[kind])
    return len(missing)


def stop_listening(listeners: Mapping[str, Any]) -> None:
    """Take out what :func:`listen` registered."""
    for kind, listener in listeners.items():
        if not _is_registered(kind, listener):
            continue
        public, private = _LISTENERS[kind][2:]
        unregister = getattr(_monitoring(), public, None) or getattr(_monitoring(), private, None)
        if unregister is not None:
            unregister(listener)


def _is_registered(kind: str, listener: Any) -> bool:
    registered = getattr(_monitoring(), _LISTENERS[kind][1], None)
    return registered is not None and listener in registered()


def _monitoring() -> Any:
    from jax._src import monitoring

    return monitoring


@dataclass
class CompileLog:
    """What JAX compiled while this log was open: seconds by phase, and the number of programs."""

    seconds: dict[str, float] = field(default_factory=dict)
    programs: int = 0


@contextmanager
def compile_log() -> Iterator[CompileLog]:
    """Record what JAX traces, lowers and compiles within this context, in any thread.

    From ``jax.monitoring``: the names of the events are not documented. JAX below 0.10 also
    reports the nested traces of a trace, so that the seconds of tracing are counted twice there;
    they are left out.
    """
    log = CompileLog()

    def hear(event: str, duration_secs: float, **_: Any) -> None:
        phase = COMPILE_PHASES.get(event)
        if phase in ("lower", "compile"):
            log.seconds[phase] = log.seconds.get(phase, 0.0) + duration_secs
        log.programs += phase == "compile"

    listen({"seconds": hear})
    try:
        yield log
    finally:
        stop_listening({"seconds": hear})
