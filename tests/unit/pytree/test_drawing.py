"""Pictures of trees: all places of a small one, the folded parts of a large one, some in a row.

``JAXMAGIC_GOLDEN=write pytest tests/unit/pytree/test_drawing.py`` writes the files in
tests/golden anew: look at what has changed in them before you commit it.
"""

import re
from collections import Counter
from xml.etree import ElementTree as ET

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxmagic.pytree import leaves, summarise
from jaxmagic.pytree.drawing import MOST, SMALL, Panel, folded, side_by_side, small
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.short import dtype_text, leaf_text, structure_text
from jaxmagic.pytree.unfold import unfold
from jaxmagic.show import row
from jaxmagic.show.graphviz import DrawingError, draw


class Seen:
    """What a picture shows: its nodes with class, words and place, and the number of lines."""

    def __init__(self, picture):
        root = ET.fromstring(picture.svg)
        self.nodes, self.edges = [], 0
        self.titles = [part.text for part in root.findall("{*}text")]
        for group in root.iter("{http://www.w3.org/2000/svg}g"):
            name, _, look = group.get("class", "").partition(" ")
            if name == "node":
                words = [part.text.strip() for part in group.findall("{*}text")]
                places = [float(part.get("x")) for part in group.findall("{*}text")]
                self.nodes.append((look, "|".join(words), places[0] if places else None))
            self.edges += name == "edge"

    def words(self, *looks):
        return [words for look, words, _ in self.nodes if not looks or look in looks]

    def looks(self, words):
        return [look for look, its, _ in self.nodes if its == words]


def seen(tree, **options):
    return Seen(draw(small(summarise(tree), **options), "a tree"))


def seen_folded(tree, name="", **options):
    model = summarise(tree)
    return Seen(draw(folded(model, unfold(model, **options), name=name), "a tree"))


LECTURE = {"name": "mlp", "opt": (np.int32(1), None), "w": [np.ones((3, 4)), np.ones(4)]}


def test_a_small_tree_has_a_node_for_each_place_and_a_key_on_each_edge():
    drawn = seen(LECTURE, name="params")
    assert Counter(drawn.words("key")) == Counter(
        ["['name']", "['opt']", "['w']", "[0]", "[0]", "[1]", "[1]"]
    )
    assert drawn.looks("dict") == ["dict"]
    assert drawn.looks("tuple") == ["tuple"]
    assert drawn.looks("list") == ["list"]
    assert drawn.looks("None") == ["none"]
    assert drawn.looks("str") == ["code text"]
    assert drawn.looks("i32[]") == ["code number"]
    assert drawn.looks("f64[3,4]") == ["code array"]
    assert drawn.looks("params") == ["name"]
    assert drawn.edges == 1 + 2 * 7


def test_the_graph_of_a_small_tree(golden):
    golden("golden/pytree_small.dot", small(summarise(LECTURE), name="params") + "\n")


def test_the_graph_of_a_large_tree(golden):
    model = summarise(gpt())
    golden("golden/pytree_folded.dot", folded(model, unfold(model), name="params") + "\n")


def test_children_stand_in_the_order_of_the_tree():
    tree = {f"k{number}": [number] * (number % 3) for number in range(9)}
    drawn = seen(tree)
    places = [place for look, _, place in drawn.nodes if look == "key"]
    keys = [words for look, words, _ in drawn.nodes if look == "key"]
    across = [key for _, key in sorted(zip(places, keys, strict=True)) if "k" in key]
    assert across == sorted(across)
    assert len(across) == 9


def test_numpy_and_jax_arrays_look_the_same():
    assert seen([np.ones(3, "float32")]).nodes == seen([jnp.ones(3, "float32")]).nodes


def test_a_shared_array_has_the_same_sign_at_each_place():
    tied, other = np.ones((2, 3)), np.ones(5)
    drawn = seen({"in": tied, "out": tied, "a": [other], "b": [other], "c": np.ones(5)})
    assert Counter(drawn.words("code array")) == {
        "f64[2,3]|shared #1": 2,
        "f64[5]|shared #2": 2,
        "f64[5]": 1,
    }
    large = seen_folded({"in": tied, "layers": [0, 1], "out": tied})
    assert large.words("code array") == [
        "['in']  f64[2,3]  shared #1",
        "['out']  f64[2,3]  shared #1",
    ]


