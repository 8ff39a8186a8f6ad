"""Static HTML in which nothing of the user's is markup."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.show.markup import element, escape, fold, page


class Parsed(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


@given(st.text())
def test_any_text_comes_out_as_text(text):
    parsed = Parsed(element("p", escape(text), title=text))
    [(tag, attributes)] = parsed.tags
    assert tag == "p"
    assert attributes["title"] == html.unescape(escape(text))
    assert "".join(parsed.words) == html.unescape(escape(text))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;'"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\x00b\x1b[31m", "a\\u0000b\\u001b[31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("größer ≈ 1", "größer ≈ 1"),
    ],
)
def test_what_controls_or_reorders_the_page_becomes_visible(text, escaped):
    assert escape(text) == escaped
    escape(text).encode()


def test_an_element_has_attributes_and_leaves_out_those_that_are_none():
    written = element("td", "1", element("b", "2"), class_="a", aria_label="<", title=None)
    assert written == '<td class="a" aria-label="&lt;">1<b>2</b></td>'


def test_a_fold_opens_without_a_script():
    assert fold("more", "<p>x</p>") == "<details><summary>more</summary><p>x</p></details>"


def test_a_page_brings_its_style_and_a_name_for_screen_readers():
    whole = page("<p>x</p>", label="f(<x>)")
    style, body = re.fullmatch(r"<style>(.*)</style>(.*)", whole, re.DOTALL).groups()
    assert body == ('<div class="jaxmagic" role="region" aria-label="f(&lt;x&gt;)"><p>x</p></div>')
    assert "</" not in style
    assert not re.search(r"url\(|@import|http", style)
    # every rule is about our own part of the page
    rules = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    selectors = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*\{", rules)
    assert selectors
    assert all("jaxmagic" in one for s in selectors for one in s.split(",")), selectors


def test_what_stands_in_brackets_of_a_selector_is_no_element():
    table = element("table", element("tr", element("td", "1")), class_="jm-records")
    style = page(table, label="x", sheets=("compiles", "tree"))
    assert "tr:nth-child(even) td{" in style
    assert "[open]" not in style


def test_a_page_carries_only_the_rules_that_it_needs():
    style = page(element("p", "x", class_="jm-dim"), label="x").partition("</style>")[0]
    assert ".jm-dim{" in style
    for absent in ("table", ".jm-bar", ".jm-warning", "--jm-good", "--jm-line"):
        assert absent not in style
    style = page(element("table", element("td", "1", class_="jm-bar")), label="x")
    for present in ("table{", "td{", ".jm-bar{", "--jm-accent:", "--jm-line:"):
        assert present in style
