"""A clock that tests own, a cell run as a notebook would run it, kept files and pages read."""

import itertools
import linecache
import os
import random
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from jaxmagic.compare import BACKENDS, Setup, Wanted, compare_cell

TESTS = Path(__file__).parents[1]


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
def known():
    """Make the source of a text known, as a notebook does with its cells; returns its file."""
    files = []

    def known(text):
        files.append(f"cell-{next(_NUMBERS)}")
        lines = text.splitlines(keepends=True)
        linecache.cache[files[-1]] = (len(text), None, lines, files[-1])
        return files[-1]

    yield known
    for file in files:
        linecache.cache.pop(file, None)


@pytest.fixture
def defined(known):
    """Execute definitions in a namespace with np and whatever else is given, and return that."""

    def defined(text, **names):
        namespace = {"__name__": "__main__", "np": np, **names}
        exec(compile(text, known(text), "exec"), namespace)
        return namespace

    return defined


@pytest.fixture
def ask(known):
    """Run the text of a cell through %%jaxcompare, without a shell; line 1 is the magic's."""

    def ask(text, namespace=None, backends=BACKENDS, devices=(), mesh=None, **setup):
        namespace = {} if namespace is None else namespace
        namespace.setdefault("__name__", "__main__")
        namespace.setdefault("np", np)
        setup = Setup(**{"seconds": 0.02, "limit": 1000.0, "rng": random.Random(1), **setup})
        wanted = Wanted(tuple(backends), tuple(devices), mesh)
        return compare_cell(text, namespace, known(f"%%jaxcompare\n{text}"), wanted, setup)

    return ask


# golden and seen keep nothing, so hypothesis may call a test with them again: one for the session
@pytest.fixture(scope="session")
def golden():
    """Compare a text with the file that keeps it, and return what is kept.

    With ``JAXMAGIC_GOLDEN=write`` in the environment the file is written anew first.
    """

    def golden(path_below_tests, text):
        path = TESTS / path_below_tests
        if os.environ.get("JAXMAGIC_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        kept = path.read_text(encoding="utf-8")
        assert text == kept
        return kept

    return golden


class Seen(HTMLParser):
    """What is on a page: its elements, their attributes, its words, and what was not closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.attributes, self.words = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


@pytest.fixture(scope="session")
def seen():
    """Parse the HTML of a page."""
    return Seen
