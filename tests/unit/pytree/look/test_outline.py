"""How a tree is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/pytree/look/test_outline.py`` writes these files
anew: look at what has changed in them before you commit it.
"""

import re
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jaxmagic import show
from jaxmagic.pytree.arrays.figures import Figures, Stats
from jaxmagic.pytree.look import look
from jaxmagic.pytree.look.columns import TIMES, bar, fit, percent, width
from jaxmagic.pytree.look.outline import Outline, opened
from jaxmagic.pytree.look.remarks import left_out, remarks
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.unfold import ROWS
from jaxmagic.show import TEXT_WIDTH

DATA = Path(__file__).parents[3] / "data"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</pre></details><b>",
    "&lt;b&gt;",
    "a\nb\r\tc",
    "\x00\x1b[31m",
    "\u202egnp.exe",
    "\u200b\u2066",
    "\ud800",
    "]]>--><!--",
    "変数" * 40,
    "x" * 5000,
]


@pytest.fixture(scope="module")
def rows_of(seen):
    """The lines of the outline as a page without any style shows them."""

    def rows_of(html):
        pre = html[html.index("<pre") : html.index("</pre>")] + "</pre>"
        lines = pre.replace("<summary>", "<summary>  ").replace("</summary>", "\n</summary>")
        return "".join(seen(lines).words).splitlines()

    return rows_of


@pytest.fixture(scope="module")
def tree():
    return PyTree.from_json((DATA / "tree.json").read_text(encoding="utf-8"))


@pytest.fixture
def line():
    def line(obj, label, **options):
        """The row of ``obj`` that has this label, as text."""
        [found] = [row for row in str(look(obj, **options)).splitlines() if f"─{label} " in row]
        return found

    return line


def test_the_text(golden, tree):
    golden("golden/pytree.txt", f"{tree}\n")


def test_the_html(golden, tree):
    body = show.html(tree).partition("</style>")[2]
    golden(
        "golden/pytree.html", re.sub(r"(?=<(?:p|pre|img|details|table|div)\b)", "\n", body) + "\n"
    )


def test_text_and_html_have_the_same_rows(rows_of, tree):
    shown = [row.split() for row in rows_of(show.html(tree))]
    written = str(tree).splitlines()
    start = written.index("") + 1
    table = [row.split() for row in written[start : written.index("", start)]]
    assert len(shown) >= len(table) > 20
    assert [row for row in table if row not in shown and "…" not in row] == []


def test_lines_are_at_most_100_columns(rows_of, tree):
    assert max(map(len, str(tree).splitlines())) <= TEXT_WIDTH == 100
    assert max(map(len, rows_of(show.html(tree)))) <= TEXT_WIDTH


def test_the_html_is_static(seen, tree):
    html = show.html(tree)
    page = seen(html)
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "input", "a"} & set(page.elements)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert all(
        value.startswith("data:image/svg+xml") for key, value in page.attributes if key == "src"
    )
    assert "url(" not in html


def test_without_its_style_the_html_still_says_everything(seen, tree):
    html = show.html(tree)
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert seen(bare).words == seen(html).words


def test_a_row_says_what_it_is_and_how_much(line):
    row = line({"w": np.ones((2, 3), "float32"), "b": np.ones(2, "float32")}, "['w']")
    assert row == "└─['w']  f32[2,3]       6   24 B    75.0 %  ██████"


def test_figures_in_a_run_are_sums(line):
    row = line([{"w": np.ones(3)} for _ in range(4)], f"[0…3]['w'] 4{TIMES}")
    assert row.split()[2:6] == ["f64[3]", "12", "96", "B"]


@pytest.mark.parametrize(
    ("share", "said", "drawn"),
    [
        (0, "", ""),
        (0.0001, "<0.1 %", ""),
        (0.001, "0.1 %", "▏"),
        (0.5, "50.0 %", "████"),
        (0.9999, "100 %", "████████"),
        (1, "100 %", "████████"),
    ],
)
def test_shares(share, said, drawn):
    assert (percent(share), bar(share)) == (said, drawn)