def test_what_is_wrong_is_said_in_the_node(bag):
    tree = [1.0]
    tree.append(tree)
    [fault] = seen(tree).words("fault")
    assert fault.replace("|", " ") == (
        "list ↺ This list contains itself, 1 level up; JAX can't flatten it."
    )
    [fault] = seen({1: 0, "a": 0}).words("fault")
    assert fault.startswith("dict 2|JAX can't flatten this dict")

    class Shy:
        dtype = np.dtype("float32")

        @property
        def shape(self):
            raise LookupError

    [fault] = seen([Shy()]).words("code fault")
    assert fault.replace("|", " ") == ("Shy Its shape and dtype can't be read: LookupError")
    assert seen_folded([Shy()]).words("code fault") == ["[0]  Shy"]
    assert seen([{}, bag()]).words("dict", "object") == ["dict, empty", "Bag, empty"]


def test_labels_and_marks_replace_the_text_and_the_colour_of_leaves():
    tree = {"a": np.ones((2, 2)), "b": (3, None)}
    values = dict(leaves(tree))
    drawn = seen(
        tree, label=lambda place, _: str(values[place]), mark=lambda place: f"leaf{len(place)}"
    )
    assert drawn.looks("[[1. 1.]|[1. 1.]]") == ["code leaf1"]
    assert drawn.looks("3") == ["code leaf2"]
    assert drawn.looks("tuple") == ["plain leaf1"]
    assert drawn.looks("None") == ["none leaf2"]
    drawn = seen(tree, mark=lambda _: "")
    assert drawn.looks("dict") == drawn.looks("tuple") == ["plain"]
    assert drawn.looks("None") == ["none"]


def test_lines_of_a_label_stay_below_each_other():
    dot = small(summarise(1), label=lambda *_: "[[1 2]\n [3 4]]")
    lines = re.findall(r">([^<]*)</text>", draw(dot, "").svg)
    assert lines == ["[[1 2] ", " [3 4]]"]


def test_a_tree_of_any_size_has_a_picture_of_bounded_size():
    wide = seen([0] * 100_000)
    assert len(wide.nodes) <= 2 * MOST + 1
    [more] = wide.words("more")
    assert more == f"… {100_000 - len(wide.words('key')):,} more"
    deep = []
    for _ in range(20_000):
        deep = [deep]
    assert len(seen(deep).nodes) < 60
    assert SMALL < MOST


@pytest.mark.parametrize("engine", ["wasm", "native"])
def test_names_of_the_users_stay_text(engine):
    keys = [
        "<script>alert(1)</script>",
        '" onload="alert(1)',
        "javascript:alert(1)",
        "&amp;&#x202e;",
        "\u202eright to left",
        "zero\u200bwidth",
        "nul\0",
        "lone\ud800",
        r"\N \G",
        "x" * 500,
        "two\nlines",
    ]
    hostile = type("<img src=x onerror=alert(1)>", (), {})
    model = summarise({**dict.fromkeys(keys, 1), "last": hostile()})
    try:
        drawn = Seen(draw(small(model, name='</svg><a href="x">'), "", engine=engine))
    except DrawingError:
        pytest.skip("there is no program `dot`")
    assert sorted(drawn.words("key")) == sorted(model.top.keys)
    assert drawn.words("code opaque") == ["<img src=x onerror=alert(1)>"]
    assert drawn.words("name") == ['</svg><a href="x">']


