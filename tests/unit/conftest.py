"""A clock that tests own, and a cell that is run as a notebook would run it."""

import itertools
import linecache
import random

import pytest

from jaxmagic.compare import BACKENDS, Setup, compare_cell


class FakeClock:
    """Nanoseconds that pass only when a test lets them pass; a reading may cost some, too."""

    def __init__(self, cost=0):
        self.now = 0
        self.cost = cost

    def __call__(self):
        self.now += self.cost
        return self.now

    def after(self, milliseconds, result=None):
        """Make a function that takes so long, and returns ``result``."""

        def function(*_arguments):
            self.now += round(milliseconds * 1e6)
            return result

        return function


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def coarse_clock():
    """A clock whose reading costs 50 ns, as on many machines."""
    return FakeClock(cost=50)


_NUMBERS = itertools.count(1)


@pytest.fixture
def ask():
    """Run the text of a cell through %%jaxcompare, without a shell; line 1 is the magic's."""
    files = []

    def ask(text, namespace=None, backends=BACKENDS, **setup):
        filename = f"cell-{next(_NUMBERS)}"
        files.append(filename)
        lines = ["%%jaxcompare\n", *text.splitlines(keepends=True)]
        linecache.cache[filename] = (len(text), None, lines, filename)
        namespace = {} if namespace is None else namespace
        namespace.setdefault("__name__", "__main__")
        setup = Setup(**{"seconds": 0.02, "rng": random.Random(1), **setup})
        return compare_cell(text, namespace, filename, backends, setup)

    yield ask
    for filename in files:
        linecache.cache.pop(filename, None)