def test_shares_are_of_what_is_known(line):
    assert line({"a": 1, "b": [2, 3, 4]}, "['b']").split()[-3:-1] == ["75.0", "%"]
    assert "of leaves" in str(look({"a": "x", "b": ["y", "z"]}))


def test_deleted_arrays_are_struck_through_and_named():
    gone = jnp.ones(3)
    gone.delete()
    result = look({"gone": gone, "there": jnp.ones(3)})
    assert "f32[3] deleted" in str(result)
    assert "<s>f32[3]</s> deleted" in show.html(result)


def test_a_shared_array_says_where_else_it_is():
    weight = np.ones((4, 4))
    result = look({"head": {"kernel": weight, "bias": np.ones(4)}, "wte": weight})
    assert "= same array as ['wte']" in str(result)
    assert "= same array as ['head']['kernel']" in str(result)
    [said] = remarks(result)
    assert said == (
        "128 B of it is counted again: 1 array at several places (marked =) is in memory once."
    )
    assert "= same array as ['wte']" in show.html(result)


def test_an_array_that_is_repeated_in_a_run_is_said_once():
    said = str(look([np.ones(2)] * 20))
    assert "= one array, at 20 places" in said
    assert "same array as" not in said


def test_a_cycle_is_a_row_with_a_sentence(seen):
    container = {"w": 1.0}
    container["self"] = container
    for said in (str(look(container)), " ".join(seen(show.html(look(container))).words)):
        assert "! This dict contains itself, 1 level up; JAX can't flatten it." in said
        assert "JAX can't flatten this tree: 1 place is marked with !" in said


def test_what_a_container_raises_is_shown():
    @jax.tree_util.register_pytree_node_class
    class Broken:
        def tree_flatten(self):
            problem = "no <layers>"
            raise ValueError(problem)

        @classmethod
        def tree_unflatten(cls, _data, _children):
            return cls()

    result = look({"a": Broken(), "b": 1})
    assert "Broken could not be flattened: ValueError: no <layers>" in str(result)
    assert "no &lt;layers&gt;" in show.html(result)


def test_a_field_that_holds_one_array_is_one_row_with_its_type(line):
    from flax import nnx

    row = line(nnx.Linear(2, 3, rngs=nnx.Rngs(0)), ".kernel.value")
    assert "Param f32[2,3]" in row


def test_nested_objects_count_the_children_that_are_shown():
    from flax import nnx

    assert "tree             Linear 2" in str(look(nnx.Linear(2, 3, rngs=nnx.Rngs(0))))


def test_sharding_is_a_column():
    said = str(look({"w": jnp.ones(3), "b": np.ones(2)}, sharding=True))
    assert re.search(r"\['w'\].* cpu:0 ", said)
    assert "12 B on cpu:0." in said
    assert "sharding" not in str(look({"w": jnp.ones(3)}))


def test_stats_are_columns(seen):
    result = look({"w": np.array([1.0, 5.0, np.nan]), "f": len}, stats=True)
    [row] = [row for row in str(result).splitlines() if "['w']" in row]
    assert row.split()[-8:-1] == ["1", "5", "3", "1", "NaN", "100", "%"]
    assert "NaN" in " ".join(seen(show.html(result)).words)


def test_columns_that_are_needed_least_give_way():
    wide = Figures(-1.25e-30, 1.25e-30, -1.25e-30, 99_999, 99_999, 10**9, 10**9, 1, 1)
    result = look({"a" * 40: np.ones(3), "b": np.ones(4)}, sharding=True)
    figures = Stats({part.place: wide for _, part in result.root.walk()}, "How.")
    said = str(replace(result, stats=figures))
    assert max(map(len, said.splitlines())) <= TEXT_WIDTH
    assert "1.25e-30" in said
    assert "█" not in said
    assert "█" in str(result)


def test_a_hover_tells_the_path_and_what_has_no_column(seen, layer):
    tree = {"blocks": [layer(np.ones(n), np.ones((n, n)), width=n) for n in range(1, 9)]}
    titles = [value for key, value in seen(show.html(look(tree))).attributes if key == "title"]
    [said] = [title for title in titles if title.startswith("['blocks'][3]")]
    assert said.endswith("Layer · width=4")
    assert "arrays: ndarray" in titles


