"""Everything that jaxmagic/_jax may know of JAX, asked on the JAX that is installed.

When one of these fails on a new release, that folder is the only place to change.
"""

import importlib
import os
import re
import subprocess
import sys
import threading
from collections import OrderedDict
from types import SimpleNamespace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic import _jax


def new_program():
    """Make a function that JAX has not compiled yet."""
    number = len(new_program.made)
    new_program.made.append(number)
    return lambda x: jnp.sin(x) * number + 0.25


new_program.made = []


def test_a_compile_is_logged_with_its_phases():
    with _jax.compile_log() as log:
        jax.jit(new_program())(1.0)
    assert log.programs == 1
    assert log.seconds.keys() == {"lower", "compile"}
    assert all(seconds > 0 for seconds in log.seconds.values())


def test_an_interrupt_in_a_callback_of_mlir_is_known_for_one():
    walk = jax.jit(new_program()).lower(1.0).compiler_ir().operation.walk

    def raised_by(error):
        def raises(_):
            raise error

        with pytest.raises((RuntimeError, KeyboardInterrupt, ValueError)) as caught:
            walk(raises)
        return caught.value

    assert _jax.is_interrupt(raised_by(KeyboardInterrupt()))
    assert not _jax.is_interrupt(raised_by(ValueError("KeyboardInterrupt")))
    assert _jax.is_interrupt(KeyboardInterrupt())
    assert not _jax.is_interrupt(RuntimeError(""))
    assert not _jax.is_interrupt(SystemExit())


def test_what_is_compiled_already_or_afterwards_is_not_logged():
    jitted, later = jax.jit(new_program()), jax.jit(new_program())
    jitted(1.0)
    with _jax.compile_log() as log:
        jitted(2.0)
    later(1.0)
    assert (log.programs, log.seconds) == (0, {})


def test_compiles_in_another_thread_and_eager_ones_are_logged():
    with _jax.compile_log() as log:
        thread = threading.Thread(target=jax.jit(new_program()), args=(1.0,))
        thread.start()
        thread.join()
        jnp.arange(1237.0) + 1  # a shape that nothing else here has
    assert log.programs >= 2


def test_logs_do_not_disturb_each_other_and_end_with_an_error():
    with _jax.compile_log() as outer:
        with pytest.raises(IndexError), _jax.compile_log() as inner:
            jax.jit(new_program())(1.0)[0]
        jax.jit(new_program())(1.0)
    assert (inner.programs, outer.programs) == (1, 2)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("inside", [True, False])
def test_x64_holds_in_its_scope_only(before, inside):
    default = _jax.x64_enabled()
    with _jax.x64(before):
        with _jax.x64(inside):
            assert _jax.x64_enabled() == inside
            assert jnp.asarray(1.0).dtype == ("float64" if inside else "float32")
        with pytest.raises(ZeroDivisionError), _jax.x64(inside):
            raise ZeroDivisionError
        assert _jax.x64_enabled() == before
    assert _jax.x64_enabled() == default


def test_x64_of_the_scope_reaches_no_other_thread():
    seen = []
    default = _jax.x64_enabled()
    with _jax.x64(not default):
        thread = threading.Thread(target=lambda: seen.append(_jax.x64_enabled()))
        thread.start()
        thread.join()
    assert seen == [default]


def test_the_disk_cache_is_seen_only_when_it_has_a_folder(tmp_path):
    before = jax.config.jax_compilation_cache_dir
    try:
        jax.config.update("jax_compilation_cache_dir", None)
        assert not _jax.disk_cache_in_use()
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))
        assert _jax.disk_cache_in_use()
        jax.config.update("jax_enable_compilation_cache", val=False)
        assert not _jax.disk_cache_in_use()
    finally:
        jax.config.update("jax_compilation_cache_dir", before)
        jax.config.update("jax_enable_compilation_cache", val=True)


def jaxpr_of(function, *arguments):
    return jax.jit(function).trace(*arguments).jaxpr


