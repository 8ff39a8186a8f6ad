"""Tables and paragraphs that fit into 100 columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.show import TEXT_WIDTH
from jaxmagic.show.table import Column, paragraph, table


def test_a_table_aligns_its_columns():
    columns = [Column(""), Column("time of\na call", right=True), Column("result")]
    assert table(columns, [["Python", "1.23 ms", "reference"], ["JAX", "9 ns", "same"]]) == [
        "        time of",
        "         a call  result",
        "──────  ───────  ─────────",
        "Python  1.23 ms  reference",
        "JAX        9 ns  same",
    ]


def test_a_column_that_is_empty_in_all_rows_is_left_out():
    columns = [Column("a"), Column("unknown"), Column("b")]
    assert table(columns, [["1", "", "2"], ["3", "", ""]]) == ["a  b", "─  ─", "1  2", "3"]


def test_a_short_row_runs_over_the_rest_of_its_line():
    columns = [Column(""), Column("b"), Column("c")]
    lines = table(columns, [["one", "2", "3"], ["no", "because " * 20]])
    assert lines[3].startswith("no   because because")
    assert lines[4].startswith("     because")
    assert max(map(len, lines)) <= TEXT_WIDTH


def test_a_table_that_is_too_wide_moves_closer_then_wraps_the_first_column():
    columns = [Column("label"), *[Column("n")] * 4]
    wide = table(columns, [["a label", *["x" * 22] * 4]])
    assert wide[2] == "a label " + " ".join(["x" * 22] * 4)
    wider = table(columns, [["a label that is long", *["x" * 22] * 4]])
    assert wider[2] == "a label  " + " ".join(["x" * 22] * 4)
    assert wider[3].startswith(" ")
    assert len(wider[2]) == TEXT_WIDTH


cells = st.text(alphabet="ab ≈é", max_size=12)


@given(st.lists(st.tuples(st.text("xyz", min_size=1, max_size=200), cells, cells), max_size=5))
def test_no_table_is_wider_than_a_page(rows):
    columns = [Column("label"), Column("one\ntwo", right=True), Column("three")]
    lines = table(columns, rows)
    assert len(lines) == 3 + len(rows) - (not any(row[1] for row in rows))
    assert all(len(line) <= TEXT_WIDTH for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["! short"]),
        ("word " * 30, ["! " + "word " * 18 + "word", "  " + "word " * 10 + "word"]),
        ("a-b " * 30, None),
    ],
)
def test_a_paragraph_is_wrapped_between_words(text, lines):
    wrapped = paragraph(text, first="! ", other="  ")
    assert lines is None or wrapped == lines
    assert max(map(len, wrapped)) <= TEXT_WIDTH
    assert " ".join(line[2:] for line in wrapped).split() == text.split()
