"""The question in Python: what it may be asked, and what it leaves alone."""

import subprocess
import sys
import textwrap

import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic import show
from jaxmagic.pytree.look import look
from jaxmagic.pytree.look.result import PyTree


def test_a_tree_is_looked_at():
    result = look({"w": np.ones((2, 3)), "b": [0.0, None]}, name="params")
    assert isinstance(result, PyTree)
    assert (result.name, result.tree.top.leaves, result.stats) == ("params", 2, None)
    assert repr(result).startswith("params: 2 leaves, 7 parameters, 48 B, depth 2\n")


def test_the_name_is_made_safe():
    assert look(1, name="a\nb\u202e").name == "a\\u000ab\\u202e"
    assert len(look(1, name="x + " * 1000).name) <= 60


def test_depth_must_not_be_negative():
    with pytest.raises(ValueError, match="depth is -1: give 0 for the totals alone"):
        look({}, depth=-1)


def test_values_are_read_only_for_stats(monkeypatch):
    tree = {"w": jnp.arange(4.0)}
    kind = type(tree["w"])

    def refuse(*_arguments, **_options):
        problem = "read"
        raise AssertionError(problem)

    for name in ("__array__", "__repr__", "__str__", "__iter__"):
        monkeypatch.setattr(kind, name, refuse)
    result = look(tree, sharding=True)
    show.html(result)
    assert "cpu:0" in str(result)
    monkeypatch.undo()
    asked = look(tree, stats=True)
    assert asked.stats.at[(0,)].max == 3


def test_the_text_of_a_leaf_is_never_asked_for():
    class Leaf:
        def __repr__(self):
            problem = "asked"
            raise AssertionError(problem)

        __str__ = __hash__ = __eq__ = __len__ = __repr__

    result = look([Leaf(), {"a": Leaf()}], stats=True, sharding=True)
    assert "Leaf" in str(result)
    assert "Leaf" in show.html(result)


def test_progress_is_told():
    said = []
    look({"w": np.ones(1000)}, stats=True, progress=said.append)
    assert said


def test_arrays_on_several_devices_are_drawn(eight_devices):
    said = eight_devices(
        "import jax, numpy as np\n"
        "from jax.sharding import Mesh, NamedSharding, PartitionSpec as P\n"
        "from jaxmagic import show\n"
        "from jaxmagic.pytree.look import look\n"
        "from jaxmagic.pytree.look.result import PyTree\n"
        "mesh = Mesh(np.array(jax.devices()).reshape(4, 2), ('x', 'y'))\n"
        "w = jax.device_put(np.ones((8, 4), 'float32'), NamedSharding(mesh, P('x', None)))\n"
        "result = look({'w': w, 'b': np.ones(3)}, sharding=True)\n"
        "print(result)\n"
        "assert PyTree.from_json(result.to_json()) == result\n"
        "html = show.html(result)\n"
        "assert html.count('how they lie on their devices (1 layout)') == 1\n"
        "print(look({'w': w}))\n"
    )
    assert "P('x', None) on x=4, y=2" in said
    assert said.count("On 8 devices, 32 B on each.") == 2
    assert "┌" in said


def test_a_view_needs_no_jax(tmp_path):
    file = tmp_path / "tree.json"
    file.write_text(look({"w": np.ones((2, 3)), "b": [0.0] * 50}).to_json())
    code = (
        "import pathlib, sys\n"
        "from jaxmagic import show\n"
        "from jaxmagic.pytree.look.result import PyTree\n"
        f"result = PyTree.from_json(pathlib.Path({str(file)!r}).read_text())\n"
        "print(len(str(result)), len(show.html(result)))\n"
        "print(*sorted({'jax', 'jaxlib', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


def test_the_example_of_the_documentation_is_real():
    def layer():
        return {"kernel": np.ones((4, 4), "float32"), "bias": np.ones(4, "float32")}

    said = str(look({"layers": [layer(), layer(), layer()], "scale": 2.0}, name="params"))
    documented = textwrap.dedent(look.__doc__.partition("\n")[2])
    assert textwrap.indent(said, "    ") in documented
