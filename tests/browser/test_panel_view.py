"""The panel as it is looked at: each of its promises in a real JupyterLab with a real kernel."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.said import MANY, SAY

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as the page of conftest.py has it

SETUP = """\
%load_ext jaxmagic
import jax, jax.numpy as jnp, numpy as np

@jax.jit
def f(x, y):
    return np.sin(1) * x * y

ones = {n: np.ones(n, "f") for n in range(1, 9)}"""
CALLS = """\
f(ones[4], 2.0)
f(ones[5], 2.0)
for k in range(3):
    jax.jit(lambda v: v + k)(ones[4])
x = jnp.ones(6)"""
SLOW = """\
import time

@jax.jit
def slow(x):
    time.sleep(3)
    return x

slow(ones[3]).block_until_ready();"""

GPUS = f"""\
import jaxmagic.compiles.memory
from jaxmagic.compiles.memory.result import Devices

text = open({str(Path(__file__).parents[1] / "data" / "devices.json")!r}, encoding="utf-8").read()
looks = jaxmagic.compiles.memory.devices
jaxmagic.compiles.memory.devices = lambda namespace: Devices.from_json(text)"""
REFUSE = """\
import jaxmagic.panel.asked as asked

def refuse(*args, **kwargs):
    raise asked.RefusedError("The test says no: ask it nicely.")

asked._CHANGES = dict.fromkeys(asked._CHANGES, refuse)"""
# Notebook 7 says this at its start: 7.6 the first two, with jaxmagic switched off as well; 7.2 the
# third, a name that the panel does not know
NOTEBOOKS_OWN = {
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
    "Cannot read properties of undefined (reading 'last_modified')",
}
SHARDED = """\
%load_ext jaxmagic
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
import jax, jax.numpy as jnp
from jax.sharding import NamedSharding, PartitionSpec as P

