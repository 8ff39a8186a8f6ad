"""Sweeps built by hand: nothing of them was measured, so they are the same everywhere."""

import pytest

from jaxmagic.compare.result import Comparison, Row
from jaxmagic.compare.sweep.result import Stop, Sweep

LABELS = {"python": "Python", "numba": "Numba", "eager": "JAX eager", "jit": "JAX jit"}
TIMES_S = {
    "python": {10: 1.2e-6, 100: 1.3e-5, 1000: 1.24e-4},
    "numba": {10: 2.1e-7, 100: 8.2e-7, 1000: 6.1e-6, 10_000: 6.2e-5, 100_000: 6.3e-4},
    "eager": {10: 4.1e-4, 100: 4.2e-4, 1000: 4.0e-4, 10_000: 4.4e-4, 100_000: 6.1e-4},
    "jit": {10: 5.2e-6, 100: 5.3e-6, 1000: 7.1e-6, 10_000: 2.1e-5, 100_000: 1.1e-4},
}
COMPILE_S = {"numba": 0.31, "eager": 0.08, "jit": 0.041}


def row(backend, time_s, reference_s=None, **more):
    return Row(
        backend,
        LABELS[backend],
        time_s=time_s,
        speedup=(reference_s or time_s) / time_s,
        compile_s=COMPILE_S.get(backend),
        dtypes=("float32",),
        agreement="same",
        samples_s={n: (time_s * (1 + n / 1000),) for n in range(8)},
        **more,
    )


def comparison(rows, **changes):
    return Comparison(
        **{
            "call": "f(np.ones(n), '<i>')",
            "rows": tuple(rows),
            "seconds": 0.3,
            "rounds": 8,
            "interrupted": False,
            "x64": False,
            "cores": 2,
            "others_cores": None,
            "device": "cpu (cpu)",
            "processor": "Some Processor",
            "versions": {"python": "3.13.0", "numpy": "2.5.5", "jax": "0.12.0"},
            **changes,
        }
    )


@pytest.fixture
def sweep():
    """Python is left out from 10,000 on, Numba does not run at 100, the last value was not run."""
    values = (10, 100, 1000, 10_000, 100_000, 1_000_000)
    comparisons = []
    for value in values[:-1]:
        rows = []
        for backend, times in TIMES_S.items():
            if (backend, value) == ("numba", 100):
                rows.append(Row("numba", "Numba", reason="line 3: TypeError: not <this> type"))
            elif value in times:
                note = ("Static, so part of the program: n.",) if backend == "jit" else ()
                rows.append(row(backend, times[value], notes=note))
        busy = 0.7 if value == 1000 else None
        comparisons.append(comparison(rows, others_cores=busy))
    stop = Stop(
        "python",
        10_000,
        "call",
        "left out from n = 10,000 on: a call is predicted to take 1.18 ms: over the limit of "
        "1.00 ms (--limit raises it).",
    )
    return Sweep(
        variable="n",
        call="f(np.ones(n), '<i>')",
        values=values,
        comparisons=(*comparisons, None),
        limit_s=0.001,
        stops=(stop,),
        interrupted=True,
    )
