"""What was compiled, as text and as HTML."""

import pytest

from jaxmagic import show
from jaxmagic.compiles.record import Compiles, Reason, Record

RECORDS = (
    Record(
        1,
        "train_step",
        "user function",
        Reason("first", "first call"),
        signature="params: dict of 4 leaves, x: float32[32,10]",
        cell=3,
        line=2,
        trace_ms=12.3,
        lower_ms=4.56,
        compile_ms=789.0,
        disk="below threshold",
        outcome="compiled",
    ),
    Record(
        2,
        "train_step",
        "user function",
        Reason(
            "shape",
            "shape of x: float32[31,10], was float32[32,10]",
            "x",
            "float32[32,10]",
            "float32[31,10]",
            "pad to few sizes, or make the calls of one size together",
            1,
        ),
        signature="params: dict of 4 leaves, x: float32[31,10]",
        cell=4,
        line=7,
        trace_ms=12.3,
        lower_ms=4.56,
        disk="off",
        phase="compile",
    ),
    Record(
        3,
        "loss",
        "transform",
        Reason("transform", "loss is differentiated outside of jit", "loss"),
        caller="/home/me/project/train.py",
        line=12,
        lower_ms=1.0,
        outcome="interrupted",
    ),
)
RESULT = Compiles(RECORDS, 17, ("Another library called clear_event_listeners.",))


def test_the_text_is_kept(golden):
    golden("golden/compiles.txt", str(RESULT) + "\n")


def test_the_page_says_the_same_and_closes_what_it_opens(seen):
    page = seen(show.html(RESULT))
    assert page.open == []
    said = " ".join(" ".join(page.words).split())
    for record in RECORDS:
        assert record.reason.words in said
        assert record.reason.remedy in said
        assert record.function in said
    assert "interrupted" in said
    assert "running" in said
    assert "17 older records not kept" in said


def test_what_is_the_users_is_escaped():
    record = Record(1, "<b>f", "user function", Reason("first", "<script>"), signature="x: <i>")
    page = show.html(Compiles((record,)))
    assert "<script>" not in page
    assert "<b>f" not in page
    assert "&lt;i&gt;" in page


def test_nothing_is_said_to_be_nothing():
    assert str(Compiles()) == "Nothing was compiled."
    assert "Nothing was compiled." in show.html(Compiles())


@pytest.mark.parametrize("number", [1, 10_050, 99_999])
def test_it_is_never_wider_than_a_page(number):
    record = Record(
        number,
        "f" * 60,
        "user function",
        Reason("shape", "w " * 200, remedy="r " * 100),
        signature="s" * 160,
        cell=123_456,
        line=123_456,
        trace_ms=754_000.0,
        lower_ms=754_000.0,
        compile_ms=754_000.0,
        disk="below threshold",
        outcome="compiled",
    )
    lines = str(Compiles((record,) * 300)).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.lstrip().startswith(str(number)) for line in lines) == 100
    assert "200 older records not shown" in lines[-1]


def test_json_goes_both_ways():
    assert Compiles.from_json(RESULT.to_json()) == RESULT


def test_what_was_avoidable_is_counted():
    assert [record.number for record in RESULT.again] == [2, 3]
    assert RESULT.total_ms == pytest.approx(12.3 + 4.56 + 789 + 12.3 + 4.56 + 1)
    assert RECORDS[2].place == "train.py:12"
    assert RECORDS[0].place == "In[3]:2"
