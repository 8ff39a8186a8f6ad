"""Trees of libraries that are not asked for: each test runs where its library is installed."""

import sys

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.pytree import summarise


def agrees(tree):
    """Whether the totals are those of JAX; returns the model."""
    model = summarise(tree)
    leaves = jax.tree.leaves(tree)
    assert model.top.leaves == len(leaves)
    assert model.top.faults == 0
    arrays = [leaf for leaf in leaves if isinstance(leaf, jax.Array)]
    assert model.top.size_bytes == sum(leaf.nbytes for leaf in arrays)
    return model


def test_equinox():
    eqx = pytest.importorskip("equinox")
    model = agrees(eqx.nn.MLP(2, 3, 4, 2, key=jax.random.key(0)))
    assert model.top.type_name == "MLP"
    assert ".layers" in model.top.keys
    assert "depth=2" in model.top.static


def test_optax():
    optax = pytest.importorskip("optax")
    parameters = {"w": jnp.zeros((2, 3)), "b": jnp.zeros(3)}
    state = optax.chain(optax.clip(1.0), optax.adam(1e-3)).init(parameters)
    model = agrees(state)
    paths = [model.path(place) for place in ((1, 0, 0), (1, 0, 1, 1), (1, 0, 2, 1))]
    assert paths == ["[1][0].count", "[1][0].mu['w']", "[1][0].nu['w']"]


def test_flax_linen():
    linen = pytest.importorskip("flax.linen")
    module = linen.Dense(3)
    agrees(module.init(jax.random.key(0), jnp.zeros((1, 2))))
    assert summarise(module).top.kind == "opaque"


def test_flax_nnx():
    nnx = pytest.importorskip("flax.nnx")
    module = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
    agrees(nnx.state(module))
    agrees(nnx.split(module))
    agrees(module)


def test_nothing_is_imported_for_a_summary():
    before = set(sys.modules)
    summarise({"a": jnp.zeros(3), "b": [1, None, "x"], "k": jax.random.key(0)})
    new = {name.partition(".")[0] for name in set(sys.modules) - before}
    assert new <= {"jax", "jaxlib", "jaxmagic", "numpy"}
