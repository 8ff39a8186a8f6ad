"""What has changed since when: for a thread that follows the records while others compile."""

import threading
import time

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.compiles.job import Job
from jaxmagic.compiles.kept import Kept
from jaxmagic.compiles.place import Place
from jaxmagic.compiles.recorder import Recorder


def a_job(number):
    return Job(number, f"f{number}", 0, "call", Place())


@pytest.fixture
def kept():
    return Kept(100)


def add(kept):
    job = kept.add(a_job)
    job.phase = "trace"
    kept.change(job)
    return job


def end(kept, job):
    job.phase, job.outcome = "", "compiled"
    kept.change(job)


def test_what_changed_is_told_once_whether_it_is_open_or_closed(kept):
    first, second = add(kept), add(kept)
    one = kept.since(0)
    assert [(r.number, r.phase) for r in one.records] == [(1, "trace"), (2, "trace")]
    assert kept.since(one.mark).records == ()
    end(kept, second)
    third = add(kept)
    two = kept.since(one.mark)
    assert [(r.number, r.outcome) for r in two.records] == [(2, "compiled"), (3, "open")]
    end(kept, first)
    end(kept, third)
    three = kept.since(two.mark)
    assert [(r.number, r.outcome) for r in three.records] == [(1, "compiled"), (3, "compiled")]
    assert [r.number for r in kept.since(0).records] == [1, 2, 3]
    assert not any(changes.cleared for changes in (one, two, three))


def test_records_that_were_cleared_are_told_and_what_ends_then_is_not_kept(kept):
    job = add(kept)
    mark = kept.since(0).mark
    kept.clear()
    changes = kept.since(mark)
    assert (changes.cleared, changes.records, changes.oldest) == (True, (), 2)
    assert not kept.since(changes.mark).cleared
    end(kept, job)
    assert kept.since(changes.mark) == changes.__class__(changes.mark, oldest=2)
    kept.forget()
    end(kept, add(kept))
    assert [r.number for r in kept.since(changes.mark).records] == [1]
    assert kept.since(changes.mark).cleared


def test_who_begins_late_gets_what_is_there_already(kept):
    end(kept, add(kept))
    add(kept)
    changes = kept.since(0)
    assert [(r.number, r.outcome) for r in changes.records] == [(1, "compiled"), (2, "open")]
    assert kept.since(changes.mark).records == ()


def test_a_mark_of_another_recorder_begins_anew(kept):
    add(kept)
    changes = kept.since(1_000_000)
    assert (changes.cleared, len(changes.records)) == (True, 1)


def test_what_was_dropped_is_told_by_the_oldest_number(kept):
    for _ in range(130):
        end(kept, add(kept))
    changes = kept.since(0)
    assert (changes.oldest, changes.dropped, len(changes.records)) == (31, 30, 100)


def test_notes_are_told_once_each(kept):
    told = []
    kept.on_change(lambda: told.append(kept.notes))
    for _ in range(3):
        kept.note("something")
    assert told == [("something",)]
    assert kept.since(0).notes == ("something",)


def test_who_waits_is_called_at_each_change_until_it_is_taken_out(kept):
    told = []
    remove = kept.on_change(lambda: told.append(len(kept.since(0).records)))
    job = add(kept)
    end(kept, job)
    kept.clear()
    assert told == [1, 1, 0]
    remove()
    remove()
    add(kept)
    assert len(told) == 3


def test_one_that_fails_is_called_no_more_and_the_others_still_are(kept):
    told = []

    def failing():
        told.append("failing")
        raise OSError

    kept.on_change(failing)
    kept.on_change(lambda: told.append("other"))
    end(kept, add(kept))
    assert told.count("failing") == 1
    assert told.count("other") >= 2
    assert kept.notes == ("What waited for new records has failed (OSError) and is told no more.",)


def test_a_little_change_in_ten_thousand_records_is_found_at_once():
    kept = Kept(10_000)
    jobs = [add(kept) for _ in range(10_000)]
    mark = kept.since(0).mark
    end(kept, jobs[5_000])

    def least_s(mark):
        def once():
            start = time.perf_counter()
            kept.since(mark)
            return time.perf_counter() - start

        return min(once() for _ in range(5))

    assert [r.number for r in kept.since(mark).records] == [5_001]
    assert least_s(mark) < least_s(0) / 50


def test_a_thread_follows_while_another_one_compiles():
    recorder = Recorder()
    recorder.start()
    changed, done, seen = threading.Event(), threading.Event(), []

    def follow():
        mark = 0
        while not done.is_set():
            changed.wait(5)
            changed.clear()
            changes = recorder.since(mark)
            mark = changes.mark
            seen.extend((r.number, r.phase or r.outcome) for r in changes.records)

    thread = threading.Thread(target=follow, daemon=True)
    remove = recorder.on_change(changed.set)
    thread.start()

    def slow(x):
        time.sleep(0.2)
        return jnp.sin(x)

    jax.jit(slow)(1.0)
    done.set()
    changed.set()
    thread.join()
    remove()
    last = recorder.last
    recorder.stop()
    assert (last, "trace") in seen
    assert seen[-1] == (last, "compiled")


def test_many_threads_change_and_one_reads_and_nothing_is_lost():
    kept = Kept(10_000)

    def work():
        for _ in range(200):
            end(kept, add(kept))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    known, mark = {}, 0
    while any(thread.is_alive() for thread in threads):
        changes = kept.since(mark)
        mark = changes.mark
        known |= {r.number: r for r in changes.records}
    known |= {r.number: r for r in kept.since(mark).records}
    assert sorted(known) == list(range(1, 1601))
    assert {r.outcome for r in known.values()} == {"compiled"}
