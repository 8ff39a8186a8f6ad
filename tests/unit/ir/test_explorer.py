"""%jaxir -i: any stage and any pass, with a search, a page at a time."""

import sys

import ipywidgets
import jax.numpy as jnp
import pytest

from jaxmagic.ir.asked import Call
from jaxmagic.ir.asking import ir_of
from jaxmagic.ir.explorer import Explorer
from jaxmagic.ir.from_text import AskError, explorer
from jaxmagic.ir.pages import PAGE, Pages


def deep(x):
    for _ in range(300):
        x = jnp.sin(jnp.where(x > 0, x, 1.0))
    return x


@pytest.fixture(scope="module")
def result():
    return ir_of(Call(deep, (jnp.ones(4),), {}, "deep(x)"))


@pytest.fixture
def shown(result):
    explorer = Explorer(result)
    yield explorer
    explorer.close()


def inlined(titles):
    """What the pass that inlines calls has changed."""
    return next(one for one in titles if one.endswith("call-inliner: what it changed"))


def widgets():
    """How many widgets there are."""
    return len(ipywidgets.widgets.widget._instances)


def test_all_stages_and_passes_can_be_chosen(result):
    titles = Pages(result).titles
    assert titles[:4] == ["jaxpr", "StableHLO", "HLO before passes", "HLO after passes"]
    assert titles[4] == "all passes: what each changed"
    assert len(titles) == 5 + 2 * (len(result.history.steps) - 1)
    assert inlined(titles)


def test_every_line_is_on_one_page(result):
    pages = Pages(result)
    for title in pages.titles[:4]:
        pages.choose(title)
        found = [row.line.text for row in pages.rows]
        while pages.has_more[1]:
            pages.turn(1)
            assert len(pages.rows) <= PAGE
            found += [row.line.text for row in pages.rows]
        stage = next(one for one in result.stages if one.title == title)
        assert [text for text in found if text.strip()][-1] == stage.main_first[-1].lines[-1].text
        assert {line.text for line in stage.lines} <= set(found)
        pages.turn(-1000)
        assert not pages.has_more[0]


def test_what_is_sought_is_in_all_lines_and_stays_sought(result):
    pages = Pages(result)
    pages.find("SIN")
    assert pages.rows
    assert all("sin" in row.line.text for row in pages.rows)
    assert pages.said.endswith(f"that have “SIN”, of {len(result.stage('jaxpr').lines):,}.")
    pages.choose("StableHLO")
    assert all("sin" in row.line.text for row in pages.rows)
    pages.find("nothing of this kind")
    assert pages.said == "No line has “nothing of this kind”."
    assert pages.rows == []
    pages.turn(1)
    pages.find("")
    assert pages.said.startswith("Lines 1 to 300 of ")


def test_a_pass_is_lines_with_signs_that_are_linked(result):
    pages = Pages(result)
    pages.choose(inlined(pages.titles))
    assert {row.sign for row in pages.rows} <= {"+", "-"}
    assert any(row.line.expressions for row in pages.rows)


def test_what_is_sought_in_all_passes_stands_below_the_pass_that_changed_it(result, shown):
    shown.show("all passes: what each changed")
    shown.find("sine(")
    pages = Pages(result)
    pages.choose("all passes: what each changed")
    pages.find("sine(")
    headings = dict.fromkeys(row.heading for row in pages.rows)
    assert any(heading.endswith(". call-inliner") for heading in headings)
    for heading in headings:
        pages.choose(f"{heading}: what it changed")
        assert pages.rows
        assert f'<span class="jm-part">{heading}</span>' in shown._panes.value


def test_the_widget_sends_no_more_than_a_page(shown):
    for title in shown._choice.options:
        shown._choice.value = title
        assert len(shown._panes.value) < 200_000
        assert f"<summary>{title}</summary>" in shown._panes.value
    assert shown._back.disabled
    shown._choice.value = "HLO after passes"
    shown._on.click()
    assert "Lines 301 to 600 of" in shown._status.value
    shown._find.value = "sine("
    assert "that have “sine(”" in shown._status.value
    assert "<script" not in shown._panes.value


def test_a_saved_notebook_says_what_it_was(shown):
    data = shown._repr_mimebundle_()
    said = data[0] if isinstance(data, tuple) else data
    assert "%jaxir deep(x) shows the program without" in said["text/plain"].replace("\n", " ")


def test_it_leaves_no_widget(result):
    before = widgets()
    one = Explorer(result)
    assert widgets() > before
    one.close()
    assert widgets() == before


def test_without_ipywidgets_it_says_how_to_get_them(result, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(AskError, match="pip install"):
        explorer(result)
