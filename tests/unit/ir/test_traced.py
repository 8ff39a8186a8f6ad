"""Whatever is called is traced: nothing is executed, lost or changed."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx

from jaxmagic.ir import hlo
from jaxmagic.ir.traced import trace

ONES = jnp.ones(3)


class Scale:
    def __init__(self):
        self.w = jnp.full(3, 2.0)

    def method(self, x):
        return self.w * x

    @functools.partial(jax.jit, static_argnums=0)
    def jitted_method(self, x):
        return self.w * x

    def __call__(self, x):
        return self.w + x


def by_mode(x, mode):
    return x + 1 if mode == "up" else x - 1


def of_module(module, x):
    return jnp.sum(module(x) ** 2)


class Dense(linen.Module):
    @linen.compact
    def __call__(self, x):
        return linen.relu(linen.Dense(2)(x))


def mlp():
    return eqx.nn.MLP(3, 1, 4, 2, key=jax.random.key(0))


def sharded():
    mesh = jax.make_mesh((1,), ("i",))
    spec = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("i"))
    return jax.device_put(jnp.ones(4), spec)


F32 = functools.partial(jax.ShapeDtypeStruct, dtype=jnp.float32)
VARIABLES = Dense().init(jax.random.key(0), jnp.ones((1, 3)))
# a function, arguments, the primitives that must be in it, and its name
CALLS = {
    "function": (jnp.sin, (ONES,), {"sin"}, "sin"),
    "jitted": (jax.jit(by_mode, static_argnames="mode"), (ONES, "up"), {"add"}, "by_mode"),
    "static string": (by_mode, (ONES, "down"), {"sub"}, "by_mode"),
    "donated": (jax.jit(jnp.cos, donate_argnums=0), (ONES,), {"cos"}, "cos"),
    "grad": (jax.grad(lambda x: jnp.sum(jnp.sin(x))), (ONES,), {"cos"}, "<lambda>"),
    "vmap of jitted": (jax.vmap(jax.jit(jnp.exp)), (ONES,), {"exp"}, "exp"),
    "method": (Scale().method, (ONES,), {"mul"}, "method"),
    "jitted method": (Scale().jitted_method, (ONES,), {"mul"}, "jitted_method"),
    "callable object": (Scale(), (ONES,), {"add"}, "Scale"),
    "partial": (functools.partial(jnp.power, 2.0), (ONES,), {"pow"}, "power"),
    "function as argument": (lambda f, x: f(x), (jnp.tan, ONES), {"tan"}, "<lambda>"),
    "shapes": (jnp.matmul, (F32((3, 4)), F32((4, 5))), {"dot_general"}, "matmul"),
    "NumPy": (jnp.log, (np.ones(3),), {"log"}, "log"),
    "numbers": (lambda a, b: a * b, (2, 3.0), {"mul"}, "<lambda>"),
    "None": (by_mode, (ONES, None), {"sub"}, "by_mode"),
    "tree": (lambda p: p["w"] * p["b"], ({"w": ONES, "b": ONES},), {"mul"}, "<lambda>"),
    "key": (jax.random.normal, (jax.random.key(0),), {"random_bits"}, "normal"),
    "module": (mlp(), (ONES,), {"dot_general"}, "MLP"),
    "module as argument": (of_module, (mlp(), ONES), {"dot_general"}, "of_module"),
    "filter_jit": (eqx.filter_jit(of_module), (mlp(), ONES), {"dot_general"}, "of_module"),
    "filter_grad": (eqx.filter_grad(of_module), (mlp(), ONES), {"dot_general"}, "of_module"),
    "filter_vmap": (eqx.filter_vmap(mlp()), (jnp.ones((5, 3)),), {"dot_general"}, "_VmapWrapper"),
    "linen": (Dense().apply, (VARIABLES, jnp.ones((1, 3))), {"dot_general"}, "apply"),
    "nnx": (nnx.Linear(3, 2, rngs=nnx.Rngs(0)), (jnp.ones((1, 3)),), {"dot_general"}, "Linear"),
    "result that is no array": (lambda x: (jnp.sin(x), "s", jnp.cos), (ONES,), {"sin"}, "<lambda>"),
    "sharded": (lambda x: x.sum(), (sharded(),), {"reduce_sum"}, "<lambda>"),
}


@pytest.mark.parametrize("kind", CALLS)
def test_it_is_traced_as_it_is_called(kind):
    function, args, primitives, name = CALLS[kind]
    traced = trace(function, *args)
    assert primitives <= {one.primitive for one in traced.equations}
    assert traced.name == name
    assert traced.stablehlo_text == traced.as_it_is.lower().as_text()


def test_nothing_is_executed_and_what_is_donated_is_not_lost():
    called = []

    def f(x):
        called.append(type(x).__name__)
        jax.debug.callback(called.append, x)
        return x * 2

    x = jnp.ones(3)
    traced = trace(jax.jit(f, donate_argnums=0), x)
    jax.effects_barrier()
    assert len(called) == 1  # it was traced, once
    assert not x.is_deleted()
    assert "tf.aliasing_output" in traced.stablehlo_text or "buffer_donor" in traced.stablehlo_text


def test_named_arguments_keep_their_names():
    traced = trace(lambda *, x, scale=1.0: x * scale, x=ONES, scale=2.0)
    parameters = [
        [one.op_name for one in hlo.parse(text).instructions if one.opcode == "parameter"]
        for text in (
            traced.lowered.compile().as_text(),
            traced.as_it_is.lower().compile().as_text(),
        )
    ]
    assert parameters[0] == parameters[1]
    assert any("scale" in name for name in parameters[0])


def test_the_numbers_of_a_module_are_settings():
    class Cut(eqx.Module):
        w: jax.Array
        most: float

        def __call__(self, x):
            return self.w * x if self.most > 1 else x

    assert [one.primitive for one in trace(Cut(ONES, 2.0), ONES).equations] == ["mul"]


def test_errors_of_the_function_are_its_own():
    def f(x):
        if x.sum() > 0:
            return x
        return -x

    with pytest.raises(jax.errors.TracerBoolConversionError):
        trace(f, ONES)
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: x / (1 // 0), ONES)


def test_where_a_program_can_not_be_copied_it_is_traced_all_the_same(monkeypatch):
    monkeypatch.delattr("jax._src.core.jaxpr_as_fun")
    traced = trace(jnp.sin, ONES)
    assert traced.tagged is traced.as_it_is
    assert [one.primitive for one in traced.equations] == ["sin"]
