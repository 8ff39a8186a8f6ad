"""What was compiled, summed over the places that called it."""

from collections import Counter

from jaxmagic.compiles.record import Compiles, Record
from jaxmagic.compiles.sites.result import Site, Sites


def sites(found: Compiles) -> Sites:
    """The records of ``found`` summed by place and function, the slowest first."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in found.records:
        groups.setdefault((record.place, record.function, record.kind), []).append(record)
    summed = [
        Site(
            place=place,
            function=function,
            kind=kind,
            programs=len(records),
            again=sum(record.reason.again for record in records),
            trace_ms=sum(record.trace_ms or 0.0 for record in records),
            lower_ms=sum(record.lower_ms or 0.0 for record in records),
            compile_ms=sum(record.compile_ms or 0.0 for record in records),
            reasons=dict(Counter(record.reason.kind for record in records).most_common()),
        )
        for (place, function, kind), records in groups.items()
    ]
    summed.sort(key=lambda site: site.total_ms, reverse=True)
    return Sites(tuple(summed), found.dropped, found.notes)


__all__ = ["Site", "Sites", "sites"]
