"""Something is done as soon as a module is imported."""

import sys

import pytest

from jaxmagic.importing import AfterImport


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module that is not imported yet."""
    (tmp_path / "a_module_of_a_test.py").write_text("made = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "a_module_of_a_test"
    sys.modules.pop("a_module_of_a_test", None)


def test_several_may_wait_for_one_module_and_the_last_one_hears_last(module):
    told = []
    waiting = [AfterImport(module, lambda n=n: told.append(n)) for n in range(3)]
    for one in waiting:
        one.wait()
    assert __import__(module).made
    assert told == [0, 1, 2]
    assert not any(one in sys.meta_path for one in waiting)
    loader = sys.modules[module].__spec__.loader
    assert type(loader).__module__ != "jaxmagic.importing"


def test_who_has_cancelled_hears_nothing(module):
    told = []
    for cancelled in (True, False):
        one = AfterImport(module, lambda cancelled=cancelled: told.append(cancelled))
        one.wait()
        if cancelled:
            one.cancel()
    assert __import__(module).made
    assert told == [False]
