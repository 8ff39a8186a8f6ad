"""The panel and its kernels in a real JupyterLab: what is pushed, lost and found again."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as the page of conftest.py has it

SUBSHELLS = int(version("ipykernel").partition(".")[0]) >= 7  # which hear a comm at any time

LOAD = "%load_ext jaxmagic"
F = """\
import jax, jax.numpy as jnp, numpy as np

@jax.jit
def f(x):
    return 2 * x

f(np.ones(3, "f")).block_until_ready()"""
NOT_LOADED = "jaxmagic is not loaded"
BUTTON = "Load jaxmagic in this notebook"

# each phase lasts long: Python sleeps in the trace, XLA has many products to compile
SLOW = """\
import time

@jax.jit
def slow(x):
    time.sleep(2)
    for _ in range(600):
        x = jnp.sin(x) @ x
    return x

slow(np.ones((8, 8), "f")).block_until_ready()"""

OTHER_LANGUAGE = """\
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Other(Kernel):
    implementation = "other"
    implementation_version = "1"
    language_info = {"name": "other", "mimetype": "text/plain", "file_extension": ".txt"}
    banner = "Speaks no Python."

    def do_execute(self, code, silent, *args, **kwargs):
        return {"status": "ok", "execution_count": self.execution_count, "payload": []}

IPKernelApp.launch_instance(kernel_class=Other)"""

NOT_INSTALLED = """\
import sys

class NotThere:
    def find_spec(self, name, path=None, target=None):
        if name == "jaxmagic":
            raise ModuleNotFoundError("No module named 'jaxmagic'", name=name)

