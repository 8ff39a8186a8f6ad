"""What is configured, and which backends are started."""

from contextlib import AbstractContextManager
from typing import Any

_CONFIGURATION = (
    *("jax_enable_x64", "jax_default_matmul_precision", "jax_numpy_dtype_promotion"),
    *("jax_numpy_rank_promotion", "jax_default_prng_impl", "jax_threefry_partitionable"),
    *("jax_enable_custom_prng", "jax_legacy_prng_key", "jax_debug_nans", "jax_debug_infs"),
    *("jax_disable_most_optimizations", "jax_default_device", "jax_enable_checks"),
    *("jax_debug_key_reuse", "jax_check_tracer_leaks", "jax_use_shardy_partitioner"),
    *("jax_explicit_x64_dtypes", "jax_softmax_custom_jvp", "jax_random_seed_offset"),
)


def configuration() -> tuple[tuple[str, str], ...]:
    """What is configured at this place, of what a program is compiled for: names and values."""
    import jax

    config = jax.config
    return tuple((name, str(getattr(config, name, None))) for name in _CONFIGURATION)


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
