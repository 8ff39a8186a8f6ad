"""A real interrupt while XLA compiles, in a real shell: it arrives when XLA returns."""

import subprocess
import sys

INTERRUPTED = """
import os, signal, threading, time
from IPython.core.interactiveshell import InteractiveShell
from jaxmagic import compiles

shell = InteractiveShell.instance(colors="NoColor")
for cell in (
    "%load_ext jaxmagic",
    "import jax, jax.numpy as jnp\\n\\n@jax.jit\\ndef heavy(x):\\n    for i in range(40):\\n"
    "        x = jnp.sin(x @ x) + jnp.cos(x) * i\\n    return x\\nx = jnp.ones((50, 50))",
):
    shell.run_cell(cell, store_history=True).raise_error()
recorder, compiling = compiles.recorder(), []


def interrupt():
    while not compiling:
        time.sleep(0.002)
        compiling.extend(record for record in recorder.open() if record.phase == "compile")
    os.kill(os.getpid(), signal.SIGINT)


thread = threading.Thread(target=interrupt)
thread.start()
done = shell.run_cell("1\\nheavy(x)", store_history=True)
thread.join()
print("\\nRAISED", type(done.error_in_exec).__name__)
print("COMPILING", *(record.function for record in compiling))
shell.run_cell("heavy(x)\\nheavy(x)\\njax.jit(lambda x: x + 41)(1.0)", store_history=True)
for record in compiles.compiles():
    if record.kind == "user function":
        kind = record.reason.kind
        print("RECORD", record.function, record.outcome, record.place, kind, record.compile_ms > 0)
print("LEFT", recorder.open(), recorder.notes)
"""


def test_an_interrupt_while_xla_compiles_is_recorded_and_the_next_compile_is_whole():
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True
    )
    said = [line for line in ran.stdout.splitlines() if line.partition(" ")[0].isupper()]
    assert said == [
        "RAISED KeyboardInterrupt",
        "COMPILING heavy",
        "RECORD heavy interrupted In[3]:2 first True",
        "RECORD heavy compiled In[4]:1 first True",
        "RECORD <lambda> compiled In[4]:3 first True",
        "LEFT [] ()",
    ]
    assert "jaxmagic/compiles" not in ran.stdout + ran.stderr
    assert "Exception ignored" not in ran.stderr
