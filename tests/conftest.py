"""What all tests share: they see this environment only, never the profile of who runs them."""

import gc
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

# A property holds on a busy machine, too, where one example may take long.
hypothesis.settings.register_profile("no hurry", deadline=None)
hypothesis.settings.load_profile("no hurry")


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory):
    """Keep the user's IPython startup files and Jupyter settings out of every test.

    The kernel is found all the same: Jupyter also looks below the prefix of the Python that
    runs the tests, which JUPYTER_PATH puts first.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as env:
        env.setenv("IPYTHONDIR", str(home / "ipython"))
        env.setenv("JUPYTER_CONFIG_DIR", str(home / "config"))
        env.setenv("JUPYTER_DATA_DIR", str(home / "data"))
        env.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
        env.setenv("JUPYTER_PATH", str(Path(sys.prefix, "share", "jupyter")))
        env.setenv("MPLBACKEND", "agg")
        yield home


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard():
    """Hear Ctrl-C also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module", autouse=True)
def small_heap():
    """Show the garbage collector only what the tests of a file make, as in a fresh notebook.

    All libraries and earlier tests leave millions of objects, among which each question who
    holds an array takes a second.
    """
    gc.collect()
    gc.freeze()
