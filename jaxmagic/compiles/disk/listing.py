"""The files of the persistent cache. They belong to others: any of them may be odd, or gone."""

from __future__ import annotations

import os
import re
import stat
import zlib
from dataclasses import dataclass, replace

import psutil

from jaxmagic.compiles.disk.result import DiskCache, Entry, Thresholds
from jaxmagic.pytree.names import clean, message

MOST = 500
"""Entries that are kept, the newest ones."""

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""How the name of a directory begins that is not on this machine: ``gs://``."""

_ENTRY = re.compile(r"(?P<program>.+)-(?P<key>[0-9a-f]{64})-cache")
_BESIDE = re.compile(r".+-atime|\.lockfile")
_START = 256  # bytes of a file that are read: its first four, once unpacked, are the seconds
_LONGEST = 120


@dataclass(frozen=True)
class Listing:
    """The entries of a directory, the newest first, and what else is there."""

    directory: str | None
    taken_s: float
    entries: tuple[Entry, ...] = ()
    other_files: int = 0
    problems: tuple[str, ...] = ()

    def as_cache(self, *, is_on: bool, why: str, thresholds: Thresholds) -> DiskCache:
        """With what is known of the settings."""
        shown = tuple(
            replace(
                entry,
                compile_s=_compile_s(self.directory, entry),
                used_s=_used_s(self.directory, entry),
            )
            for entry in self.entries[:MOST]
        )
        return DiskCache(
            None if self.directory is None else clean(self.directory, 300),
            is_on,
            why,
            self.taken_s,
            thresholds,
            shown,
            len(self.entries),
            sum(entry.is_new for entry in self.entries),
            sum(entry.size_bytes for entry in self.entries),
            self.other_files,
            self.problems,
        )


def listing(directory: str | None, now_s: float) -> Listing:
    """What is in ``directory``; links are not followed, folders not opened."""
    if directory is None:
        return Listing(None, now_s)
    if ELSEWHERE.match(directory):
        problem = "It is not on this machine: its files are not listed."
        return Listing(directory, now_s, problems=(problem,))
    started_s = psutil.Process().create_time()
    entries = []
    others = unreadable = 0
    try:
        with os.scandir(directory) as files:
            for file in files:
                match = _ENTRY.fullmatch(file.name)
                if match is None:
                    others += not _BESIDE.fullmatch(file.name)
                    continue
                try:
                    found = file.stat(follow_symlinks=False)
                except OSError:  # evicted in this moment, or not for us
                    unreadable += 1
                    continue
                if not stat.S_ISREG(found.st_mode):
                    others += 1
                    continue
                entries.append(
                    Entry(
                        clean(match["program"], _LONGEST),
                        match["key"],
                        found.st_size,
                        found.st_mtime,
                        is_new=found.st_mtime >= started_s,
                    )
                )
    except FileNotFoundError:
        problem = "The directory is not there yet: JAX makes it when it first writes."
        return Listing(directory, now_s, problems=(problem,))
    except OSError as error:
        return Listing(directory, now_s, problems=(f"It can't be listed: {message(error)}.",))
    entries.sort(key=lambda entry: (-entry.written_s, entry.program, entry.key))
    problems = (f"{unreadable} of its files could not be read.",) if unreadable else ()
    return Listing(directory, now_s, tuple(entries), others, problems)


def _read(directory: str | None, entry: Entry, ending: str, most: int) -> bytes:
    """The start of a file of an entry; nothing if it is no plain file or can't be read."""
    path = os.path.join(directory or "", f"{entry.program}-{entry.key}-{ending}")  # noqa: PTH118
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b""
        with open(path, "rb") as file:  # noqa: PTH123  a Path for each would take longer
            return file.read(most)
    except (OSError, ValueError):
        return b""


def _compile_s(directory: str | None, entry: Entry) -> int | None:
    """The whole seconds that compiling took: the first four bytes, if they are packed by zlib."""
    start = _read(directory, entry, "cache", _START)
    try:
        unpacked = zlib.decompressobj().decompress(start, 4)
    except zlib.error:  # packed by zstandard, or no entry at all
        return None
    return int.from_bytes(unpacked, "big") if len(unpacked) == 4 else None  # noqa: PLR2004


def _used_s(directory: str | None, entry: Entry) -> float | None:
    """When it was last used, from the file of eight bytes beside it."""
    start = _read(directory, entry, "atime", 9)
    return int.from_bytes(start, "little") / 1e9 if len(start) == 8 else None  # noqa: PLR2004
