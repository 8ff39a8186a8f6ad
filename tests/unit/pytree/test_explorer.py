"""The explorer as a tree of widgets: what opens, what is freed, what is found."""

import dataclasses
import gc
import html
import re
import subprocess
import sys
import time
import weakref

import ipywidgets
import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree import explorer, summarise
from jaxmagic.pytree.explorer import MissingWidgetsError, explore
from jaxmagic.pytree.explorer.opened import DEEPEST, MOST, PAGE, Opened
from jaxmagic.pytree.explorer.paths import PathError, place_of


def block():
    return {"attn": {"k": np.ones((8, 8)), "b": np.ones(8)}, "mlp": [np.ones(3), np.ones(4)]}


@pytest.fixture
def params():
    return {"blocks": [block() for _ in range(12)], "wte": {"emb": np.ones((10, 8))}, "x": 3}


@pytest.fixture
def opened_explorer():
    """Make an explorer and free its widgets afterwards."""
    made = []

    def make(obj, name="params"):
        made.append(explore(obj, name))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def rows(widget):
    """The lines of an explorer, as they are read."""
    found, half = [], ""
    for part in widget._rows.children:
        if isinstance(part, ipywidgets.Button):
            if "jm-wide" in part._dom_classes:
                found.append(part.description)
            else:
                half = part.description
            continue
        text = html.unescape(re.sub("<[^>]*>", "", part.value))
        found += (half + text).split("\n")
        half = ""
    return found


def button(widget, label):
    return next(
        part
        for part in widget._rows.children
        if isinstance(part, ipywidgets.Button) and label in part.description
    )


def status(widget):
    return html.unescape(re.sub("<[^>]*>", "", widget._status.value))


def alive():
    gc.collect()
    return len(ipywidgets.widgets.widget._instances)


def test_at_first_the_children_of_the_root_are_shown_with_their_figures(opened_explorer, params):
    lines = rows(opened_explorer(params))
    assert [re.sub(" +", " ", line).strip() for line in lines] == [
        "params bytes of bytes",
        "▾ params dict 3 1.03k 8.03 KiB ████████ 100 %",
        "▸ ├─['blocks'] list 12 948 7.41 KiB ███████▍ 92.2 %",
        "▸ ├─['wte'] dict 1 80 640 B ▋ 7.8 %",
        "└─['x'] int 1",
    ]
    assert lines[0].rindex("params") + 6 == lines[1].index("1.03k") + 5


def test_a_click_opens_a_row_and_another_one_closes_it(opened_explorer, params):
    widget = opened_explorer(params)
    before = rows(widget)
    button(widget, "['blocks']").click()
    text = "\n".join(rows(widget))
    assert "[0…11] 12" in text
    assert "all 12 are alike: shown once, figures are the sums of all" in text
    assert "['attn']" in text  # the only child was opened with it
    assert "├─['b']" not in text
    button(widget, "['attn']").click()
    assert "├─['b']" in "\n".join(rows(widget))
    button(widget, "['blocks']").click()
    assert rows(widget) == before


def test_pages_of_fifty_come_when_asked_for_and_can_be_left(opened_explorer):
    widget = opened_explorer([np.float32(1) if n % 2 else n for n in range(1000)])
    for seen in range(1, 4):
        button(widget, f"50 more (of {1000 - PAGE * seen:,})").click()
    shown = re.findall(r"─\[(\d+)\]", "\n".join(rows(widget)))
    assert shown == [str(n) for n in range(100, 200)]
    button(widget, "50 before (of 100)").click()
    shown = re.findall(r"─\[(\d+)\]", "\n".join(rows(widget)))
    assert shown == [str(n) for n in range(50, 150)]


def test_a_path_is_opened_and_marked(opened_explorer, params):
    widget = opened_explorer(params)
    widget._path.value = "['blocks'][3]['attn']['k']"
    marked = [line for line in rows(widget) if "◂ here" in line]
    assert len(marked) == 1
    assert "['k']" in marked[0]
    assert status(widget) == (
        "['blocks'][3]['attn']['k'] is marked “here”. It is shown for [0…11], which are 12 alike."
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("['blocks'][12]", "There is no [12]: ['blocks'] has [0], [1], [2], …, [11]."),
        ("blocks", "There is no blocks: The tree has ['blocks'], ['wte'], ['x']."),
        ("['x'].y", "There is no .y: ['x'] has nothing below it."),
        ("['blocks'][" + "9" * 100 + "]", "There is no [999"),
        ("<script>", "There is no <script>: The tree has"),
    ],
)
def test_a_path_that_is_not_there_says_how_far_it_goes(opened_explorer, params, path, said):
    widget = opened_explorer(params)
    widget.go(path)
    assert status(widget).startswith(said)
    assert "<script>" not in widget._status.value


def test_a_path_may_begin_with_the_name(opened_explorer, params):
    widget = opened_explorer(params)
    widget.go("params['wte']['emb']")
    assert "is marked" in status(widget)


def test_a_level_too_deep_is_refused_and_others_are_shown(opened_explorer):
    tree = np.ones(3)
    for _ in range(1000):
        tree = [tree, *range(2), 0.0, "a", None, {}, (), 1j]
    widget = opened_explorer(tree)
    widget.go("[0]" * (DEEPEST + 1))
    assert "explore the part of the tree that you look for" in status(widget)
    widget.go("[0]" * DEEPEST)
    assert "◂ here" in "\n".join(rows(widget))
    assert max(map(len, rows(widget))) < 120
    assert len(rows(widget)) < 2 * MOST


