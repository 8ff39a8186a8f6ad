"""A server of JupyterLab of our own, and the Chromium that its pages are opened in."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

# No sandbox, as Chromium has none for root in a container; nothing that calls home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Lab:
    """A running server: where it is, and the folder that it shows."""

    url: str
    token: str
    root: Path

    def write(self, name, *sources):
        """Write a notebook with one code cell for each of ``sources``; return its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
            # without it, Lab asks which kernel to use
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.root / name)
        return name

    def answers(self):
        try:
            urllib.request.urlopen(f"{self.url}/api", timeout=1).close()
        except (urllib.error.URLError, TimeoutError):
            return False
        return True


@contextmanager
def started(root, log):
    """A server that shows the folder ``root``, as JUPYTER_CONFIG_DIR has it set."""
    config = Path(os.environ["JUPYTER_CONFIG_DIR"])
    settle(
        config / "labconfig" / "page_config.json",
        # else each page has Node compare the sources of extensions, for longer than a second
        buildAvailable=False,
        buildCheck=False,
        disabledExtensions={"@jupyterlab/apputils-extension:announcements": True},
    )
    # Lab takes outputs that are out of sight off the page, where a test would not find them.
    settle(
        config / "lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings",
        windowingMode="none",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(), root)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={lab.root}",
        f"--IdentityProvider.token={lab.token}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            deadline = time.monotonic() + 60
            while not lab.answers():
                if server.poll() is not None or time.monotonic() > deadline:
                    message = f"JupyterLab did not start:\n{log.read_text()}"
                    raise TimeoutError(message)
                time.sleep(0.1)
            yield lab
        finally:
            server.terminate()


def settle(path, **settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))


@contextmanager
def chromium():
    """The Chromium of this machine, or Playwright's own."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    installed = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