def test_what_is_left_out_says_how_to_see_it(seen):
    tree = {"items": [np.ones(n % 7 + 1) for n in range(1000)], "b": 1}
    said = str(look(tree, name="params"))
    assert "… 980 more" in said
    assert "980 leaves" in said
    assert said.endswith(
        "…: 980 leaves not shown. To see more: %pytree params['items'][20:60] or %pytree -i params."
    )
    assert "980 leaves not shown" in " ".join(seen(show.html(look(tree))).words)
    assert len(eval("tree['items'][20:60]")) == 40


def test_a_limit_of_depth_says_that_it_is_one():
    result = look({"a": [1, 2.0], "b": 1}, name="f(x) + 1", depth=1)
    [said] = left_out(Outline(result))
    assert said == (
        "…: 2 leaves not shown. To see more: %pytree (f(x) + 1)['a'], a larger --depth "
        "or %pytree -i f(x) + 1."
    )
    assert re.search(r"\['a'\] +list 2 …", str(result))
    assert not list(left_out(Outline(look({"a": [1, 2.0], "b": 1}))))


def test_a_page_opens_what_fits():
    result = look({key: {n: np.ones(n + len(key)) for n in range(5)} for key in ("a", "bb", "ccc")})
    some = opened(result.root, 12)
    assert [id(part) in some for part in result.root.parts] == [True, False, False]
    assert show.html(result).count("<details open") == 3


def test_a_large_tree_fits_on_a_page():
    tree = {f"l{i}": {f"k{j}": np.ones((i % 50 + 1, j % 7)) for j in range(40)} for i in range(90)}
    result = look(tree)
    assert len(str(result).splitlines()) <= 60
    assert len(show.html(result).encode()) <= 20_000
    assert len(list(Outline(result).top.walk())) <= ROWS


