"""From candidates to a table: prepare each, time all together, compare their results."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from jaxmagic import _jax
from jaxmagic.compare.agreement import Agreement, agreement, dtypes
from jaxmagic.compare.backend import Prepared, RefusedError, Setup, reason
from jaxmagic.compare.quiet import quiet
from jaxmagic.compare.recompiled import programs_compiled
from jaxmagic.compare.result import Comparison, Row, calls_to_pay
from jaxmagic.compare.values import is_jax_array, leaves, own_copy, ready
from jaxmagic.measure.estimates import ratio_in_rounds, typical_s
from jaxmagic.measure.limit import LimitError
from jaxmagic.measure.load import cores_taken, read_load
from jaxmagic.measure.machine import core_count, processor_name, versions_of
from jaxmagic.measure.rounds import Rounds, Timing, run_rounds
from jaxmagic.purpose import compiling_for

_ONCE_MORE_S = 1.0  # a call that takes longer is not made again for the sake of a column


@dataclass(frozen=True)
class Candidate:
    """A row to be: its name, its label as long as it has not run, and what prepares it.

    ``runs_as_written`` says that the code runs as the user wrote it, so that its errors are the
    user's own, and not those of a compiler that can't take it. ``try_first``, told whether plain
    Python has finished a call, makes sure that code which can't be stopped will end; it returns
    a note.
    """

    name: str
    label: str
    prepare: Callable[[Setup], Prepared]
    runs_as_written: bool = True
    interpreted: bool = False
    try_first: Callable[[Setup, bool], str] = lambda _setup, _ends: ""


@dataclass
class _Run:
    """What happened so far: the prepared backends, and why others are not among them."""

    prepared: dict[str, Prepared] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    interrupted: bool = False

    @contextlib.contextmanager
    def closing(self) -> Iterator[None]:
        """End what the backends started, however this context is left."""
        try:
            yield
        finally:
            for prepared in self.prepared.values():
                prepared.close()


def run_candidates(
    source: str,
    candidates: Sequence[Candidate],
    setup: Setup,
    notes: tuple[str, ...] = (),
) -> Comparison:
    """Prepare and time ``candidates``, and say how they compare.

    Raises:
        Exception: what the user's code raised, if nothing ran and it was not a backend's "no".
    """
    __tracebackhide__ = True
    with compiling_for("%%jaxcompare, to be measured"):
        return _run_candidates(source, candidates, setup, notes)


def _run_candidates(
    source: str, candidates: Sequence[Candidate], setup: Setup, notes: tuple[str, ...]
) -> Comparison:
    __tracebackhide__ = True
    run = _Run()
    in_precision = contextlib.nullcontext() if setup.x64 is None else _jax.x64(setup.x64)
    with in_precision, quiet() as heard, run.closing():
        _prepare(candidates, setup, run)
        if not run.prepared and not run.interrupted:
            _raise_the_users_error(candidates, run)
        before = read_load()
        rounds = _timed(run, setup)
        others_cores = cores_taken(before, read_load())
        rows = _rows(candidates, run, rounds, setup)
        used_x64 = _jax.x64_enabled()
    return Comparison(
        call=source,
        rows=rows,
        seconds=setup.seconds,
        rounds=rounds.rounds,
        interrupted=run.interrupted,
        x64=used_x64,
        cores=core_count(),
        others_cores=others_cores,
        device=_device(run),
        processor=processor_name(),
        versions=versions_of(("jaxmagic", "numpy", "numba", "jax", "jaxlib", "ipython")),
        notes=(*notes, *heard.notes(setup.files)),
    )


def _prepare(
    candidates: Sequence[Candidate],
    setup: Setup,
    run: _Run,
) -> None:
    try:
        for candidate in candidates:
            setup.progress(f"preparing {candidate.label}")
            ends = any(c.interpreted and c.name in run.prepared for c in candidates)
            first = next(iter(run.prepared.values()), None)
            setup = replace(setup, reference=first.result if first else None)
            try:
                note = candidate.try_first(setup, ends)
                prepared = candidate.prepare(setup)
                notes = (*prepared.notes, note) if note else prepared.notes
                run.prepared[candidate.name] = replace(prepared, notes=notes)
            except Exception as error:  # noqa: BLE001  it is the row's reason
                run.errors[candidate.name] = error
    except KeyboardInterrupt:
        run.interrupted = True


def _raise_the_users_error(candidates: Sequence[Candidate], run: _Run) -> None:
    """Raise the first error that came out of the user's own code rather than from a backend."""
    __tracebackhide__ = True
    for candidate in candidates:
        error = run.errors[candidate.name]
        if candidate.runs_as_written and not isinstance(error, RefusedError | LimitError):
            raise error


