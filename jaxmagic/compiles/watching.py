"""What is compiled within a context: for scripts, and for tests that must not compile again."""

from collections.abc import Callable, Iterator
from contextlib import ContextDecorator
from typing import Any, Self, TypeVar, overload

from jaxmagic.compiles.record import Compiles, Record
from jaxmagic.compiles.recorder import Recorder

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MOST_SAID = 10


class Watch:
    """A context that knows what was compiled within it, in any thread; it reads like a list.

    It can be read while it is open and when it is closed. Contexts may be nested.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._after = 0
        self._kept: Compiles | None = None

    def __enter__(self) -> Self:
        self._kept = None
        self._recorder.start()
        self._after = self._recorder.last
        return self

    def __exit__(self, *_error: object) -> None:
        self._kept = self._recorder.compiles(self._after)
        self._recorder.stop()

    @property
    def compiles(self) -> Compiles:
        """What was compiled until now, or until the context was left."""
        return self._recorder.compiles(self._after) if self._kept is None else self._kept

    @property
    def records(self) -> tuple[Record, ...]:
        """A record for each program, oldest first."""
        return self.compiles.records

    def __len__(self) -> int:
        return len(self.compiles)

    def __iter__(self) -> Iterator[Record]:
        """The records, oldest first."""
        return iter(self.compiles)

    def __getitem__(self, index: int) -> Record:
        """The record at a place in this list."""
        return self.compiles[index]

    def __repr__(self) -> str:
        """What was compiled, as a table."""
        return repr(self.compiles)


class RecompileError(AssertionError):
    """Something was compiled again; ``records`` are those programs."""

    def __init__(self, said: str, records: tuple[Record, ...] = ()) -> None:
        super().__init__(said)
        self.records = records


class NoRecompile(ContextDecorator):
    """A context, or a decorator, in which nothing may be compiled again."""

    def __init__(self, recorder: Recorder, *, allow_first: bool, eager: bool) -> None:
        self._recorder = recorder
        self._allow_first = allow_first
        self._eager = eager
        self._watch = Watch(recorder)
        self._own: set[int] = set()

    def _recreate_cm(self) -> "NoRecompile":
        return NoRecompile(self._recorder, allow_first=self._allow_first, eager=self._eager)

    def __enter__(self) -> Watch:
        return self._watch.__enter__()

    def __exit__(self, error: type[BaseException] | None, *rest: object) -> None:
        self._watch.__exit__(error, *rest)
        self._own = {record.number for record in self._watch.compiles}
        guilty = tuple(filter(self._is_guilty, self._watch.compiles))
        if guilty and error is None:
            raise RecompileError(_said(guilty, self._allow_first), guilty)

    def _is_guilty(self, record: Record) -> bool:
        if record.compile_ms is None or (
            record.kind in ("eager op", "library") and not self._eager
        ):
            return False
        if not self._allow_first:
            return True
        if record.reason.kind == "new function":  # the other one may be of another test
            return record.reason.earlier in self._own
        return record.reason.again


def _said(guilty: tuple[Record, ...], allow_first: bool) -> str:  # noqa: FBT001  it is put in words
    again = " again" if allow_first else ""
    what = "1 program was" if len(guilty) == 1 else f"{len(guilty)} programs were"
    lines = [f"{what} compiled{again}:"]
    for record in guilty[:_MOST_SAID]:
        where = f" ({record.place})" if record.place else ""
        lines.append(f"  {record.function}{where}: {record.reason.words}")
        if record.reason.remedy:
            lines.append(f"    {record.reason.remedy}")
    if len(guilty) > _MOST_SAID:
        lines.append(f"  and {len(guilty) - _MOST_SAID} more")
    return "\n".join(lines)


@overload
def no_recompile(
    recorder: Recorder, function: _Function, *, allow_first: bool, eager: bool
) -> _Function: ...
@overload
def no_recompile(
    recorder: Recorder, function: None, *, allow_first: bool, eager: bool
) -> NoRecompile: ...
def no_recompile(
    recorder: Recorder, function: Any, *, allow_first: bool, eager: bool
) -> NoRecompile | Any:
    """A context, or ``function`` within such a context at every call."""
    context = NoRecompile(recorder, allow_first=allow_first, eager=eager)
    return context if function is None else context(function)
