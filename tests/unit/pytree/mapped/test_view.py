"""How a call is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/pytree/mapped/test_view.py`` writes these files anew.
"""

import base64
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

from jaxmagic import show
from jaxmagic.pytree.mapped import call_result, recognised, tree_call
from jaxmagic.pytree.mapped.result import Mapped
from jaxmagic.show import TEXT_WIDTH
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.show.picture import Picture

TESTS = Path(__file__).parents[3]

UPDATE = "jax.tree.map(lambda p, g: p - lr * g, params, grads)"


def body(result):
    """The HTML without its style and the inside of its picture, an element a line."""
    html = show.html(result).partition("</style>")[2]
    html = re.sub(r'base64,[\w+/=]+" style="[^"]*"', 'base64,…"', html)
    return re.sub(r"(?=<(?:p|t[hdr]|li|details|table|ul|img)\b)", "\n", html) + "\n"


def picture(result):
    """The words and the classes of the picture in the HTML."""
    [data] = re.findall(r"base64,([\w+/=]+)", show.html(result))
    root = ET.fromstring(base64.b64decode(data))
    words = [(part.text or "").strip() for part in root.iter() if part.tag.endswith("text")]
    classes = [name for part in root.iter() for name in (part.get("class") or "").split()]
    return words, classes


@pytest.fixture
def figure(ask, lecture):
    return ask("jax.tree.map(lambda x, y: x + y, pytree1, pytree2)", **lecture)


@pytest.fixture
def update(ask, training):
    return ask(UPDATE, **training)


def test_the_figure_of_the_lecture(golden, figure):
    golden("golden/mapped_figure.txt", f"{figure}\n")
    golden("golden/mapped_figure.html", body(figure))


def test_the_update_of_the_lecture(golden, update):
    golden("golden/mapped_update.txt", f"{update}\n")
    golden("golden/mapped_update.html", body(update))


def test_json_that_is_kept_reads_as_what_it_was(golden, ask, lecture):
    trees = jax.tree.map(np.asarray, lecture)  # which lie on no device
    figure = ask("jax.tree.map(lambda x, y: x + y, pytree1, pytree2)", **trees)
    again = Mapped.from_json(golden("data/mapped.json", figure.to_json(indent=1) + "\n"))
    assert again == figure
    assert again.value is None
    assert str(again) == str(figure)
    assert show.html(again) == show.html(figure)
    assert "value" not in json.loads(figure.to_json())


def test_the_picture_has_all_operands_signs_and_leaves_in_their_colours(figure):
    words, classes = picture(figure)
    for word in ("pytree1", "+", "pytree2", "=", "result", "10", "[44, 55]", "dict", "['b']"):
        assert word in words
    for number in range(5):
        assert classes.count(f"leaf{number}") == 3
    assert "leaf5" not in classes


def test_the_engine_that_is_asked_for_draws(figure, monkeypatch):
    asked = []

    def notes(_panels, alt, *, engine):
        asked.append(engine)
        return Picture("<svg/>", alt)

    monkeypatch.setattr("jaxmagic.pytree.mapped.drawing.side_by_side", notes)
    namespace = {"jax": jax}
    call = recognised("jax.tree.leaves([1])", namespace, "<line>")
    show.html(call_result(call, namespace, engine="native"))
    show.html(figure)
    assert asked == ["native", "auto"]


def test_the_picture_can_be_kept(figure, tmp_path):
    kept = figure.picture.save(tmp_path / "figure.svg")
    assert ET.parse(kept).getroot().tag.endswith("svg")
    assert figure.picture.alt == figure.summary


def test_leaves_that_belong_together_have_a_number_beside_their_colour(ask, figure):
    numbers = [word for word in picture(figure)[0] if word.startswith("#")]
    assert sorted(numbers) == sorted(3 * [f"#{n}" for n in range(5)])
    for code, times in (
        ("jax.tree.flatten([[5], 6])", 3),
        ("jax.tree.unflatten(jax.tree.structure([[5], 6]), [7, 8])", 3),
        ("jax.tree.map(lambda x: x, [[5], 6], is_leaf=lambda x: x == [5])", 2),
        ("jax.tree.map(lambda x: [x], [[5], 6])", 2),
    ):
        words, _ = picture(ask(code))
        assert words.count("#0") == words.count("#1") == times
        assert "#2" not in words


def test_a_subtree_has_the_colour_of_its_leaf(ask):
    code = (
        "jax.tree.map(lambda x: (x, x), {'a': 1, 'b': [2, 3]}, is_leaf=lambda x: type(x) is list)"
    )
    _, classes = picture(ask(code))
    assert classes.count("leaf0") == 1 + 3
    assert classes.count("leaf1") == 3 + 7  # its containers, too
    assert "leaf2" not in classes


