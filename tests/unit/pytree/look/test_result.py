"""The result of %pytree: its figures, its picture, and JSON both ways."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic import show
from jaxmagic.pytree.arrays.figures import Figures, Stats
from jaxmagic.pytree.look import look
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.show.picture import Picture

DATA = Path(__file__).parents[3] / "data"
LARGE = {f"l{i}": {"w": np.ones(i + 1), "b": np.ones(2)} for i in range(20)}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"w": np.ones((2, 3))}, "p: 1 leaf, 6 parameters, 48 B, depth 1"),
        (1.0, "p: 1 leaf, float, 1 parameter"),
        (np.ones(3), "p: 1 leaf, ndarray f64[3], 3 parameters, 24 B"),
        ("x", "p: 1 leaf, str"),
        (None, "p: 0 leaves, None is an empty container to JAX"),
        ([], "p: 0 leaves, empty list"),
        ([[]], "p: 0 leaves, depth 2"),
        (["x"] * 12_000, "p: 12,000 leaves, depth 1"),
    ],
)
def test_the_summary_is_one_line(tree, said):
    assert look(tree, name="p").summary == said


def test_the_parts_are_found_once():
    result = look(LARGE)
    assert result.root is result.root
    assert len(look(LARGE, depth=1).root.parts[0].parts) == 0


def test_json_both_ways():
    result = look(LARGE, name="p", depth=3, graph=True, engine="native")
    again = PyTree.from_json(result.to_json())
    assert again == result
    assert str(again) == str(result)


def test_figures_are_written_with_their_places():
    figures = Stats({(0, 1): Figures(min=1.5, skipped=(("deleted", 2),))}, "How.")
    result = replace(look(LARGE), stats=figures)
    assert PyTree.from_json(result.to_json(indent=1)) == result


def test_json_of_a_large_tree_is_small():
    result = look([{"w": np.ones(3), "b": 1.0} for _ in range(20_000)])
    text = result.to_json()
    assert len(text) < 100_000
    assert PyTree.from_json(text) == result


def test_what_was_written_before_can_be_read():
    text = (DATA / "tree.json").read_text(encoding="utf-8")
    assert json.loads(PyTree.from_json(text).to_json()) == json.loads(text)


@given(st.data())
def test_json_of_any_tree(trees, data):
    result = look(data.draw(trees))
    assert PyTree.from_json(result.to_json()) == result


def test_a_small_tree_is_a_picture_above_a_closed_outline():
    result = look({"w": [1, 2.0]}, name="p")
    assert isinstance(result.picture, Picture)
    assert result.picture.alt == result.summary
    html = show.html(result)
    assert html.index("<img") < html.index("<details><summary>outline") < html.index("<pre")
    assert "base64" in html


def test_a_wide_picture_gives_way_to_the_outline():
    result = look({f"key_{n}": np.ones((n, 64)) for n in range(25)})
    assert result.small_picture is None
    assert "base64" not in show.html(result)
    html = show.html(look({f"key_{n}": np.ones((n, 64)) for n in range(25)}, graph=True))
    assert "base64" in html


def test_a_large_tree_is_drawn_if_that_is_asked():
    assert "base64" not in show.html(look(LARGE))
    html = show.html(look(LARGE, graph=True))
    assert html.index("base64") < html.index("<details><summary>outline")


def test_stats_and_sharding_of_a_small_tree_are_in_sight():
    for options in ({"stats": True}, {"sharding": True}, {"depth": 1}):
        html = show.html(look({"w": [1, 2.0]}, **options))
        assert "<summary>outline" not in html
        assert ("base64" in html) == ("depth" not in options)


def test_without_a_picture_there_is_the_outline_and_a_reason(monkeypatch):
    def draw(*_arguments, **_options):
        problem = "No picture, for <reasons>."
        raise DrawingError(problem)

    monkeypatch.setattr("jaxmagic.pytree.look.result.draw", draw)
    for result in (look({"w": [1, 2.0]}), look(LARGE, graph=True)):
        html = show.html(result)
        assert "No picture, for &lt;reasons&gt;." in html
        assert "<summary>outline" not in html
        assert "<pre" in html
        with pytest.raises(DrawingError):
            _ = result.picture


def test_a_leaf_and_nothing_are_shown_without_a_picture():
    for thing in (1.0, None, [], np.ones(3)):
        assert "<img" not in show.html(look(thing))


@pytest.mark.parametrize(("leaf", "said"), [(np.ones(2), "bytes"), (1.0, "leaves")])
def test_a_graph_says_what_its_figures_are(leaf, said):
    html = show.html(look({f"l{i}": [leaf, i] for i in range(20)}, graph=True))
    assert f"share of the {said}" in html.partition("<details")[0]
    assert "Nodes have" not in show.html(look([leaf], graph=True))
