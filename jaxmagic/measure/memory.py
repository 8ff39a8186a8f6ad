"""Temporary memory of one call, where Python can see it."""

import tracemalloc
from collections.abc import Callable
from typing import Any


def traced_temporary_bytes(call: Callable[[], Any]) -> int | None:
    """Most bytes that ``call()`` held at any moment beyond what it returned.

    Counts what goes through Python's allocators, which NumPy's arrays do; memory of compiled
    code (Numba, XLA) does not. None when someone else is tracing: their figures stay untouched.
    """
    if tracemalloc.is_tracing():
        return None
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        result = call()
        after, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return max(0, peak - max(before, after))
