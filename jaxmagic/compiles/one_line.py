"""What one cell compiled, in one quiet line."""

from collections import Counter

from jaxmagic.compiles.record import Compiles, Record
from jaxmagic.show import TEXT_WIDTH, units

_LONGEST = TEXT_WIDTH - len("jaxmagic: ")


def in_one_line(found: Compiles) -> str:
    """``2 programs in 61 ms: f (shape), sin (first)``; empty if nothing was compiled.

    Each function stands with the kind of its reason; the slowest comes first, and what does not
    fit in the line is counted.
    """
    done = [record for record in found.records if record.compile_ms is not None]
    if not done:
        return ""
    total_ms = sum(record.total_ms for record in done)
    line = f"{units.plural(len(done), 'program')} in {units.seconds(total_ms / 1e3)}: "
    said = _said(done)
    for shown in range(len(said), 0, -1):
        rest = f" and {len(said) - shown} more" if shown < len(said) else ""
        written = f"{line}{', '.join(said[:shown])}{rest}"
        if len(written) <= _LONGEST or shown == 1:
            break
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"


def _said(records: list[Record]) -> list[str]:
    """Each function with the kind of its reason, and how often if more than once."""
    slowest: dict[tuple[str, str], float] = {}
    times: Counter[tuple[str, str]] = Counter()
    for record in records:
        key = record.function, record.reason.kind
        times[key] += 1
        slowest[key] = slowest.get(key, 0.0) + record.total_ms
    return [
        f"{function} ({kind})" + (f" {times[function, kind]}x" if times[function, kind] > 1 else "")
        for function, kind in sorted(slowest, key=slowest.__getitem__, reverse=True)
    ]
