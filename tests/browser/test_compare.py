"""The tour in a real JupyterLab: what a reader sees in both themes, untrusted, and projected."""

import shutil
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"
CELL = """%%jaxcompare --seconds 0.02 --backends python,numpy,jit
def f(x):
    return np.sin(x) ** 2 + 1

f(np.linspace(0, 1, 1000))
"""
LOAD = "%load_ext jaxmagic\nimport numpy as np"
SWEEP = """%%jaxcompare --seconds 0.02 --backends python,numba,jit n=10**1..10**3
def total(x, n):
    for i in range(n):
        x = 0.5 * x + 1
    return x

total(0.5, n)
"""
SLOW = """%%jaxcompare --seconds 4 --backends python,numpy
def f(x):
    return x + 1

f(1.0)
"""


def test_the_tour_runs_and_is_readable_in_both_themes(
    lab, page, run_all, theme, screenshot, contrast, console_errors
):
    shutil.copy(TOUR, lab.root)
    run_all("tour.ipynb")
    tables = page.locator(".jaxmagic table:has-text('time of a call')")
    assert tables.count() == 3
    assert tables.first.locator("tbody tr").count() == 5
    assert "JAX jit" in tables.first.inner_text()
    assert page.locator(".jp-OutputArea-output[data-mime-type$='stderr']").count() == 0
    assert page.locator("img[src^='data:image/svg+xml']").count() == 2  # a chart and a tree
    screenshot("tour-cell", page.locator(".jp-CodeCell").nth(1))  # the picture of the README
    for name in ("light", "dark"):
        theme(name)
        tables.first.scroll_into_view_if_needed()
        screenshot(f"tour-{name}")
        assert contrast(".jaxmagic td") >= 4.5
        assert contrast(".jaxmagic .jm-dim") >= 4.5
        page.locator("img[src^='data:image/svg+xml']").first.scroll_into_view_if_needed()
        screenshot(f"tour-plot-{name}")
    assert console_errors == []


def test_a_sweep_is_a_chart_above_a_table_and_the_loop_that_ran_is_in_a_fold(
    lab, page, run_all, theme, screenshot, contrast, console_errors
):
    run_all(
        lab.write(
            "sweep.ipynb",
            LOAD,
            SWEEP,
            SWEEP.replace(" n=10**1..10**3", "").replace("total(0.5, n)", "total(0.5, 100)"),
        )
    )
    swept, single = page.locator(".jp-OutputArea-output > .jaxmagic").all()
    assert swept.locator("img[src^='data:image/svg+xml']").first.is_visible()
    assert "overtakes" in swept.inner_text()
    source = single.locator("pre").filter(has_text="for_loop(range(n), body, x)")
    assert not source.is_visible()
    single.get_by_text("What ran as JAX jit (loop -> lax)").click()
    assert source.is_visible()
    for name in ("light", "dark"):
        theme(name)
        swept.scroll_into_view_if_needed()
        screenshot(f"sweep-{name}")
        source.scroll_into_view_if_needed()
        screenshot(f"translated-{name}")
        assert contrast(".jaxmagic pre code") >= 4.5
    assert console_errors == []


def test_a_projector_shows_the_whole_table(lab, page, run_all, screenshot):
    run_all(lab.write("projector.ipynb", LOAD, CELL))
    page.evaluate("document.body.style.zoom = 2")
    region = page.locator(".jaxmagic")
    region.scroll_into_view_if_needed()
    screenshot("projector")
    # what does not fit is reached by scrolling within the output, and nothing is cut off
    overflow = region.evaluate("e => getComputedStyle(e).overflowX")
    assert overflow == "auto"


def test_an_untrusted_notebook_still_says_everything(lab, page, run_all, screenshot):
    run_all(lab.write("trusted.ipynb", LOAD, CELL))
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => 0)")
    notebook = nbformat.read(lab.root / "trusted.ipynb", as_version=4)
    notebook.cells[0].source += "  # changed by someone else, so not trusted"
    nbformat.write(notebook, lab.root / "untrusted.ipynb")
    page.goto(f"{lab.url}/lab/tree/untrusted.ipynb?reset&token={lab.token}")
    table = page.locator(".jp-RenderedHTML table").first
    table.wait_for()
    screenshot("untrusted")
    text = table.inner_text()
    assert all(word in text for word in ("Python", "NumPy", "JAX jit", "float32", "time of a call"))
    assert page.locator(".jp-RenderedHTML style").count() == 0  # Lab took the style away


def test_progress_is_shown_while_it_lasts_and_then_gone(lab, page, run_all):
    run_all(lab.write("progress.ipynb", LOAD))
    page.evaluate(
        """source => {
            const panel = window.jupyterapp.shell.currentWidget;
            panel.model.sharedModel.insertCell(1, {cell_type: 'code', source});
            panel.content.activeCellIndex = 1;
            void window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        SLOW,
    )
    page.get_by_text("jaxcompare: timing 2 rows").wait_for()
    page.locator(".jaxmagic table").wait_for()
    assert page.get_by_text("jaxcompare: timing").count() == 0