def test_what_has_no_row_is_said_to_have_none():
    @jax.tree_util.register_dataclass
    @dataclasses.dataclass
    class Module:
        _pytree__state: object
        kernel: object

    opened = Opened(summarise(Module({}, 1.0)))
    assert [node.part.label for node in opened.nodes()] == ["", ".kernel"]
    with pytest.raises(PathError, match=r"\._pytree__state is not shown"):
        opened.go((0,))


@given(st.data())
def test_each_leaf_is_found_at_the_path_that_jax_writes(trees, data):
    tree = data.draw(trees)
    model = summarise(tree)
    opened = Opened(model)
    keep = []
    for place in every_place(model):
        path = model.path(place)
        if path:
            assert place_of(model, path) == place
        node = opened.go(place)
        keep.append(node)
        assert node.part.structure == model.at(place)
    assert sum(1 for _ in opened.nodes()) <= MOST


def every_place(model):
    waiting = [()]
    while waiting:
        place = waiting.pop()
        yield place
        children = model.structures[model.at(place)].children
        waiting += [(*place, position) for position in range(len(children))]


def test_no_widget_is_left_when_it_is_closed(params):
    before = alive()
    widget = explore(params, "params")
    button(widget, "['blocks']").click()
    button(widget, "['attn']").click()
    opened = alive()
    button(widget, "['blocks']").click()
    assert before < alive() < opened
    widget.close()
    widget.close()
    assert alive() == before


def test_it_keeps_no_array_alive(opened_explorer):
    array = jax.numpy.ones(8)
    tree = {"a": array, "b": np.ones(3)}
    held = weakref.ref(array), weakref.ref(tree["b"])
    widget = opened_explorer(tree)
    del tree, array
    gc.collect()
    assert [ref() for ref in held] == [None, None]
    widget.go("['a']")
    assert "◂ here" in "\n".join(rows(widget))


@pytest.mark.alone
def test_a_million_children_open_at_once_and_never_have_more_than_some_hundred_widgets(
    opened_explorer,
):
    one, other = {"a": 1}, {"b": 1}
    model = summarise({"many": [one if n % 2 else other for n in range(1_000_000)], "x": 1})
    before = alive()
    widget = opened_explorer(model, "big")
    start = time.perf_counter()
    button(widget, "['many']").click()
    assert time.perf_counter() - start < 0.5
    for _ in range(4):
        button(widget, "50 more").click()
    widget.go("['many'][987654]['b']")
    for label in ("[987651]", "[987652]", "[987660]"):
        button(widget, label).click()
    assert "[987654]" in "\n".join(rows(widget))
    assert alive() - before < 2 * MOST + 60


def test_rows_opened_long_ago_are_closed_for_new_ones(opened_explorer):
    sixty = [{"a": 1} if n % 2 else {"b": 1} for n in range(60)]
    widget = opened_explorer({f"k{n}": [*sixty, n, *([2.0] * n)] for n in range(10)})
    for n in range(10):
        button(widget, f"['k{n}']").click()
    assert status(widget) == "Closed 1 row opened earlier, to make room."
    assert sum(1 for _ in widget._opened.nodes()) <= MOST
    assert [n for n in range(10) if f"▾ ├─['k{n}']" in "\n".join(rows(widget))] == [7, 8]


def test_hostile_names_are_text(opened_explorer):
    evil = "<img src=x onerror=alert(1)>"
    kind = type(evil, (), {})
    widget = opened_explorer({evil: [1], "b": kind(), "c\u202e": np.ones(2)}, f"{evil}\u202e")
    values = [
        part.value for part in (*widget._rows.children, widget._head) if hasattr(part, "value")
    ]
    assert not any("<img" in value or "\u202e" in value for value in values)
    assert "\u202e" not in "\n".join(rows(widget))


def test_what_jax_cannot_flatten_says_so(opened_explorer):
    tree = [1, 2]
    tree.append(tree)
    text = "\n".join(rows(opened_explorer(tree)))
    assert "! This list contains itself" in text


def test_without_a_kernel_it_is_a_sentence(opened_explorer, params):
    widget = opened_explorer(params)
    said = (
        "params: 50 leaves, 1.03k parameters, 8.03 KiB, 4 levels. This is an explorer: it needs a "
        "notebook whose kernel is running. %pytree params shows the tree without."
    )
    assert repr(widget).replace("\n", " ") == said
    assert max(map(len, repr(widget).splitlines())) <= 100
    assert widget._repr_mimebundle_()["text/plain"] == repr(widget)


def test_a_leaf_and_an_empty_tree_are_trees_too(opened_explorer):
    assert "f64[3]" in "\n".join(rows(opened_explorer(np.ones(3))))
    widget = opened_explorer({})
    widget.go("['a']")
    assert status(widget) == "There is no ['a']: The tree has nothing below it."


def test_without_ipywidgets_it_says_how_to_get_it(monkeypatch, params):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingWidgetsError, match=r'pip install "jaxmagic\[interactive\]"'):
        explore(params)


def test_old_widgets_are_refused(monkeypatch, params):
    monkeypatch.setattr(ipywidgets, "__version__", "7.8.5")
    with pytest.raises(MissingWidgetsError, match=r"ipywidgets 8, and this is 7\.8\.5"):
        explore(params)


def test_ipywidgets_is_imported_only_when_asked_for():
    code = f"import {explorer.__name__}, sys; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_path_error_is_what_a_wrong_path_raises(params):
    with pytest.raises(PathError):
        place_of(summarise(params), "[0]")
