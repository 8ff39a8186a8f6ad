"""The records that are kept, and which of them have changed since when."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from jaxmagic.compiles.job import Job
from jaxmagic.compiles.record import Compiles, Record

_DEAF = "What waited for new records has failed ({name}) and is told no more."


@dataclass(frozen=True)
class Changes:
    """What has changed since a mark: ``mark`` is where to go on from the next time.

    ``records`` came or changed, in the order of their numbers, each as it is now. ``cleared`` says
    that all that was known at the earlier mark is gone; so is what has a number below ``oldest``,
    of which there are ``dropped``. ``notes`` are all that hold now.
    """

    mark: int
    records: tuple[Record, ...] = ()
    cleared: bool = False
    oldest: int = 1
    dropped: int = 0
    notes: tuple[str, ...] = ()


class Kept:
    """Records in the order of their numbers, those of jobs that are still open among them.

    At most ``most`` are kept; older ones are dropped and counted. Any thread may use it.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.last = 0
        self._dropped = 0  # the number of the latest record that was dropped
        self._cleared = 0  # and of the latest one that was there when they were cleared
        self._entries: OrderedDict[int, Job | Record] = OrderedDict()
        self._changes = 0  # counts them, and never begins anew
        self._changed: OrderedDict[int, int] = OrderedDict()  # when each did, the latest last
        self._cleared_at = 0
        self._followed = False
        self._notes: Counter[str] = Counter()
        self._waiting: tuple[Callable[[], None], ...] = ()
        self._lock = threading.RLock()

    # ------------------------------------------------------------ what happens

    def add(self, make: Callable[[int], Job]) -> Job:
        """Keep the job that is made for the next number; it is told when it changes."""
        with self._lock:
            self.last += 1
            job = self._entries[self.last] = make(self.last)
            while len(self._entries) > self.most:
                self._dropped, _ = self._entries.popitem(last=False)
                self._changed.pop(self._dropped, None)
        return job

    def change(self, job: Job) -> None:
        """The job is not as it was; it costs nothing until somebody follows."""
        if self._followed:
            with self._lock:
                if job.number not in self._entries:
                    return  # dropped or cleared
                self._changes += 1
                self._changed[job.number] = self._changes
                self._changed.move_to_end(job.number)
            self._tell()

    def reopen(self, job: Job) -> None:
        """What looked done is gone on with."""
        with self._lock:
            if job.number in self._entries:
                self._entries[job.number] = job

    def note(self, sentence: str) -> None:
        """Keep a sentence on what went wrong, once."""
        with self._lock:
            known = sentence in self._notes or len(self._notes) >= self.most
            if not known:
                self._notes[sentence] += 1
        if not known:
            self._tell()

    def clear(self) -> None:
        """Forget all records and notes; numbers go on."""
        with self._lock:
            self._entries.clear()
            self._changed.clear()
            self._notes.clear()
            self._cleared = self.last
            self._changes += 1
            self._cleared_at = self._changes
        self._tell()

    def forget(self) -> None:
        """Forget all, and begin with number 1 again."""
        with self._lock:
            self.last = self._dropped = self._cleared = 0
            self.clear()

    # ------------------------------------------------------------ what is known of it

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what went wrong while recording."""
        with self._lock:
            return tuple(self._notes)

    def after(self, number: int) -> Compiles:
        """The records with numbers above this one."""
        with self._lock:
            records = tuple([self._record(its) for its in self._entries if its > number])
            dropped = self._dropped_after(number)
        return Compiles(records, dropped, self.notes)

    def _record(self, number: int) -> Record:
        """The record as it is now; of a job that is done nothing else is kept from now on."""
        entry = self._entries[number]
        if not isinstance(entry, Job):
            return entry
        record = entry.record()
        if record.outcome != "open":
            self._entries[number] = record
        return record

    def _dropped_after(self, number: int) -> int:
        return max(self._dropped - max(number, self._cleared), 0)

    def open(self) -> list[Record]:
        """The records of what is being traced, lowered or compiled just now."""
        with self._lock:
            jobs = [entry for entry in self._entries.values() if isinstance(entry, Job)]
        return [job.record() for job in jobs if job.phase]

    def since(self, mark: int) -> Changes:
        """What has changed since a mark that this gave earlier, or since ever for 0.

        It takes time for what has changed, whatever is kept.
        """
        with self._lock:
            self._follow()
            unknown = mark > self._changes  # of another recorder: all is new
            numbers = []
            for number, changed in reversed(self._changed.items()):
                if changed <= mark and not unknown:
                    break
                numbers.append(number)
            return Changes(
                self._changes,
                tuple([self._record(number) for number in sorted(numbers)]),
                unknown or mark < self._cleared_at,
                next(iter(self._entries), self.last + 1),
                self._dropped_after(0),
                tuple(self._notes),
            )

    def _follow(self) -> None:
        """Note from now on when each record changes; those that are there change just now."""
        if not self._followed:
            self._followed = True
            for number in self._entries:
                self._changes += 1
                self._changed[number] = self._changes

    # ------------------------------------------------------------ who waits for it

    def on_change(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call ``tell`` after each change, in whatever thread makes it; returns what ends that."""
        with self._lock:
            self._follow()
            self._waiting = (*self._waiting, tell)

        def remove() -> None:
            with self._lock:
                self._waiting = tuple(other for other in self._waiting if other is not tell)

        return remove

    def _tell(self) -> None:
        for tell in self._waiting:
            try:
                tell()
            except Exception as error:  # noqa: BLE001  it must not reach the call that compiles
                with self._lock:
                    self._waiting = tuple(other for other in self._waiting if other is not tell)
                self.note(_DEAF.format(name=type(error).__name__))
