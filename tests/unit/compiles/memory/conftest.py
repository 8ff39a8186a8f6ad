"""A class of the user's, and a group of live arrays by the names that hold them."""

import gc

import jax
import pytest

from jaxmagic.compiles.memory import devices


@pytest.fixture
def asked():
    """Ask who holds the arrays of a shape; returns the group of it, or None."""

    def asked(shape, namespace, seconds=60.0, **more):
        found = devices(namespace, seconds=seconds, **more)
        return next((group for group in found.groups if group.shape == shape), None)

    return asked


@pytest.fixture
def names(asked):
    """Ask for the names of the arrays of a shape, as they are written."""

    def names(shape, namespace, **more):
        group = asked(shape, namespace, **more)
        return [] if group is None else [name.text for name in group.names if name.code]

    return names


@pytest.fixture(autouse=True)
def nothing_of_other_tests(monkeypatch):
    """Leave out arrays that other tests have left behind: there may be too many to ask about."""
    gc.collect()
    live_arrays = jax.live_arrays
    older = live_arrays()
    known = set(map(id, older))
    monkeypatch.setattr(
        jax,
        "live_arrays",
        lambda *platform: [array for array in live_arrays(*platform) if id(array) not in known],
    )
    yield
    older.clear()