mesh = jax.make_mesh((2, 2), ("x", "y"))
weights = jax.device_put(jnp.ones((8, 8)), NamedSharding(mesh, P("x", "y")))
params = {"w": jnp.ones((100, 100)), "b": [jnp.ones(100), jnp.ones(100)]}"""


class View:
    """The panel on a page, beside a notebook."""

    def __init__(self, lab, page, screenshot):
        self.lab = lab
        self.page = page
        self.node = page.locator("#jaxmagic-panel")
        self.cache = self.node.locator(".jp-jaxmagic-cache")
        self.rows = self.node.get_by_role("listitem").and_(page.locator(".jp-jaxmagic-row"))
        self._screenshot = screenshot

    def open(self, name, *cells, app="lab"):
        """Open a notebook, a new one with these cells if there are any, and the panel beside it."""
        path = "lab/tree" if app == "lab" else "notebooks"
        if cells:
            self.lab.write(name, *cells)
        self.page.goto(f"{self.lab.url}/{path}/{name}?reset&token={self.lab.token}")
        self.page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=name
        )
        self.page.evaluate(
            """async () => {
                await window.jupyterapp.restored; // which may put another panel on top
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
            }"""
        )
        self.page.wait_for_function("window.jupyterapp.commands.hasCommand('jaxmagic:open')")
        if app == "lab":
            self.page.wait_for_selector("#jupyterlab-splash", state="detached")
        self.page.evaluate("() => void window.jupyterapp.commands.execute('jaxmagic:open')")
        self.node.wait_for()

    def run(self, *cells):
        """Run these cells of the notebook, all of them if none is named; wait for their end."""
        self.start(*cells)
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    def start(self, *cells):
        """Run these cells, and do not wait for them."""
        self.page.evaluate(
            """async cells => {
                const { commands, shell } = window.jupyterapp;
                const { content } = shell.currentWidget;
                for (const n of cells.length ? cells : content.widgets.keys()) {
                    content.activeCellIndex = n;
                    void commands.execute('notebook:run-cell');
                }
            }""",
            list(cells),
        )

    def kernel(self, code):
        """Run code in the kernel, behind the back of the notebook."""
        self.page.evaluate(
            """async code => {
                const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
                const future = kernel.requestExecute({ code, store_history: false });
                const reply = await future.done;
                if (reply.content.status !== 'ok') throw new Error(reply.content.evalue);
            }""",
            code,
        )

    def say(self, code):
        """Let the kernel say what ``code`` has it say by ``batch(records, **fields)``."""
        self.kernel(SAY + code)

    def width(self, width):
        """Make the panel so wide."""
        self.page.evaluate(
            """width => {
                const split = window.jupyterapp.shell._hsplitPanel;
                const sizes = split.relativeSizes().slice(0, -1);
                const rest = split.node.clientWidth - width;
                const all = sizes.reduce((sum, size) => sum + size, 0);
                split.setRelativeSizes([...sizes.map(size => size / all * rest), width]);
            }""",
            width,
        )
        self.page.wait_for_timeout(300)

    def section(self, name):
        """Fold or unfold a section."""
        self.node.locator(".jp-AccordionPanel-title", has_text=name).click()

    def button(self, name):
        return self.node.get_by_role("button", name=name)

    def row(self, words):
        """The newest record with these words."""
        return self.rows.filter(has_text=words).first

    def unfold(self, words):
        row = self.row(words)
        # not in the middle, where the link to the cell may be
        row.locator(".jp-jaxmagic-open").click(position={"x": 30, "y": 10})
        return row.locator(".jp-jaxmagic-details")

    def focused(self):
        """The number of the record that has the focus."""
        return self.page.evaluate(
            "() => Number(document.activeElement.closest('[data-key]')?.dataset.key)"
        )

    def picture(self, name, *, whole=True):
        return self._screenshot(f"panel-{name}", None if whole else self.node)

    def findings(self):
        """What axe has to say about our own markup; that of JupyterLab is not ours to repair."""
        theirs = [[".lm-AccordionPanel-title"], [".lm-SplitPanel-handle"]]
        results = Axe().run(self.page, {"include": [["#jaxmagic-panel"]], "exclude": theirs})
        return [
            f"{violation['id']}: {node['html']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]

    def overflowing(self):
        """What is wider than its place and neither cut with an ellipsis nor meant to scroll."""
        return self.node.evaluate(
            """panel => [...panel.querySelectorAll('*')].filter(e => {
                const style = getComputedStyle(e);
                return e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1
                    && style.display !== 'inline' && style.textOverflow !== 'ellipsis'
                    && !e.closest('.jp-jaxmagic-scroll, .jp-jaxmagic-unseen');
            }).map(e => `${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
        )


@pytest.fixture
def view(lab, page, screenshot):
    """The panel in a tab; the kernels of a test end with it, but for that of ``compiled``."""
    yield View(lab, page, screenshot)
    page.evaluate(
        """async () => {
            if (!window.jupyterapp) return; // the page has failed, and its test with it
            const { sessions } = window.jupyterapp.serviceManager;
            await sessions.refreshRunning();
            for (const session of [...sessions.running()])
                if (session.path !== 'view.ipynb') await sessions.shutdown(session.id);
        }"""
    )


@pytest.fixture(scope="module")
def already():
    """The notebooks that have run."""
    return set()


@pytest.fixture
def compiled(view, already):
    """The panel, in a fresh tab, with the records of a kernel that these tests share."""
    if "view.ipynb" in already:  # with the same cells, and its kernel
        view.open("view.ipynb")
    else:
        view.open("view.ipynb", SETUP, CALLS)
        view.run()
        already.add("view.ipynb")
    expect(view.row("broadcast_in_dim")).to_be_visible()
    return view


@pytest.fixture
def fresh(view):
    """The panel with the records of a kernel of its own, which may be changed."""
    view.open("fresh.ipynb", SETUP, CALLS)
    view.run()
    expect(view.row("broadcast_in_dim")).to_be_visible()
    return view


def test_the_head_names_the_notebook_and_the_versions(compiled):
    head = compiled.node.locator(".jp-SidePanel-header")
    expect(head).to_contain_text("view.ipynb")
    expect(head).to_contain_text("JAX 0.")
    sections = compiled.node.locator(".jp-AccordionPanel-title")
    expect(sections).to_have_text(["Devices", "Compile cache", "Switches"], ignore_case=True)


def test_a_row_says_function_signature_time_reason_and_place(compiled, theme, console_errors):
    row = compiled.row("f32[5]")
    expect(row).to_contain_text("f(x: f32[5], y: weak f32[])")
    expect(row).to_contain_text("shape of x: float32[5], was float32[4]")
    assert row.locator(".jp-jaxmagic-time").inner_text().endswith("s")
    expect(row.get_by_role("button", name="Go to In[2]:2")).to_be_visible()
    # compiled again: a sign and words beside the colour
    expect(row.locator(".jp-jaxmagic-sign svg")).to_be_visible()
    expect(row.get_by_role("button", name="compiled again")).to_be_visible()
    compiled.picture("light")
    theme("dark")
    compiled.picture("dark")
    assert console_errors == []


def test_the_newest_is_on_top(compiled):
    numbers = compiled.rows.evaluate_all("rows => rows.map(row => Number(row.dataset.key))")
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1


def test_what_is_being_compiled_has_a_clock_and_is_announced_once(view, console_errors):
    view.open("live.ipynb", SETUP, SLOW)
    view.run(0)
    view.page.evaluate(
        """() => {
            window.announced = [];
            new MutationObserver(changes => {
                const text = changes[0].target.textContent;
                if (text) window.announced.push(text);
            }).observe(document.querySelector('.jp-jaxmagic-live [aria-live]'),
                { childList: true });
        }"""
    )
    view.start(1)
    live = view.node.locator(".jp-jaxmagic-live-row")
    expect(live).to_contain_text("tracing slow")
    expect(live).to_contain_text("… 1.")
    assert view.overflowing() == []
    view.picture("while-compiling")
    expect(live).to_contain_text("… 2.")
    expect(live).to_have_count(0)
    expect(view.row("slow")).to_be_visible()
    view.page.wait_for_timeout(500)
    announced = view.page.evaluate("() => window.announced")
    assert announced[0] == "compiling slow"
    assert len(announced) == 2
    # nothing moves for who does not want it
    view.page.emulate_media(reduced_motion="reduce")
    view.start(1)
    spinner = live.locator(".jp-jaxmagic-spinner")
    expect(spinner).to_be_visible()
    assert spinner.evaluate("node => getComputedStyle(node).animationName") == "none"
    assert console_errors == []


def test_a_row_unfolds_to_all_that_is_known(compiled, console_errors):
    details = compiled.unfold("f32[5]")
    for words in (
        "f(x: float32[5], y: weak float32[])",
        "before: float32[4]",
        "now: float32[5]",
        "pad to few sizes",
        "trace",
        "lower",
        "compile",
        "disk cache",
        "cpu:0",
    ):
        expect(details).to_contain_text(words)
    bars = details.locator(".jp-jaxmagic-phases .jp-jaxmagic-fill")
    widths = bars.evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert sum(widths) == pytest.approx(100, abs=1)
    compiled.picture("unfolded")
    # the one that it is compared with
    details.get_by_role("button", name="#").click()
    expect(compiled.row("f32[4], y").locator(".jp-jaxmagic-details")).to_contain_text("first call")
    assert console_errors == []


def test_enter_and_space_unfold_and_arrows_move(compiled):
    compiled.rows.first.locator(".jp-jaxmagic-open").focus()
    last = compiled.focused()
    for key, number in (("ArrowDown", last - 1), ("End", 1), ("Home", last), ("ArrowUp", last)):
        compiled.page.keyboard.press(key)
        assert compiled.focused() == number
    for key in ("Enter", "Space"):
        compiled.page.keyboard.press(key)
        expect(compiled.rows.first.locator(".jp-jaxmagic-phases")).to_be_visible()
        compiled.page.keyboard.press(key)
        expect(compiled.rows.first.locator(".jp-jaxmagic-phases")).to_have_count(0)
    compiled.page.keyboard.press("Tab")  # on to the link of the same row
    expect(compiled.rows.first.locator(".jp-jaxmagic-place")).to_be_focused()


def test_the_actions_of_a_row(compiled, console_errors):
    compiled.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    details = compiled.unfold("f32[5]")
    details.get_by_role("button", name="Copy as text").click()
    copied = compiled.page.evaluate("() => navigator.clipboard.readText()")
    assert "f(x: float32[5], y: weak float32[])" in copied
    assert "again: shape of x" in copied
    compiled.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0 }"
    )
    details.get_by_role("button", name="Go to cell").click()
    compiled.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.activeCellIndex === 1"
    )
    compiled.button("Copy what is shown as text").click()
    copied = compiled.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.count("\n\n#") == int(compiled.rows.first.get_attribute("data-key"))
    assert console_errors == []


def test_search_and_kinds_leave_out(compiled):
    search = compiled.node.get_by_role("searchbox")
    search.fill("lambda")
    expect(compiled.rows).to_have_count(3)
    compiled.button("only again 2").click()
    expect(compiled.rows).to_have_count(2)
    search.fill("")
    compiled.button("only again").click()
    eager = compiled.node.locator(".jp-jaxmagic-toggle", has_text="eager")
    expect(compiled.row("broadcast_in_dim")).to_be_visible()
    eager.click()
    expect(eager).to_have_attribute("aria-pressed", "false")
    expect(compiled.rows.filter(has_text="broadcast_in_dim")).to_have_count(0)
    search.fill("nothing of this name")
    expect(compiled.node.get_by_text("No record fits")).to_be_visible()
    compiled.picture("filtered", whole=False)
    compiled.button("Show all").click()
    expect(compiled.row("broadcast_in_dim")).to_be_visible()


def test_the_totals_of_all_and_of_each_function(compiled):
    number = int(compiled.rows.first.get_attribute("data-key"))
    summary = compiled.node.locator(".jp-jaxmagic-cache .jp-jaxmagic-sum")
    expect(summary).to_contain_text(f"{number} programs")
    expect(summary).to_contain_text("again")
    expect(compiled.node.locator(".jp-jaxmagic-keys")).to_contain_text("compile")
    compiled.button("Totals of each function").click()
    cells = compiled.node.locator(".jp-jaxmagic-functions tr", has_text="lambda").locator("td")
    assert cells.all_inner_texts()[:2] == ["3", "2"]
    compiled.picture("totals", whole=False)


def test_notes_and_what_was_dropped_are_said(compiled):
    compiled.say("batch([], notes=['Something may be missing (a test says so).'], dropped=1204)")
    expect(compiled.node.get_by_text("Something may be missing")).to_be_visible()
    expect(compiled.node.get_by_text("1,204 older records were not kept.")).to_be_visible()


def test_names_are_text_whatever_is_in_them(compiled, console_errors):
    evil = "<img src=x onerror=document.title='pwned'>"
    compiled.say(
        f"batch([dict(number=900, function={evil!r}, kind='user function', signature={evil!r},"
        f"reason=dict(kind='first', words={evil!r}), place={evil!r}, outcome='compiled')])"
    )
    details = compiled.unfold("onerror")
    expect(details).to_contain_text(evil)
    assert compiled.node.locator("img").count() == 0
    assert compiled.overflowing() == []
    assert console_errors == []


def test_clearing_caches_asks_first_and_records_can_be_forgotten(fresh):
    fresh.button("Clear JAX's caches").click()
    dialog = fresh.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("compiles again at its next call")
    fresh.picture("clear-caches")
    dialog.get_by_role("button", name="Cancel").click()
    fresh.kernel("f(ones[4], 2.0)")
    expect(fresh.rows.filter(has_text="clear_caches")).to_have_count(0)
    fresh.button("Clear JAX's caches").click()
    dialog.get_by_role("button", name="Clear caches").click()
    expect(dialog).to_have_count(0)
    fresh.page.wait_for_timeout(500)
    fresh.kernel("f(ones[4], 2.0)")
    expect(fresh.row("jax.clear_caches() threw all programs away")).to_be_visible()
    fresh.button("Forget these records").click()
    expect(fresh.node.get_by_text("Nothing compiled yet")).to_be_visible()
    fresh.kernel("f(ones[7], 2.0)")
    expect(fresh.rows).to_have_count(1)


def test_switches(fresh, console_errors):
    fresh.section("Switches")
    x64 = fresh.node.get_by_role("switch", name="x64")
    expect(x64).to_have_attribute("aria-checked", "false")
    x64.click()
    expect(x64).to_have_attribute("aria-checked", "true")
    fresh.kernel("assert jax.config.jax_enable_x64")
    x64.press("Space")
    expect(x64).to_have_attribute("aria-checked", "false")
    fresh.page.evaluate(
        """() => void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({ code: 'import time; time.sleep(3)' })"""
    )
    expect(x64).to_have_attribute("aria-disabled", "true")
    expect(fresh.node.get_by_text("A cell is running")).to_be_visible()
    fresh.picture("switches-locked", whole=False)
    expect(x64).to_have_attribute("aria-disabled", "false")
    fresh.kernel(REFUSE)
    x64.click()
    expect(fresh.node.get_by_text("The test says no: ask it nicely.")).to_be_visible()
    expect(x64).to_have_attribute("aria-checked", "false")
    fresh.button("Forget these records").click()
    expect(fresh.cache.get_by_text("The test says no: ask it nicely.")).to_be_visible()
    fresh.picture("refused", whole=False)
    assert console_errors == []


def test_the_empty_states_say_what_to_do(view, console_errors):
    view.open(
        "empty.ipynb", "%load_ext jaxmagic", "import jax, numpy as np", "jax.jit(abs)(np.ones(3))"
    )
    button = view.button("Load jaxmagic in this notebook")
    expect(button).to_be_visible()
    view.picture("not-loaded", whole=False)
    assert view.findings() == []
    view.run(0)
    expect(view.node.get_by_text("Run a cell with import jax")).to_be_visible()
    view.picture("not-imported", whole=False)
    view.run(1)
    expect(view.node.get_by_text("Nothing compiled yet")).to_be_visible()
    expect(view.node.get_by_text("JAX has not started yet")).to_be_visible()
    view.picture("nothing-yet", whole=False)
    view.run(2)
    expect(view.row("abs")).to_be_visible()
    view.page.evaluate(
        """async () => {
            const notebook = window.jupyterapp.shell.currentWidget;
            await notebook.context.save(); // else closing it asks
            notebook.close();
        }"""
    )
    expect(view.node.get_by_text("Open a notebook or a console")).to_be_visible()
    view.picture("no-notebook", whole=False)
    assert console_errors == []


def test_devices_on_cpu(compiled):
    devices = compiled.node.locator(".jp-jaxmagic-devices")
    expect(devices).to_contain_text("1 device")
    expect(devices).to_contain_text("cpu:0")
    expect(devices).to_contain_text("emory in use is not reported on CPU")
    expect(devices.locator(".jp-jaxmagic-memory")).to_have_count(0)
    expect(devices.locator(".jp-jaxmagic-group").first).to_contain_text("f32[6]")
    expect(devices.locator(".jp-jaxmagic-names").first).to_contain_text("x")
    compiled.kernel("y = jnp.ones((100, 100))")
    compiled.button("Look at the devices").click()
    expect(devices.locator(".jp-jaxmagic-group").first).to_contain_text("f32[100,100]")
    expect(devices).to_contain_text("taken 1 s ago")


def test_sharded_arrays_say_how_they_lie(view):
    view.open("sharded.ipynb", SHARDED)
    view.run()
    devices = view.node.locator(".jp-jaxmagic-devices")
    expect(devices).to_contain_text("4 devices")
    grid = devices.get_by_role("table")
    expect(grid.get_by_role("columnheader")).to_have_text(["0:4", "4:8"])
    assert sorted(grid.locator("tbody td").all_inner_texts()) == [f"cpu:{n}" for n in range(4)]
    view.section("Compile cache")
    grid.scroll_into_view_if_needed()
    view.picture("sharded", whole=False)
    assert view.findings() == []


@pytest.fixture
def gpus(compiled):
    """The panel with a kernel that has seen GPUs, as in tests/data/devices.json."""
    compiled.kernel(GPUS)
    yield compiled
    compiled.kernel("jaxmagic.compiles.memory.devices = looks")


def test_memory_of_gpus_is_a_bar_with_numbers(gpus, theme):
    gpus.button("Look at the devices").click()
    devices = gpus.node.locator(".jp-jaxmagic-devices")
    gpu = devices.locator(".jp-jaxmagic-device", has_text="gpu:2")
    expect(gpu).to_contain_text("12.0 GiB of 105 GiB in use (11%)")
    expect(gpu).to_contain_text("peak 15.0 GiB")
    used, peak = gpu.evaluate(  # at once: a newer answer may be drawn at any time
        """gpu => {
            const box = name => gpu.querySelector(`.jp-jaxmagic-${name}`).getBoundingClientRect();
            const track = box('memory');
            return [box('fill').right, box('peak').left + 1].map(x => (x - track.x) / track.width);
        }"""
    )
    assert used == pytest.approx(12 / 105, abs=0.01)
    assert peak == pytest.approx(15 / 105, abs=0.01)
    for words in (
        "2 smaller groups: 30 arrays",
        "Not everything that may hold",
        "\N{MULTIPLICATION SIGN}12",
    ):
        expect(devices).to_contain_text(words)
    gpus.section("Compile cache")
    gpus.picture("gpus", whole=False)
    theme("dark")
    gpus.picture("gpus-dark", whole=False)
    assert gpus.findings() == []


def test_ten_thousand_records(compiled, console_errors):
    compiled.say(MANY)
    expect(compiled.row("f32[10999]")).to_be_visible()
    assert compiled.rows.count() < 60
    size = int(compiled.rows.first.get_attribute("aria-setsize"))
    assert size > 10_000
    # each step of the wheel renders at once: no row in sight is missing
    compiled.cache.evaluate("list => list.scrollTo(0, 200_000)")
    compiled.page.wait_for_timeout(200)
    box = compiled.cache.bounding_box()
    for part in (0.4, 0.6, 0.95):
        assert compiled.page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('[data-key]') !== null",
            [box["x"] + 60, box["y"] + part * box["height"]],
        )
    compiled.picture("ten-thousand")
    # what is in sight stays while more comes
    seen = compiled.rows.nth(8).get_attribute("data-key")
    top = compiled.node.locator(f"[data-key='{seen}']").bounding_box()["y"]
    compiled.say(MANY.replace("range(1000, 11000, 500)", "range(11000, 12000, 500)"))
    expect(compiled.node.locator(".jp-jaxmagic-sum", has_text="programs")).to_contain_text("11,0")
    compiled.page.wait_for_timeout(300)
    assert compiled.node.locator(f"[data-key='{seen}']").bounding_box()["y"] == pytest.approx(
        top, abs=1
    )
    compiled.cache.evaluate("list => list.scrollTo(0, 0)")
    compiled.rows.first.locator(".jp-jaxmagic-open").focus()
    for key, number in (("PageDown", None), ("End", 1), ("PageUp", None), ("Home", 11_999)):
        compiled.page.keyboard.press(key)
        assert number in (None, compiled.focused())
    compiled.node.get_by_role("searchbox").fill("float32[4321]")
    expect(compiled.rows).to_have_count(2)  # its own, and the next one that says what was before
    assert console_errors == []


def test_batches_do_not_build_the_page_anew(compiled):
    compiled.say(MANY)
    expect(compiled.row("f32[10999]")).to_be_visible()
    compiled.cache.evaluate("list => list.scrollTo(0, 100_000)")
    compiled.page.wait_for_timeout(300)
    compiled.page.evaluate(
        """() => {
            window.added = 0;
            new MutationObserver(changes => {
                for (const change of changes)
                    window.added += [...change.addedNodes].filter(n => n.nodeType === 1).length;
            }).observe(document.querySelector('#jaxmagic-panel'),
                { childList: true, subtree: true });
        }"""
    )
    compiled.say(MANY.replace("range(1000, 11000, 500)", "range(11000, 12000, 500)"))
    expect(compiled.node.locator(".jp-jaxmagic-sum", has_text="programs")).to_contain_text("11,0")
    compiled.page.wait_for_timeout(300)
    assert compiled.page.evaluate("() => window.added") < 20


def test_a_hidden_panel_renders_nothing(compiled):
    compiled.page.evaluate(
        """() => {
            window.changes = 0;
            new MutationObserver(changes => { window.changes += changes.length; }).observe(
                document.querySelector('#jaxmagic-panel'),
                { childList: true, subtree: true, characterData: true });
            void window.jupyterapp.commands.execute('application:toggle-right-area');
        }"""
    )
    expect(compiled.node).to_be_hidden()
    compiled.page.evaluate("() => { window.changes = 0 }")
    compiled.kernel("f(ones[8], 2.0)")
    compiled.page.wait_for_timeout(1500)
    assert compiled.page.evaluate("() => window.changes") == 0
    compiled.page.evaluate("() => void window.jupyterapp.commands.execute('jaxmagic:open')")
    expect(compiled.row("f32[8]")).to_be_visible()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_axe_finds_nothing(compiled, theme, name):
    theme(name)
    compiled.unfold("f32[5]")
    compiled.button("Totals of each function").click()
    compiled.say("batch([], notes=['Something may be missing.'], dropped=7)")
    compiled.section("Switches")
    compiled.page.wait_for_timeout(500)
    assert compiled.findings() == []


def test_it_fits_into_240_pixels(compiled, theme):
    compiled.width(240)
    compiled.section("Switches")
    compiled.unfold("f32[5]")
    compiled.button("Totals of each function").click()
    compiled.page.wait_for_timeout(300)
    assert compiled.overflowing() == []
    compiled.picture("240")
    theme("dark")
    compiled.picture("240-dark")


def test_it_is_usable_at_200_percent(compiled):
    # that is how many pixels of CSS a page of 1280 x 900 has then
    compiled.page.set_viewport_size({"width": 640, "height": 450})
    compiled.open("view.ipynb")
    compiled.width(240)
    expect(compiled.row("broadcast_in_dim")).to_be_visible()
    compiled.picture("zoom")
    details = compiled.unfold("f32[5]")
    details.get_by_role("button", name="Copy as text").scroll_into_view_if_needed()
    expect(details.get_by_role("button", name="Copy as text")).to_be_in_viewport()
    assert compiled.overflowing() == []
    compiled.picture("zoom-unfolded")


def test_in_notebook_7(view, console_errors):
    view.open("seven.ipynb", SETUP, CALLS, app="notebook")
    view.run()
    expect(view.row("f32[5]")).to_contain_text("shape of x")
    view.unfold("f32[5]")
    view.picture("notebook-7")
    assert view.overflowing() == []
    assert view.findings() == []
    assert set(console_errors) <= NOTEBOOKS_OWN
