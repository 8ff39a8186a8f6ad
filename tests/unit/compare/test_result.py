"""The plain result: JSON both ways, a frame, and derived figures.

``JAXMAGIC_GOLDEN=write pytest tests/unit/compare/test_result.py`` writes the example in tests/data
anew: what was kept with an earlier version must still be read.
"""

import json
import math
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.compare.result import Comparison, Row, calls_to_pay

maybe = st.none() | st.floats(min_value=0, allow_infinity=False)
words = st.text(max_size=5)
rows = st.builds(
    Row,
    backend=words,
    label=words,
    reason=st.none() | words,
    time_s=maybe,
    speedup=maybe,
    speedup_low=maybe,
    speedup_high=maybe,
    compile_s=maybe,
    compile_parts_s=st.dictionaries(words, st.floats(0, 1), max_size=2),
    pays_after_calls=st.none() | st.integers(0, 2**60),
    never_pays=st.booleans(),
    threads=maybe,
    temporary_bytes=st.none() | st.integers(0, 2**60),
    dtypes=st.lists(words, max_size=2).map(tuple),
    agreement=st.none() | words,
    deviation=maybe,
    where=words,
    notes=st.lists(words, max_size=2).map(tuple),
    evals=st.integers(1, 100),
    samples_s=st.dictionaries(
        st.integers(0, 50), st.lists(st.floats(0, 1), max_size=3).map(tuple), max_size=3
    ),
)
comparisons = st.builds(
    Comparison,
    call=words,
    rows=st.lists(rows, max_size=3).map(tuple),
    seconds=st.floats(0, 100),
    rounds=st.integers(0, 1000),
    interrupted=st.booleans(),
    x64=st.none() | st.booleans(),
    cores=st.integers(1, 256),
    others_cores=maybe,
    device=st.none() | words,
    processor=words,
    versions=st.dictionaries(words, words, max_size=2),
    notes=st.lists(words, max_size=2).map(tuple),
)


@given(comparisons)
def test_what_json_keeps_is_everything(result):
    text = result.to_json()
    assert Comparison.from_json(text) == result
    assert Comparison.from_json(text).to_json() == text


def test_json_is_plain_and_can_be_indented(comparison):
    text = comparison.to_json(indent=2)
    assert text.startswith('{\n  "call": ')
    known = json.loads(text)
    assert known["rows"][1]["samples_s"]["0"] == [0.00123, 0.0013]
    assert Comparison.from_json(text) == comparison


def test_what_was_kept_is_read(golden, comparison):
    text = golden("data/comparison.json", f"{comparison.to_json(indent=1)}\n")
    assert Comparison.from_json(text) == comparison


def test_a_number_that_json_does_not_know_is_refused(comparison):
    with pytest.raises(ValueError, match="not JSON compliant"):
        replace(comparison, seconds=math.inf).to_json()


def test_a_frame_has_one_line_for_each_row(comparison):
    pytest.importorskip("pandas")
    frame = comparison.to_pandas()
    assert list(frame.index) == [row.backend for row in comparison.rows]
    assert frame.loc["numba", "time_s"] == 0.0000456
    assert frame.loc["first", "reason"].startswith("line 3 uses")
    assert frame["speedup"].dtype == float
    assert not {"samples_s", "notes", "compile_parts_s", "backend"} & set(frame.columns)
    missing = set(Row.__dataclass_fields__) - set(frame.columns)
    assert missing == {"samples_s", "notes", "compile_parts_s", "translated", "backend"}


def test_rows_are_found_by_the_name_of_their_backend(comparison):
    assert comparison["jit"].label == "JAX jit"
    with pytest.raises(KeyError):
        comparison["cuda"]


def test_the_reference_is_the_first_row_with_a_time(comparison):
    assert comparison.reference is comparison.rows[1]
    assert replace(comparison, rows=comparison.rows[:1]).reference is None
    assert [row.ran for row in comparison.rows] == [False, *[True] * 5]


def test_calls_are_all_that_were_timed(comparison):
    assert comparison["python"].calls == 18
    assert comparison["numba"].calls == 4 * 18
    assert comparison["first"].calls == 0


def test_a_result_does_not_change(comparison):
    with pytest.raises(FrozenInstanceError):
        comparison.seconds = 1.0


@pytest.mark.parametrize(
    ("compile_s", "time_s", "reference_s", "calls"),
    [
        (1.0, 1.0, 2.0, 1),
        (1.0, 1.0, 1.5, 2),
        (1.01, 1.0, 2.0, 2),
        (0.0, 1.0, 2.0, 0),
        (1.0, 2.0, 2.0, None),
        (1.0, 3.0, 2.0, None),
    ],
)
def test_calls_to_pay(compile_s, time_s, reference_s, calls):
    assert calls_to_pay(compile_s, time_s, reference_s) == calls


@given(*[st.floats(1e-9, 1e3)] * 3)
def test_compiling_pays_at_that_call_and_not_before(compile_s, time_s, reference_s):
    calls = calls_to_pay(compile_s, time_s, reference_s)
    if calls is None:
        assert time_s >= reference_s
    else:
        saved = reference_s - time_s
        assert calls * saved >= compile_s * (1 - 1e-9)
        assert (calls - 1) * saved < compile_s * (1 + 1e-9)
