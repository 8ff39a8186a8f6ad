"""The recorder: what is in a record, and that nothing that goes wrong reaches a user's call."""

import gc
import subprocess
import sys
import threading
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import monitoring

from jaxmagic import _jax
from jaxmagic.compiles.record import Compiles
from jaxmagic.compiles.recorder import Recorder


@pytest.fixture
def recorder():
    recorder = Recorder()
    recorder.start()
    yield recorder
    recorder.stop()


def users(recorder):
    return [r for r in recorder.compiles() if r.kind not in ("eager op", "library")]


def new_program():
    return jax.jit(lambda x: jnp.sin(x) * 2 + 0.125)


def test_a_program_has_one_record_with_all_its_phases(recorder):
    @jax.jit
    def f(x, scale=2.0):
        return jnp.sin(x) * scale  # nested traces on older versions

    f(np.ones(3, np.float32))
    [record] = recorder.compiles()
    assert (record.kind, record.outcome, record.disk) == ("user function", "compiled", "off")
    assert record.function == "f"
    assert record.module == __name__
    assert record.file == __file__ == record.caller
    assert record.signature == "x: float32[3]"
    assert record.cell is None
    assert (
        record.line == test_a_program_has_one_record_with_all_its_phases.__code__.co_firstlineno + 5
    )
    assert min(record.trace_ms, record.lower_ms, record.compile_ms) > 0
    assert record.thread == threading.current_thread().name
    assert record.device == "cpu:0"
    assert record.reason.words == "first call"


def test_what_is_cached_calls_no_hook(recorder):
    f = new_program()
    f(1.0)
    before = recorder.hook_calls
    for _ in range(1000):
        f(1.0)
    assert recorder.hook_calls == before
    assert len(users(recorder)) == 1


def test_kinds_are_told_apart(recorder):
    f = new_program()
    jax.lax.sin(np.ones(7, np.float32))
    jnp.linalg.norm(np.ones(11, np.float32))
    f.lower(1.0).compile()
    jax.grad(new_program())(1.0)
    kinds = [record.kind for record in recorder.compiles()]
    assert {"eager op", "library", "ahead of time", "transform"} <= {*kinds}
    assert kinds.count("ahead of time") == 1  # traced, lowered and compiled in turn


def test_what_was_only_traced_says_so(recorder):
    jax.eval_shape(lambda x: x + 1, 1.0)
    jax.jit(lambda x: x + 1).lower(1.0)
    assert [record.outcome for record in recorder.compiles()] == ["traced", "lowered"]


def test_an_error_and_an_interrupt_leave_a_record_that_says_so(recorder):
    def failing(x):
        raise ValueError(x)

    def interrupted(_x):
        raise KeyboardInterrupt

    with pytest.raises(ValueError, match=r"JitTracer|Traced"):
        jax.jit(failing)(1.0)
    with pytest.raises(KeyboardInterrupt):
        jax.jit(interrupted)(1.0)
    f = new_program()
    f(1.0)
    assert [r.outcome for r in recorder.compiles()] == ["failed", "interrupted", "compiled"]


@pytest.mark.parametrize("phase", ["trace", "lower", "compile"])
@pytest.mark.parametrize("hook", ["start", "end"])
@pytest.mark.parametrize("after_ours", [True, False])
def test_an_interrupt_in_any_hook_leaves_a_record_and_the_next_one_whole(
    recorder, phase, hook, after_ours
):
    event = {name: event for event, name in _jax.COMPILE_PHASES.items()}[phase]
    waiting = [True]

    def interrupting(name, *_args, **_kwargs):
        if name == event and waiting:
            waiting.clear()
            raise KeyboardInterrupt

    kind = "scalar" if hook == "start" else "seconds"
    if not after_ours:
        recorder.stop()
    _jax.listen({kind: interrupting})
    if not after_ours:
        recorder.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            new_program()(1.0)
    finally:
        _jax.stop_listening({kind: interrupting})
    outcomes = [record.outcome for record in recorder.compiles()]
    if (phase, hook, after_ours) == ("trace", "start", False):
        assert outcomes == []  # JAX had told nothing yet
    elif (phase, hook, after_ours) == ("compile", "end", True):
        assert outcomes == ["compiled"]
    else:
        [outcome] = outcomes
        assert outcome in ("interrupted", "traced")
    assert recorder.open() == []
    f = new_program()
    f(1.0)
    last = recorder.compiles()[-1]
    assert last.outcome == "compiled"
    assert last.trace_ms is not None
    assert recorder.notes == ()


