"""A fresh IPython shell for every test."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture
def bare_shell(monkeypatch):
    """Start a shell that has loaded nothing and writes no history."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a shell puts its own
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor" if sys.version_info < (3, 12) else "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("unload_ext", "nothing")  # newer IPythons load this magic only now
    yield shell
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(bare_shell):
    """Start a shell in which the extension is loaded and np is NumPy."""
    bare_shell.run_line_magic("load_ext", "jaxmagic")
    bare_shell.run_cell("import numpy as np", silent=True)
    yield bare_shell
    # what was recorded for this shell is not there for the next
    bare_shell.run_line_magic("unload_ext", "jaxmagic")
