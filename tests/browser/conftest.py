"""JupyterLab as a user sees it: a server of our own, driven in Chromium."""

from pathlib import Path

import pytest

from tests.browser.server import chromium, started

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(scope="session")
def lab(own_home, tmp_path_factory):
    with started(tmp_path_factory.mktemp("lab"), own_home / "lab.log") as lab:
        yield lab


@pytest.fixture(scope="module")
def browser():
    # Not for the session: while Playwright runs, its event loop occupies this thread, and the
    # tests of kernels and shells need one of their own.
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)  # a busy machine may take long to start a kernel
    yield page
    page.close()


def is_of_the_server(message):
    """Whether the server failed to list the kernels, as jupyter_server 2 may while one starts."""
    return "status of 500" in message.text and "/api/kernels?" in message.location["url"]


@pytest.fixture
def console_errors(page):
    """What the page complains about from now on."""
    errors = []

    def hear(message):
        if message.type == "error" and not is_of_the_server(message):
            errors.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


@pytest.fixture
def run_all(lab, page):
    """Open a notebook of ``lab.root``, run all of its cells and wait until the kernel is idle."""

    def run_all(name):
        page.goto(f"{lab.url}/lab/tree/{name}?reset&token={lab.token}")
        page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=name
        )
        page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.ready;
                await panel.sessionContext.ready;
                await window.jupyterapp.commands.execute('notebook:run-all-cells');
            }"""
        )
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )
        uncovered(page)

    yield run_all
    # else each test leaves a kernel to those after it, whose memory it takes
    page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")


def uncovered(page):
    """Wait until the splash, which covers the page at the start and in a new theme, is gone."""
    page.wait_for_selector("#jupyterlab-splash", state="detached")


@pytest.fixture
def theme(page):
    """Show the page in the "light" or the "dark" theme of JupyterLab, light again afterwards."""

    def theme(name):
        # `void`: what the command returns can't be sent out of the page
        page.evaluate(
            "theme => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
            f"JupyterLab {name.title()}",
        )
        light = str(name == "light").lower()
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        uncovered(page)

    yield theme
    theme("light")  # the server remembers it for the next test


@pytest.fixture
def screenshot(page):
    """Keep a picture of the page, or of one part of it, to be looked at."""

    def screenshot(name, part=None):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (part or page).screenshot(path=path)
        return path

    return screenshot


CONTRAST = """element => {
    // a canvas turns any colour, mixed ones too, into red, green and blue
    const canvas = document.createElement('canvas').getContext('2d');
    const over = (colour, below) => {
        canvas.fillStyle = below; canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const backgrounds = [];
    for (let e = element; e; e = e.parentElement)
        backgrounds.unshift(getComputedStyle(e).backgroundColor);
    let page = 'white';
    for (const colour of backgrounds) page = `rgb(${over(colour, page)})`;
    const light = rgb => rgb.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ink = over(getComputedStyle(element).color, page);
    const [a, b] = [ink, over(page, page)].map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.fixture
def contrast(page):
    """Give the contrast of the first match's text against its background, as WCAG 2 has it."""
    return lambda selector: page.locator(selector).first.evaluate(CONTRAST)
