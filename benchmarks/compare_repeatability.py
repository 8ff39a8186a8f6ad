"""How well does a speed-up repeat? Ours against ``%timeit`` and perfplot, in the same window.

Three pairs are measured 20 times, each time first by ``%timeit`` with its defaults (its mean),
then by jaxmagic with a fifth of the time that ``%timeit`` took, then by perfplot with that same
time. Taking turns gives all three the same disturbances. Shown is the log-spread of the ratio of
the two times: the logarithm of its 90th over its 10th percentile; 0.1 is a spread of 10 %.

The goal is a log-spread of at most half that of ``%timeit``. perfplot is shown without a goal.
"""

import argparse
import contextlib
import io
import math
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numpy as np
import perfplot
from IPython.core.interactiveshell import InteractiveShell

import jaxmagic


@dataclass(frozen=True)
class Pair:
    """Two functions with the arguments that each is given."""

    name: str
    first: Callable[..., Any]
    first_arguments: tuple[Any, ...]
    second: Callable[..., Any]
    second_arguments: tuple[Any, ...]

    def calls(self) -> dict[str, Callable[[], Any]]:
        """Both as calls without arguments, as %timeit and perfplot take them."""
        return {
            "first": lambda: jax.block_until_ready(self.first(*self.first_arguments)),
            "second": lambda: jax.block_until_ready(self.second(*self.second_arguments)),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=20)
    repeats = parser.parse_args().repeats
    print(
        f"log-spread (p90/p10) of the ratio in {repeats} repeats; seconds of measuring per repeat"
    )
    print(f"{'pair':22} {'%timeit':>16} {'jaxmagic':>16} {'perfplot':>16}   ours / %timeit")
    missed = 0
    for pair in pairs():
        found: dict[str, list[float]] = {"timeit": [], "ours": [], "perfplot": []}
        spent: dict[str, list[float]] = {"timeit": [], "ours": [], "perfplot": []}
        for repeat in range(repeats):
            _timed(found, spent, "timeit", partial(by_timeit, pair))
            budget_s = spent["timeit"][-1] / 5
            _timed(found, spent, "ours", partial(by_jaxmagic, pair, budget_s, repeat))
            _timed(found, spent, "perfplot", partial(by_perfplot, pair, budget_s))
        spreads = {name: log_spread(ratios) for name, ratios in found.items()}
        share = spreads["ours"] / spreads["timeit"]
        missed += share > 0.5
        cells = [f"{spreads[name]:.3f} ({median(spent[name]):4.1f} s)" for name in found]
        verdict = "ok" if share <= 0.5 else "MISSED"
        print(f"{pair.name:22} {' '.join(f'{c:>16}' for c in cells)}   {share:.2f} {verdict}")
        ratios = ", ".join(f"{name} {median(values):.3g}" for name, values in found.items())
        print(f"{'':22} median ratio: {ratios}", flush=True)
    print(f"\n{3 - missed} of 3 goals (at most 0.5) reached")
    return 1 if missed else 0


def pairs() -> list[Pair]:
    solow_arguments = (0.2, 1000, 0.3, 0.4, 0.1)
    compiled = numba.njit(solow)
    compiled(*solow_arguments)
    jitted = jax.jit(solow, static_argnums=1)
    on_device = tuple(a if isinstance(a, int) else jnp.asarray(a) for a in solow_arguments)
    jitted(*on_device)
    x = np.linspace(0, 10, 1_000_000)
    x_device = jnp.asarray(x)
    fused = jax.jit(lambda x: waves(jnp, x))
    fused(x_device)
    return [
        Pair("Solow Numba / JAX", compiled, solow_arguments, jitted, on_device),
        Pair("Solow Python / Numba", solow, solow_arguments, compiled, solow_arguments),
        Pair("waves NumPy / JAX", lambda x: waves(np, x), (x,), fused, (x_device,)),
    ]


def by_timeit(pair: Pair) -> float:
    shell = InteractiveShell.instance()
    shell.user_ns.update(pair.calls())
    times = [shell.run_line_magic("timeit", f"-o -q {name}()").average for name in pair.calls()]
    return float(times[0] / times[1])


def by_jaxmagic(pair: Pair, budget_s: float, repeat: int) -> float:
    result = jaxmagic.compare(pair.calls(), seconds=budget_s / 2, rng=random.Random(repeat))
    return result["second"].speedup or math.nan


def by_perfplot(pair: Pair, budget_s: float) -> float:
    kernels = [lambda _, call=call: call() for call in pair.calls().values()]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        data = perfplot.bench(
            setup=lambda n: n,
            kernels=kernels,
            n_range=[1],
            labels=list(pair.calls()),
            target_time_per_measurement=budget_s / 2,
            equality_check=None,
            show_progress=False,
        )
    first, second = data.timings_s[:, 0]
    return float(first / second)


def _timed(
    found: dict[str, list[float]],
    spent: dict[str, list[float]],
    name: str,
    measure: Callable[[], float],
) -> None:
    start = time.perf_counter()
    found[name].append(measure())
    spent[name].append(time.perf_counter() - start)


def log_spread(ratios: list[float]) -> float:
    low, high = np.percentile(ratios, [10, 90])
    return math.log(high / low)


def solow(k: Any, n: int, s: float, alpha: float, delta: float) -> Any:
    for _ in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k


def waves(np_: Any, x: Any) -> Any:
    slow = 2 * np_.sin(3 * x) * np_.cos(x / 2)
    bump = 0.5 * x**2 * np_.cos(5 * x) / (1 + 0.1 * x**2)
    return slow + bump + 3 * np_.exp(-0.2 * (x - 4) ** 2) * np_.sin(10 * x)


if __name__ == "__main__":
    sys.exit(main())
