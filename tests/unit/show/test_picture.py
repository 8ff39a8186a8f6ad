"""A picture is an image for those who see it and a sentence for those who don't."""

import base64
import re

from jaxmagic import show
from jaxmagic.show.picture import Picture, theme_rule

SVG = '<svg><defs></defs><path stroke="#000000" fill="#4393d8"/></svg>'


def test_a_picture_is_an_image_with_its_sentence():
    html = show.html(Picture(SVG, 'times of "f" & <g>'))
    [data] = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    assert base64.b64decode(data).decode() == SVG
    assert 'alt="times of &quot;f&quot; &amp; &lt;g&gt;"' in html
    assert html.startswith("<img ")
    assert "<svg" not in html


def test_a_terminal_gets_the_sentence():
    assert str(Picture(SVG, "times of f")).splitlines()[0] == "[picture] times of f"


def test_it_is_saved_as_it_is(tmp_path):
    path = Picture(SVG, "ä").save(tmp_path / "a.svg")
    assert path.read_text(encoding="utf-8") == SVG
    assert Picture(SVG, "ä").save(str(tmp_path / "b.svg")).name == "b.svg"


def test_black_becomes_light_on_a_dark_page_and_colours_stay():
    themed = theme_rule(SVG)
    assert "#000000" not in themed
    assert 'stroke="var(--ink)" fill="#4393d8"' in themed
    assert themed.count("prefers-color-scheme:dark") == 1
    assert "background:var(--page)" in themed  # for a page that does not tell its scheme


def test_a_wide_picture_is_made_smaller_but_stays_readable():
    def style(svg):
        [style] = re.findall(r'style="([^"]*)"', show.html(Picture(svg, "")))
        return style

    assert style('<svg xmlns="x" width="2000.5" height="5">') == "max-width:100%;min-width:1400px"
    assert style('<svg xmlns="x" width="800" height="5"/>') == "max-width:100%"
    assert style('<svg width="2000pt" height="5pt"/>') == "max-width:100%"  # matplotlib's scales
    assert style('<svg stroke-width="2000"><rect width="2000"/></svg>') == "max-width:100%"