def test_the_leaves_below_a_picture_are_folded(figure):
    html = show.html(figure)
    assert html.count("<details>") == 1
    assert html.count("<img ") == 1


def test_more_than_eight_leaves_are_a_table_and_no_picture(ask):
    result = ask("jax.tree.map(lambda x: x + 1, list(range(9)))")
    html = show.html(result)
    assert "<img" not in html
    assert "<details>" not in html
    assert html.count("<tr>") == 10
    assert "jm-leaf0" not in html.partition("</style>")[2]
    with pytest.raises(DrawingError, match="up to 8 leaves"):
        _ = result.picture
    assert "<img" in show.html(ask("jax.tree.map(lambda x: x + 1, list(range(8)))"))


def test_what_can_not_be_drawn_is_a_table_with_the_reason(figure, monkeypatch):
    def fails(*_, **__):
        message = "No picture today: draw it <yourself>."
        raise DrawingError(message)

    monkeypatch.setattr("jaxmagic.pytree.mapped.drawing.side_by_side", fails)
    html = show.html(figure)
    assert "<img" not in html
    assert "<table" in html
    assert "<details>" not in html
    assert "draw it &lt;yourself&gt;" in html


@pytest.mark.parametrize(
    "code",
    [
        "jax.tree.map(lambda x, y: x + y, pytree1, pytree2)",
        "jax.tree.reduce(lambda a, x: a * 2, pytree1, 1)",
        "jax.tree.flatten(pytree1)",
        "jax.tree.structure(pytree1)",
        "jax.tree.unflatten(jax.tree.structure(pytree1), range(5))",
        "jax.tree.map(lambda *x: [x, x], *[pytree1] * 9)",
        "jax.tree.map(str, [])",
        "jax.tree.leaves(list(range(1000)))",
    ],
)
def test_every_answer_is_static_well_formed_and_fits(seen, ask, lecture, code):
    result = ask(code, **lecture)
    html, text = show.html(result), str(result)
    page = seen(html)
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "input"} & set(page.elements)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "http" not in html
    assert "url(" not in html
    assert max(map(len, text.splitlines())) <= TEXT_WIDTH
    assert not any(line != line.rstrip() for line in text.splitlines())
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert seen(bare).words == page.words
    for leaf in result.leaves:
        assert set(leaf.cells) <= set(page.words)


HOSTILE = [
    "</table><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eabc\u2066",
    "\x00\x1b[31m\n\r",
    "\ud800",
    '"] n0 [label="x',
    "a\\",
    "&lt;b&gt;",
    "x" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(seen, text):
    tree = {text: [text, 1]}
    result = tree_call(jax.tree.map, lambda x: x, tree, names=[text])
    html, said = show.html(result), str(result)
    page = seen(html)
    assert "script" not in page.elements
    assert page.elements.count("img") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert len(html) < 30_000
    assert max(map(len, said.splitlines())) <= TEXT_WIDTH
    assert said.replace("\n", "").isprintable()
    said.encode()
    assert max(map(len, result.leaves[0].cells)) <= 60
    assert Mapped.from_json(result.to_json()) == result


def test_a_hostile_lambda_stays_text(seen, ask):
    code = "jax.tree.map(lambda x: '</code><script>alert(1)</script>\u202e' and x, [1])"
    html = show.html(ask(code))
    assert "script" not in seen(html).elements
    assert "\u202e" not in html


def test_any_call_can_be_shown(seen, trees):
    @settings(max_examples=25, deadline=None)
    @given(trees)
    def holds(tree):
        result = tree_call(jax.tree.map, lambda x, y: (x, y), tree, tree)
        assert seen(show.html(result)).open == []
        assert max(map(len, str(result).splitlines())) <= TEXT_WIDTH

    holds()


def test_long_cells_lose_their_middle_in_text(ask):
    result = ask("jax.tree.map(lambda *x: x, *[t] * 4)", t={"k" * 40: jnp.ones((2, 3))})
    row = str(result).splitlines()[4]
    assert len(row) <= TEXT_WIDTH
    assert "…" in row


def test_showing_imports_no_jax():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from jaxmagic import show\n"
        "from jaxmagic.pytree.mapped.result import Mapped\n"
        f"text = open({str(TESTS / 'data/mapped.json')!r}, encoding='utf-8').read()\n"
        "result = Mapped.from_json(text)\n"
        "assert show.text(result) and show.html(result).count('<img') == 1\n"
        "assert 'jax' not in sys.modules and 'IPython' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
