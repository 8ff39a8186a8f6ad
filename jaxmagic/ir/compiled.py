"""One compile of a lowered program, and what XLA says of its passes while it lasts.

Compiled is in this process, as the user's own compile would be, with XLA's dumps in a folder that
is gone afterwards: one in memory, where the system has such, as XLA takes long to write many small
files to a disk. They are read in another thread while XLA compiles, as XLA lets Python run
meanwhile: the module after all passes is there long before XLA has made code of it. Neither JAX's
cache in memory, for which each folder is another program, nor that on disk is asked. What XLA
prints to file descriptor 2 is caught; what others print there meanwhile is passed on.
"""

import os
import re
import shutil
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxmagic import _jax
from jaxmagic.ir.passes import History, Writer

_DUMP = re.compile(
    r"(.+?)\.(?:before_optimizations|(\d{4})\.(.+?)\.after_(.+?)(?:\.before_.+)?)\.txt"
)
_IN_MEMORY = "/dev/shm"  # noqa: S108  in it is made a folder that only this user can read
_ROOM_BYTES = 1 << 30
_FIRST_LOOK_S, _NEXT_LOOK_S = 0.005, 0.1
_XLA_LINE = re.compile(rb"^(?:WARNING: All log messages before absl|[IWEF]\d{4} [\d:.]+ )")
_MOST_SAID = 20
_START = "pipeline-start"
_OPTIMIZED = "after_optimizations.txt"

_NO_FOLDER = (
    "There is no folder for XLA's dumps ({said}), so nothing is known of its passes: "
    "set TMPDIR to a folder that can be written."
)
_REFUSED = "XLA refused to dump its passes, so nothing is known of them: {said}"
_FAILED = "XLA could not compile it: {said}"
_NOTHING = "XLA has dumped no pass: a compiled program may have come from a cache."


@dataclass(frozen=True)
class Compiled:
    """What came of a compile: HLO ``before`` it and ``after`` it, and the passes between.

    Empty texts and a history without steps where XLA gave nothing; ``notes`` say why.
    """

    before: str = ""
    after: str = ""
    history: History = field(default_factory=History)
    notes: tuple[str, ...] = ()


def compile_with_passes(lowered: Any, dumped: Callable[[str], object] = lambda _: None) -> Compiled:
    """Compile ``lowered``, of type ``jax.stages.Lowered``; nothing of it is run.

    ``dumped`` is called with the HLO before and after all passes when XLA has dumped it, in another
    thread and while this one still compiles: most often these are the two texts that are given in
    the end, but XLA may dump others, or none. No error of XLA or of the machine is raised: it is a
    note, and what there is is given.
    """
    said: list[str] = []
    with _jax.without_disk_cache(), _caught_stderr(said):
        found = _compiled(lowered, dumped)
    return Compiled(found.before, found.after, found.history, (*found.notes, *said[:_MOST_SAID]))


def _compiled(lowered: Any, dumped: Callable[[str], object]) -> Compiled:
    try:
        with tempfile.TemporaryDirectory(prefix="jaxmagic-ir-", dir=_in_memory()) as folder:
            return _with_dumps(lowered, _Dumps(Path(folder), dumped))
    except OSError as error:
        return _without_dumps(lowered, _NO_FOLDER.format(said=error.strerror or error))


def _in_memory() -> str | None:
    """The folder of the system whose files are in memory; None if there is none with much room."""
    try:
        has_room = shutil.disk_usage(_IN_MEMORY).free >= _ROOM_BYTES
    except OSError:
        return None
    return _IN_MEMORY if has_room and os.access(_IN_MEMORY, os.W_OK) else None


def _with_dumps(lowered: Any, dumps: "_Dumps") -> Compiled:
    ended = threading.Event()
    with ThreadPoolExecutor(1, "jaxmagic-ir") as beside:
        reading = beside.submit(dumps.read, ended)
        try:
            executable = _dumping(lowered, dumps.options)
        except Exception as error:  # noqa: BLE001  an XLA of another version may refuse an option
            return _without_dumps(lowered, _REFUSED.format(said=_sentence(error)))
        finally:
            ended.set()
        before, history = reading.result()
    notes = () if history.steps else (_NOTHING,)
    return Compiled(before or _before(lowered), executable.as_text() or "", history, notes)


