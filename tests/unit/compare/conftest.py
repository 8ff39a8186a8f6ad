"""A comparison built by hand, with everything in it that can be shown."""

import pytest

from jaxmagic.compare.result import Comparison, Row

SAMPLES = {number: (0.00123, 0.0013 + number * 1e-6) for number in range(9)}


@pytest.fixture
def comparison():
    """Nothing of it was measured, so it is the same everywhere."""
    reference = Row(
        "python",
        "Python (elements)",
        time_s=0.00123,
        speedup=1.0,
        threads=1.02,
        temporary_bytes=340_262_912,
        dtypes=("float64",),
        agreement="same",
        deviation=0.0,
        samples_s=SAMPLES,
    )
    rows = (
        Row("first", "Refused <b>", reason="line 3 uses NumPy's sum & more" + ", why" * 25),
        reference,
        Row(
            "numba",
            "Numba",
            time_s=0.0000456,
            speedup=27.0,
            speedup_low=26.1,
            speedup_high=28.4,
            compile_s=0.351,
            pays_after_calls=297,
            dtypes=("float64",),
            agreement="same",
            deviation=0.0,
            notes=("A note that is long enough to be broken" + ", as it says itself" * 4 + ".",),
            evals=4,
            samples_s=SAMPLES,
        ),
        Row(
            "eager",
            "JAX eager",
            time_s=0.0369,
            speedup=0.0333,
            speedup_low=0.0321,
            speedup_high=0.0342,
            compile_s=0.0921,
            compile_parts_s={"lower": 0.0301, "compile": 0.062},
            never_pays=True,
            threads=1.0,
            dtypes=("float32",),
            agreement="within precision",
            deviation=3.1e-8,
            notes=("Said of two.",),
            samples_s=SAMPLES,
        ),
        Row(
            "jit",
            "JAX jit",
            time_s=0.00124,
            speedup=0.992,
            speedup_low=0.97,
            speedup_high=1.03,
            compile_s=0.0283,
            compile_parts_s={"trace": 0.0012, "lower": 0.0051, "compile": 0.022},
            never_pays=True,
            threads=1.96,
            temporary_bytes=0,
            dtypes=("float32", "int32"),
            agreement="different",
            deviation=0.25,
            where="at [0, 3]: 1.25 instead of 1.0",
            notes=("Said of two.",),
            samples_s=SAMPLES,
        ),
        Row(
            "noise",
            "Noise",
            time_s=3.0e-8,
            speedup=41_000.0,
            agreement="random",
            where="the result differs from call to call",
            samples_s={0: (3.0e-8,)},
        ),
    )
    return Comparison(
        call="f(np.ones(3), '<i>')",
        rows=rows,
        seconds=0.3,
        rounds=9,
        interrupted=True,
        x64=False,
        cores=2,
        others_cores=0.74,
        device="cpu (cpu)",
        processor="Some Processor",
        versions={"python": "3.13.0", "numpy": "2.5.5", "jax": "0.12.0"},
        notes=("A note on the whole.",),
    )