sys.meta_path.insert(0, NotThere())"""


FIRST = "f(x: f32[3])"


def complaints(errors):
    """Of what a page complains about, what is not about the debugger of JupyterLab.

    It asks a kernel for its state, and is sorry when that kernel is changed or restarted meanwhile.
    """
    return [error for error in errors if not error.startswith("Could not restore the debugger")]


def sent(page, found):
    """Call ``found`` with all that a page sends to its kernels, as text."""

    def listen(socket):
        socket.on(
            "framesent",
            lambda frame: found(frame if isinstance(frame, str) else frame.decode("latin-1")),
        )

    page.on("websocket", listen)


class Panel:
    """The panel of a page, and the notebooks beside it."""

    def __init__(self, lab, page):
        self.lab = lab
        self.page = page
        self.node = page.locator("#jaxmagic-panel")
        self.status = page.locator(".jp-jaxmagic-status")

    def open(self, name, workspace="", *, show=True, is_busy=False):
        """Open a notebook of ``lab.root`` in a fresh workspace, and the panel beside it."""
        where = f"/workspaces/{workspace}" if workspace else ""
        self.page.goto(f"{self.lab.url}/lab{where}/tree/{name}?reset&token={self.lab.token}")
        self.ready(name, is_busy=is_busy)
        if show:
            self.command("jaxmagic:open")
            self.node.wait_for()

    def ready(self, name, *, is_busy=False):
        """Wait until a notebook is the active one and its kernel answers, unless it is busy."""
        self.page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=name
        )
        self.page.evaluate(
            """async is_busy => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.ready;
                if (!is_busy) {
                    await panel.sessionContext.ready;
                    await panel.sessionContext.session.kernel.info;
                }
            }""",
            is_busy,
        )
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def another(self, name):
        """Open another notebook beside the first one."""
        self.page.evaluate(
            "path => void window.jupyterapp.commands.execute('docmanager:open', {path})", name
        )
        self.ready(name)

    def activate(self, name):
        """Go to a notebook that is open."""
        self.page.get_by_role("tab", name=name).click()
        self.ready(name)

    def command(self, name, **arguments):
        self.page.wait_for_function("name => window.jupyterapp.commands.hasCommand(name)", arg=name)
        self.page.evaluate(
            "([name, args]) => void window.jupyterapp.commands.execute(name, args)",
            [name, arguments],
        )

    def run(self, cell=None):
        """Run a cell of the active notebook, or all of them; do not wait for its end."""
        if cell is None:
            self.command("notebook:run-all-cells")
            return
        self.page.evaluate(
            """cell => {
                window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
                void window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            cell,
        )

    def is_busy(self):
        """Whether a cell runs; the status of the kernel is also that of its other threads."""
        return "[*]:" in self.page.locator(".jp-InputPrompt").all_inner_texts()

    def idle(self):
        expect(self.page.locator(".jp-InputPrompt").filter(has_text="[*]:")).to_have_count(0)

    def restart(self):
        """Restart the kernel of the active notebook, without a question."""
        self.page.evaluate(
            """() => {
                const { sessionContext } = window.jupyterapp.shell.currentWidget;
                void sessionContext.session.kernel.restart();
            }"""
        )

    def kernel(self, what):
        """What JupyterLab knows of the kernel of the active notebook: its id, its status."""
        return self.page.evaluate(
            "what => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel[what]",
            what,
        )

    def change_kernel(self, its_id=None, name=None):
        model = {"id": its_id} if its_id else {"name": name}
        self.page.evaluate(
            """async model => {
                const { sessionContext } = window.jupyterapp.shell.currentWidget;
                await sessionContext.changeKernel(model);
            }""",
            model,
        )

    def close(self):
        """Close the active notebook, and leave its kernel running."""
        self.page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.save(); // or there would be a question
                panel.close();
            }"""
        )

    def says(self, text):
        self.node.get_by_text(text).first.wait_for()

    def compiled(self, call, times=1):
        """Wait until the panel has as many records of a call, such as ``f(x: f32[3])``."""
        rows = self.node.get_by_role("listitem").filter(has_text=call)
        expect(rows).to_have_count(times)

    def load(self):
        self.node.get_by_role("button", name=BUTTON).click()


class Line:
    """What goes between a page and the kernels, which can be cut."""

    def __init__(self, page):
        self.open = []
        self.is_cut = False
        page.route_web_socket("**/api/kernels/**", self.connect)

    def connect(self, socket):
        if self.is_cut:
            socket.close(code=1011)
        else:
            socket.connect_to_server()
            self.open.append(socket)

    def cut(self):
        self.is_cut = True
        while self.open:
            self.open.pop().close(code=1011)

    def mend(self):
        self.is_cut = False


@pytest.fixture
def panel(lab, page):
    return Panel(lab, page)


@pytest.fixture
def second(lab, browser, console_errors):
    """A second tab, whose complaints count as well."""
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.on(
        "console", lambda message: message.type == "error" and console_errors.append(message.text)
    )
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    yield Panel(lab, page)
    page.close()


def test_the_button_loads_jaxmagic(lab, panel, console_errors):
    panel.open(lab.write("button.ipynb", F))
    panel.says(NOT_LOADED)
    panel.load()
    panel.says("JAX is not imported yet")
    panel.run()
    panel.compiled(FIRST)
    panel.status.get_by_text("JAX: 1 compiled").wait_for()
    # what loads it leaves no trace in the history
    assert panel.page.locator(".jp-InputPrompt").first.inner_text() == "[1]:"
    assert complaints(console_errors) == []


def test_what_happens_is_seen_while_the_kernel_is_busy(lab, panel, console_errors):
    panel.open(lab.write("busy.ipynb", f"{LOAD}\n{F}", SLOW))
    panel.run(0)
    panel.compiled(FIRST)
    panel.run(1)
    panel.status.get_by_text("JAX: tracing slow").wait_for()
    panel.status.get_by_text("JAX: compiling slow").wait_for()
    panel.says("compiling")
    assert panel.is_busy()
    panel.status.get_by_text("JAX: 2 compiled").wait_for()
    panel.idle()
    panel.compiled("slow(x: f32[8,8])")
    assert complaints(console_errors) == []


def test_it_is_seen_too_where_jaxmagic_is_loaded_by_the_cell_that_is_slow(
    lab, panel, console_errors
):
    panel.open(lab.write("at_once.ipynb", f"{LOAD}\n{F}\n{SLOW}"))
    panel.says(NOT_LOADED)
    panel.run()
    if SUBSHELLS:
        panel.status.get_by_text("JAX: compiling slow").wait_for()
        assert panel.is_busy()
    # an older kernel hears the hello of the panel when the cell has ended
    panel.status.get_by_text("JAX: 2 compiled").wait_for()
    assert complaints(console_errors) == []


def test_a_restart_forgets_all(lab, panel, console_errors):
    panel.open(lab.write("restart.ipynb", f"{LOAD}\n{F}"))
    panel.run()
    panel.compiled(FIRST)
    panel.restart()
    panel.says(NOT_LOADED)
    expect(panel.status).to_be_hidden()
    panel.load()
    panel.says("JAX is not imported yet")
    panel.run()
    panel.compiled(FIRST)
    assert complaints(console_errors) == []


def test_a_kernel_that_dies_is_started_again(lab, panel, console_errors):
    panel.open(lab.write("dies.ipynb", f"{LOAD}\n{F}", "import os; os._exit(1)"))
    panel.run(0)
    panel.compiled(FIRST)
    panel.run(1)
    panel.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    panel.says(NOT_LOADED)
    panel.load()
    panel.says("JAX is not imported yet")
    assert complaints(console_errors) == []


def test_a_page_that_is_loaded_again_finds_what_there_was(lab, panel, console_errors):
    name = lab.write("reload.ipynb", f"{LOAD}\n{F}")
    panel.open(name)
    panel.run()
    panel.compiled(FIRST)
    panel.idle()
    panel.open(name)
    panel.compiled(FIRST)
    panel.status.get_by_text("JAX: 1 compiled").wait_for()
    assert complaints(console_errors) == []


def test_a_page_that_is_loaded_again_says_that_a_cell_keeps_the_answer(lab, panel, console_errors):
    name = lab.write("reload_busy.ipynb", f"{LOAD}\n{F}", "import time; time.sleep(240)")
    panel.open(name)
    panel.run(0)
    panel.compiled(FIRST)
    panel.run(1)
    panel.open(name, is_busy=True)
    panel.says("the answer comes when the cell has ended")
    panel.command("notebook:interrupt-kernel")
    panel.compiled(FIRST)
    assert complaints(console_errors) == []


def test_two_tabs_on_one_kernel(lab, panel, second, console_errors):
    name = lab.write(
        "tabs.ipynb", F, "f(np.ones(4, 'f')).block_until_ready()", "%unload_ext jaxmagic"
    )
    widgets = []
    for each in (panel, second):
        sent(each.page, lambda text: "jupyter.widget.control" in text and widgets.append(text))
    panel.open(name)
    second.open(name, workspace="second")
    for each in (panel, second):
        each.says(NOT_LOADED)
    second.load()
    panel.says("JAX is not imported yet")
    panel.run(0)
    for each in (panel, second):
        each.compiled(FIRST)
    second.run(2)
    for each in (panel, second):
        each.says(NOT_LOADED)
    panel.load()
    panel.run(1)
    for each in (panel, second):
        each.compiled("f(x: f32[4])")
    panel.restart()
    for each in (panel, second):
        each.says(NOT_LOADED)
    panel.load()
    second.says("JAX is not imported yet")
    second.run(0)
    second.compiled(FIRST)
    second.page.close()
    panel.compiled(FIRST)
    panel.run(1)
    panel.compiled("f(x: f32[4])")
    # Where ipywidgets is not imported the kernel closes the comm that each page opens for it, and
    # tells all pages so. Of ours there is no word.
    for error in complaints(console_errors):
        assert error.startswith("Comm not found for comm id ")
        assert any(error.split()[-1] in text for text in widgets)


def test_each_notebook_has_its_own_records(lab, panel, console_errors):
    panel.open(lab.write("one.ipynb", f"{LOAD}\n{F}"))
    panel.run()
    panel.compiled(FIRST)
    panel.another(lab.write("other.ipynb", f"{LOAD}\n{F.replace('f(', 'other(')}"))
    panel.says(NOT_LOADED)
    panel.run()
    panel.compiled("other(x: f32[3])")
    panel.compiled(FIRST, times=0)
    panel.activate("one.ipynb")
    panel.compiled(FIRST)
    panel.compiled("other(x: f32[3])", times=0)
    assert complaints(console_errors) == []


def test_two_notebooks_share_a_kernel(lab, panel, console_errors):
    panel.open(lab.write("shares.ipynb", f"{LOAD}\n{F}"))
    panel.run()
    panel.compiled(FIRST)
    its_id = panel.kernel("id")
    panel.another(lab.write("shared.ipynb", "f(np.ones(4, 'f'))", "f(np.ones(5, 'f'))"))
    panel.says(NOT_LOADED)
    panel.change_kernel(its_id)
    panel.compiled(FIRST)
    panel.run(0)
    panel.compiled("f(x: f32[4])")
    # JupyterLab lets only the first notebook handle comms: the other one goes on without it
    panel.activate("shares.ipynb")
    panel.close()
    panel.ready("shared.ipynb")
    panel.run(1)
    panel.compiled("f(x: f32[5])")
    assert complaints(console_errors) == []


def test_a_kernel_without_jax(lab, panel, console_errors):
    panel.open(lab.write("without.ipynb", "import sys; sys.modules['jax'] = None", LOAD))
    panel.run()
    panel.says("JAX is not imported yet")
    assert complaints(console_errors) == []


def test_a_kernel_without_jaxmagic(lab, panel, console_errors):
    panel.open(lab.write("not_installed.ipynb", NOT_INSTALLED))
    panel.run()
    panel.load()
    panel.says("jaxmagic is not installed in this kernel")
    panel.says("%pip install jaxmagic")
    assert complaints(console_errors) == []


def test_a_kernel_of_another_language(lab, panel, console_errors):
    program = lab.root / "other_language.py"
    program.write_text(OTHER_LANGUAGE)
    spec = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "other", "kernel.json")
    spec.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, str(program), "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "other"}))
    panel.open(lab.write("other_language.ipynb", "1"))
    panel.says(NOT_LOADED)
    panel.change_kernel(name="other")
    panel.says("Not a Python kernel")
    assert complaints(console_errors) == []


def test_a_lost_connection_is_found_again(lab, panel, console_errors):
    line = Line(panel.page)
    panel.open(lab.write("lost.ipynb", f"{LOAD}\n{F}", "f(np.ones(4, 'f')).block_until_ready()"))
    panel.run(0)
    panel.compiled(FIRST)
    line.cut()
    panel.says("Connection lost")
    panel.compiled(FIRST)  # what was known stays
    line.mend()
    panel.run(1)
    panel.compiled("f(x: f32[4])")
    # the browser's own complaint about the line that we cut
    assert [e for e in complaints(console_errors) if "WebSocket connection" not in e] == []


def test_unloading_leaves_nothing(lab, panel, console_errors):
    panel.open(lab.write("unload.ipynb", f"{LOAD}\n{F}", "%unload_ext jaxmagic", LOAD))
    panel.run(0)
    panel.compiled(FIRST)
    panel.run(1)
    panel.says(NOT_LOADED)
    expect(panel.status).to_be_hidden()
    panel.run(2)
    panel.status.get_by_text("JAX: nothing compiled").wait_for()
    assert complaints(console_errors) == []


def test_a_console_has_its_own_records(lab, panel, console_errors):
    panel.open(lab.write("beside.ipynb", "1"))
    panel.page.evaluate(
        """async () => {
            const { commands } = window.jupyterapp;
            const panel = await commands.execute(
                'console:create', { kernelPreference: { name: 'python3' }, activate: true }
            );
            await panel.sessionContext.ready;
        }"""
    )
    panel.says("Console 1")
    panel.load()
    panel.says("JAX is not imported yet")
    panel.page.evaluate(
        "code => void window.jupyterapp.commands.execute('console:inject', "
        "{code, path: window.jupyterapp.shell.currentWidget.sessionContext.path})",
        F,
    )
    panel.compiled(FIRST)
    assert complaints(console_errors) == []


def test_nothing_is_asked_for_while_the_panel_is_hidden(lab, panel, console_errors):
    asked = []
    sent(panel.page, asked.append)

    def ops(name):
        return sum(f'"op":"{name}"' in text for text in asked)

    panel.open(lab.write("hidden.ipynb", f"{LOAD}\n{F}", "1"), show=False)
    panel.run(0)
    panel.status.get_by_text("JAX: 1 compiled").wait_for()
    panel.run(1)
    panel.idle()
    assert ops("hello") == 1
    assert ops("devices") == 0
    panel.command("jaxmagic:open")
    panel.says("1 device")
    assert ops("devices") == 1
    panel.run(1)
    panel.page.wait_for_timeout(2000)
    assert ops("devices") == 2
    panel.command("application:toggle-right-area")
    panel.run(1)
    panel.page.wait_for_timeout(2000)
    assert ops("devices") == 2
    assert complaints(console_errors) == []
