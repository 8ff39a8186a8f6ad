"""The bar above an outline: as wide as bytes are, readable, and safe."""

import base64
import re
from collections import defaultdict
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree.look import icicle, look
from jaxmagic.pytree.look.columns import TIMES, width

NAMES = {"svg": "http://www.w3.org/2000/svg"}


def blocks(tree, **options):
    result = look(tree, **options)
    return list(icicle.blocks(result.tree, result.root))


def svg_of(html):
    [source] = re.findall(r'src="data:image/svg\+xml([^"]*)"', html)
    kind, _, text = source.partition(",")
    return base64.b64decode(text).decode() if kind == ";base64" else unquote(text)


def test_widths_are_shares_of_bytes():
    found = blocks({"a": np.ones(30), "b": [np.ones(5), np.ones(5, "complex128")]})
    assert [(block.label, block.level, block.x, block.width) for block in found] == [
        ("['a']", 0, 0, pytest.approx(800 * 30 / 45)),
        ("['b']", 0, pytest.approx(800 * 30 / 45), pytest.approx(800 * 15 / 45)),
        ("[0]", 1, pytest.approx(800 * 30 / 45), pytest.approx(800 * 5 / 45)),
        ("[1]", 1, pytest.approx(800 * 35 / 45), pytest.approx(800 * 10 / 45)),
    ]


def test_equal_blocks_are_one_and_go_with_what_holds_only_them():
    layer = {"w": np.ones(6), "b": np.ones(2)}
    [stack, weight, bias] = sorted(
        blocks({"blocks": [dict(layer) for _ in range(12)]}), key=lambda block: -block.width
    )
    assert (stack.label, stack.width) == (f"['blocks'][0…11] 12{TIMES}", 800)
    assert (weight.label, bias.label) == ("['w']", "['b']")


def test_parts_that_are_not_shown_are_a_block_of_their_own():
    found = blocks([np.ones(n % 7 + 1) for n in range(100)])
    assert found[-1].label == "… 80 more"
    assert found[-1].x + found[-1].width == pytest.approx(800)


@pytest.mark.parametrize(
    ("tree", "word"),
    [
        ({"a": np.ones(3), "b": 1}, "bytes"),
        ({"a": 1, "b": [2, 3]}, "params"),
        ({"a": "x", "b": ["y", "z"]}, "leaves"),
    ],
)
def test_it_says_what_it_measures(tree, word):
    result = look(tree, name="p")
    assert icicle.alt(result).startswith(f"Bar of p by {word}: ")
    assert ("['b'] 66.7 %" in icicle.alt(result)) == (word != "bytes")


def test_there_is_none_where_nothing_can_be_compared():
    for tree in (np.ones(3), {}, {"a": np.ones(3)}, [[np.ones(3)] * 5]):
        assert icicle.html(look(tree)) == ""


def test_it_is_low_and_has_colours_for_both_themes():
    tree = np.ones(1)
    for number in range(20):
        tree = {"a": tree, "b": np.ones(1), "c": [number, 1.0]}
    svg = svg_of(icicle.html(look(tree)))
    root = fromstring(svg)
    _, _, wide, high = map(float, root.get("viewBox").split())
    assert wide == 800
    assert high <= 110
    assert "@media(prefers-color-scheme:dark)" in svg
    assert {path.get("class") for path in root.iterfind("svg:path", NAMES)} <= {None, "d", "l"}
    assert ".t{" not in svg


def test_labels_fit_into_their_blocks():
    tree = {f"layer_{n}": {"kernel": np.ones(n * n), "bias": np.ones(n)} for n in range(1, 20)}
    result = look(tree)
    found = list(icicle.blocks(result.tree, result.root))
    root = fromstring(svg_of(icicle.html(result)))
    ends = defaultdict(list)
    for block in found:
        ends[block.level * 21 + 14].append(block.x + block.width)
    texts = root.findall("svg:text", NAMES)
    assert texts
    for text in texts:
        left = float(text.get("x"))
        end = min(end for end in ends[int(text.get("y"))] if end > left)
        assert left + 6.6 * width(text.text) <= end + 1


def test_names_stay_text():
    hostile = "</text><script>alert('1')</script>\"&\u202e"
    html = icicle.html(look({hostile: np.ones(30), "b": np.ones(2)}))
    assert html.count('"') == 8
    root = fromstring(svg_of(html))
    assert {element.tag.partition("}")[2] for element in root} == {"style", "path", "text"}
    assert "\u202e" not in html
    assert "<script" not in html


@given(st.data())
def test_blocks_lie_within_what_they_are_part_of(trees, data):
    result = look(data.draw(trees))
    above = {0: [(0, 800)]}
    for block in icicle.blocks(result.tree, result.root):
        end = block.x + block.width
        above.setdefault(block.level + 1, []).append((block.x, end))
        assert any(a - 1e-6 <= block.x and end <= b + 1e-6 for a, b in above[block.level])
    if html := icicle.html(result):
        fromstring(svg_of(html))
