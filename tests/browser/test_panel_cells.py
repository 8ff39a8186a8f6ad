"""From the panel to the cells of notebooks and back: go to a cell, the badge, the status bar."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as the page of conftest.py has it

SETUP = """\
%load_ext jaxmagic
import jax, numpy as np

@jax.jit
def f(x):
    return 2 * x"""
TWO = "f(np.ones(3, 'f'))\nf(np.ones(4, 'f'))"
NONE = "f(np.ones(3, 'f'))"
LONG = [f"# {n}" + "\n" * 20 for n in range(30)]


@pytest.fixture
def command(page):
    def command(name, **arguments):
        page.wait_for_function("name => window.jupyterapp.commands.hasCommand(name)", arg=name)
        page.evaluate(
            "([name, args]) => void window.jupyterapp.commands.execute(name, args)",
            [name, arguments],
        )

    return command


@pytest.fixture
def place(page):
    """Where the user is: the notebook, the cell and the line, counted from 0."""
    return lambda: page.evaluate(
        """() => {
            const { content, context } = window.jupyterapp.shell.currentWidget;
            const { editor } = content.activeCell;
            const line = editor?.hasFocus() ? editor.getCursorPosition().line : null;
            return [context.path, content.activeCellIndex, line];
        }"""
    )


@pytest.fixture
def settings(page):
    """Set the settings of the panel, which the server keeps, until the end of the test."""

    def settings(**values):
        page.evaluate(
            "text => window.jupyterapp.serviceManager.settings.save('jaxmagic:plugin', text)",
            json.dumps(values),
        )

    yield settings
    settings()


def wait_for(page, ask, answer):
    for _ in range(300):
        if (found := ask()) == answer:
            return
        page.wait_for_timeout(100)
    assert found == answer


def test_a_row_leads_to_the_cell_in_its_own_notebook(
    lab, page, run_all, command, place, console_errors
):
    run_all(lab.write("leads.ipynb", SETUP, *LONG, TWO))
    command("jaxmagic:open")
    panel = page.locator("#jaxmagic-panel")
    its_id = page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    where = f"In[{len(LONG) + 2}]:2"
    panel.get_by_role("button", name=where).click()
    wait_for(page, place, ["leads.ipynb", len(LONG) + 1, 1])

    # another notebook on this kernel is active, and has a cell at the same place
    name = lab.write("elsewhere.ipynb", SETUP, *LONG, TWO)
    command("docmanager:open", path=name)
    wait_for(page, lambda: place()[0], name)
    page.evaluate(
        """async id => {
            const { sessionContext } = window.jupyterapp.shell.currentWidget;
            await sessionContext.ready;
            await sessionContext.changeKernel({ id });
        }""",
        its_id,
    )
    panel.get_by_role("button", name=where).click()
    wait_for(page, place, ["leads.ipynb", len(LONG) + 1, 1])

    # it is found where it was moved to, and not at all when it is gone
    command("notebook:move-cell-up")
    panel.get_by_role("button", name=where).click()
    wait_for(page, place, ["leads.ipynb", len(LONG), 1])
    command("notebook:delete-cell")
    command("jaxmagic:go-to-cell-of-record", record=2)
    page.get_by_text(f"The cell {where} is no longer in an open notebook").first.wait_for()
    assert [e for e in console_errors if not e.startswith("Could not restore the debugger")] == []


def test_the_badge_of_a_cell(lab, page, run_all, command, settings, console_errors):
    run_all(lab.write("badge.ipynb", SETUP, TWO, NONE, *LONG))
    page.locator(".jp-jaxmagic-status").get_by_text("JAX: 2 compiled").wait_for()
    badges = page.locator(".jp-jaxmagic-badge")
    expect(badges).to_have_count(0)
    settings(badge=True)
    page.reload()  # as another page would read it
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 3")
    page.evaluate("() => window.jupyterapp.restored.then(() => undefined)")
    badge = page.locator(".jp-Cell").nth(1).locator(".jp-jaxmagic-badge")
    badge.wait_for()
    expect(badges).to_have_count(1)
    assert badge.inner_text().startswith("compiled 2, ")
    assert badge.get_attribute("aria-label").startswith("In this cell JAX compiled 2 programs in ")

    badge.click()
    panel = page.locator("#jaxmagic-panel")
    panel.get_by_text("only In[2]").wait_for()
    expect(panel.locator(".jp-jaxmagic-row")).to_have_count(2)

    page.evaluate(
        """() => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode: 'full' };
            notebook.activeCellIndex = notebook.widgets.length - 1;
            void notebook.scrollToItem(notebook.activeCellIndex);
        }"""
    )
    page.wait_for_timeout(1000)
    page.evaluate(
        """() => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = 1;
            void notebook.scrollToItem(1);
        }"""
    )
    badge.wait_for()

    # what runs again has nothing to compile
    command("notebook:run-cell")
    expect(badges).to_have_count(0)
    page.evaluate(
        """() => {
            const { activeCell } = window.jupyterapp.shell.currentWidget.content;
            activeCell.model.sharedModel.setSource("f(np.ones(9, 'f'))");
        }"""
    )
    command("notebook:run-cell")
    page.get_by_text("compiled 1, ").wait_for()
    assert console_errors == []


def test_the_status_bar_opens_the_panel(lab, page, run_all, console_errors):
    run_all(lab.write("status.ipynb", SETUP, TWO))
    item = page.locator(".jp-jaxmagic-status").get_by_role("button")
    item.get_by_text("JAX: 2 compiled, ").wait_for()
    item.click()
    page.locator("#jaxmagic-panel").get_by_text("f(x: f32[4])").wait_for()
    assert console_errors == []


def test_a_record_becomes_a_question_about_its_program(lab, page, run_all, command, console_errors):
    run_all(lab.write("asks.ipynb", SETUP, NONE))
    command("jaxmagic:open")
    row = page.locator("#jaxmagic-panel").get_by_role("listitem").filter(has_text="f(x: f32[3])")
    # not in the middle, where the link to the cell may be
    row.locator(".jp-jaxmagic-open").click(position={"x": 30, "y": 10})
    row.get_by_role("button", name="Insert %jaxir").click()
    asked = page.locator(".jp-CodeCell").filter(has_text="%jaxir f(x=f32[3])")
    expect(asked).to_have_count(1)
    command("notebook:run-cell")
    expect(asked.locator(".jaxmagic .jm-panes")).to_be_visible()
    expect(asked.locator(".jm-source")).to_contain_text("2 * x")
    assert console_errors == []
