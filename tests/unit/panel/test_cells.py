"""Which cell it was, as shells of several versions tell it."""

from types import SimpleNamespace

import pytest

from jaxmagic.panel import cells
from jaxmagic.panel.cells import Cells


def result(count, cell_id, *, store=True, **more):
    return SimpleNamespace(
        execution_count=count, info=SimpleNamespace(store_history=store, cell_id=cell_id, **more)
    )


@pytest.fixture
def shell():
    return SimpleNamespace(displayhook=SimpleNamespace(exec_result=None))


def test_a_cell_is_known_while_it_runs_and_after(shell):
    known = Cells(shell)
    assert not known.busy
    shell.displayhook.exec_result = one = result(3, "third")
    assert known.busy
    assert (known.id_of(3), known.id_of(2)) == ("third", "")
    shell.displayhook.exec_result = None
    assert known.id_of(3) == ""
    known.after_cell(one)
    assert known.id_of(3) == "third"


@pytest.mark.parametrize(
    "odd",
    [
        None,  # the shell itself has failed
        SimpleNamespace(),
        result(None, "a cell of nothing but blanks"),
        result(7, None),  # a console
        result(7, "not counted", store=False),
        SimpleNamespace(
            execution_count=7, info=SimpleNamespace(store_history=True)
        ),  # IPython 7.30
    ],
)
def test_what_has_no_count_or_no_id_is_passed_over(shell, odd):
    known = Cells(shell)
    shell.displayhook.exec_result = odd
    known.after_cell(odd)
    assert known.id_of(7) == ""
    assert not known.busy  # it was left behind


def test_a_cell_that_was_left_behind_does_not_run(shell):
    known = Cells(shell)
    shell.displayhook.exec_result = left = result(1, "a")
    known.after_cell(left)
    assert not known.busy
    shell.displayhook.exec_result = result(2, "b")
    assert known.busy


def test_it_does_not_grow_for_ever(shell, monkeypatch):
    monkeypatch.setattr(cells, "MOST", 100)
    known = Cells(shell)
    for count in range(1, 1000):
        known.after_cell(result(count, f"id {count}"))
    assert len(known._ids) <= 100
    assert known.id_of(999) == "id 999"
