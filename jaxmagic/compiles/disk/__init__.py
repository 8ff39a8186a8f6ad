"""JAX's persistent compilation cache: where it is, what is in it, what gets written and what not.

    >>> from jaxmagic.compiles.disk import disk_cache, use
    >>> restore = use("~/.cache/jax")
    >>> disk_cache()
    The persistent compilation cache is on: 3 programs, 41.7 KiB in /home/me/.cache/jax
    >>> restore()

Files are only read. Nothing but :func:`use` changes a setting, and it says how to go back.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaxmagic import _jax
from jaxmagic.compiles.disk.listing import ELSEWHERE, listing
from jaxmagic.compiles.disk.result import DiskCache, Entry, Thresholds

__all__ = ["DiskCache", "DiskCacheError", "Entry", "Thresholds", "disk_cache", "use"]

_DIRECTORY = "jax_compilation_cache_dir"
_ENABLED = "jax_enable_compilation_cache"
_MIN_COMPILE = "jax_persistent_cache_min_compile_time_secs"
_MIN_ENTRY = "jax_persistent_cache_min_entry_size_bytes"
_MAX_CACHE = "jax_compilation_cache_max_size"


class DiskCacheError(Exception):
    """The persistent cache can't be used there; the message is one sentence that says why."""


def disk_cache(clock: Callable[[], float] = time.time) -> DiskCache:
    """The persistent compilation cache of this process, without changing anything.

    Where JAX is not imported, its variables of the environment say what will be.

    Args:
        clock: seconds since 1970.
    """
    if "jax" not in sys.modules:
        directory = os.environ.get(_DIRECTORY.upper()) or None
        why = "JAX is not imported yet" + (
            f", but {_DIRECTORY.upper()} is set" if directory else ""
        )
        return listing(directory, clock()).as_cache(is_on=False, why=why, thresholds=Thresholds())
    directory = _setting(_DIRECTORY) or None
    directory = None if directory is None else str(directory)
    opened = _jax.disk_cache_opened()
    is_on, why = _state(directory, opened)
    return listing(opened if is_on and opened else directory, clock()).as_cache(
        is_on=is_on,
        why=why,
        thresholds=Thresholds(_setting(_MIN_COMPILE), _setting(_MIN_ENTRY), _setting(_MAX_CACHE)),
    )


def use(
    directory: str | os.PathLike[str], *, min_compile_s: float | None = None
) -> Callable[[], None]:
    """Let JAX keep compiled programs in ``directory`` from now on; returns what restores all.

    The directory is made if there is none, unless it is one of a bucket. Imports JAX.

    Args:
        directory: where compiled programs are kept. Whoever can write there can run code here.
        min_compile_s: programs that compile faster are not kept; as it is set, if not given.

    Raises:
        DiskCacheError: it can't be made or written to.
    """
    place = os.fspath(directory)
    if not ELSEWHERE.match(place):
        place = _made(Path(place).expanduser().absolute())
    wanted: dict[str, Any] = {_DIRECTORY: place, _ENABLED: True}
    if min_compile_s is not None:
        wanted[_MIN_COMPILE] = min_compile_s
    before = _set(wanted)

    def restore() -> None:
        """Go back to the settings before."""
        _set(before)

    return restore


def _made(path: Path) -> str:
    """A directory of this machine that can be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The cache can't be kept in {path}: {error.strerror or error}. Name another."
        raise DiskCacheError(message) from None
    if not os.access(path, os.W_OK | os.X_OK):
        message = f"The cache can't be kept in {path}: it may not be written to. Name another."
        raise DiskCacheError(message)
    return str(path)


def _set(wanted: dict[str, Any]) -> dict[str, Any]:
    """Change settings of JAX; returns those before."""
    import jax  # noqa: PLC0415  the user wants its cache

    before = {name: getattr(jax.config, name) for name in wanted}
    for name, value in wanted.items():
        jax.config.update(name, value)
    _jax.reopen_disk_cache()
    return before


def _setting(name: str) -> Any:
    import jax  # noqa: PLC0415  only where it is imported

    return getattr(jax.config, name, None)


def _state(directory: str | None, opened: str | None) -> tuple[bool, str]:
    """Whether JAX uses the cache, and why."""
    if not _setting(_ENABLED):
        return False, f"{_ENABLED} is off"
    if opened is not None and opened != os.path.normpath(directory or ""):
        now = f"is {directory}" if directory else "is not set"
        return True, f"JAX keeps to the directory that it opened first, although {_DIRECTORY} {now}"
    if directory is None:
        return False, f"{_DIRECTORY} is not set"
    if _setting(_MAX_CACHE) == 0:
        return False, f"{_MAX_CACHE} is 0"
    return True, f"{_DIRECTORY} is set"
