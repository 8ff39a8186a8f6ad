"""Some of the records: those of one cell, of one function, the slow ones, those that came again."""

from dataclasses import replace
from typing import Any

from jaxmagic.compiles.function import describe
from jaxmagic.compiles.record import Compiles

SLOWEST = 20


class NotCompiledError(Exception):
    """Nothing is known about what was asked for; the message says what to ask instead."""


def of_cell(found: Compiles, cell: int) -> Compiles:
    """The records of the cell with this execution count, the number in ``In [5]``."""
    return replace(found, records=tuple(r for r in found.records if r.cell == cell))


def of_function(found: Compiles, function: Any) -> Compiles:
    """The records of a function, whether the plain one is given or what ``jax.jit`` made of it.

    A note says how many programs JAX still holds for it. Calls that were answered from there
    leave no trace, so they can't be counted.

    Raises:
        NotCompiledError: it is no function.
    """
    if not callable(function):
        message = f"an object of type {type(function).__name__} is no function: give the jitted one"
        raise NotCompiledError(message)
    asked = describe(function)
    records = tuple(
        record
        for record in found.records
        if (record.function, record.module, record.file) == (asked.name, asked.module, asked.file)
    )
    size = getattr(function, "_cache_size", None)
    if size is None:
        return Compiles(records, 0, found.notes)
    held = size()
    programs = "1 program" if held == 1 else f"{held} programs"
    said = (
        f"JAX holds {programs} for {asked.name}. Calls that it answers from there leave no trace, "
        "so that they can't be counted."
    )
    return Compiles(records, 0, (*found.notes, said))


def slow(found: Compiles, most: int = SLOWEST) -> Compiles:
    """The records that took longest, the slowest first."""
    ordered = sorted(found.records, key=lambda record: record.total_ms, reverse=True)
    return replace(found, records=tuple(ordered[:most]))


def again(found: Compiles) -> Compiles:
    """The records of what was compiled again although something like it had been."""
    return replace(found, records=found.again)