@pytest.mark.parametrize(
    ("function", "equations"),
    [
        (lambda x: x, 0),
        (lambda x: x + 1, 1),
        (lambda x: jnp.sin(x) * x + 1, 3),
        (jax.jit(lambda y: y * y + 1), 3),  # the call, and two inside
    ],
)
def test_equations_are_counted_with_those_inside(function, equations):
    assert _jax.count_equations(jaxpr_of(function, 1.0)) == equations


def test_equations_of_loops_and_branches_are_counted():
    def both(x):
        x = jax.lax.fori_loop(0, 3, lambda _, x: x * x + 1, x)
        return jax.lax.cond(x > 0, lambda x: x + 1, lambda x: x * 2 - 1, x)

    jaxpr = jaxpr_of(both, 1.0)
    outside = len(jaxpr.jaxpr.eqns)
    assert _jax.count_equations(jaxpr) >= outside + 2 + 1 + 2
    unrolled = jaxpr_of(lambda x: [x := x * 0.5 + 1 for _ in range(50)][-1], 1.0)
    assert _jax.count_equations(unrolled) == 100


@pytest.mark.parametrize(
    ("function", "depends"),
    [
        (lambda x: x, True),
        (lambda x: x + 1, True),
        (lambda x: (x, 1.0), True),
        (lambda _x: jnp.zeros(3), True),  # made when it runs
        (lambda _x: 1.0, False),
        (lambda _x: np.ones(3), False),
        (lambda _x: (), False),
    ],
)
def test_a_program_that_only_hands_out_constants_is_known(function, depends):
    assert _jax.depends_on_inputs(jaxpr_of(function, 1.0)) == depends


def test_arrays_that_are_folded_in_are_counted_where_jax_tells():
    grid = np.linspace(0, 1, 1000, dtype=np.float32)
    folded = jax.make_jaxpr(lambda x: x * grid)(1.0)
    assert _jax.constant_bytes(folded) == 4000
    assert _jax.constant_bytes(jaxpr_of(lambda x, grid: x * grid, 1.0, grid)) == 0


def test_temporary_memory_of_a_compiled_program_is_told():
    def with_temporaries(x):
        y = jnp.sort(x)
        return jnp.dot(y, jnp.flip(y))

    small, large = (
        _jax.temporary_bytes(jax.jit(with_temporaries).lower(jnp.ones(n)).compile())
        for n in (10, 100_000)
    )
    assert large >= 400_000 > small >= 0


def test_what_jax_does_not_tell_is_none():
    class Compiled:
        def memory_analysis(self):
            return None

    assert _jax.temporary_bytes(Compiled()) is None
    assert _jax.constant_bytes(object()) == 0


def test_a_jitted_function_tells_whether_it_was_called():
    jitted = jax.jit(lambda x: x + 1)
    assert not _jax.was_called(jitted)
    jitted(1.0)
    assert _jax.was_called(jitted)
    assert not _jax.was_called(abs)  # what can't tell


def test_loops_are_counted_wherever_they_are_in_a_program():
    def inner(x):
        return jax.lax.fori_loop(0, 3, lambda _, x: x * 2, x)

    def outer(x):
        y = jax.lax.while_loop(lambda x: x < 9, lambda x: x + 1, x)
        return jax.lax.cond(x > 0, inner, jax.jit(inner), y)

    assert _jax.count_loops(jax.jit(outer).trace(1.0).jaxpr) == 3
    assert _jax.count_loops(jax.jit(lambda x: x + 1).trace(1.0).jaxpr) == 0