class NotTodayError(RuntimeError):
    pass


def test_an_error_of_ours_reaches_nobody_and_is_told(recorder, monkeypatch):
    def broken(*_args):
        raise NotTodayError

    monkeypatch.setattr(_jax, "call_of", broken)
    new_program()(1.0)
    monkeypatch.undo()
    new_program()(1.0)
    assert [note for note in recorder.notes if "NotTodayError" in note]
    assert recorder.compiles()[-1].outcome == "compiled"


def test_a_renamed_frame_leaves_name_and_times(recorder, monkeypatch):
    monkeypatch.setattr(_jax.calls, "_CALLS", ())

    @jax.jit
    def f(x):
        return x + 0.5

    f(1.0)
    record = recorder.compiles()[-1]
    assert record.function == "f"
    assert record.outcome == "compiled"
    assert record.trace_ms > 0
    assert record.compile_ms > 0
    assert record.reason.kind == "unclear"


@pytest.mark.parametrize("asked", [True, False])
def test_another_library_clearing_all_listeners_is_noticed_and_mended(recorder, asked):
    new_program()(1.0)
    monitoring.clear_event_listeners()
    if asked:
        recorder.compiles()
        new_program()(1.0)
    else:  # the next compile notices, where JAX forgets to clear all kinds of listeners
        new_program()(1.0)
        new_program()(1.0)
    found = recorder.compiles()
    assert found[-1].outcome == "compiled"
    assert any("clear_event_listeners" in note for note in found.notes)


def test_no_listener_is_left_behind_and_none_is_there_twice():
    before = listeners()
    recorder = Recorder()
    recorder.start()
    recorder.start()
    assert len(listeners()) == len(before) + 3
    recorder.stop()
    assert len(listeners()) == len(before) + 3
    recorder.stop()
    assert listeners() == before
    new_program()(1.0)
    assert len(recorder.compiles()) == 0


def listeners():
    private = _jax.events._monitoring()
    return [
        *private.get_event_listeners(),
        *private.get_event_duration_listeners(),
        *private.get_scalar_listeners(),
    ]


