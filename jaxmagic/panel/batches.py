"""What front ends have not been told yet, in batches that a slow connection can take."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jaxmagic.panel.wire import FIRST_BYTES, LATER_BYTES, Wire, take

if TYPE_CHECKING:
    from jaxmagic.compiles.kept import Changes
    from jaxmagic.compiles.record import Record


class Batches:
    """Batches of what has changed: what changed last comes first, older records follow.

    All of it is told anew after :meth:`again`. ``id_of`` gives the id of a cell, of which only
    those are told that have compiled something.
    """

    def __init__(self, id_of: Callable[[int], str], clock: Callable[[], float] = time.time) -> None:
        self.since: Callable[[int], Changes] | None = None  # of the recorder, when there is one
        self._id_of = id_of
        self._clock = clock
        self._waiting: OrderedDict[int, Record] = OrderedDict()
        self.again()

    @property
    def more(self) -> int:
        """How many records wait for the next batch."""
        return len(self._waiting)

    def again(self) -> None:
        """Tell everything anew: somebody knows nothing of it."""
        self._mark = 0
        self._forget()
        self._oldest, self._dropped = 1, 0
        self._notes: tuple[str, ...] = ()
        self._told: Any = None

    def _forget(self) -> None:
        self._waiting.clear()
        self._cleared = True
        self._cells: set[int] = set()  # of records that were told, without the id
        self._known: set[int] = set()  # with it

    def next(self, notes: Sequence[str] = ()) -> Wire | None:
        """The next batch, with ``notes`` behind those of the recorder; None if all is told."""
        self._follow()
        first = self._cleared
        records = take(self._waiting, most_bytes=FIRST_BYTES if first else LATER_BYTES)
        self._cells |= {record["cell"] for record in records if "cell" in record} - self._known
        cells = {count: its_id for count in sorted(self._cells) if (its_id := self._id_of(count))}
        told = (self._oldest, self._dropped, (*self._notes, *notes))
        if not (records or cells or first or told != self._told):
            return None
        self._cells -= cells.keys()
        self._known |= cells.keys()
        self._told, self._cleared = told, False
        return {
            "now_s": round(self._clock(), 6),
            "cleared": first,
            "oldest": self._oldest,
            "dropped": self._dropped,
            "notes": list(told[-1]),
            "records": records,
            "cells": {str(count): its_id for count, its_id in cells.items()},
            "more": self.more,
        }

    def _follow(self) -> None:
        """Let what has changed wait, in its newest form, behind all that waits."""
        if self.since is None:
            return
        changes = self.since(self._mark)
        self._mark = changes.mark
        if changes.cleared:
            self._forget()
        for record in changes.records:
            self._waiting[record.number] = record
            self._waiting.move_to_end(record.number)
        if changes.oldest > self._oldest:
            for number in [number for number in self._waiting if number < changes.oldest]:
                del self._waiting[number]
        self._oldest, self._dropped, self._notes = changes.oldest, changes.dropped, changes.notes
