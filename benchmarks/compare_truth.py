"""Does a comparison tell the truth where a naive timing lies?

Five goals, each measured side by side in one run:

1. a global array gives the same time as an argument (ratio at most 1.2);
2. a function that forgets to wait for its result is timed like one that waits (1.1);
3. Numba with left-out default arguments is timed like Numba with all of them (1.1);
4. a product of small matrices in NumPy, whose threads go on spinning after a call, is timed
   beside Numba and JAX as it is alone (1.2);
5. of 100 comparisons of a function with itself at most 5 claim a difference.

The columns "naive" show what a plain timing of the same thing says.
"""

import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numpy as np

import jaxmagic
from jaxmagic.compare import Setup, Wanted, compare_cell

TRIALS = 100
REPEATS = 5

WAVES = """
def f({parameters}):
    return (np.sin(3 * x) * np.cos(x / 2) + np.exp(-0.2 * (x - 4) ** 2)).sum()

f({arguments})
"""
SOLOW = """
def solow(k, n, s=0.3, alpha=0.4, delta=0.1):
    for i in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k

solow({arguments})
"""


def main() -> int:
    goals = [*globals_are_arguments(), waiting(), default_arguments(), neighbours()]
    goals.append(against_itself())
    missed = sum(not goal for goal in goals)
    print(f"\n{len(goals) - missed} of {len(goals)} goals reached")
    return 1 if missed else 0


def globals_are_arguments() -> list[bool]:
    """The same function of the same array, once global and once an argument."""
    x = np.linspace(0, 10, 200_000)
    texts = [
        WAVES.format(parameters="", arguments=""),
        WAVES.format(parameters="x", arguments="x"),
    ]
    times: dict[str, list[list[float]]] = {"jit": [[], []], "numba": [[], []], "numpy": [[], []]}
    for _ in range(REPEATS):
        for which, text in enumerate(texts):
            result = _cell(text, {"np": np, "x": x}, tuple(times))
            for backend, both in times.items():
                both[which].append(result[backend].time_s or float("nan"))
    on_device = jnp.asarray(x)
    folded = _naive_s(jax.jit(lambda: _waves(on_device)))
    passed = _naive_s(jax.jit(_waves), on_device)
    goals = []
    for backend, (as_global, as_argument) in times.items():
        ratio = median(as_argument) / median(as_global)
        naive = f"naive {passed / folded:.3g}x" if backend == "jit" else ""
        goals.append(_goal(f"argument / global array, {backend}", ratio, 1.2, naive))
    return goals


def waiting() -> bool:
    """A function that returns before its result is ready, and one that waits for it."""
    x = jnp.linspace(0, 10, 1_000_000)
    waves = jax.jit(_waves_array)
    waves_again: Callable[[Any], Any] = lambda x: waves(x)  # noqa: E731, PLW0108  as costly a call
    result = jaxmagic.compare(
        {"waits": lambda x: waves(x).block_until_ready(), "forgets": waves_again},
        (x,),
        seconds=1,
    )
    started = _naive_s(waves, x, wait=False)
    naive = f"naive {_naive_s(waves, x) / started:.3g}x"
    return _goal("waits / forgets to wait", result["forgets"].speedup or 0.0, 1.1, naive)


def default_arguments() -> bool:
    """Numba called with two arguments of five, and with five."""
    left_out, given = [], []
    for _ in range(REPEATS):
        for times, arguments in ((left_out, "0.2, 1000"), (given, "0.2, 1000, 0.3, 0.4, 0.1")):
            result = _cell(SOLOW.format(arguments=arguments), {}, ("numba",))
            times.append(result["numba"].time_s or float("nan"))
    solow = numba.njit(_solow)
    naive = _naive_s(solow, 0.2, 1000) / _naive_s(solow, 0.2, 1000, 0.3, 0.4, 0.1)
    ratio = median(left_out) / median(given)
    return _goal("left out / given defaults, Numba", ratio, 1.1, f"naive {naive:.3g}x")


