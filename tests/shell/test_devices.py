"""--device and --mesh, on a CPU that XLA makes four devices of, in a process of its own."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from IPython.core.error import UsageError

FOUR = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
CELL = "def f(x, y, a):\n    return a * np.sin(x) + y\nf(np.ones((8, 3)), np.ones(3), 2.0)"


def on_four_devices(line, cell=CELL):
    """Run a cell in a shell whose JAX has four devices; the rows as JSON, and the text."""
    script = f"""
        import json
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config
        config = Config()
        config.HistoryManager.enabled = False
        shell = InteractiveShell.instance(config=config)
        shell.run_line_magic("load_ext", "jaxmagic")
        shell.run_cell("import numpy as np", silent=True)
        result = shell.run_cell({f"%%jaxcompare --seconds 0.02 {line}{chr(10)}{cell}"!r}).result
        print()
        print(json.dumps([json.loads(result.to_json()), str(result)]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=FOUR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result, text = json.loads(done.stdout.splitlines()[-1])
    return {row["backend"]: row for row in result["rows"]}, " ".join(text.split())


def test_each_device_is_a_row_of_jax_and_transfers_are_apart():
    rows, text = on_four_devices("--backends numpy,eager,jit --device cpu,cpu:2")
    assert list(rows) == ["numpy", "eager@cpu", "eager@cpu:2", "jit@cpu", "jit@cpu:2"]
    assert rows["numpy"]["device"] is None
    assert rows["jit@cpu:2"]["label"] == "JAX jit [cpu:2]"
    for name in ("eager@cpu", "jit@cpu:2"):
        row = rows[name]
        assert row["reason"] is None
        assert row["agreement"] == "within precision"
        assert row["transfer_in_s"] > 0
        assert row["transfer_out_s"] > 0
    assert "JAX jit [cpu:2]: Moving the arguments in takes " in text
    assert "not in its time" in text


def test_a_mesh_splits_what_can_be_split():
    rows, text = on_four_devices("--backends numpy,jit --mesh 4")
    assert list(rows) == ["numpy", "jit@4 x cpu"]
    row = rows["jit@4 x cpu"]
    assert row["label"] == "JAX jit [4 x cpu]"
    assert row["agreement"] == "within precision"
    assert "1 of 3 arguments are split along their first axis" in text


def test_a_device_and_a_mesh_side_by_side():
    rows, _ = on_four_devices("--backends jit --device cpu --mesh 2")
    assert list(rows) == ["jit@cpu", "jit@2 x cpu"]
    assert all(row["reason"] is None for row in rows.values())


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--device tpu", "JAX has no device 'tpu' here; it has cpu."),
        ("--device cpu:7", "JAX has no device 'cpu:7'; of cpu it has number 0 to "),
        ("--device cpu:x", "JAX has no device 'cpu:x'; of cpu it has number 0 to "),
        ("--mesh 99", "a mesh of 99 needs 99 devices, and JAX has "),
    ],
)
def test_a_device_that_is_not_there_is_one_sentence(shell, line, sentence):
    done = shell.run_cell(f"%%jaxcompare {line}\n{CELL}")
    assert isinstance(done.error_in_exec, UsageError)
    assert sentence in str(done.error_in_exec)
