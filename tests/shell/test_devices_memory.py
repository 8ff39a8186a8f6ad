"""Who holds which array in a real shell: results of cells, a failed cell, and what frees them."""

import gc

import pytest

from jaxmagic.compiles.memory import devices

START = """
import jax, jax.numpy as jnp
class Model: pass
model = Model()
model.layers = [{'w': jnp.ones((301, 2))}]
"""


@pytest.fixture
def ready(shell):
    """Start a shell in which JAX is imported and a model lies."""
    assert shell.run_cell(START, silent=True).success
    return shell


def names(shell, shape):
    """The names of the arrays of a shape that the shell's user would be shown."""
    gc.collect()
    found = devices(shell.user_ns, seconds=60)
    groups = [group for group in found.groups if group.shape == shape]
    return [name.text for group in groups for name in group.names]


def run(shell, cell):
    return shell.run_cell(cell, store_history=True)


def test_a_variable_of_the_shell_is_named_as_it_is_typed(ready):
    assert names(ready, (301, 2)) == ["model.layers[0]['w']"]


def test_a_result_is_held_by_out_until_it_is_forgotten(ready):
    ready.execution_count = 1
    assert run(ready, "jnp.ones((302, 3))").success
    assert names(ready, (302, 3)) == ["_", "Out[1]"]
    assert run(ready, "None").success
    for n in range(3):
        assert run(ready, f"{n}").success
    assert names(ready, (302, 3)) == ["Out[1]"]
    assert run(ready, "del Out[1]").success
    assert names(ready, (302, 3)) == ["_1"]
    assert run(ready, "del _1").success
    assert names(ready, (302, 3)) == ["in a dict, as _1"]  # IPython has one of its own
    ready.run_line_magic("reset", "-f out")


def test_a_failed_cell_holds_the_variables_of_its_calls_until_they_are_cleared(ready, capsys):
    cell = (
        "def loss(n):\n"
        "    batch = {'x': jnp.ones((n, 4))}\n"
        "    return batch['x'] @ jnp.ones((n, 4))\n"
        "loss(303)"
    )
    assert not run(ready, cell).success
    assert "batch['x'] in loss() of the last traceback" in names(ready, (303, 4))
    assert run(ready, "import sys, traceback; traceback.clear_frames(sys.last_traceback)").success
    capsys.readouterr()
    assert not [name for name in names(ready, (303, 4)) if "loss()" in name]


def test_another_error_takes_the_place_of_the_last(ready, capsys):
    cell = "def leak():\n    big = jnp.ones((304, 4))\n    raise ValueError\nleak()"
    assert not run(ready, cell).success
    assert names(ready, (304, 4)) == ["big in leak() of the last traceback"]
    assert not run(ready, "1 / 0").success
    capsys.readouterr()
    assert not [name for name in names(ready, (304, 4)) if "last traceback" in name]


def test_a_folded_constant_is_told_after_its_variable_is_gone(ready):
    assert run(ready, "table = jnp.ones((305, 5))\ndef f(x):\n    return x + table").success
    assert run(ready, "f = jax.jit(f); y = f(1.0); del table, y").success
    assert names(ready, (305, 5)) == ["a constant of f, which JAX has traced"]


def test_looking_changes_no_variable(ready):
    before = dict(ready.user_ns)
    devices(ready.user_ns)
    assert ready.user_ns == before
