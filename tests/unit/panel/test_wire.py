"""What goes over the wire: one example that pytest and the tests of the front end both read."""

import json
from collections import OrderedDict
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.compiles.memory.result import Devices
from jaxmagic.compiles.record import Disk, Kind, Outcome, Reason, Record, Why
from jaxmagic.panel import wire

DATA = Path(__file__).parents[2] / "data"
SESSION = "5eba1d0c"
DISK_FULL = "A program could not be recorded in full (OSError: no space left, line 12)."


def example(records):
    devices = Devices.from_json((DATA / "devices.json").read_text(encoding="utf-8"))
    waiting = OrderedDict((record.number, record) for record in records)
    return {
        "state": wire.message(
            "state",
            SESSION,
            jaxmagic="0.1.0",
            jax="0.12.0",
            started=True,
            recording=True,
            switches={"x64": False, "disable_jit": False, "debug_nans": True},
            disk="/home/me/.cache/jax",
            magics=["jaxcache", "jaxcompare", "jaxdevices", "pytree"],
            busy=False,
        ),
        "batch": wire.message(
            "batch",
            SESSION,
            now_s=records[-1].started_s + 3.25,
            cleared=True,
            oldest=1,
            dropped=0,
            notes=[DISK_FULL],
            records=wire.take(waiting),
            cells={"3": "5c1b8e0a", "4": "a90d77f1", "9": 'a "cell" & <b>'},
            more=0,
        ),
        "devices": wire.message(
            "devices", SESSION, re="op-1", devices=json.loads(devices.to_json())
        ),
        "refused": wire.message(
            "refused",
            SESSION,
            re="op-2",
            words="A cell is running: wait until it ends, then try again.",
        ),
        "problem": wire.message(
            "devices", SESSION, re="op-3", problem="The variables change too fast: ask again."
        ),
        "done": wire.message("done", SESSION, re="op-4"),
        "unloaded": wire.message("unloaded", SESSION),
    }


def test_the_example_is_kept(golden, records):
    text = json.dumps(example(records), indent=1, ensure_ascii=False) + "\n"
    golden("data/panel.json", text)


def test_the_example_covers_every_field_kind_reason_and_outcome(records):
    sent = example(records)["batch"]["records"]
    names = {one.name for one in fields(Record)}
    assert set().union(*sent) == {*names, "place", "again"}
    assert {one["reason"]["kind"] for one in sent} == set(get_args(Why))
    assert {one["kind"] for one in sent} == set(get_args(Kind))
    assert {one.get("outcome", "open") for one in sent} == set(get_args(Outcome))
    assert {one.get("disk", "") for one in sent} == set(get_args(Disk))


def read(sent):
    """A record out of what was sent of it, as a front end reads it."""
    known = {name: value for name, value in sent.items() if name not in ("place", "again")}
    return Record(**{**known, "reason": Reason(**known["reason"])})


def any_values(kind):
    """Strategies for all fields of a dataclass, the times not too far from now."""
    times = {float: st.floats(0, 1e10)}
    made = {}
    for name, its_type in get_type_hints(kind).items():
        inner = [times.get(one, st.from_type(one)) for one in get_args(its_type) or [its_type]]
        if type(None) in get_args(its_type):
            made[name] = st.one_of(inner)
        else:
            made[name] = times.get(its_type, st.from_type(its_type))
    return made


REASONS = st.builds(Reason, **any_values(Reason))
ANY_RECORD = st.builds(Record, **{**any_values(Record), "reason": REASONS})


@given(ANY_RECORD)
def test_a_record_can_be_made_again_from_what_is_sent(record):
    sent = json.loads(json.dumps(wire.record(record)))
    again = read(sent)
    assert (again.place, again.reason.again) == (sent.get("place", ""), sent.get("again", False))
    for field in fields(Record):
        value, its = getattr(record, field.name), getattr(again, field.name)
        if isinstance(value, float):
            assert its == pytest.approx(value, abs=0.0005)
        else:
            assert its == value


@given(ANY_RECORD)
def test_what_is_left_out_has_its_default(record):
    sent = wire.record(record)
    for one, told in ((record, sent), (record.reason, sent["reason"])):
        for field in fields(one):
            assert (field.name in told) == (getattr(one, field.name) != field.default)


def test_half_a_character_in_the_name_of_a_file_is_written_out(records):
    sent = wire.record(replace(records[2], caller="/home/\udce4/train.py", line=None))
    assert sent["caller"] == "/home/\\udce4/train.py"
    assert json.dumps(sent, ensure_ascii=False).encode()


def test_a_slice_is_taken_from_the_end_and_is_in_order(records):
    waiting = OrderedDict((record.number, record) for record in records)
    waiting.move_to_end(1)  # it has changed last
    sent = wire.take(waiting, most=3)
    assert [one["number"] for one in sent] == [1, len(records) - 1, len(records)]
    assert 1 not in waiting
    assert len(waiting) == len(records) - 3
    size = len(json.dumps(sent[0]))
    waiting = OrderedDict((number, records[0]) for number in range(100))
    assert len(wire.take(waiting, most_bytes=10 * size)) == 10
    assert len(waiting) == 90
    assert len(wire.take(waiting, most_bytes=1)) == 1  # else it would wait for ever
    assert wire.take(OrderedDict()) == []
