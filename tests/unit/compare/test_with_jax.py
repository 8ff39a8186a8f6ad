"""The JAX rows: what is traced, what is compiled in, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic import _jax
from jaxmagic.compare.backend import RefusedError, Setup
from jaxmagic.compare.cell import bind
from jaxmagic.compare.with_jax import EQUATION_LIMIT, compiled_by_jax, eager, jit, unrolled

GRID = np.linspace(0.0, 1.0, 1000)
PARAMETERS = {"w": np.ones(3), "b": [np.zeros(3), 2.0]}
SEEN = []


def helper(x):
    return x * GRID


def on_grid(x):
    return (helper(x) + GRID).sum()


def with_parameters(x):
    return np.tanh(x * PARAMETERS["w"] + PARAMETERS["b"][0]) * PARAMETERS["b"][1]


def repeated(x, n):
    for _ in range(n):
        x = 0.5 * x + 1.0
    return x


def call(function, *arguments):
    return bind("f(x)", function, function, arguments, {})


def jitted(function, *arguments, limit=1000.0, prepare=jit, **setup):
    return prepare("jit", call(function, *arguments), Setup(limit=limit, **setup), own_code=False)


def program_of(prepared):
    """What was compiled: its jaxpr, and the shapes of its inputs."""
    contender = prepared.contender
    jaxpr = contender.function.trace(*contender.arguments).jaxpr
    return jaxpr, sorted(aval.shape for aval in jaxpr.in_avals)


def test_free_arrays_are_inputs_of_the_program_and_no_constants():
    jaxpr, shapes = program_of(jitted(on_grid, 0.5))
    assert shapes == [(), (1000,)]
    assert _jax.constant_bytes(jaxpr) == 0
    # so that this test can fail: as it is, jax.jit takes the array for a constant
    as_it_is = jax.jit(on_grid).trace(0.5).jaxpr
    assert [aval.shape for aval in as_it_is.in_avals] == [()]


def test_trees_of_free_arrays_are_inputs_leaf_by_leaf():
    jaxpr, shapes = program_of(jitted(with_parameters, 0.5))
    assert shapes == [(), (), (3,), (3,)]
    assert _jax.constant_bytes(jaxpr) == 0


@pytest.mark.parametrize("prepare", [jit, eager])
def test_free_arrays_are_on_the_device_and_the_users_are_not_changed(prepare):
    prepared = prepare("row", call(on_grid, 0.5), Setup(), own_code=False)
    assert isinstance(prepared.result, jax.Array)
    assert float(prepared.result) == pytest.approx(on_grid(0.5), rel=1e-5)
    assert type(GRID) is np.ndarray


def test_the_compile_time_is_split_and_the_first_call_is_not_in_it(clock):
    clock.cost = 1_000_000_000
    prepared = jitted(repeated, 0.5, 3, clock=clock)
    assert prepared.compile_parts_s.keys() == {"trace", "lower", "compile"}
    assert sum(prepared.compile_parts_s.values()) == prepared.compile_s == 3.0
    with _jax.compile_log() as log:
        prepared.contender.function(*prepared.contender.arguments)
    assert log.programs == 0
    assert prepared.temporary_bytes() >= 0


@pytest.mark.parametrize(
    ("function", "arguments", "static"),
    [
        (repeated, (0.5, 3), None),
        (lambda x, n: x * n, (0.5, 3), None),
        (lambda x, up: x + 1 if up else x, (0.5, True), "up"),
        (lambda x, mode: x + 1 if mode == "up" else x, (0.5, "up"), "mode"),
        (lambda x, n, m: x.reshape(n, -1) * m, (np.ones(6), 2, 3), "n"),
        (lambda x, n, flag: [x] * n if flag else x, (0.5, 2, True), "n, flag"),
    ],
)
def test_only_what_tracing_needs_is_static(function, arguments, static):
    prepared = jitted(function, *arguments)
    note = () if static is None else (f"Static, so part of the program: {static}.",)
    assert prepared.notes == note
    for mine, numpys in zip(
        jax.tree_util.tree_leaves(prepared.result),
        jax.tree_util.tree_leaves(function(*arguments)),
        strict=True,
    ):
        np.testing.assert_allclose(mine, numpys)


def test_a_loop_that_would_be_unrolled_into_too_many_equations_is_refused():
    with pytest.raises(RefusedError) as caught:
        jitted(repeated, 0.5, 10_000, prepare=unrolled)
    assert "unrolls the loop into 20,000 equations; above 6,000" in str(caught.value)
    assert "jax.lax.fori_loop in a %%jax section" in str(caught.value)
    few = EQUATION_LIMIT // 100 // 2
    assert jitted(repeated, 0.5, few, prepare=unrolled).compile_s > 0


def test_a_loop_whose_tracing_takes_too_long_is_refused():
    with pytest.raises(RefusedError) as caught:
        jitted(repeated, 0.5, 10**9, limit=0.2, prepare=unrolled)
    assert "tracing it takes" in str(caught.value)
    assert "over the limit of 200 ms" in str(caught.value)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda n: sum(i * 0.5 for i in range(n)), (10,)),
        (lambda _x: 3.0, (0.5,)),
        (lambda: GRID.shape[0], ()),
    ],
)
def test_what_is_computed_at_trace_time_is_refused(function, arguments):
    with pytest.raises(RefusedError, match="everything was computed while tracing"):
        jitted(function, *arguments)


def test_large_constants_of_the_users_own_program_are_noted():
    frozen = jnp.arange(10_000.0)
    own = jax.jit(lambda x: (x * frozen).sum())
    prepared = compiled_by_jax("own", own, (0.5,), Setup(), label="own")
    # newer versions make them inputs of the compiled program, older ones fold them in
    if _jax.constant_bytes(own.trace(0.5).jaxpr):
        assert prepared.notes[0].startswith("39.1 KiB of arrays are constants of the program")
    small = jax.jit(lambda x: (x * jnp.arange(3.0)).sum())
    assert compiled_by_jax("own", small, (0.5,), Setup()).notes == ()


def test_the_disk_cache_is_noted(monkeypatch):
    monkeypatch.setattr(_jax, "disk_cache_in_use", lambda: True)
    assert "JAX's disk cache is on" in jitted(repeated, 0.5, 2).notes[-1]


def test_donated_memory_is_not_the_users():
    mine = jnp.ones(3)
    own = jax.jit(lambda x: x + 1, donate_argnums=0)
    prepared = compiled_by_jax("own", own, (mine,), Setup())
    contender = prepared.contender
    for _ in range(3):
        arguments = contender.renew() if contender.renew else contender.arguments
        assert contender.function(*arguments).tolist() == [2, 2, 2]
    assert mine.tolist() == [1, 1, 1]


def test_eager_compiles_each_operation_once():
    def odd(x):
        return np.sin(x) * np.cosh(x) + np.arange(1234.0)  # a shape that no other test has

    first = eager("eager", call(odd, np.ones(1234)), Setup(), own_code=False)
    assert first.compile_s > 0
    assert first.compile_parts_s["compile"] > 0
    assert first.notes == ()
    again = eager("eager", call(odd, np.ones(1234)), Setup(), own_code=False)
    assert again.compile_s == 0
    assert again.notes == ("All operations were compiled before, so the compile time is 0.",)


@pytest.mark.parametrize("prepare", [jit, eager])
def test_lists_of_the_user_do_not_get_what_is_computed(prepare):
    def log(x):
        SEEN.append(x)
        return x * 2

    prepared = prepare("row", call(log, 0.5), Setup(), own_code=False)
    prepared.contender.function(*prepared.contender.arguments)
    assert SEEN == []


def test_own_code_is_taken_with_its_own_numpy():
    def mixed(x):
        return jnp.sin(x) * np.float32(2)

    prepared = jit("jit", call(mixed, 0.5), Setup(), own_code=True)
    assert float(prepared.result) == pytest.approx(2 * np.sin(0.5))

    def fixed(x):
        return x + np.random.default_rng(0).random()  # NumPy's, while tracing

    assert jit("jit", call(fixed, 0.5), Setup(), own_code=True).compile_s > 0
