"""Each staged recompile is named right, with the cell and line it came from, in a real shell."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from jaxmagic import compiles

SETUP = """
import functools, jax, jax.numpy as jnp, numpy as np
from functools import partial
x = jnp.arange(3.0)
"""

F = "@jax.jit\ndef f(x, y=1.0):\n    return x * y\n"

STAGED = {
    # name: cells, the last of which compiles again; kind, argument, words, line in the last cell
    "shape": ([F, "f(x)", "y = jnp.arange(4.0)\nf(y)"], "shape", "x", "float32[4]", 2),
    "dtype": ([F, "f(x)", "i = jnp.arange(3)\nf(i)"], "dtype", "x", "int32[3]", 2),
    "weak type": (
        [F, "f(x, jnp.float32(2))", "f(x, 2.0)"],
        "weak type",
        "y",
        "weak float32[]",
        1,
    ),
    "static value": (
        [
            "@partial(jax.jit, static_argnames='n')\ndef f(x, n):\n    return x * n",
            "f(x, 2)",
            "three = 3\nf(x, n=three)",
        ],
        "static value",
        "n",
        "3, was 2",
        2,
    ),
    "tree structure": (
        [
            "@jax.jit\ndef f(params):\n    return params['w']",
            "f({'w': x})",
            "f({'w': x,\n   'b': x})",
        ],
        "tree",
        "params['b']",
        "absent",
        1,
    ),
    "lambda in a loop": (
        ["pass", "pass", "for i in range(2):\n    jax.jit(lambda x: x + 5)(x)"],
        "new function",
        "<lambda>",
        "loop",
        2,
    ),
    "partial made again": (
        [
            "def f(n, x):\n    return x * n",
            "jax.jit(partial(f, 2))(x)",
            "jax.jit(partial(f, 2))(x)",
        ],
        "new function",
        "partial(f)",
        "functools.partial",
        1,
    ),
    "bound method": (
        [
            "class Model:\n    def step(self, x):\n        return x + 6\nm = Model()",
            "a = jax.jit(m.step)\na(x)",
            "b = jax.jit(Model().step)\nb(x)",
        ],
        "new function",
        "Model.step",
        "bound method",
        2,
    ),
    "static self": (
        [
            (
                "class Model:\n    @partial(jax.jit, static_argnums=0)\n"
                "    def step(self, x):\n        return x + 7"
            ),
            "m = Model()\nm.step(x)",
            "m = Model()\nm.step(x)",
        ],
        "static value",
        "self",
        "another Model",
        2,
    ),
    "x64 switched": (
        [
            F,
            "f(x)",
            (
                "jax.config.update('jax_enable_x64', True)\ntry:\n    f(x)\nfinally:\n"
                "    jax.config.update('jax_enable_x64', False)"
            ),
        ],
        "configuration",
        "jax_enable_x64",
        "True, was False",
        3,
    ),
    "matmul precision": (
        [
            "@jax.jit\ndef f(x):\n    return x @ x",
            "f(x)",
            "with jax.default_matmul_precision('highest'):\n    f(x)",
        ],
        "configuration",
        "jax_default_matmul_precision",
        "highest, was None",
        2,
    ),
    "grad outside jit": (
        ["@jax.jit\ndef f(x):\n    return (x**2).sum()", "f(x)", "g = jax.grad(f)\ng(x)"],
        "transform",
        "f",
        "outside of jit",
        2,
    ),
    "f.clear_cache": ([F, "f(x)", "f.clear_cache()\nf(x)"], "cleared", "", "f.clear_cache()", 2),
    "jax.clear_caches": (
        [F, "f(x)", "jax.clear_caches()\nf(x)"],
        "cleared",
        "",
        "jax.clear_caches()",
        2,
    ),
    # ---------------------------------------------------- ten more
    "cell run again": (
        ["pass", F + "f(x)", F + "f(x)"],
        "new function",
        "f",
        "running its cell again",
        4,
    ),
    "other code of the same name": (
        [F, "f(x)", "@jax.jit\ndef f(x):\n    return x - 1\nf(x)"],
        "other code",
        "",
        "cell 3",
        4,
    ),
    "list in place of a tuple": (
        ["@jax.jit\ndef f(pair):\n    return pair[0]", "f((x, x))", "f([x, x])"],
        "tree",
        "pair",
        "list, was tuple",
        1,
    ),
    "None in place of an array": (
        [
            "@jax.jit\ndef f(x, mask=None):\n    return x if mask is None else x * mask",
            "f(x, x)",
            "f(x, None)",
        ],
        "tree",
        "mask",
        "None, was float32[3]",
        1,
    ),
    "one leaf of many": (
        [
            (
                "@jax.jit\ndef f(params):\n    return params['a']['w']\n"
                "p = {'a': {'w': x, 'b': x}, 'c': [x, x]}"
            ),
            "f(p)",
            "p['a']['b'] = jnp.ones((2, 2))\nf(p)",
        ],
        "shape",
        "params['a']['b']",
        "float32[2,2], was float32[3]",
        2,
    ),
    "called in another cell's function": (
        [
            "@jax.jit\ndef f(x):\n    return x\ndef train(x):\n\n    return f(x)",
            "train(x)",
            "1\n2\ntrain(x[1:])",
        ],
        "shape",
        "x",
        "float32[2]",
        3,
    ),
    "grad jitted in a loop": (
        [
            "def loss(x):\n    return (x * x).sum()",
            "jax.jit(jax.grad(loss))(x)",
            "step = jax.jit(jax.grad(loss))\nstep(x)",
        ],
        "new function",
        "grad(loss)",
        "of the same code as in cell 3",
        2,
    ),
    "vmap outside jit": (
        ["@jax.jit\ndef f(x):\n    return x + 8", "f(x)", "xx = jnp.ones((2, 3))\njax.vmap(f)(xx)"],
        "transform",
        "f",
        "mapped outside of jit",
        2,
    ),
    "eager scan": (
        [
            "def run():\n    return jax.lax.scan(lambda c, _: (c + 1, c), 0.0, x)",
            "run()",
            "out = None\nrun()",
        ],
        "new function",
        "jaxpr",
        "function that it was given is a new object",
        2,
    ),
    "closure in a loop": (
        [
            (
                "def make(n):\n    @jax.jit\n    def scaled(x):\n        return x * n\n"
                "    return scaled"
            ),
            "pass",
            "for n in (2, 3):\n    make(n)(x)",
        ],
        "new function",
        "scaled",
        "made again",
        2,
    ),
    "static field of a tree": (
        [
            (
                "import dataclasses\n"
                "@partial(jax.tree_util.register_dataclass, data_fields=['w'], "
                "meta_fields=['rate'])\n"
                "@dataclasses.dataclass\nclass Layer:\n    w: object\n    rate: float\n"
                "f = jax.jit(lambda layer: layer.w * layer.rate)"
            ),
            "f(Layer(x, 0.5))",
            "f(Layer(x, 0.25))",
        ],
        "static value",
        "layer (Layer)",
        "(0.25,), was (0.5,)",
        1,
    ),
    "other keys of the same form": (
        ["f = jax.jit(lambda params: 1.0)", "f({'w': x})", "f({'v': x})"],
        "tree",
        "params['v']",
        "absent; and 1 more",
        1,
    ),
    "static enum": (
        [
            (
                "import enum\nMode = enum.Enum('Mode', 'TRAIN TEST')\n"
                "@partial(jax.jit, static_argnums=1)\ndef f(x, mode):\n    return x"
            ),
            "f(x, Mode.TRAIN)",
            "f(x, Mode.TEST)",
        ],
        "static value",
        "mode",
        "Mode.TEST, was Mode.TRAIN",
        1,
    ),
    "numpy in double precision": (
        [
            "from jaxmagic._jax import x64\n" + F,
            "f(x)",
            "with x64(True):\n    f(np.ones(3))",
        ],
        "configuration",
        "jax_enable_x64",
        "True, was False",
        2,
    ),
}


@pytest.fixture
def cells(bare_shell):
    """Run cells as a notebook does; returns what the last one compiled."""
    compiles.start()

    def cells(*texts):
        for text in texts:
            before = compiles.recorder().last
            bare_shell.run_cell(dedent(text), store_history=True).raise_error()
        return compiles.recorder().compiles(before)

    yield cells
    compiles.stop()


@pytest.mark.parametrize("name", STAGED)
def test_a_staged_recompile_is_named_with_its_cell_and_line(cells, name):
    texts, kind, changed, words, line = STAGED[name]
    found = cells(SETUP, *texts)
    record = next(record for record in reversed(found) if record.reason.kind == kind)
    assert words in record.reason.words
    assert record.reason.changed == changed
    assert (record.cell, record.line) == (4, line)
    assert record.outcome == "compiled"
    assert found.notes == ()
    again = [r for r in found if r.kind == "user function" and r.reason.kind != kind]
    assert all(r.reason.kind == "first" for r in again)


@pytest.mark.parametrize("name", ["shape", "static value", "tree structure", "lambda in a loop"])
def test_what_can_be_avoided_says_how(cells, name):
    texts, kind, *_ = STAGED[name]
    found = cells(SETUP, *texts)
    [record] = [r for r in found if r.kind == "user function" and r.reason.again]
    assert record.reason.kind == kind
    assert record.reason.remedy


@pytest.fixture
def loaded(cells):
    """The same, where the extension is loaded and unloaded."""
    cells("%load_ext jaxmagic")
    yield cells
    cells("%unload_ext jaxmagic")


def test_what_a_comparison_compiles_is_none_of_the_users_pitfalls(loaded):
    loaded(SETUP, F, "f(x)")
    found = loaded("%%jaxcompare --seconds 0.01\nf(x[1:])")
    measured = [record for record in found if record.reason.kind == "measured"]
    assert {record.cell for record in measured} == {5}
    assert measured[-1].reason.words == "compiled by %%jaxcompare, to be measured"
    assert [record.function for record in found.again] == []
    assert loaded("f(x[2:])")[-1].reason.kind == "shape"


ON_TWO_DEVICES = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from jaxmagic import compiles

compiles.start()
shell = InteractiveShell.instance()
for text in (
    "import jax, jax.numpy as jnp\\nfrom jax.sharding import NamedSharding, PartitionSpec as P\\n"
    "f = jax.jit(lambda x: x + 1)\\nx = jnp.ones(4)\\nmesh = jax.make_mesh((2,), ('i',))",
    "f(jax.device_put(x, jax.devices()[0]))",
    "y = jax.device_put(x, jax.devices()[1])\\nf(y)",
    "1\\n2\\nf(jax.device_put(x, NamedSharding(mesh, P('i'))))",
):
    shell.run_cell(text, store_history=True).raise_error()
for record in compiles.compiles():
    if record.kind == "user function":
        reason = record.reason
        print(record.place, reason.kind, reason.changed, reason.after, record.device, sep="|")
"""


