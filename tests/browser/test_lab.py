"""The ground that the other browser tests stand on: a cell runs and its output is seen."""

import sys

import pytest

pytestmark = pytest.mark.browser


def test_a_cell_runs_and_shows_its_value(lab, page, run_all, console_errors):
    run_all(lab.write("sum.ipynb", "1 + 1"))
    assert page.locator(".jp-OutputArea-output").all_inner_texts() == ["2"]
    assert console_errors == []


def test_the_kernel_is_that_of_the_tests(lab, page, run_all):
    run_all(lab.write("kernel.ipynb", "import sys; print(sys.prefix)"))
    assert page.locator(".jp-OutputArea-output").inner_text().strip() == sys.prefix


def test_the_theme_changes(lab, page, run_all, theme, screenshot):
    run_all(lab.write("theme.ipynb", "1 + 1"))
    colours = set()
    for name in ("light", "dark"):
        theme(name)
        assert screenshot(f"lab-{name}").exists()
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2
