"""How a difference is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/pytree/diff`` writes these files anew, and the example in
tests/data: look at what has changed in them before you commit it.
"""

import html
import json
import re
from dataclasses import replace

import pytest

from jaxmagic import show
from jaxmagic.pytree.diff import Difference, difference


def body(result):
    return show.html(result).partition("</style>")[2]


def test_the_text_of_two_models(golden, params, ckpt):
    found = difference(params, ckpt, names=("params", "ckpt"))
    golden("golden/difference.txt", f"{found}\n")


def test_the_html_of_two_models(golden, params, ckpt):
    found = difference(params, ckpt, names=("params", "ckpt"))
    golden("golden/difference.html", body(found).replace("<div", "\n<div") + "\n")


def test_the_text_of_the_example(golden, example):
    golden("golden/difference_example.txt", f"{example}\n")


def test_what_was_kept_is_read(golden, example):
    again = Difference.from_json(golden("data/difference.json", f"{example.to_json(indent=1)}\n"))
    assert again == example
    assert str(again) == str(example)
    assert show.html(again) == show.html(example)


def test_json_is_plain(example):
    known = json.loads(example.to_json())
    assert known["faults"][0]["hint"] == "transposed?"
    assert known["names"] == ["<mine>", "theirs"]


def test_the_html_is_static_and_well_formed(seen, example):
    written = show.html(example)
    page = seen(written)
    assert page.open == []
    assert set(page.elements) <= {"style", "div", "p", "b", "i", "code", "span"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "http" not in written
    assert "url(" not in written


def test_names_of_the_user_are_text(seen, example):
    said = "".join(seen(body(example)).words)
    assert "['<b>x</b>']" in said
    assert "<mine>" in said
    assert "<b>x" not in body(example)


def plain(words):
    return re.sub(r"\s+", " ", words.replace("\N{NO-BREAK SPACE}", " "))


def test_each_row_of_the_text_is_a_row_of_code_in_the_html(example):
    rows = re.findall(r"<code>(.*?)</code>", body(example))
    written = [plain(html.unescape(re.sub(r"<[^>]*>", "", row))).strip() for row in rows]
    lines = [plain(line).strip() for line in str(example).splitlines()]
    assert len(written) == len(example.outline)
    assert set(written) <= set(lines)


def test_rows_keep_their_shape_without_style(example):
    for row in re.findall(r"<code>(.*?)</code>", body(example)):
        assert " " not in re.sub(r"<[^>]*>", "", row)


@pytest.mark.parametrize(
    ("a", "b", "options", "sentence"),
    [
        ({"a": 1}, {"a": 2}, {}, "a and b are equal: structure, shapes and dtypes."),
        (1, 1, {"values": True}, "a and b are equal: structure, shapes, dtypes and values."),
        ((0, None), ([1, 2], 3), {"prefix": True}, "a is a tree prefix of b."),
        ((0, 0), (1,), {"prefix": True}, "a is no tree prefix of b: 1 length."),
        ([1, 2], [1], {}, "1 only in a; 1 leaf equal"),
        ([1, None], [1, 2], {}, "1 None; 1 leaf equal"),
        ([1, (2,)], [1, 2], {}, "1 leaf against a container; 1 leaf equal"),
        ([1, 2], [1.0, 2.0], {}, "2 leaves differ; 0 leaves equal"),
    ],
)
def test_the_head_says_it_all(a, b, options, sentence):
    assert str(difference(a, b, **options)).splitlines()[0] == sentence


def test_equal_trees_are_told_with_what_was_not_compared():
    told = str(difference({"a": 1}, {"a": 2}))
    assert "1 leaf in 1 container, 1 parameter, 0 B." in told
    assert "The values were not compared" in told
    assert "not compared" not in str(difference({"a": 1}, {"a": 1}, values=True))


def test_a_long_line_loses_the_middle_of_its_path_and_nothing_else():
    key = "a" * 55 + "z"
    tree = {key: {key: {key: 1.0}}}
    told = str(difference(tree, {key: {key: {key: "x"}}}))
    [row] = [line for line in told.splitlines() if line.startswith("≠")]
    assert len(row) <= 100
    assert row.endswith("float → str  type")
    assert "…" in row


def test_many_faults_are_counted_and_not_all_shown():
    a = {f"k{i}": {"x": 1.0, "y": (0,) * i} for i in range(300)}
    b = {f"k{i}": {"x": "", "y": (0,) * i} for i in range(300)}
    found = difference(a, b)
    assert found.counts == {"type": 300}
    assert len(found.outline) <= 101
    shown = sum(row.fault is not None for row in found.outline)
    assert 30 < shown < 50
    assert str(found).splitlines()[-1] == f"… {300 - shown} more"
    assert len(str(found).splitlines()) < 110
    assert len(show.html(found)) < 100_000


def test_what_one_row_stands_for_is_said(seen, params, ckpt):
    found = difference(params, ckpt)
    assert "11 \N{MULTIPLICATION SIGN} same change" in str(found)
    shape = next(fault for fault in found.faults if fault.kind == "shape")
    assert (shape.count, len(shape.places)) == (11, 8)
    titles = [value for name, value in seen(body(found)).attributes if name == "title"]
    assert any(title.endswith("…, 3 more") or ", … 3 more" in title for title in titles)
    more = replace(found, faults=(), outline=())
    assert "equal" in str(more)
