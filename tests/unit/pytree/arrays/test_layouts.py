"""How arrays lie on several devices, in text and in HTML."""

import itertools
import re
from dataclasses import replace

import jax
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree import summarise
from jaxmagic.pytree.arrays.layouts import (
    Block,
    Layout,
    devices_text,
    layout_html,
    layout_lines,
)
from jaxmagic.pytree.arrays.placement import layouts_of

START = """
import jax, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P, SingleDeviceSharding
from jaxmagic.pytree import summarise
from jaxmagic.pytree.arrays.layouts import layout_lines
from jaxmagic.pytree.arrays.placement import layouts_of
automatic = {"axis_types": (jax.sharding.AxisType.Auto,) * 2}
mesh = jax.make_mesh((4, 2), ("x", "y"), **automatic)
def put(shape, *spec, dtype="float32"):
    return jax.device_put(np.zeros(shape, dtype), NamedSharding(mesh, P(*spec)))
def draw(tree):
    for layout in layouts_of(tree, summarise(tree)):
        print("\\n".join(layout_lines(layout)))
"""


def test_each_layout_is_drawn_once_and_names_the_first_array(eight_devices):
    code = START + "b = put((8, 4), 'x', 'y')\ndraw({'one': np.ones(3), 'w': [b, b + 1], 'z': b})"
    assert eight_devices(code) == (
        "['w'][0] float32[8,4], P('x', 'y') on x=4, y=2 and 2 more arrays\n"
        "       0:2     2:4\n"
        "    ┌───────┬───────┐\n"
        "0:2 │ cpu:0 │ cpu:1 │\n"
        "    ├───────┼───────┤\n"
        "2:4 │ cpu:2 │ cpu:3 │\n"
        "    ├───────┼───────┤\n"
        "4:6 │ cpu:4 │ cpu:5 │\n"
        "    ├───────┼───────┤\n"
        "6:8 │ cpu:6 │ cpu:7 │\n"
        "    └───────┴───────┘\n"
    )


def test_replicas_are_named_together(eight_devices):
    out = eight_devices(START + "draw([put((8, 4), 'x', None), put((3,))])")
    assert "0:2 │ cpu:0,1 │" in out
    assert "6:8 │ cpu:6,7 │" in out
    assert "Split in dimension 0 down; the others whole." in out
    assert "Each device has all of it.\n┌─────────┐\n│ cpu:0-7 │" in out


def test_one_dimension_over_two_axes_stands_side_by_side(eight_devices):
    out = eight_devices(START + "draw(put((16,), ('x', 'y')))")
    assert out.startswith("the array float32[16], P(('x', 'y')) on x=4, y=2\n")
    assert "│ " + " │ ".join(f"cpu:{n}" for n in range(8)) + " │" in out


def test_two_split_dimensions_of_three_make_the_grid(eight_devices):
    out = eight_devices(START + "draw(put((2, 3, 4), 'y', None, 'x'))")
    assert "Split in dimension 0 down, dimension 2 across; the others whole." in out
    assert "0:1 │ cpu:0 │ cpu:2 │ cpu:4 │ cpu:6 │" in out


def test_an_array_split_in_three_dimensions_is_a_list_of_blocks(eight_devices):
    cube = (
        "three = jax.make_mesh((2, 2, 2), tuple('abc'), axis_types=automatic['axis_types'][:1]*3)\n"
        "draw(jax.device_put(np.zeros((4, 4, 4)), NamedSharding(three, P('a', 'b', 'c'))))"
    )
    out = eight_devices(START + cube)
    assert "cpu:2  [0:2, 2:4, 0:2]" in out
    assert out.count("cpu:") == 8


def test_abstract_arrays_have_a_layout_too_and_what_does_not_divide_says_so(eight_devices):
    code = """
sharding = NamedSharding(mesh, P('x'))
draw({'a': jax.ShapeDtypeStruct((8,), 'int8', sharding=sharding)})
class Odd:
    shape, dtype = (5,), np.dtype('int8')
    sharding = sharding
from dataclasses import replace
tree = {'a': put((8,), 'x')}
model = summarise(tree)
tree['a'] = Odd()
draw2 = layouts_of(tree, model)[0]
print(layout_lines(draw2)[1], draw2.blocks)
"""
    out = eight_devices(START + code)
    assert "['a'] int8[8], P('x') on x=4, y=2" in out
    assert re.search(r"Which device has what can't be told: \w+Error: .*\(\)$", out.strip())


def test_eight_layouts_are_given_and_the_rest_counted(eight_devices):
    code = "tree = [put((8 * n,), 'x') for n in range(1, 13)]\n"
    code += "print(len(layouts_of(tree, summarise(tree))))\ndraw(tree)"
    out = eight_devices(START + code)
    assert out.startswith("8\n")
    assert out.endswith("… and 4 other layouts\n")


def test_a_tree_on_one_device_has_none():
    tree = {"w": jax.numpy.ones((2, 3)), "n": np.ones(3), "s": "text"}
    assert layouts_of(tree, summarise(tree)) == ()


def split(shape, parts):
    """A layout of ``shape`` cut into ``parts``, each block on a device of its own."""
    cuts = [
        [(length * n // part, length * (n + 1) // part) for n in range(part)]
        for length, part in zip(shape, parts, strict=True)
    ]
    blocks = tuple(
        Block(tuple(r[0] for r in ranges), tuple(r[1] for r in ranges), (f"cpu:{number}",))
        for number, ranges in enumerate(itertools.product(*cuts))
    )
    return Layout("['w']", 1, shape, ("float32",), "somehow", blocks)


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.sampled_from([1, 40, 10**9]),
    st.sampled_from(["", "x" * 200]),
)
def test_a_drawing_is_at_most_100_columns_and_elides_the_middle(parts, each, more):
    parts = parts[:2] + [min(part, 2) for part in parts[2:]]
    shape = tuple(part * each for part in parts)
    layout = replace(split(shape, parts), sharding=f"somehow {more}")
    lines = layout_lines(layout)
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 40
    joined = "\n".join(lines)
    assert "cpu:0" in joined
    assert (f"cpu:{len(layout.blocks) - 1}" in joined) or "more block" in joined
    layout_html(layout)


def test_devices_are_named_briefly():
    assert devices_text([f"gpu:{n}" for n in (0, 1, 2, 3, 8)]) == "gpu:0-3,8"
    assert devices_text([f"tpu:{n}" for n in range(0, 64, 2)]) == "32 devices, tpu:0 …"


def test_the_html_is_a_table_and_hostile_names_are_escaped(seen):
    layout = replace(split((4, 4), (2, 2)), path="<script>alert(1)</script>", note="")
    html = layout_html(layout)
    assert "<script" not in html
    page = seen(html)
    assert page.open == []
    assert page.words[1:] == ["0:2", "2:4", "0:2", "cpu:0", "cpu:1", "2:4", "cpu:2", "cpu:3"]