def error_of(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:  # noqa: BLE001  whatever JAX raises
        return error
    pytest.fail("no error")


@pytest.fixture
def all_frames():
    before = jax.config.jax_traceback_filtering
    jax.config.update("jax_traceback_filtering", "off")
    yield
    jax.config.update("jax_traceback_filtering", before)


def test_the_trees_of_a_failed_map_are_in_its_traceback():
    one, other = {"a": 1}, {"b": 2}
    [found, *_] = _jax.failed_trees(error_of(jax.tree.map, max, one, other))
    assert found.what == "tree.map"
    assert found.trees[0] is one
    assert found.trees[1] is other
    assert not found.has_is_leaf
    assert found.caller[0].co_name == "error_of"
    failed = error_of(lambda: jax.tree.map(max, one, other, is_leaf=lambda x: x is None))
    assert next(_jax.failed_trees(failed)).has_is_leaf


@pytest.mark.usefixtures("all_frames")
def test_the_trees_of_a_prefix_that_is_none_are_in_its_traceback():
    xs = [jnp.ones(3), jnp.ones(3)]
    one = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    for failing, what, prefix in (
        (jax.vmap(lambda x: x, in_axes=((0, 0),)), "vmap in_axes", ((0, 0),)),
        (jax.vmap(list, out_axes=(0, 0)), "vmap out_axes", (0, 0)),
        (jax.vmap(list, in_axes=(0, 0)), "vmap in_axes", (0, 0)),
        (jax.jit(list, in_shardings=((one, one),)), "pjit in_shardings", ((one, one),)),
        (jax.jit(list, out_shardings=(one, one)), "pjit out_shardings", (one, one)),
    ):
        [found, *_] = _jax.failed_trees(error_of(failing, xs))
        assert found.what == what
        assert found.trees[0] == prefix
        expected = xs if what.split()[1].startswith("out") else (xs,)
        assert jax.tree.structure(found.trees[1]) == jax.tree.structure(expected)


def test_an_error_without_trees_has_none_to_give():
    found = list(_jax.failed_trees(error_of(int, "no")))
    assert [(one.what, one.trees) for one in found] == [("", ())]
    assert list(_jax.failed_trees(ValueError())) == []


def test_platforms_are_told_only_once_they_are_started():
    code = (
        "from jaxmagic import _jax\n"
        "print(_jax.started_platforms(), end=' ')\n"
        "import jax\n"
        "jax.numpy.ones(3)\n"
        "print(_jax.started_platforms())\n"
    )
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "() ('cpu',)\n"


def test_platforms_are_unknown_where_jax_hides_them(monkeypatch):
    monkeypatch.delattr("jax._src.xla_bridge.backends_are_initialized")
    assert _jax.started_platforms() is None


def test_the_array_of_a_typed_key_is_known():
    key = jax.random.key(0)
    assert any(_jax.key_array(key) is array for array in jax.live_arrays())
    assert _jax.key_array(jnp.ones(3)) is None
    assert _jax.key_array({"a": 1}) is None


def test_a_program_tells_from_which_function_it_was_traced():
    def lookup(x):
        return x + 1

    traced = jax.make_jaxpr(lookup)(1.0)
    assert _jax.traced_function(traced) == "lookup"
    assert _jax.traced_function(traced.jaxpr) == "lookup"
    assert _jax.traced_function([traced]) is None


def test_the_opened_disk_cache_is_known_and_can_be_opened_anew(tmp_path):
    settings = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = {name: getattr(jax.config, name) for name in settings}
    try:
        for place in (tmp_path / "one", tmp_path / "two"):
            jax.config.update("jax_compilation_cache_dir", str(place))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
            _jax.reopen_disk_cache()
            assert _jax.disk_cache_opened() is None
            jax.jit(new_program())(1.0)
            assert _jax.disk_cache_opened() == str(place)
            assert [file.name[:4] for file in place.glob("*-cache")] == ["jit_"]
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        _jax.reopen_disk_cache()


@pytest.fixture
def heard():
    """What JAX tells of itself while it compiles, and the calls that are found from there."""
    heard = []

    def scalar(event, _value, **details):
        frame = _jax.call_frame(sys._getframe(1))
        call = None if frame is None else _jax.call_of(frame)
        phase = _jax.COMPILE_PHASES.get(event, event)
        heard.append((phase, details.get("fun_name"), call, _jax.is_outermost()))

    _jax.listen({"scalar": scalar})
    yield heard
    _jax.stop_listening({"scalar": scalar})


def test_the_start_of_each_phase_is_told_with_the_call(heard):
    def f(x, n, scale=1.0):
        return x * n * scale

    x = np.ones(3, np.float32)
    jax.jit(f, static_argnums=1, keep_unused=True)(x, 2, scale=3.0)
    outermost = [told for told in heard if told[3] or told[0] != "trace"]
    assert [told[0] for told in outermost] == ["trace", "lower", "compile"]
    assert [told[1] for told in outermost] == ["f", "jit(f)", "jit(f)"]
    calls = [told[2] for told in outermost]
    assert len({call.anchor for call in calls}) == 1
    assert {call.how for call in calls} == {"call"}
    assert calls[0].function is f
    assert calls[0].args == (x, 2)
    assert calls[0].kwargs == {"scale": 3.0}
    assert calls[0].static_argnums == (1,)
    assert "n" in calls[0].static_argnames
    assert list(calls[0].parameters) == ["x", "n", "scale"]
    assert calls[0].options["keep_unused"] is True


def test_traces_ahead_of_time_are_told_apart(heard):
    def f(x):
        return x

    x = np.ones(3, np.float32)
    jax.eval_shape(f, x)
    jax.make_jaxpr(f)(x)
    lowered = jax.jit(lambda x: x - 1).lower(x)
    assert {told[2].how for told in heard if told[0] == "trace" and told[3]} == {"ahead"}
    assert heard[0][2].args == (x,)
    heard.clear()
    lowered.compile()
    assert [told[:3] for told in heard] == [("compile", "jit(<lambda>)", None)]


@pytest.mark.parametrize(
    ("transform", "parts"),
    [
        (lambda f: jax.grad(lambda x: f(x).sum()), {"forward", "backward"}),
        (jax.vmap, {"batched"}),
    ],
)
def test_parts_of_a_transform_outside_of_jit_are_told(heard, transform, parts):
    f = jax.jit(lambda x: jnp.sin(x) * 1.5)
    transform(f)(np.ones(3, np.float32))
    calls = [told[2] for told in heard if told[0] == "lower" and told[1] == "jit(<lambda>)"]
    assert {call.how for call in calls} == parts
    assert all(call.function is None and call.avals for call in calls)


def test_an_operation_outside_of_jit_shows_its_parameters(heard):
    jax.lax.reduce_precision(np.ones(1201, np.float32), 8, 7)
    [call] = [told[2] for told in heard if told[0] == "trace" and told[2] is not None]
    assert _jax.primitive_parameters(call.function)["mantissa_bits"] == 7
    assert _jax.primitive_parameters(len) is None


def test_the_disk_cache_tells_what_it_does(tmp_path):
    told = []
    listeners = {"event": lambda event, **_: told.append(_jax.DISK_EVENTS.get(event))}
    _jax.listen(listeners)
    before = jax.config.jax_compilation_cache_dir
    try:
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))
        jax.jit(new_program())(1.0)
    finally:
        jax.config.update("jax_compilation_cache_dir", before)
        _jax.reopen_disk_cache()  # else JAX stays with the folder of this test
        _jax.stop_listening(listeners)
    assert "below threshold" in told


