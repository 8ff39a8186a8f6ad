"""How a difference is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/pytree/diff`` writes these files anew, and the example in
tests/data: look at what has changed in them before you commit it.
"""

import html
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from jaxmagic import show
from jaxmagic.pytree.diff import Difference, difference

F32 = np.zeros((2, 3), "f4")


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
        (
            [1, len],
            [1, max],
            {"values": True},
            "a and b are equal: structure, shapes, dtypes, and the values of 1 of 2 leaves.",
        ),
        ((0, None), ([1, 2], 3), {"prefix": True}, "a is a tree prefix of b."),
        (
            (0, 0),
            (1,),
            {"prefix": True},
            "a is no tree prefix of b: it does not fit at 1 place.",
        ),
        ([1, 2], [1], {}, "a and b differ at 1 place: only in a. 1 leaf is equal."),
        (
            [1, None],
            [1, 2],
            {},
            "a and b differ at 1 place: None on one side only. 1 leaf is equal.",
        ),
        (
            [1, (2,)],
            [1, 2],
            {},
            "a and b differ at 1 place: a leaf against a container. 1 leaf is equal.",
        ),
        (
            [[1, 2, F32, 0], [1]],
            [[1.0, 2.0, F32.T, 0], [1, ""]],
            {},
            "a and b differ at 4 places: 1 only in b, 1 of another shape, 2 of another dtype.",
        ),
        (
            [F32],
            [F32.T],
            {"names": ("f()", "f()")},
            "The first and the second differ at 1 place: another shape. 0 leaves are equal.",
        ),
    ],
)
def test_the_head_says_it_all(a, b, options, sentence):
    assert " ".join(str(difference(a, b, **options)).split()).startswith(sentence)


def test_equal_trees_are_told_with_what_was_not_compared():
    told = str(difference({"a": 1}, {"a": 2}))
    assert "1 leaf in 1 container, 1 parameter, 0 B." in told
    assert "The values were not compared" in told
    assert "not compared" not in str(difference({"a": 1}, {"a": 1}, values=True))


def rows_of(told):
    return [line for line in told.splitlines() if line[0] in "≠ "]


def test_the_way_to_the_only_fault_is_one_path_to_copy():
    block = {"attn": {"qkv": {"kernel": 1, "bias": 2}, "out": 3}, "ln": 4}
    a = {"blocks": [block] * 12, "wte": 1}
    wrong = {"attn": {"qkv": {"kernel": "", "bias": 2}, "out": 3}, "ln": 4}
    b = {"blocks": [*[block] * 5, wrong, *[block] * 6], "wte": 1}
    path = "['blocks'][5]['attn']['qkv']['kernel']"
    assert rows_of(str(difference(a, b))) == [f"≠ {path}  int → str  type"]
    b["wte"] = ""
    assert rows_of(str(difference(a, b)))[1:] == [
        f"≠ │ {path}  int → str  type",
        "≠ │ ['wte']  int → str  type",
    ]


def test_a_path_that_fills_the_line_is_whole_and_the_rest_stands_below():
    key = "a" * 40
    told = str(difference({key: {key: 1.0}}, {key: {key: "x"}}))
    assert rows_of(told) == [f"≠ ['{key}']['{key}']", "    float → str  type"]


def test_a_path_longer_than_a_line_loses_its_middle_and_nothing_else_is_lost():
    key = "a" * 55 + "z"
    tree = {key: {key: {key: 1.0}}}
    row, rest = rows_of(str(difference(tree, {key: {key: {key: "x"}}})))
    assert len(row) == 100
    assert "…" in row
    assert rest == "    float → str  type"


def test_long_names_and_equal_ones_are_given_once():
    long = "{'a': 1, 'b': {'c': 2}}"
    told = str(difference({"a": 1}, {"b": F32}, names=(long, "ckpt")))
    assert told.count(long) == 1
    assert f"The first is {long}: 1 leaf" in " ".join(told.split())
    assert "only in the first" in told
    assert "only in ckpt" in told
    told = str(difference({"a": 1}, {"b": F32}, names=("f()", "f()")))
    assert told.count("only in the second") == 2


def test_levels_below_many_are_not_indented_further():
    tree, other = 1, ""
    for _ in range(60):
        tree, other = {"below": tree, "x": 1}, {"below": other, "x": ""}
    told = str(difference(tree, other))
    assert max(map(len, told.splitlines())) <= 100
    assert told.count("['x']  int → str  type") > 30


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
