"""Programs of many kinds, each a function and its arguments."""

import jax
import jax.numpy as jnp


def where(x):
    y = jnp.where(x > 0, jnp.sin(x), x)
    return jax.nn.softmax(y)


def scan(x):
    def step(carry, item):
        return carry + item * 2, carry

    last, each = jax.lax.scan(step, jnp.float32(0), where(x))
    return each * last


def loss(params, x):
    hidden = jnp.tanh(x @ params["w"] + params["b"])
    return jnp.mean(hidden**2)


@jax.custom_vjp
def own_vjp(x):
    return jnp.sin(x)


own_vjp.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (g * jnp.cos(x),))


@jax.custom_jvp
def own_jvp(x):
    return jnp.exp(x)


own_jvp.defjvp(lambda primals, tangents: (jnp.exp(primals[0]), tangents[0] * 2))


def of_all(function):
    return lambda *args: jnp.sum(function(*args))


def until_large(x):
    return jax.lax.while_loop(lambda c: c[1] < 10, lambda c: (c[0] * 2, c[1] + 1), (x, 0))


ONES = jnp.ones(8)
PARAMS = {"w": jnp.ones((4, 3)), "b": jnp.ones(3)}

PROGRAMS = {
    "where": (where, ONES),
    "scan": (scan, ONES),
    "grad of scan": (jax.grad(of_all(scan)), ONES),
    "vmap": (jax.vmap(scan), jnp.ones((3, 8))),
    "while": (until_large, ONES),
    "fori": (lambda x: jax.lax.fori_loop(0, 5, lambda i, c: c * 2 + i, x), ONES),
    "cond": (lambda x: jax.lax.cond(x.sum() > 0, lambda y: y * 2, lambda y: y - 1, x), ONES),
    "switch": (lambda i, x: jax.lax.switch(i, [jnp.sin, jnp.cos, jnp.tan], x), 1, ONES),
    "custom_vjp": (jax.grad(of_all(own_vjp)), ONES),
    "custom_jvp": (lambda x: own_jvp(x) + 1, ONES),
    "remat": (jax.grad(of_all(jax.checkpoint(scan))), ONES),
    "hessian": (jax.hessian(lambda x: jnp.sum(jnp.exp(x) ** 2)), ONES),
    "mlp": (jax.grad(loss), PARAMS, jnp.ones((5, 4))),
    "svd": (lambda a: jnp.linalg.svd(a)[1], jnp.ones((4, 4))),
    "random": (lambda key: jax.random.normal(key, (4,)), jax.random.key(0)),
    "sort": (lambda x: jnp.sort(x)[::-1], ONES),
    "fft": (lambda x: jnp.abs(jnp.fft.fft(x)), ONES),
    "callback": (
        lambda x: jax.pure_callback(lambda y: y, jax.ShapeDtypeStruct((8,), jnp.float32), x),
        ONES,
    ),
}
