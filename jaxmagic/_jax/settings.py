"""What is configured, and which backends are started."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import Enum
from functools import cache, lru_cache
from typing import Any

_FOR_TRACES = (  # where JAX does not say what it tells traces apart by
    *("jax_enable_x64", "jax_default_matmul_precision", "jax_numpy_dtype_promotion"),
    *("jax_numpy_rank_promotion", "jax_threefry_partitionable", "jax_default_device"),
    *("jax_debug_key_reuse", "jax_use_shardy_partitioner", "jax_softmax_custom_jvp"),
)
_FOR_PROGRAMS = (  # what may change a program besides
    *("jax_default_prng_impl", "jax_enable_custom_prng", "jax_legacy_prng_key"),
    *("jax_debug_nans", "jax_debug_infs", "jax_disable_most_optimizations"),
    *("jax_enable_checks", "jax_check_tracer_leaks"),
)
_MESHES = ("mesh_context_manager", "abstract_mesh_context_manager")
_NOT_SETTINGS = ("axis_env_state", "user_context")
MESH = "mesh"


def configuration() -> tuple[tuple[str, str], ...]:
    """What is configured at this place, of what a program is compiled for: names and values.

    That is all by which JAX tells traces apart: its own ``trace_context``, a private one, whose
    meshes of contexts are under the name ``mesh``, and some more. The same tuple for the same
    values.
    """
    import jax

    names, values = _trace_context()
    values += tuple([getattr(jax.config, name, None) for name in _FOR_PROGRAMS])
    try:
        return _written(names, values)
    except TypeError:  # a value that has no hash
        return _written.__wrapped__(names, values)


def _trace_context() -> tuple[tuple[str, ...], tuple[Any, ...]]:
    context = _context()
    values = () if context is None else tuple(context())
    names = _trace_context_names(len(values))
    if names and len(values) == len(names):
        return names, values
    import jax

    return _FOR_TRACES, tuple([getattr(jax.config, name, None) for name in _FOR_TRACES])


@cache
def _context() -> Any:
    """What gives the values of the context of a trace; None if it is not where it was."""
    try:
        from jax._src import config
    except ImportError:
        return None
    return getattr(config, "trace_context", None)


@cache
def _trace_context_names(_how_many: int) -> tuple[str, ...]:
    """The names of what is in the context of a trace: more from the import of Pallas on.

    Up to JAX 0.8 its code has the names, as ``name.value``.
    """
    import jax

    try:
        from jax._src import config

        if hasattr(config, "trace_context_names"):
            names = tuple(config.trace_context_names())
        else:
            code = config.trace_context.__code__
            names = tuple(name for name in code.co_names if name != "value")
    except (ImportError, AttributeError):
        return ()
    return tuple(f"jax_{name}" if hasattr(jax.config, f"jax_{name}") else name for name in names)


@lru_cache(maxsize=64)
def _written(names: tuple[str, ...], values: tuple[Any, ...]) -> tuple[tuple[str, str], ...]:
    found = dict(zip((*names, *_FOR_PROGRAMS), values, strict=True))
    meshes = [_mesh_text(found.pop(name, None)) for name in _MESHES]
    said = {name: _text(value) for name, value in found.items() if name not in _NOT_SETTINGS}
    return (*said.items(), (MESH, ", ".join(filter(None, meshes)) or "none"))


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value) if isinstance(value.value, str) else value.name.lower()
    is_plain = value is None or isinstance(value, str | int | float | tuple | frozenset)
    if is_plain or hasattr(value, "platform"):
        return str(value)
    return type(value).__name__


def _mesh_text(mesh: Any) -> str:
    """``i=2, j=4``: the axes of a mesh, or of several within each other; empty for none."""
    if isinstance(mesh, tuple):
        return " in ".join(filter(None, map(_mesh_text, reversed(mesh))))
    shape = getattr(mesh, "shape", None)
    if not isinstance(shape, Mapping):
        return ""
    return ", ".join(f"{axis}={size}" for axis, size in shape.items())


def x64_enabled() -> bool:
    """Whether JAX computes in 64 bits at this place (it has a scope, so ask where it counts)."""
    import jax

    return bool(jax.config.jax_enable_x64)


def x64(enabled: bool) -> AbstractContextManager[Any]:  # noqa: FBT001  a switch
    """A context in which JAX computes in 64 bits, or does not.

    ``jax.enable_x64`` from 0.8 on, ``jax.experimental.enable_x64`` before.
    """
    import jax

    if hasattr(jax, "enable_x64"):
        context: AbstractContextManager[Any] = jax.enable_x64(enabled)
        return context
    from jax import experimental

    older: AbstractContextManager[Any] = experimental.enable_x64(enabled)  # type: ignore[attr-defined]
    return older


def started_platforms() -> tuple[str, ...] | None:
    """The platforms whose backends JAX has started, the default one first; starts none itself.

    None if that can't be told: ``backends_are_initialized`` and ``_backends`` of
    ``jax._src.xla_bridge`` are private.
    """
    import jax

    try:
        from jax._src import xla_bridge

        if not xla_bridge.backends_are_initialized():
            return ()
    except (ImportError, AttributeError):
        return None
    default = str(jax.default_backend())
    clients = getattr(xla_bridge, "_backends", {})
    platforms = (str(getattr(client, "platform", name)) for name, client in clients.items())
    return tuple(dict.fromkeys((default, *platforms)))


def plain_dumps() -> dict[str, bool]:
    """Options for XLA to dump HLO as ``as_text()`` has it: a line for each element of a tuple.

    None before JAX 0.11: its XLA has no other form, and refuses an option that it does not have.
    """
    import jax

    return {"xla_dump_compact_gte": False} if jax.__version_info__ >= (0, 11) else {}
