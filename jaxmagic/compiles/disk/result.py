"""What lies in JAX's persistent compilation cache, and what JAX asks of a program to keep it."""

from __future__ import annotations

from dataclasses import dataclass

from jaxmagic.show.result import Result


@dataclass(frozen=True)
class Entry:
    """A compiled program on disk: ``jit_step``.

    ``written_s`` and ``used_s`` are seconds since 1970; when it was last used is only known where
    the cache has a largest size. ``compile_s`` are the whole seconds that compiling it took.
    ``is_new`` says that it was written after this Python had started, maybe by another one.
    """

    program: str
    key: str
    size_bytes: int
    written_s: float
    used_s: float | None = None
    compile_s: int | None = None
    is_new: bool = False


@dataclass(frozen=True)
class Thresholds:
    """What JAX asks of a program to write it, as it is set; None where this JAX has no such."""

    min_compile_s: float | None = None
    min_entry_bytes: int | None = None
    max_cache_bytes: int | None = None


@dataclass(frozen=True, repr=False)
class DiskCache(Result):
    """The persistent compilation cache. ``is_on`` says whether JAX uses it, ``why`` why (not).

    ``entries`` are the newest ones first; ``entry_count`` and ``size_bytes`` are those of all.
    ``other_files`` are no entries. ``problems`` are what could not be read, in sentences.
    """

    directory: str | None
    is_on: bool
    why: str
    taken_s: float
    thresholds: Thresholds = Thresholds()
    entries: tuple[Entry, ...] = ()
    entry_count: int = 0
    new_count: int = 0
    size_bytes: int = 0
    other_files: int = 0
    problems: tuple[str, ...] = ()
