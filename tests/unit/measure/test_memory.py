"""Temporary memory of one call, as tracemalloc sees it."""

import tracemalloc

import numpy as np
import pytest

from jaxmagic.measure.memory import traced_temporary_bytes

N = 100_000
ARRAY = 8 * N


@pytest.mark.parametrize(
    ("call", "arrays"),
    [
        (lambda _x: None, 0),
        (lambda x: x + 1, 0),  # what is returned is no temporary
        (lambda x: (x + 1).sum(), 1),
        (lambda x: (x + 1) * (x + 2), 1),  # NumPy computes into one of the two
        (lambda x: np.dot(x + 1, x + 2), 2),
    ],
)
def test_arrays_that_are_not_returned_are_temporary(call, arrays):
    x = np.zeros(N)
    assert traced_temporary_bytes(lambda: call(x)) == pytest.approx(arrays * ARRAY, abs=20_000)
    assert not tracemalloc.is_tracing()


def test_figures_of_somebody_who_traces_already_stay_untouched():
    tracemalloc.start()
    try:
        held = bytes(1_000_000)
        del held
        before = tracemalloc.get_traced_memory()[1]
        assert traced_temporary_bytes(lambda: np.zeros(N)) is None
        assert tracemalloc.is_tracing()
        assert tracemalloc.get_traced_memory()[1] >= before >= 1_000_000
    finally:
        tracemalloc.stop()


def test_tracing_ends_when_the_call_fails():
    with pytest.raises(ZeroDivisionError):
        traced_temporary_bytes(lambda: 1 / 0)
    assert not tracemalloc.is_tracing()