@given(st.lists(st.text(), max_size=8, unique=True), st.text())
@settings(max_examples=60, deadline=None)
def test_a_key_is_drawn_as_it_is_written_in_paths(keys, name):
    model = summarise(dict.fromkeys(keys, 0))
    drawn = Seen(draw(small(model, name=name), ""))
    assert drawn.words("key") == list(model.top.keys)
    assert drawn.words("name") == ([clean(name).strip()] if name else [])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_tree_is_drawn_with_all_its_places(data, trees):
    tree = data.draw(trees)
    model = summarise(tree)
    drawn = seen(tree)
    assert len([look for look, *_ in drawn.nodes if look != "key"]) == model.top.nodes
    assert drawn.edges == 2 * (model.top.nodes - 1)
    assert seen_folded(tree).nodes


def gpt(layers=12, width=8):
    def dense(rows, columns):
        return {"bias": np.zeros(columns, "float32"), "kernel": np.zeros((rows, columns), "f4")}

    def block():
        return {"attn": dense(width, 3 * width), "mlp": dense(width, 4 * width)}

    return {
        "blocks": [block() for _ in range(layers)],
        "wte": {"embedding": np.zeros((50, width), "float32")},
    }


def test_a_folded_picture_has_keys_and_figures_in_its_nodes():
    drawn = seen_folded(gpt(), name="params")
    assert (
        drawn.words("keyed dict", "keyed list")
        == [
            "params|dict · 27.2 KiB|6.95k parameters",
            "['blocks']|list · 6.55k · 94%",
            "[0…11]|12× dict · 6.55k · 94%",  # noqa: RUF001
            "['attn']|dict · 2.59k · 37%",
            "['mlp']|dict · 3.46k · 50%",
        ]
        or drawn.nodes
    )
    assert drawn.looks("['wte']['embedding']  f32[50,8]") == ["code array"]
    assert drawn.looks("['kernel']  f32[8,24]") == ["code array"]


def test_the_line_to_a_part_is_as_thick_as_its_bytes():
    def widths(tree, **options):
        model = summarise(tree)
        dot = folded(model, unfold(model, **options))
        return [float(width) for width in re.findall(r'penwidth="([\d.]+)"', dot)]

    half = widths([np.zeros(10), {"a": np.zeros(10), "b": None}])
    assert half == [4.9, 4.9, 4.9, 0.8]
    assert widths(["text", ["text"] * 3]) == [2.85, 6.95, 6.95]
    assert widths([np.zeros(1), np.zeros(10_000)])[0] == 0.8
    assert widths([None, []]) == [0.8, 0.8]


def test_what_is_left_out_is_counted():
    drawn = seen_folded([1, "a"] * 50, rows=30)
    shown = len(drawn.words("code number", "code text"))
    assert 0 < shown < 30
    assert drawn.words("more") == [f"… {100 - shown} more ({100 - shown} leaves)"]
    few = seen_folded({"a": {"b": 1, "c": None}}, depth=1)
    assert few.words("more") == ["… 2 more (1 leaf)"]


def test_a_small_share_is_not_zero():
    drawn = seen_folded({"big": [np.zeros(9999), 0], "small": [np.zeros(1), 0], "none": [0, ""]})
    assert "['small']|list · 2 · <1%" in drawn.words()
    assert "['none']|list · 1" in drawn.words()


def test_a_run_has_the_sign_of_an_array_only_if_it_is_all_of_it():
    one, other = np.zeros(2), np.zeros(2)
    row = "[0…2]  3\N{MULTIPLICATION SIGN} f64[2]"
    assert f"{row}  shared #1" in seen_folded([one, one, one, 0]).words()
    assert f"{row}  some shared" in seen_folded([other, one, one, 0]).words()
    assert row in seen_folded([np.zeros(2), one, other, 0]).words()