def test_another_device_and_another_sharding_are_named():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    ran = subprocess.run(
        [sys.executable, "-c", ON_TWO_DEVICES],
        env=os.environ | flags,
        capture_output=True,
        text=True,
        check=True,
    )
    first, other_device, sharded = ran.stdout.splitlines()[-3:]
    assert first.startswith("In[2]:1|first|")
    assert other_device == "In[3]:2|device|x|cpu:1|cpu:1"
    assert sharded.startswith("In[4]:3|device|x|P('i') over 2 devices")


IN_MESHES = """
from IPython.core.interactiveshell import InteractiveShell
from jaxmagic import compiles

compiles.start()
shell = InteractiveShell.instance()
for text in (
    "import warnings, jax, jax.numpy as jnp\\n"
    "use = getattr(jax, 'set_mesh', None) or jax.sharding.use_mesh\\n"
    "f, g = jax.jit(lambda x: x + 1), jax.jit(lambda x: x + 2)\\nx = jnp.ones(4)\\n"
    "one, other = jax.make_mesh((4,), ('i',)), jax.make_mesh((2, 2), ('i', 'j'))",
    "f(x);",
    "with use(one):\\n    f(x)",
    "with use(other):\\n    f(x)",
    "f(x);",
    "g(x);",
    "with warnings.catch_warnings(action='ignore'):\\n    with one:\\n        g(x)",
):
    shell.run_cell(text, store_history=True).raise_error()
for record in compiles.compiles():
    if record.kind == "user function":
        print(record.place, record.reason.kind, record.reason.words, record.reason.remedy, sep="|")
"""


def test_another_mesh_of_the_context_is_named():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    ran = subprocess.run(
        [sys.executable, "-c", IN_MESHES],
        env=os.environ | flags,
        capture_output=True,
        text=True,
        check=True,
    )
    remedy = "enter the context of the mesh once, around all calls"
    assert ran.stdout.splitlines() == [
        "In[2]:1|first|first call|",
        f"In[3]:2|configuration|mesh of the context: i=4, was none|{remedy}",
        f"In[4]:2|configuration|mesh of the context: i=2, j=2, was i=4|{remedy}",
        "In[6]:1|first|first call|",
        f"In[7]:3|configuration|mesh of the context: i=4, was none|{remedy}",
    ]


def test_what_jaxir_compiles_is_its_own(shell):
    shell.run_cell("import jax, jax.numpy as jnp\ndef asked(x):\n    return jnp.sin(x)")
    shell.run_cell("%jaxir asked(f32[3])").raise_error()
    found = [record for record in compiles() if record.function == "asked"]
    assert found
    assert {record.reason.words for record in found} == {"compiled by %jaxir, to be shown"}
