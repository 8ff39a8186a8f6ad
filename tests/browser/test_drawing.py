"""Pictures of trees as a browser draws them: with its own fonts, nothing leaves its box."""

from collections import namedtuple

import numpy as np
import pytest

from jaxmagic.pytree import summarise
from jaxmagic.pytree.drawing import Panel, folded, side_by_side, small
from jaxmagic.pytree.unfold import unfold
from jaxmagic.show import html
from jaxmagic.show.graphviz import draw

pytestmark = pytest.mark.browser

Wide = namedtuple("WWWWWWWWWWWWWWWW", "a b")  # noqa: PYI024  its name is what matters
Narrow = namedtuple("iiiiiiiiiiii", "a b")  # noqa: PYI024  as above
TREE = {
    "WWWWWWWWWWWW": 1,
    "変数変数": Wide(1, 2.0),
    "🎲🎲": Narrow(None, "text"),
    "@@@@%%%%": {},
    "long" * 30: len,
    "arrays": [np.ones((50257, 768), "int8"), np.ones((3, 4))],
}
# how far a text stays away from the left and right edge of its box, at least
ROOM = """() => Math.min(...[...document.querySelectorAll('.node')].flatMap(node => {
    const shape = node.querySelector('path, polygon')?.getBBox();
    return !shape ? [] : [...node.querySelectorAll('text')].map(text => {
        const box = text.getBBox();
        return Math.min(box.x - shape.x, shape.x + shape.width - box.x - box.width);
    });
}))"""
# how far the keys of one rank stay away from each other, at least
GAP = """() => {
    const keys = [...document.querySelectorAll('.key text')].map(text => [
        Math.round(Number(text.getAttribute('y'))), text.getBoundingClientRect()]);
    keys.sort((one, other) => one[0] - other[0] || one[1].left - other[1].left);
    return Math.min(...keys.slice(1).flatMap(([y, box], before) =>
        keys[before][0] === y ? [box.left - keys[before][1].right] : []));
}"""


def test_all_words_fit_into_their_boxes(page, screenshot):
    model = summarise(TREE)
    page.set_content(draw(small(model, name="tree"), "").svg)
    assert page.evaluate(ROOM) > 3
    assert page.evaluate(GAP) > 0
    screenshot("tree-small", page.locator("svg"))
    page.set_content(draw(folded(model, unfold(model), name="tree"), "").svg)
    assert page.evaluate(ROOM) > 3
    screenshot("tree-folded", page.locator("svg"))


def test_a_row_of_trees_is_an_image_for_a_light_and_a_dark_page(page, screenshot):
    panels = [Panel(summarise([number, {"a": None}]), f"tree{number}") for number in range(3)]
    picture = side_by_side([panels[0], "+", panels[1], "=", panels[2]], "a sum of two trees")
    corners = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_content(f'<meta name="color-scheme" content="light dark">{html(picture)}')
        image = page.get_by_alt_text("a sum of two trees")
        assert image.evaluate("image => image.naturalWidth") > 300
        screenshot(f"trees-{scheme}", image)
        corners[scheme] = image.evaluate(
            """image => {
                const canvas = document.createElement('canvas');
                const context = canvas.getContext('2d');
                context.drawImage(image, 0, 0);
                return [...context.getImageData(1, 1, 1, 1).data].slice(0, 3);
            }"""
        )
    assert corners == {"light": [255, 255, 255], "dark": [17, 17, 17]}