def _dumping(lowered: Any, options: dict[str, Any]) -> Any:
    in_plain_form = _jax.plain_dumps()
    try:
        return _compile(lowered, compiler_options=options | in_plain_form)
    except Exception as error:
        if not any(name in str(error) for name in in_plain_form):
            raise
    return _compile(lowered, compiler_options=options)  # the XLA of a plugin may be an older one


def _without_dumps(lowered: Any, note: str) -> Compiled:
    try:
        after = _compile(lowered).as_text() or ""
    except Exception as error:  # noqa: BLE001  the stages before it are there all the same
        return Compiled(_before(lowered), notes=(_FAILED.format(said=_sentence(error)),))
    return Compiled(_before(lowered), after, notes=(note,))


def _compile(lowered: Any, **options: Any) -> Any:
    try:
        return lowered.compile(**options)
    except RuntimeError as error:
        if _jax.is_interrupt(error):
            raise KeyboardInterrupt from error
        raise


def _before(lowered: Any) -> str:
    """HLO before XLA has optimized it, as JAX has it; empty if it can't be had."""
    try:
        return str(lowered.compiler_ir("hlo").as_hlo_text())
    except Exception:  # noqa: BLE001  whatever it is, this stage is missing, and no other
        return ""


class _Dumps:
    """What XLA writes into a folder, of one module or of several: a file for each pass."""

    def __init__(self, folder: Path, dumped: Callable[[str], object]) -> None:
        self._folder = folder
        self._dumped = dumped
        self._seen: set[str] = set()
        self._waiting: dict[str, list[re.Match[str]]] = defaultdict(list)  # by module
        self._before: dict[str, str] = {}
        self._writers: dict[str, Writer] = {}

    @property
    def options(self) -> dict[str, Any]:
        """Those that make XLA dump into the folder."""
        return {"xla_dump_to": str(self._folder), "xla_dump_hlo_pass_re": ".*"}

    def read(self, ended: threading.Event) -> tuple[str, History]:
        """HLO before all passes, and after each that changed it; read until XLA has ``ended``."""
        pause_s = _FIRST_LOOK_S
        while not ended.wait(pause_s):
            self._take(are_whole=False)
            pause_s = min(1.5 * pause_s, _NEXT_LOOK_S)
        self._take(are_whole=True)
        return self._of_program()

    def _take(self, *, are_whole: bool) -> None:
        """Read what is new, in the order of the passes; the last may not be whole yet."""
        new = {path.name for path in self._folder.iterdir()} - self._seen
        self._seen |= new
        for found in filter(None, map(_DUMP.fullmatch, new)):
            self._waiting[found[1]].append(found)
        for module, files in self._waiting.items():
            files.sort(key=lambda found: int(found[2] or -1))
            while len(files) > (0 if are_whole else 1):
                self._add(module, files.pop(0))
        for name in new:
            if name.endswith(_OPTIMIZED) and name.startswith(f"{self._module()}."):
                with suppress(OSError):  # some systems keep it from others until it is written
                    self._dumped(self._text(name))

    def _of_program(self) -> tuple[str, History]:
        """The program before all passes, and its passes."""
        if not self._writers:
            return "", History()
        module = self._module()
        return self._before[module], self._writers[module].history()

    def _module(self) -> str:
        """The largest module is the program; others are made to try out something."""
        return max(self._before, key=lambda module: len(self._before[module]), default="")

    def _text(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8", errors="replace")

    def _add(self, module: str, found: re.Match[str]) -> None:
        text = self._text(found[0])
        (self._folder / found[0]).unlink()  # they may be many, and large
        _, number, pipeline, name = found.groups()
        if number is None:
            self._before[module] = text
            self._dumped(text)
            self._writers[module] = Writer(text, _jax.tags_in)
        elif module in self._writers:
            name = f"before {pipeline}" if name == _START else name
            self._writers[module].add(pipeline, name, text)


def _sentence(error: Exception) -> str:
    """The first line of what an error says."""
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


@contextmanager
def _caught_stderr(said: list[str]) -> Iterator[None]:
    """Keep what XLA prints meanwhile in ``said``; what others print comes afterwards."""
    sys.stderr.flush()
    try:
        caught = tempfile.TemporaryFile()  # noqa: SIM115  closed below
        kept = os.dup(2)
    except OSError:  # no such descriptor, or no folder: then XLA prints as it does
        yield
        return
    try:
        os.dup2(caught.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        caught.seek(0)
        with caught:
            for line in caught:
                if _XLA_LINE.match(line):
                    said.append(f"XLA says: {line.decode(errors='replace').strip()}")
                else:
                    os.write(2, line)
