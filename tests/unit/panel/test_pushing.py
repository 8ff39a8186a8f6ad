"""What is told when, by a clock that belongs to the test; and faults, which stop nothing."""

import json
from dataclasses import replace

import pytest

from jaxmagic.compiles.kept import Changes
from jaxmagic.panel.batches import Batches
from jaxmagic.panel.pushing import PAUSE_S, Pushing


class Recorder:
    """Changes that a test makes."""

    def __init__(self):
        self.records, self.changed, self.mark = {}, {}, 0
        self.cleared_at, self.oldest, self.dropped, self.notes = 0, 1, 0, ()
        self.listeners = []

    def change(self, *records):
        for record in records:
            self.mark += 1
            self.records[record.number] = record
            self.changed[record.number] = self.mark
        self._tell()

    def clear(self):
        self.mark += 1
        self.records.clear()
        self.cleared_at = self.mark
        self._tell()

    def drop_below(self, number):
        self.dropped += sum(one < number for one in self.records)
        self.records = {one: record for one, record in self.records.items() if one >= number}
        self.oldest = number
        self._tell()

    def since(self, mark):
        new = [self.records[one] for one in sorted(self.records) if self.changed[one] > mark]
        cleared = mark < self.cleared_at
        return Changes(self.mark, tuple(new), cleared, self.oldest, self.dropped, self.notes)

    def on_change(self, tell):
        self.listeners.append(tell)
        return lambda: self.listeners.remove(tell)

    def _tell(self):
        for tell in self.listeners:
            tell()


class Line:
    """The line to the front ends: what went over it and when, and who pushes."""

    def __init__(self):
        self.now = 1000.0
        self.sent = []  # time, event, fields
        self.state = {"jax": None}
        self.ids = {}
        self.is_gone = False
        self.failing = None
        self.asleep = lambda: None  # what happens while it sleeps
        self.recorder = Recorder()
        self.batches = Batches(lambda count: self.ids.get(count, ""), clock=lambda: self.now)
        self.pushing = Pushing(
            self._send, lambda: dict(self.state), self.batches, lambda: self.is_gone, self._sleep
        )
        self._left = 0  # rounds until it is told to end

    def _send(self, event, told):
        if self.failing:
            raise self.failing
        self.sent.append((self.now, event, json.loads(json.dumps(told))))

    def _sleep(self, seconds):
        self.now += seconds
        self.asleep()
        self._left -= 1
        if self._left <= 0 or self.pushing._bell.empty():
            self.pushing._bell.put("end")

    def run(self, *rings, rounds=10_000):
        """Ring, and let it run until all is told, or for so many rounds."""
        self._left = rounds
        for ring in rings:
            self.pushing._bell.put(ring)
        assert not self.pushing._bell.empty()
        before = len(self.sent)
        self.pushing.run()
        return self.sent[before:]

    def batch(self, *rings):
        [batch] = [told for _, event, told in self.run(*rings) if event == "batch"]
        return batch


@pytest.fixture
def line():
    line = Line()
    line.pushing.follow(line.recorder)
    line.pushing._bell.get()
    return line


@pytest.fixture
def some(records):
    """Make records with these numbers."""
    return lambda numbers: [replace(records[0], number=number) for number in numbers]


def test_a_hello_is_answered_by_the_state_and_all_that_is_known(line, records):
    line.recorder.change(*records)
    line.ids = {3: "a", 4: "b", 77: "that has compiled nothing"}
    (_, state, told), (_, batch, first) = line.run("hello")
    assert (state, told) == ("state", line.state)
    assert batch == "batch"
    assert [record["number"] for record in first["records"]] == [r.number for r in records]
    assert first["cells"] == {"3": "a", "4": "b"}
    assert (first["cleared"], first["more"], first["oldest"]) == (True, 0, 1)
    assert first["now_s"] == 1000.0


def test_only_what_has_changed_is_told(line, records):
    line.recorder.change(*records)
    line.run("hello")
    line.recorder.change(replace(records[1], compile_ms=99.0))
    [(_, event, told)] = line.run()
    assert event == "batch"
    assert [record["compile_ms"] for record in told["records"]] == [99.0]
    assert not told["cleared"]
    line.ids[4] = "known now"
    assert line.batch("look")["cells"] == {"4": "known now"}
    line.recorder.notes = ("something is missing",)
    assert line.batch("changed")["notes"] == ["something is missing"]
    line.state["jax"] = "0.12.0"
    assert [event for _, event, _ in line.run("look")] == ["state"]
    assert line.run("look") == []


