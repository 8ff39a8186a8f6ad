"""JAX's caches: of calls in memory, of programs on disk."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_ASKED = threading.Lock()  # one after the other, so that what was there comes back


def was_called(jitted: Any) -> bool:
    """Whether a function of ``jax.jit`` has compiled something already; False if it can't tell."""
    size = getattr(jitted, "_cache_size", None)
    return size is not None and size() > 0


def disk_cache_in_use() -> bool:
    """Whether compiled programs may come from JAX's persistent cache."""
    import jax

    return bool(getattr(jax.config, "jax_compilation_cache_dir", None)) and bool(
        getattr(jax.config, "jax_enable_compilation_cache", True)
    )


def disk_cache_opened() -> str | None:
    """The directory of the persistent cache that JAX has opened; None before, and if untold.

    JAX opens it at the first compile for which one is set, and stays with it.
    """
    try:
        from jax._src import compilation_cache
    except ImportError:
        return None
    path = getattr(getattr(compilation_cache, "_cache", None), "_path", None)
    return None if path is None else str(path)


def reopen_disk_cache() -> None:
    """Let JAX open the persistent cache anew at its next compile, where it is set by then."""
    from jax.experimental.compilation_cache import compilation_cache

    compilation_cache.reset_cache()


@contextmanager
def without_disk_cache() -> Iterator[None]:
    """A context in which this thread's programs neither come from the disk cache nor go there.

    To switch the cache off would not do: JAX decides at its first compile whether there is one, and
    stays with that. So its question is answered here for this thread, for as long as this lasts.
    Where JAX asks another way, a program may come from the cache.
    """
    try:
        compilation_cache: Any = import_module("jax._src.compilation_cache")
    except ImportError:
        yield
        return
    with _ASKED:
        ask: Any = getattr(compilation_cache, "is_cache_used", None)
        here = threading.get_ident()

        def is_cache_used(*args: Any) -> bool:
            return threading.get_ident() != here and bool(ask(*args))

        if ask is None:
            yield
            return
        compilation_cache.is_cache_used = is_cache_used
        try:
            yield
        finally:
            compilation_cache.is_cache_used = ask


class CacheSentinel:
    """A cache of nothing, registered with those of JAX: counts ``jax.clear_caches()``.

    JAX holds it weakly. It has the methods that JAX expects of its caches.
    """

    def __init__(self) -> None:
        self.cleared = 0
        try:
            from jax._src.util import register_cache

            register_cache(self, "jaxmagic: counts clear_caches")
        except ImportError:
            self.cleared = 0  # what was cleared is then taken for evicted

    def cache_clear(self) -> None:
        """Called by ``jax.clear_caches``."""
        self.cleared += 1

    def cache_info(self) -> None:
        """Nothing to tell."""

    def cache_keys(self) -> list[Any]:
        """Nothing is kept."""
        return []


def jit_cache_is_full() -> bool:
    """Whether a cache of compiled calls has to drop what was used least; False if unknown.

    There are two, and which one has the calls of a function is not told.
    """
    try:
        return any(bool(kept.size() >= kept.capacity()) for kept in _call_caches())
    except (ImportError, AttributeError):
        return False


def _call_caches() -> tuple[Any, Any]:
    from jax._src import pjit

    return pjit._cpp_pjit_cache_fun_only, pjit._cpp_pjit_cache_explicit_attributes