def test_a_function_behind_the_boundary_of_jax_is_found():
    assert _jax.behind_boundary(jax.grad(len)).__qualname__ == "grad.<locals>.grad_f"
    assert _jax.behind_boundary(len) is None


def test_clearing_all_caches_is_counted():
    sentinel = _jax.CacheSentinel()
    jax.clear_caches()
    assert sentinel.cleared == 1
    assert not _jax.jit_cache_is_full()


def test_the_configuration_is_that_of_the_place():
    before = dict(_jax.configuration())
    with jax.default_matmul_precision("highest"), _jax.x64(not _jax.x64_enabled()):
        inside = dict(_jax.configuration())
    changed = {name for name in before if before[name] != inside[name]}
    assert changed == {"jax_default_matmul_precision", "jax_enable_x64"}
    assert dict(_jax.configuration()) == before


def test_the_configuration_has_all_that_jax_tells_traces_apart_by():
    names, values = _jax.settings._trace_context()
    assert len(names) == len(values)
    assert {"jax_enable_x64", "jax_default_matmul_precision", "jax_default_device"} <= {*names}
    assert {*_jax.settings._MESHES} <= {*names}


def test_the_mesh_is_told_when_a_part_of_jax_has_added_what_it_tells_traces_apart_by():
    code = (
        "import jax\n"
        "from jaxmagic import _jax\n"
        "use = getattr(jax, 'set_mesh', None) or jax.sharding.use_mesh\n"
        "with use(jax.make_mesh((1,), ('i',))):\n"
        "    print(dict(_jax.configuration())[_jax.MESH], end=' ')\n"
        "    import jax.experimental.pallas\n"
        "    print(dict(_jax.configuration())[_jax.MESH])\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "i=1 i=1\n"


def test_the_configuration_is_told_where_jax_hides_what_tells_traces_apart(monkeypatch):
    monkeypatch.setattr(_jax.settings, "_trace_context_names", lambda _how_many: ())
    assert dict(_jax.configuration())["jax_enable_x64"] == str(_jax.x64_enabled())
    assert dict(_jax.configuration())[_jax.MESH] == "none"


def test_the_mesh_of_a_context_is_in_the_configuration():
    mesh = jax.make_mesh((1,), ("i",))
    use = getattr(jax, "set_mesh", None) or jax.sharding.use_mesh
    with use(mesh):
        inside = dict(_jax.configuration())[_jax.MESH]
    assert (inside, dict(_jax.configuration())[_jax.MESH]) == ("i=1", "none")


class Holding(NamedTuple):
    leaf: int


@pytest.mark.parametrize(
    "tree",
    [
        0,
        None,
        (),
        {"b": [1, (2, None), []], "a": {3: 4}},
        OrderedDict(b=1, a=[2, 3]),
        {("a", 1): Holding([1, 2]), ("a", 0): jax.tree_util.Partial(max, 1, key=2)},
    ],
    ids=repr,
)
def test_the_nodes_of_a_structure_are_those_that_its_methods_tell_one_by_one(tree):
    treedef = jax.tree.structure(tree)
    walked = _jax.inside._walked(treedef, 1000)  # which does not tell that a tuple is named
    held = [(kind, kind if kind is Holding else held, size) for kind, held, size in walked]
    assert _jax.tree_nodes(treedef, 1000) == held
    assert sum(kind is None for kind, _, _ in _jax.tree_nodes(treedef, 1000)) == treedef.num_leaves


def test_the_nodes_of_a_structure_are_told_where_it_can_not_be_pickled_so():
    class Hidden:
        def __init__(self, treedef):
            self.node_data, self.num_leaves = treedef.node_data, treedef.num_leaves
            self.children = lambda: [Hidden(child) for child in treedef.children()]

    treedef = jax.tree.structure({"a": [1, None], "b": (2,)})
    assert _jax.tree_nodes(Hidden(treedef), 1000) == _jax.tree_nodes(treedef, 1000)


def test_equations_have_tags_that_xla_carries_and_that_are_taken_out_again():
    traced = jax.jit(lambda x: jnp.sin(x) * 2).trace(jnp.ones(3))
    tagged, equations = _jax.tagged(traced.jaxpr)
    assert [(one.number, one.primitive) for one in equations] == [(0, "sin"), (1, "mul")]
    assert {one.frames[0].file for one in equations} == {__file__}
    text = _jax.with_program(traced, tagged).lower().compile().as_text()
    names = re.findall('op_name="([^"]*)"', text)
    assert {_jax.tags_in(name) for name in names} >= {(0,), (1,)}
    assert not any(map(_jax.tags_in, map(_jax.without_tags, names)))


def test_a_program_is_lowered_without_places_of_this_call(monkeypatch):
    def f(x):
        return jnp.sin(x) + jax.random.normal(jax.random.key(0), (3,))

    def lowered(how):
        traced = jax.jit(f).trace(jnp.ones(3))
        return how(_jax.with_program(traced, _jax.tagged(traced.jaxpr)[0]))

    plain, without = lowered(lambda traced: traced.lower()), lowered(_jax.lowered)
    assert without.as_text() == plain.as_text()
    assert "stack_frame_id" not in without.compile().as_text()
    limit = "jax._src.config.traceback_in_locations_limit"
    monkeypatch.setattr(limit, SimpleNamespace(value=jax.config.jax_traceback_in_locations_limit))
    assert lowered(_jax.lowered).as_text() == plain.as_text()


def test_dumps_are_as_the_text_of_what_was_compiled(tmp_path):
    looped = jax.jit(lambda x: jax.lax.fori_loop(0, 3, lambda _, y: jnp.sin(y) @ y, x))
    options = {"xla_dump_to": str(tmp_path), **_jax.plain_dumps()}
    compiled = looped.lower(jnp.eye(8)).compile(compiler_options=options)
    [dumped] = tmp_path.glob("*after_optimizations.txt")
    assert dumped.read_text() == compiled.as_text()
    assert "get-tuple-element" in dumped.read_text()


@pytest.mark.parametrize("gone", ["NameStack", "Scope", "user_frames"])
def test_equations_are_told_where_jax_hides_what_tags_are_made_of(monkeypatch, gone):
    jaxpr = jax.jit(jnp.sin).trace(jnp.ones(3)).jaxpr
    monkeypatch.delattr(f"jax._src.source_info_util.{gone}")
    tagged, [equation] = _jax.tagged(jaxpr)
    assert (equation.primitive, equation.operands) == ("sin", ("f32[3]",))
    assert str(tagged) == str(jaxpr)


def test_a_program_takes_the_place_of_another_in_what_was_traced():
    twice = jax.jit(lambda x: x * 2, donate_argnums=0).trace(jnp.ones(3))
    twice.lower()  # what it has made of its own program is not taken along
    sine = jax.jit(jnp.sin).trace(jnp.ones(3))
    other = _jax.with_program(twice, sine.jaxpr)
    assert str(other.jaxpr) == str(sine.jaxpr) != str(twice.jaxpr)
    text = other.lower().as_text()
    assert "sine" in text
    assert "multiply" not in text
    assert "aliasing_output" in text or "buffer_donor" in text
    assert "multiply" in twice.lower().as_text()
    assert _jax.with_program(object(), sine.jaxpr) is None


def test_one_thread_does_without_the_disk_cache_and_what_was_there_comes_back(monkeypatch):
    compilation_cache = importlib.import_module("jax._src.compilation_cache")

    monkeypatch.setattr(compilation_cache, "is_cache_used", lambda backend: backend == "asked")
    ask = compilation_cache.is_cache_used
    elsewhere = []
    with _jax.without_disk_cache():
        assert not compilation_cache.is_cache_used("asked")
        thread = threading.Thread(
            target=lambda: elsewhere.append(compilation_cache.is_cache_used("asked"))
        )
        thread.start()
        thread.join()
    assert elsewhere == [True]
    assert compilation_cache.is_cache_used is ask
    with pytest.raises(ZeroDivisionError), _jax.without_disk_cache():
        raise ZeroDivisionError
    assert compilation_cache.is_cache_used is ask


def test_the_disk_cache_stays_where_jax_hides_how_it_asks_for_it(monkeypatch):
    compilation_cache = importlib.import_module("jax._src.compilation_cache")

    monkeypatch.delattr(compilation_cache, "is_cache_used")
    with _jax.without_disk_cache():
        assert not hasattr(compilation_cache, "is_cache_used")
    assert not hasattr(compilation_cache, "is_cache_used")