def test_what_is_cleared_or_dropped_is_told_no_more(line, some):
    line.recorder.change(*some(range(1, 2001)))
    first, *_ = (told for _, event, told in line.run("hello", rounds=1) if event == "batch")
    assert first["more"] == 2000 - len(first["records"])
    line.recorder.drop_below(1001)
    heard = [told for _, event, told in line.run() if event == "batch"]
    assert (heard[0]["oldest"], heard[0]["dropped"]) == (1001, 1000)
    numbers = {record["number"] for told in (first, *heard) for record in told["records"]}
    assert numbers == set(range(1001, 2001))
    line.run("hello", rounds=1)
    line.recorder.clear()
    told = line.batch()
    assert (told["cleared"], told["records"], told["more"]) == (True, [], 0)


def test_ten_messages_and_half_a_megabyte_a_second_the_newest_first(line, some):
    line.recorder.change(*some(range(1, 10_001)))
    new = iter(some(range(10_001, 10_100)))

    def compiled_meanwhile():
        if record := next(new, None):
            line.recorder.change(record)

    line.asleep = compiled_meanwhile
    sent = line.run("hello")
    batches = [(at, told) for at, event, told in sent if event == "batch"]
    _, first = batches[0]
    assert first["records"][-1]["number"] == 10_000
    assert 300 < len(first["records"]) <= 500
    seen = [record["number"] for _, told in batches for record in told["records"]]
    assert sorted(seen) == list(range(1, 10_100))
    # each new one is in the next batch, before the older ones
    for (_, told), number in zip(batches[1:], range(10_001, 10_100), strict=False):
        assert told["records"][-1]["number"] == number
    times = [at for at, _, _ in sent]
    for at, later in zip(times, times[11:], strict=False):
        assert later - at >= 1 - 1e-6
    size = [(at, len(json.dumps(told))) for at, _, told in sent]
    assert max(bytes_ for _, bytes_ in size) < 160_000
    for begin, _ in size:
        assert sum(bytes_ for at, bytes_ in size if begin <= at < begin + 3) < 3 * 600_000


def test_a_record_that_changes_while_it_waits_is_told_as_it_is(line, some):
    line.recorder.change(*some(range(1, 1501)))
    line.run("hello", rounds=1)
    [old] = some([2])
    line.recorder.change(replace(old, function="changed"))
    told = [record for _, _, told in line.run() for record in told["records"]]
    assert [one["function"] for one in told if one["number"] == 2] == ["changed"]


@pytest.mark.parametrize("where", ["send", "since", "state"])
def test_a_fault_is_told_and_stops_nothing(line, records, where, monkeypatch):
    line.run("hello")
    line.recorder.change(records[0])

    def fail(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        if where == "send":
            line.failing = ZeroDivisionError()
        elif where == "since":
            patch.setattr(line.batches, "since", fail)
        else:
            patch.setattr(line.pushing, "_state", fail)
        assert line.run("look") == []
    line.failing = None
    heard = {event: told for _, event, told in line.run("look")}
    assert set(heard) == {"state", "batch"}
    [note] = heard["batch"]["notes"]
    assert note.startswith("The panel may have missed something: ")
    assert "ZeroDivisionError, line " in note
    assert heard["batch"]["cleared"]
    assert [record["number"] for record in heard["batch"]["records"]] == [1]


def test_it_ends_quietly_where_nobody_hears_it(line, records):
    line.run("hello")
    line.recorder.change(records[0])
    line.failing, line.is_gone = RuntimeError("the socket is closed"), True
    line.asleep = lambda: pytest.fail("it goes on")
    assert line.run() == []


def test_the_thread_starts_with_the_first_hello_and_ends_once_for_all():
    line = Line()
    line.pushing = Pushing(line._send, dict, line.batches, lambda: False, lambda _: None)
    line.pushing.look()
    assert not line.pushing.runs
    line.pushing.hello()
    thread = line.pushing._thread
    line.pushing.hello()
    assert line.pushing._thread is thread
    assert thread.daemon
    line.pushing.follow(line.recorder)
    assert line.recorder.listeners
    line.pushing.end()
    assert not thread.is_alive()
    assert not line.recorder.listeners
    line.pushing.hello()
    line.pushing.follow(line.recorder)
    assert not line.pushing.runs
    assert not line.recorder.listeners
    assert PAUSE_S == 0.1
