"""What goes over the wire: one example that pytest and the tests of the front end both read."""

import json
from collections import OrderedDict
from dataclasses import fields
from pathlib import Path
from typing import get_args

from jaxmagic.compiles.memory.result import Devices
from jaxmagic.compiles.record import Disk, Kind, Outcome, Record, Why
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