def test_panels_stand_in_a_row_with_signs_between_them():
    tree = {"a": [1, 2]}
    titles = ["x", "y", "jax.tree.map(lambda x, y: x + y, first, second)"]
    one, two, three = (Panel(summarise(tree), title) for title in titles)
    picture = side_by_side([one, "+", two, "=", three], "a sum")
    assert picture.alt == "a sum"
    root = ET.fromstring(picture.svg)
    frames = [place(part, "x", "y", "width", "height") for part in root.findall("{*}rect")]
    assert [frame[0] for frame in frames] == sorted(frame[0] for frame in frames)
    assert len({frame[1] for frame in frames}) == len({frame[3] for frame in frames}) == 1
    signs = [part for part in root.findall("{*}text") if part.get("class") == "sign"]
    assert [sign.text for sign in signs] == ["+", "="]
    for sign, left, right in zip(signs, frames, frames[1:], strict=False):
        assert left[0] + left[2] < place(sign, "x")[0] < right[0]
    words = [part.text for part in root.findall("{*}text") if part.get("class") == "title"]
    assert words[:2] == ["x", "y"]
    assert " ".join(words[2:]) == titles[2]
    assert len(words) > 3
    shifts = [part.get("transform") for part in root.findall("{*}g")]
    assert len({shift.rstrip(")").split()[1] for shift in shifts}) == 1  # all at one height
    assert frames[-1][0] + frames[-1][2] < place(root, "width")[0]
    assert frames[0][1] + frames[0][3] < place(root, "height")[0]


def test_a_panel_is_no_higher_than_its_tree():
    picture = side_by_side([Panel(summarise([[[1]]]), "tree"), "→", Panel(summarise(1), "sum")], "")
    tall, low = (
        place(part, "y", "height") for part in ET.fromstring(picture.svg).findall("{*}rect")
    )
    assert low[0] == tall[0]
    assert low[1] < tall[1] / 2


def place(part, *names):
    return tuple(float(part.get(name)) for name in names)


def test_a_row_that_gets_too_wide_goes_on_in_the_next_one():
    panel = Panel(summarise({f"key{number}": number for number in range(8)}), "wide")
    root = ET.fromstring(side_by_side([panel, "+", panel, "=", panel], "").svg)
    frames = [place(part, "x", "y", "width") for part in root.findall("{*}rect")]
    [plus, equals] = [part for part in root.findall("{*}text") if part.get("class") == "sign"]
    assert place(root, "width")[0] <= row.WIDEST
    assert [frame[1] for frame in frames] == sorted({frame[1] for frame in frames})
    for sign, frame in zip([plus, equals], frames[1:], strict=True):  # it goes with what follows
        assert place(sign, "x")[0] < frame[0]
        assert place(sign, "y")[0] > frame[1]


def test_titles_of_the_users_stay_text():
    title = "</text><script>\u202e"
    picture = side_by_side([Panel(summarise(1), title), "<", Panel(summarise(2))], "")
    assert Seen(picture).titles == [r"</text><script>\u202e", "<"]


def test_a_panel_that_takes_too_long_is_no_picture():
    with pytest.raises(DrawingError, match="longer than"):
        side_by_side([Panel(summarise([0] * 290))], "", limit_s=1e-4)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (np.zeros((3, 4), "float32"), "f32[3,4]"),
        (jnp.zeros(3, "bfloat16"), "bf16[3]"),
        (np.zeros((), "uint8"), "u8[]"),
        (np.complex64(1), "c64[]"),
        (np.zeros(2, bool), "bool[2]"),
        (jax.random.key(0), "key<fry>[]"),
        (jax.ShapeDtypeStruct((2,), jnp.float8_e4m3fn), "f8_e4m3fn[2]"),
        (1.5, "float"),
        ("text", "str"),
        (len, "builtin_function_or_method"),
        (None, "None"),
        ([1, 2], "list 2"),
        ({}, "dict 0"),
    ],
)
def test_a_structure_in_a_few_characters(leaf, expected):
    assert structure_text(summarise(leaf).top) == expected
    assert leaf_text(summarise(leaf).top) == expected


def test_a_deleted_array_says_so():
    array = jnp.zeros((8, 4))
    array.delete()
    assert leaf_text(summarise(array).top) == "f32[8,4] deleted"
    assert structure_text(summarise(array).top) == "f32[8,4]"


def test_dtypes_of_other_libraries():
    assert [dtype_text(name) for name in ("torch.float32", "float0", "object", "int4")] == [
        "torch.f32",
        "float0",
        "object",
        "i4",
    ]
