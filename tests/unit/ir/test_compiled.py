"""One compile, whatever the machine and the user have set: no stage takes the others down."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.ir.compiled import compile_with_passes
from jaxmagic.ir.source import originated
from jaxmagic.ir.stages import Stages
from jaxmagic.ir.traced import trace

REFUSED = "INVALID_ARGUMENT: no such option: xla_dump_to\nmore of it"
OF_MLIR = "Exception raised in callback: Traceback (most recent call last):\nKeyboardInterrupt: \n"
FAILED = "UNIMPLEMENTED: not on this device"


def f(x):
    return jnp.where(x > 0, jnp.sin(x) * 1.0, x).sum()


@pytest.fixture
def lowered():
    return trace(f, jnp.ones(5)).lowered


class Other:
    """What was lowered, with another way to compile it."""

    def __init__(self, lowered, compile_it):
        self._lowered = lowered
        self.compile = compile_it

    def __getattr__(self, name):
        return getattr(self._lowered, name)


def test_a_compile_tells_of_its_passes(lowered):
    compiled = compile_with_passes(lowered)
    assert compiled.notes == ()
    assert compiled.before.startswith("HloModule")
    assert compiled.after.startswith("HloModule")
    names = [step.name for step in compiled.history.steps]
    assert names[0] == "before all passes"
    assert {"call-inliner", "fusion"} <= set(names)


def test_hlo_is_handed_over_while_xla_still_compiles(lowered):
    """Both texts, as they are given in the end: with what takes an element out of a tuple."""
    events = []

    def compiling(**options):
        compiled = lowered.compile(**options)
        deadline = time.monotonic() + 30
        while len(events) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        events.append("compiled")
        return compiled

    looped = trace(lambda x: jax.lax.fori_loop(0, 3, lambda _, y: jnp.sin(y) @ y, x), jnp.eye(8))
    lowered = looped.lowered
    compiled = compile_with_passes(Other(lowered, compiling), events.append)
    assert events == [compiled.before, compiled.after, "compiled"]
    assert "get-tuple-element" in compiled.after


def test_a_text_that_is_not_that_of_the_end_or_no_hlo_is_of_no_account(lowered):
    with ThreadPoolExecutor(1) as beside:
        stages = Stages(originated(trace(f, jnp.ones(5)).equations)[0], beside)
        stages.of_dump("HloModule broken off\n\n%a = ")
        stages.of_compile(compile_with_passes(lowered))
        found, missing = stages.ended()
    assert [one.name for one in found] == ["hlo-before", "hlo"]
    assert missing == []


@pytest.fixture
def on_disk(tmp_path, monkeypatch):
    """A folder for temporary files, on a system whose folder in memory has no room."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=64 << 20))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_nothing_is_left_in_the_folder_for_temporary_files(lowered, on_disk):
    steps = compile_with_passes(lowered).history.steps
    assert steps
    assert list(on_disk.iterdir()) == []
    on_disk.rmdir()
    assert compile_with_passes(lowered).history.steps == ()