@pytest.mark.filterwarnings("ignore:The chararray class")
def test_the_outline_of_gpt2_is_much_smaller_than_that_of_treescope():
    import treescope

    def make(*shape):
        return jax.ShapeDtypeStruct(shape, np.float32)

    def dense(n, m):
        return {"kernel": make(n, m), "bias": make(m)}

    def norm():
        return {"scale": make(768), "bias": make(768)}

    def block():
        attention = {"qkv": dense(768, 2304), "proj": dense(768, 768)}
        mlp = {"fc": dense(768, 3072), "proj": dense(3072, 768)}
        return {"ln_1": norm(), "attn": attention, "ln_2": norm(), "mlp": mlp}

    tree = {
        "wte": {"embedding": make(50257, 768)},
        "wpe": {"embedding": make(1024, 768)},
        "blocks": [block() for _ in range(12)],
        "ln_f": norm(),
    }
    body = show.html(look(tree)).partition("</style>")[2]
    assert len(body.encode()) < len(treescope.render_to_html(tree).encode()) / 4


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(seen, name):
    class Thing:
        pass

    Thing.__name__ = Thing.__qualname__ = name.replace("\x00", "").replace("\ud800", "") or "T"
    tree = {name: [np.ones(n + 1) for n in range(40)], "b": {name: Thing(), name + "2": 1}}
    for result in (look(tree, name=name), look({name: Thing()}, name=name)):
        said = str(result)
        assert max(map(len, said.splitlines())) <= TEXT_WIDTH
        assert not re.search(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
            said,
        )
        html = show.html(result)
        page = seen(html)
        assert page.open == []
        assert not {"script", "i", "a"} & set(page.elements)
        assert page.elements.count("img") <= 1
        assert {key for key, _ in page.attributes} <= {
            *("class", "role", "aria-label", "title", "open", "alt", "src", "width", "style")
        }
        assert not re.search(r"[\x00-\x08\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)


def leaves_shown(outline):
    total = 0
    for row in outline.top.walk():
        if row.part is not None and outline.at(row.part).is_leaf:
            total += row.part.weight
    return total


@given(st.data(), st.integers(2, 40), st.none() | st.integers(0, 3))
def test_what_is_shown_and_what_is_left_out_are_all(trees, data, rows, depth):
    result = look(data.draw(trees), depth=depth)
    for chosen in (None, opened(result.root, rows)):
        outline = Outline(result, chosen)
        assert leaves_shown(outline) + outline.left_out == result.tree.top.leaves
        assert bool(outline.left_out) <= bool(list(left_out(outline)))


@given(st.data(), st.booleans())
def test_any_tree_can_be_shown(seen, rows_of, trees, data, sharding):
    result = look(data.draw(trees), sharding=sharding, depth=data.draw(st.none() | st.just(3)))
    lines = str(result).splitlines()
    assert max(map(len, lines)) <= TEXT_WIDTH
    assert len(lines) <= 60
    page = seen(show.html(result))
    assert page.open == []
    assert not {"script", "i", "a"} & set(page.elements)
    if "pre" in page.elements:
        assert max(map(len, rows_of(show.html(result)))) <= TEXT_WIDTH


@pytest.mark.parametrize("tree", [{}, [], (), None, 3, "text", np.ones(3)])
def test_of_a_single_thing_the_totals_say_all(seen, tree):
    result = look(tree, name="p")
    assert str(result) == result.summary
    assert "pre" not in seen(show.html(result)).elements


def test_what_is_asked_of_a_single_leaf_has_a_row():
    lines = str(look(np.ones(3), name="p", stats=True)).splitlines()
    assert lines[-2].split() == ["params", "bytes", "min", "max", "mean", "NaN,", "inf"]
    assert lines[-1].split() == ["p", "f64[3]", "3", "24", "B", "1", "1", "1", "0"]


def test_no_empty_line_stands_for_heads_that_are_not_there():
    assert str(look([[], {}], name="p")).splitlines() == [
        "p: 0 leaves, depth 2",
        "",
        "p      list 2",
        "├─[0]  list 0",
        "└─[1]  dict 0",
    ]


def test_a_long_name_leaves_the_totals_on_one_line():
    lines = str(look([np.ones(1000), [2.0]], name="a" * 60)).splitlines()
    assert lines[:2] == ["a" * 60 + ":", "2 leaves, 1.00k parameters, 7.81 KiB, depth 2"]


def test_the_name_of_a_single_things_type_is_escaped(seen):
    page = seen(show.html(look(type("<script>", (), {})())))
    assert "script" not in page.elements


@given(st.text(max_size=30), st.integers(1, 30))
@example("変数変数", 5)
def test_a_text_is_cut_to_its_columns(text, columns):
    cut = fit(text, columns)
    assert width(cut) <= columns
    assert cut == text if width(text) <= columns else "…" in cut


A, B, C = (np.ones((4, 4)) for _ in range(3))


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ([{"x": [{"y": A}]} for _ in range(12)], ["= one array, at 12 places"]),
        ([A, B, C, [A, 1]], ["= [0] is the same array as [3][0]", "= same array as [0]"]),
        ([B, C, A, [A, 1]], ["= [2] is the same array as [3][0]", "= same array as [2]"]),
        ([A, A, B], ["= [0] is the same array as [1]"]),
        ([A, A, A, [A, 1]], ["= same array as [3][0]", "= same array as [0], [1] and 1 more"]),
        ([A] * 99, ["= [0] is the same array as [1], [2] and 96 more"]),
        (
            {"p": [A, B, C], "q": [A, B, C]},
            [
                "= ['p'][0] is the same array as ['q'][0]; 2 more arrays shared",
                "= ['q'][0] is the same array as ['p'][0]; 2 more arrays shared",
            ],
        ),
    ],
)
def test_of_a_run_it_is_said_which_one_is_shared(tree, said):
    lines = str(look(tree)).splitlines()
    assert [line.strip(" │") for line in lines if line.strip(" │").startswith("= ")] == said


@pytest.mark.parametrize(
    ("tree", "said"), [([A, [A]], "(marked =)"), ([A, B, C, A], "(= marks some of them)")]
)
def test_it_is_said_whether_all_that_is_shared_is_marked(tree, said):
    assert said in str(look(tree))
