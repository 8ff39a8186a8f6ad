"""What does ``%load_ext jaxmagic`` add to IPython, and does it load JAX? The goal is 20 ms.

Each of 20 fresh processes makes a shell, runs one empty cell (for which IPython loads what it needs
to run any cell), and loads the extension; shown is the median of the milliseconds that this took,
beside those of the shell, in the same process, and of ``import jax`` afterwards. One process before
them is not counted: there, Python compiles the source, as pip does when it installs a package.
"""

import json
import os
import subprocess
import sys
from statistics import median

PROCESSES = 20
GOAL_MS = 20
SCRIPT = """
import json, sys, time
times = [time.perf_counter()]
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("pass").raise_error()
times.append(time.perf_counter())
shell.run_cell("%load_ext jaxmagic").raise_error()
times.append(time.perf_counter())
loaded = [name for name in ("jax", "numpy", "numba", "matplotlib") if name in sys.modules]
import jax
times.append(time.perf_counter())
spent = [1e3 * (later - earlier) for earlier, later in zip(times, times[1:])]
print(json.dumps({"spent_ms": spent, "loaded": loaded}))
"""


def main() -> int:
    one_process()
    runs = [one_process() for _ in range(PROCESSES)]
    shell_ms, load_ms, jax_ms = (
        median(column) for column in zip(*(ms for ms, _ in runs), strict=True)
    )
    loaded = sorted({name for _, names in runs for name in names})
    print(f"import IPython and make a shell {shell_ms:8.1f} ms")
    print(f"%load_ext jaxmagic              {load_ms:8.1f} ms   goal {GOAL_MS} ms")
    print(f"import jax                      {jax_ms:8.1f} ms")
    print(
        f"loaded by the extension: {', '.join(loaded) or 'none of jax, numpy, numba, matplotlib'}"
    )
    return 0 if load_ms <= GOAL_MS and not loaded else 1


def one_process() -> tuple[list[float], list[str]]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["spent_ms"], answer["loaded"]


if __name__ == "__main__":
    sys.exit(main())