def _timed(
    run: _Run,
    setup: Setup,
) -> Rounds:
    if run.interrupted:
        return Rounds({})
    with programs_compiled() as compiled:
        rounds = run_rounds(
            [replace(p.contender, compiled=compiled) for p in run.prepared.values()],
            seconds=setup.seconds,
            clock=setup.clock,
            rng=setup.rng,
            progress=lambda share: setup.progress(f"timing {len(run.prepared)} rows, {share:.0%}"),
        )
    run.interrupted = rounds.interrupted
    return rounds


def _rows(
    candidates: Sequence[Candidate],
    run: _Run,
    rounds: Rounds,
    setup: Setup,
) -> tuple[Row, ...]:
    rows = []
    reference: _Measured | None = None
    for candidate in candidates:
        prepared = run.prepared.get(candidate.name)
        timing = rounds.timings.get(candidate.name, Timing())
        if prepared is None or not timing.samples_s:
            error = run.errors.get(candidate.name) or timing.failure
            rows.append(_row_without_time(candidate, prepared, error, setup))
            continue
        setup.progress(f"looking at the result of {prepared.label}")
        measured = _Measured(prepared, timing, typical_s(timing.samples_s))
        if not run.interrupted:
            _look_once_more(measured, run)
        reference = reference or measured
        rows.append(_row(candidate.name, measured, reference))
    return tuple(rows)


@dataclass
class _Measured:
    """A backend that ran, and what is known of it beyond its samples."""

    prepared: Prepared
    timing: Timing
    time_s: float
    temporary_bytes: int | None = None
    random: bool = False


def _look_once_more(measured: _Measured, run: _Run) -> None:
    """Call it once more, untimed: does the result change, and how much memory does it take?"""
    prepared = measured.prepared
    contender = prepared.contender
    if measured.time_s > _ONCE_MORE_S:
        return
    try:
        arguments = contender.renew() if contender.renew else contender.arguments
        again = prepared.restore(own_copy(ready(contender.function(*arguments))))
        measured.random = agreement(again, prepared.result).verdict == "different"
        measured.temporary_bytes = prepared.temporary_bytes()
    except KeyboardInterrupt:
        run.interrupted = True
    except Exception as error:  # noqa: BLE001  the user's; a note is all that it can change now
        note = f"A later call failed: {type(error).__name__}: {error}"
        measured.prepared = replace(prepared, notes=(*prepared.notes, note))


def _row(name: str, measured: _Measured, reference: _Measured) -> Row:
    prepared, timing = measured.prepared, measured.timing
    first = measured is reference
    ratio = ratio_in_rounds(reference.timing.samples_s, timing.samples_s)
    agrees = Agreement("same", 0.0)
    if measured.random or reference.random:
        agrees = Agreement("random", None, "the result differs from call to call")
    elif not first:
        agrees = agreement(prepared.result, reference.prepared.result)
    pays = None
    if prepared.compile_s is not None and not first:
        pays = calls_to_pay(prepared.compile_s, measured.time_s, reference.time_s)
    return Row(
        backend=name,
        label=prepared.label,
        time_s=measured.time_s,
        speedup=ratio.point,
        speedup_low=None if first else ratio.low,
        speedup_high=None if first else ratio.high,
        compile_s=prepared.compile_s,
        compile_parts_s=prepared.compile_parts_s,
        pays_after_calls=pays,
        never_pays=prepared.compile_s is not None and not first and pays is None,
        threads=timing.threads,
        temporary_bytes=measured.temporary_bytes,
        dtypes=dtypes(prepared.result),
        agreement=agrees.verdict,
        deviation=agrees.deviation,
        where=agrees.where,
        notes=prepared.notes,
        evals=timing.evals,
        recompiled=timing.recompiled,
        device=prepared.device,
        transfer_in_s=prepared.transfer_in_s,
        transfer_out_s=prepared.transfer_out_s,
        translated=prepared.translated,
        samples_s={number: tuple(samples) for number, samples in timing.samples_s.items()},
    )


def _row_without_time(
    candidate: Candidate, prepared: Prepared | None, error: Exception | None, setup: Setup
) -> Row:
    said = "Interrupted before it was timed." if error is None else reason(error, setup.files)
    if prepared is None:
        return Row(candidate.name, candidate.label, reason=said)
    return Row(
        candidate.name,
        prepared.label,
        reason=said,
        compile_s=prepared.compile_s,
        compile_parts_s=prepared.compile_parts_s,
        dtypes=dtypes(prepared.result),
        notes=prepared.notes,
    )


def _device(run: _Run) -> str | None:
    """The device that JAX's results lie on, None if JAX took no part."""
    for prepared in run.prepared.values():
        for leaf in leaves(prepared.result):
            if is_jax_array(leaf):
                return ", ".join(
                    sorted({f"{d.platform} ({d.device_kind})" for d in leaf.devices()})
                )
    return None
