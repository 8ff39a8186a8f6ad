"""Nothing changes behind the user's back, however a cell ends."""

import gc
import os
import random
import sys
import threading
import tracemalloc
import types
import warnings

import jax
import numpy as np
import pytest

from jaxmagic import _jax

BODIES = {
    "works": "def f(x):\n    return np.sin(x)\nf(np.ones(3))",
    "is random": "import random\ndef f(x):\n    return random.random() * np.random.rand()\nf(1)",
    "changes things": (
        "import gc, sys, warnings\n"
        "def f(x):\n    x[0] = 2\n    grid[0] += 1\n    seen.append(1)\n    print('x')\n"
        "    warnings.warn('odd')\n    return x\n"
        "f(mine)"
    ),
    "raises": "def f(x):\n    return x + [][0]\nf(1.0)",
    "is a mistake": "x = 1",
    "is interrupted": "def f(x):\n    interrupt()\n    return x\nf(1.0)",
    "takes too long": (
        "def f(x, n):\n    for i in range(n):\n        x = x + 1\n    return x\nf(1.0, 10**9)"
    ),
}


def state():
    """Everything that a comparison touches while it runs."""
    numpy_state = np.random.get_state()  # noqa: NPY002  what users' code may use
    return {
        "x64": _jax.x64_enabled(),
        "default device": jax.config.jax_default_device,
        "random": random.getstate(),
        "NumPy's random": (numpy_state[1].tolist(), numpy_state[2:]),
        "filters": warnings.filters[:],
        "showwarning": warnings.showwarning,
        "stdout": sys.stdout,
        "stderr": sys.stderr,
        "unraisablehook": sys.unraisablehook,
        "gc": gc.isenabled(),
        "gc thresholds": gc.get_threshold(),
        "tracemalloc": tracemalloc.is_tracing(),
        "NumPy's errors": np.geterr(),
        "folder": os.getcwd(),  # noqa: PTH109  as it is
        "environment": dict(os.environ),
        "threads": {thread.name for thread in threading.enumerate() if "jaxmagic" in thread.name},
    }


@pytest.fixture
def furnished(shell):
    """Give the cells their names, and import all that a cell may import."""
    calls = types.SimpleNamespace(n=0)

    def interrupt():
        calls.n += 1
        if calls.n == 3000:
            raise KeyboardInterrupt

    shell.user_ns |= {
        "mine": np.ones(3),
        "grid": np.ones(3),
        "seen": [],
        "interrupt": interrupt,
    }
    shell.run_cell("%%jaxcompare --seconds 0.01\ndef warm_up(x):\n    return x\nwarm_up(1.0)")
    return shell


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("x64", ["", "--x64", "--x32"])
@pytest.mark.parametrize("body", BODIES)
def test_everything_is_as_it_was_before_the_cell(furnished, body, x64):
    before = state()
    furnished.run_cell(f"%%jaxcompare --seconds 0.02 --limit 0.1 {x64}\n{BODIES[body]}")
    after = state()
    assert {name for name in before if before[name] != after[name]} == set()
    assert furnished.user_ns["mine"].tolist() == [1, 1, 1]
    assert furnished.user_ns["grid"].tolist() == [1, 1, 1]
    assert furnished.user_ns["seen"] == []


def test_the_state_above_sees_each_change():
    before = state()
    random.random()
    np.random.rand()  # noqa: NPY002  as above
    with _jax.x64(not before["x64"]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        changed = {name for name, value in state().items() if value != before[name]}
    assert {"random", "NumPy's random", "x64", "filters"} <= changed


def test_a_collector_that_was_off_stays_off(furnished):
    gc.disable()
    try:
        furnished.run_cell(f"%%jaxcompare --seconds 0.02\n{BODIES['works']}")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_memory_that_somebody_else_traces_is_left_to_him(furnished):
    tracemalloc.start()
    try:
        done = furnished.run_cell(f"%%jaxcompare --seconds 0.02\n{BODIES['works']}")
        assert tracemalloc.is_tracing()
        assert done.result["numpy"].temporary_bytes is None
    finally:
        tracemalloc.stop()
