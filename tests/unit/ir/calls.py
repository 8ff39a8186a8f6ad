"""Kinds of calls: a function, its arguments, the primitives in it, and the name JAX gives it."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from flax import linen, nnx

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