def neighbours() -> bool:
    """A call that uses the threads of NumPy's OpenBLAS, alone and beside other libraries."""
    x = np.random.default_rng(0).random((100, 100))
    alone, beside = [], []
    for _ in range(REPEATS):
        for times, backends in ((alone, ("numpy",)), (beside, ("numpy", "numba", "jit"))):
            result = jaxmagic.compare(_product, (x,), backends=backends, seconds=0.5)
            times.append(result["numpy"].time_s or float("nan"))
    return _goal("beside Numba and JAX / alone, NumPy", median(beside) / median(alone), 1.2, "")


def against_itself() -> bool:
    """The same function under two names: how often does the range exclude "no difference"?"""
    x = np.linspace(0, 10, 20_000)
    compiled = numba.njit(_solow)
    jitted = jax.jit(_waves_array)
    kinds: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("python", _solow, (0.2, 1000, 0.3, 0.4, 0.1)),
        ("numpy", _waves_numpy, (x,)),
        ("numba", compiled, (0.2, 1000, 0.3, 0.4, 0.1)),
        ("jit", jitted, (jnp.asarray(x),)),
    ]
    claimed = {name: 0 for name, _, _ in kinds}
    for trial in range(TRIALS):
        name, function, arguments = kinds[trial % len(kinds)]
        result = jaxmagic.compare(
            {"one": function, "same": function}, arguments, seconds=0.2, rng=random.Random(trial)
        )
        row = result["same"]
        claimed[name] += not (row.speedup_low or 0) <= 1 <= (row.speedup_high or 0)
    total = sum(claimed.values())
    detail = ", ".join(f"{name} {number}" for name, number in claimed.items())
    reached = total <= 5
    print(f"{'against itself, claimed differences':42} {total} of {TRIALS} ({detail}), goal 5")
    return reached


def _cell(text: str, namespace: dict[str, Any], backends: tuple[str, ...]) -> jaxmagic.Comparison:
    """The comparison of a cell, with its text where Python finds the source of functions."""
    import linecache  # noqa: PLC0415  a notebook does this for its cells

    filename = f"<cell {abs(hash(text))}>"
    shown = f"%%jaxcompare\n{text}"
    linecache.cache[filename] = (len(shown), None, shown.splitlines(keepends=True), filename)
    namespace = {**namespace, "__name__": "__main__"}
    return compare_cell(text, namespace, filename, Wanted(tuple(backends)), Setup(seconds=0.5))


def _naive_s(function: Callable[..., Any], *arguments: Any, wait: bool = True) -> float:
    """The best of 20 calls, timed as one would by hand."""
    jax.block_until_ready(function(*arguments))
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        result = function(*arguments)
        if wait:
            jax.block_until_ready(result)
        best = min(best, time.perf_counter() - start)
        jax.block_until_ready(result)
    return best


def _goal(what: str, ratio: float, most: float, remark: str) -> bool:
    reached = 1 / most <= ratio <= most
    sign = "ok " if reached else "MISSED"
    print(f"{what:42} {ratio:6.3f}  goal within {most}x  {sign} {remark}", flush=True)
    return reached


def _product(x: Any) -> Any:
    return x @ x.T


def _waves(x: Any) -> Any:
    return _waves_array(x).sum()


def _waves_array(x: Any) -> Any:
    return jnp.sin(3 * x) * jnp.cos(x / 2) + jnp.exp(-0.2 * (x - 4) ** 2)


def _waves_numpy(x: Any) -> Any:
    return np.sin(3 * x) * np.cos(x / 2) + np.exp(-0.2 * (x - 4) ** 2)


def _solow(k: Any, n: int, s: float = 0.3, alpha: float = 0.4, delta: float = 0.1) -> Any:
    for _ in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k


if __name__ == "__main__":
    sys.exit(main())
