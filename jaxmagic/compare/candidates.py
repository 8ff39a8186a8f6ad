"""Which rows a comparison has: the backends, the sections of the cell, the devices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from jaxmagic.compare import foreign
from jaxmagic.compare.backend import Prepared, Setup
from jaxmagic.compare.cell import LANGUAGES, Call, CellError, Section
from jaxmagic.compare.devices import Place, places, prepared_at
from jaxmagic.compare.given import as_given
from jaxmagic.compare.interpreted import numpy, python
from jaxmagic.compare.isolation import make_sure_a_compiled_one_ends, make_sure_it_ends
from jaxmagic.compare.table import Candidate
from jaxmagic.compare.with_jax import eager, jit, unrolled
from jaxmagic.compare.with_numba import numba
from jaxmagic.source import is_jitted, is_numba_compiled


@dataclass(frozen=True)
class _Backend:
    """What prepares a row, its label if it does not run, and the section that has its code."""

    prepare: Callable[..., Prepared]
    label: str
    section: str
    interpreted: bool = True


_BACKENDS = {
    "python": _Backend(python, "Python", "python"),
    "numpy": _Backend(numpy, "NumPy", "numpy"),
    "numba": _Backend(numba, "Numba", "numba", interpreted=False),
    "eager": _Backend(eager, "JAX eager", "jax"),
    "jit": _Backend(jit, "JAX jit", "jax", interpreted=False),
    "unrolled": _Backend(unrolled, "JAX jit (unrolled)", "jax", interpreted=False),
}
BACKENDS = ("python", "numpy", "numba", "eager", "jit")
"""The rows that a comparison has unless told otherwise."""

CHOICES = (*_BACKENDS, *LANGUAGES)
"""All that can be asked for: other languages where the cell has a section with their code."""


@dataclass(frozen=True)
class Wanted:
    """Which rows were asked for.

    ``backends`` are in the order of the rows. Each of those of JAX is one row for each of
    ``devices`` ("cpu", "gpu", "cpu:1"), and one for a ``mesh`` of so many devices. The rows
    ``without`` are left out of that.
    """

    backends: tuple[str, ...] = BACKENDS
    devices: tuple[str, ...] = ()
    mesh: int | None = None
    without: frozenset[str] = frozenset()


def candidates_of(
    call: Call, own: Mapping[str, Call], others: Sequence[Section], wanted: Wanted
) -> list[Candidate]:
    """The rows to be, in the order of ``wanted``; ``others`` that are not in it come last.

    ``own`` are the calls of the sections with Python code, by section; ``others`` the sections
    with code in another language.

    Raises:
        CellError: a backend is unknown, its section is missing, or JAX has no such device.
    """
    backends = wanted.backends
    where = places(wanted.devices, wanted.mesh)
    sections = {section.backend: section for section in others}
    names = [*dict.fromkeys(backends), *(name for name in sections if name not in backends)]
    found: list[Candidate] = []
    for name in names:
        if name in sections:
            found.append(_in_another_language(sections[name], call))
        elif name in LANGUAGES:
            message = f"there is no section %%{name} with the code for that row; write one."
            raise CellError(message)
        elif name in _BACKENDS:
            of_jax = _BACKENDS[name].section == "jax"
            mine = own.get(_BACKENDS[name].section)
            found += [
                _candidate(name, mine or call, place, own_code=mine is not None)
                for place in (where if of_jax and where else (None,))
            ]
        else:
            message = f"there is no backend {name!r}; choose from {', '.join(CHOICES)}."
            raise CellError(message)
    if not found:
        message = f"there is no backend given; choose from {', '.join(CHOICES)}."
        raise CellError(message)
    return [candidate for candidate in found if candidate.name not in wanted.without]


def _candidate(name: str, call: Call, place: Place | None, *, own_code: bool) -> Candidate:
    backend = _BACKENDS[name]
    row = name if place is None else f"{name}@{place.word}"
    label = backend.label if place is None else f"{backend.label} [{place.word}]"
    here = partial(prepare_backend, name, row, call, own_code=own_code)

    def prepare(setup: Setup) -> Prepared:
        return here(setup) if place is None else prepared_at(place, here, call, setup)

    def try_first(setup: Setup, seen_to_end: bool) -> str:  # noqa: FBT001  the table's form
        return make_sure_it_ends(
            name, call, here, setup, own_code=own_code, seen_to_end=seen_to_end
        )

    return Candidate(
        row,
        label,
        prepare,
        runs_as_written=name in ("python", "numpy"),
        interpreted=backend.interpreted,
        try_first=(lambda _setup, _ends: "") if name in ("python", "numpy") else try_first,
    )


def _in_another_language(section: Section, call: Call) -> Candidate:
    def prepare(setup: Setup) -> Prepared:
        return foreign.prepared(section, call, setup, setup.reference)

    label = foreign.LANGUAGES[section.backend].label
    return Candidate(section.backend, label, prepare, runs_as_written=False)


def prepare_backend(
    backend: str, row: str, call: Call, setup: Setup, *, own_code: bool
) -> Prepared:
    """Prepare one backend of this kernel; the process in which it is tried first does this, too."""
    return _BACKENDS[backend].prepare(row, call, setup, own_code=own_code)


def given(
    name: str, function: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Candidate:
    """The row of a function that exists, run as it is."""
    prepare = as_given(name, function, arguments, keywords)

    def try_first(setup: Setup, _seen_to_end: bool) -> str:  # noqa: FBT001  the table's form
        return make_sure_a_compiled_one_ends(function, prepare, setup)

    return Candidate(name, name, prepare, try_first=try_first)


def decorated(call: Call) -> tuple[str, ...]:
    """A note if the function of ``call`` was compiled already, by a decorator."""
    kind = "jax.jit" if is_jitted(call.given) else "numba.njit"
    if is_jitted(call.given) or is_numba_compiled(call.given):
        return (f"{call.function.__name__} is decorated with {kind}; the rows use what is below.",)
    return ()
