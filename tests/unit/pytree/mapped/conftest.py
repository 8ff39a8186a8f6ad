"""A line of %pytree that is asked as the magic asks it, without a shell."""

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.pytree.mapped import call_result, recognised


@pytest.fixture
def ask():
    """Recognise a call in code, make it, and return what was found."""

    def ask(code, **names):
        namespace = {"jax": jax, "jnp": jnp, **names}
        call = recognised(code, namespace, "<line>")
        assert call is not None
        return call_result(call, namespace)

    return ask


@pytest.fixture
def lecture():
    """The two trees of the lecture's figure."""

    def tree(scale):
        a = [scale * number for number in (1, 2, 3)]
        inner = {"c": jnp.array([4, 5]) * scale, "d": jnp.array([[6, 7], [8, 9]]) * scale}
        return {"a": a, "b": inner}

    return {"pytree1": tree(1), "pytree2": tree(10)}


@pytest.fixture
def training():
    """The parameters of a small network, their gradients, and a learning rate."""

    def layers(scale):
        return [
            {"w": jnp.full((2, 3), scale), "b": jnp.full(3, scale / 4)},
            {"w": jnp.full((3, 4), scale), "b": jnp.full(1, scale)},
        ]

    return {"params": layers(1.0), "grads": layers(0.5), "lr": 0.1}