def test_nothing_is_left_in_the_folder_in_memory(lowered, tmp_path, monkeypatch):
    monkeypatch.setattr("jaxmagic.ir.compiled._IN_MEMORY", str(tmp_path))
    monkeypatch.setattr("jaxmagic.ir.compiled._ROOM_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert compile_with_passes(lowered).history.steps
    assert list(tmp_path.iterdir()) == []


def test_without_such_a_folder_the_passes_are_missing_and_nothing_else(
    lowered, on_disk, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(on_disk / "nowhere"))
    compiled = compile_with_passes(lowered)
    assert compiled.before
    assert compiled.after
    assert not compiled.history.steps
    (note,) = compiled.notes
    assert "set TMPDIR" in note


def test_an_option_that_is_refused_costs_the_passes_and_nothing_else(lowered):
    def refusing(compiler_options=None):
        if compiler_options:
            raise RuntimeError(REFUSED)
        return lowered.compile()

    compiled = compile_with_passes(Other(lowered, refusing))
    assert compiled.before
    assert compiled.after
    (note,) = compiled.notes
    assert note.endswith("RuntimeError: INVALID_ARGUMENT: no such option: xla_dump_to")


def test_an_xla_without_the_plain_form_of_dumps_dumps_in_its_own(lowered, monkeypatch):
    monkeypatch.setattr("jaxmagic._jax.plain_dumps", lambda: {"xla_no_such_option": False})
    compiled = compile_with_passes(lowered)
    assert compiled.after
    assert compiled.history.steps
    assert compiled.notes == ()


def test_a_compile_that_fails_leaves_what_was_before_it(lowered):
    def failing(**_):
        raise RuntimeError(FAILED)

    compiled = compile_with_passes(Other(lowered, failing))
    assert compiled.before
    assert not compiled.after
    assert compiled.notes == (
        "XLA could not compile it: RuntimeError: UNIMPLEMENTED: not on this device",
    )


def test_what_xla_prints_is_a_note_and_what_others_print_is_passed_on(lowered, capfd):
    def printing(**options):
        compiled = lowered.compile(**options)
        os.write(2, b"W0000 00:00:1764300000.1 123 cpu.cc:12] slow operation\nof another thread\n")
        return compiled

    compiled = compile_with_passes(Other(lowered, printing))
    (note,) = compiled.notes
    assert note.startswith("XLA says: W0000")
    assert "slow operation" in note
    assert capfd.readouterr().err == "of another thread\n"


def descriptors():
    """How many files are open, where the system tells."""
    opened = Path("/proc/self/fd")
    return len(list(opened.iterdir())) if opened.exists() else None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError(OF_MLIR)])
def test_an_interrupt_leaves_everything_as_it_was(lowered, on_disk, capfd, error):
    def interrupted(**_):
        raise error

    before = descriptors()
    with pytest.raises(KeyboardInterrupt):
        compile_with_passes(Other(lowered, interrupted))
    assert list(on_disk.iterdir()) == []
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"
    assert descriptors() == before
    assert compile_with_passes(lowered).history.steps


def test_no_configuration_of_jax_is_changed(lowered):
    before = dict(jax.config.values)
    compile_with_passes(lowered)
    assert dict(jax.config.values) == before


ASK = """
import json, sys
import jax, jax.numpy as jnp
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
if sys.argv[2] == "later":
    jax.jit(lambda x: x + 1)(1.0)
from jaxmagic.ir.compiled import compile_with_passes
from jaxmagic.ir.traced import trace
import os
x = jnp.ones(3) + jnp.ones(3) if sys.argv[2] == "later" else jax.ShapeDtypeStruct((3,), "float32")
files = len(os.listdir(sys.argv[1])) if os.path.exists(sys.argv[1]) else 0
found = [compile_with_passes(trace(jnp.sin, x).lowered) for _ in range(2)]
after = len(os.listdir(sys.argv[1])) if os.path.exists(sys.argv[1]) else 0
jax.jit(lambda x: x + 2)(1.0)
print(json.dumps({
    "steps": [len(one.history.steps) for one in found],
    "notes": [one.notes for one in found],
    "kept": [files, after, len(os.listdir(sys.argv[1]))],
}))
"""


@pytest.mark.parametrize("flags", ["", "--xla_dump_to={folder}/dumps --xla_dump_hlo_as_text"])
@pytest.mark.parametrize("when", ["first", "later"])
def test_a_cache_on_disk_and_flags_of_the_user_change_nothing(tmp_path, flags, when):
    cache = tmp_path / "cache"
    environment = {**os.environ, "XLA_FLAGS": flags.format(folder=tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(cache), when],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    told = json.loads(done.stdout)
    assert min(told["steps"]) >= 1  # the module before all passes, at least
    assert told["notes"] == [[], []]
    before, after, later = told["kept"]
    assert before == after  # nothing of ours is kept
    assert later > after  # the user's own programs are, also where they come second
