"""Records that cover every field, every kind of reason, and every outcome."""

from typing import get_args

import pytest

from jaxmagic.compiles.record import Disk, Kind, Outcome, Reason, Record, Why

STARTED_S = 1_790_000_000.0

TOLD = (
    Record(
        1,
        "train_step",
        "user function",
        Reason("first", "first call"),
        module="__main__",
        signature="params: dict of 4 leaves, x: float32[32,10]",
        cell=3,
        line=2,
        trace_ms=12.3456,
        lower_ms=4.56,
        compile_ms=789.0,
        disk="below threshold",
        device="cpu:0",
        thread="MainThread",
        outcome="compiled",
        started_s=STARTED_S,
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
        module="__main__",
        signature="params: dict of 4 leaves, x: float32[31,10]",
        cell=4,
        line=7,
        trace_ms=12.3,
        lower_ms=4.56,
        compile_ms=15.0,
        disk="hit",
        device="cpu:0",
        thread="MainThread",
        outcome="compiled",
        started_s=STARTED_S + 60,
    ),
    Record(
        3,
        "loss <b>&",
        "transform",
        Reason("transform", "loss is differentiated outside of jit", "loss"),
        module="project.train",
        file="/home/me/project/train.py",
        caller="/home/me/project/train.py",
        line=12,
        lower_ms=1.0,
        thread="Thread-7 (läuft)",
        outcome="interrupted",
        started_s=STARTED_S + 61.25,
    ),
)
PHASES = ("trace", "lower", "compile")


def _several():
    """One more for each kind of reason, then one for each phase, which are open."""
    kinds, disks = get_args(Kind), get_args(Disk)
    outcomes = [outcome for outcome in get_args(Outcome) if outcome != "open"]
    for at, why in enumerate(get_args(Why)):
        yield Record(
            4 + at,
            f"function_{at}",
            kinds[at % len(kinds)],
            Reason(why, f"words for {why}", changed="x"),
            cell=5 + at % 3 if at else None,
            line=at + 1 if at else None,
            trace_ms=0.5,
            lower_ms=0.25,
            compile_ms=40.0 * at,
            disk=disks[at % len(disks)],
            thread="MainThread",
            outcome=outcomes[at % len(outcomes)],
            started_s=STARTED_S + 70 + at,
        )
    for at, phase in enumerate(PHASES):
        yield Record(
            4 + len(get_args(Why)) + at,
            f"long_{phase}",
            "user function",
            Reason("first", "first call"),
            signature="x: float32[1000,1000]",
            cell=9,
            line=at + 1,
            thread=f"worker-{at}",
            phase=phase,
            started_s=STARTED_S + 100 + at / 8,
            **{f"{done}_ms": 10.0 for done in PHASES[:at]},
        )


@pytest.fixture(scope="session")
def records():
    return (*TOLD, *_several())