def test_threads_that_compile_at_once_have_a_record_each(recorder):
    def compile_some(number):
        for n in range(5):
            jax.jit(lambda x, n=n: jnp.cos(x) * number + n)(float(number))

    threads = [
        threading.Thread(target=compile_some, args=(n,), name=f"worker {n}") for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = users(recorder)
    assert len(found) == 30
    assert {r.outcome for r in found} == {"compiled"}
    assert {r.thread for r in found} == {f"worker {n}" for n in range(6)}
    assert len({r.number for r in found}) == 30
    assert recorder.notes == ()


def test_a_phase_is_seen_while_it_lasts(recorder):
    seen = []

    def slow(x):
        thread = threading.Thread(target=lambda: seen.extend(recorder.open()))
        thread.start()
        thread.join()
        return x

    jax.jit(slow)(1.0)
    [record] = seen
    assert (record.phase, record.outcome, record.trace_ms) == ("trace", "open", None)
    assert record.function.endswith("slow")
    assert recorder.open() == []


def test_ten_thousand_records_are_kept_and_older_ones_counted():
    recorder = Recorder()
    trace, lower, backend = _jax.COMPILE_PHASES
    for n in range(10_050):
        for event, name in ((trace, f"f{n}"), (lower, f"jit(f{n})"), (backend, f"jit(f{n})")):
            recorder._on_scalar(event, 0.0, fun_name=name)
            recorder._on_seconds(event, 0.0, fun_name=name)
    found = recorder.compiles()
    assert (len(found), found.dropped) == (10_000, 50)
    assert found[0].number == 51
    assert found[-1].function == "f10049"


def test_a_function_object_whose_program_is_found_was_not_compiled_again(recorder):
    class Model:
        def __init__(self):
            self.weight = 2.0

        def step(self, x):
            return x * self.weight

    model = Model()
    jax.jit(model.step)(1.0)
    jax.jit(model.step)(1.0)
    compiled = [record for record in users(recorder) if record.outcome == "compiled"]
    found = [record for record in users(recorder) if record.outcome != "compiled"]
    assert compiled
    assert all(record.reason.kind == "found" for record in found)
    assert len(recorder.compiles().again) == len(compiled) - 1


def test_what_was_cleared_is_not_counted_as_dropped_and_not_forgotten_by_the_reasons(recorder):
    f = new_program()
    f(1.0)
    recorder.clear()
    assert (len(recorder.compiles()), recorder.compiles().dropped) == (0, 0)
    f(np.ones(3, np.float32))
    [record] = recorder.compiles()
    assert (record.number, record.reason.kind) == (2, "shape")
    recorder.forget()
    f(np.ones(4, np.float32))
    [record] = recorder.compiles()
    assert (record.number, record.reason.kind) == (1, "first")


def test_nothing_of_the_users_is_kept_alive(recorder):
    class Config:
        pass

    def alive():
        x, config = jnp.arange(77.0), Config()
        leaf = np.ones(3)

        def f(x, tree, config):
            return x + tree["a"].sum() * bool(config)

        jax.jit(f, static_argnums=2)(x, {"a": leaf}, config)
        return [weakref.ref(thing) for thing in (x, leaf, f, config)]

    kept = alive()
    jax.clear_caches()
    gc.collect()
    assert [ref() for ref in kept] == [None] * 4
    assert users(recorder)[-1].signature == "x: float32[77], tree: dict of 1 leaf, config=a Config"


def test_the_repr_of_a_static_argument_is_not_called(recorder):
    class Loud:
        def __repr__(self):
            raise AssertionError

    jax.jit(lambda x, loud: (x, loud)[0], static_argnums=1)(1.0, Loud())
    assert recorder.notes == ()
    assert "loud=a Loud" in recorder.compiles()[-1].signature


def test_the_disk_cache_is_told(recorder, tmp_path):
    names = {
        "jax_compilation_cache_dir": str(tmp_path),
        "jax_persistent_cache_min_compile_time_secs": 100.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in names}
    from jax.experimental.compilation_cache import compilation_cache

    def f(x):
        return jnp.tan(x) - 0.375

    try:
        for name, value in names.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()
        jax.jit(f)(2.0)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.clear_caches()
        jax.jit(f)(2.0)
        jax.clear_caches()
        jax.jit(f)(2.0)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()
    assert [r.disk for r in users(recorder)] == ["below threshold", "written", "hit"]


def test_json_goes_both_ways(recorder):
    f = new_program()
    f(1.0)
    f(np.ones(3, np.float32))
    found = recorder.compiles()
    assert Compiles.from_json(found.to_json()) == found


AFTER_IMPORT = """
import sys
from jaxmagic import compiles
assert "jax" not in sys.modules
finders = list(sys.meta_path)
compiles.start()
assert "jax" not in sys.modules
import jax
assert sys.meta_path == finders, sys.meta_path
jax.jit(lambda x: x + 1)(1.0)
print(len(compiles.compiles()), type(jax.__spec__.loader).__name__)
compiles.stop()
print(len(compiles.compiles()))
"""


def test_it_begins_when_jax_is_imported_by_the_user():
    ran = subprocess.run(
        [sys.executable, "-c", AFTER_IMPORT], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1", "SourceFileLoader", "0"]
