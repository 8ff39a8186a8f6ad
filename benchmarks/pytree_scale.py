"""Is a tree of a million leaves summarised in at most 8 times what JAX needs to flatten it?

Each row is the median of interleaved rounds in one run: ``jax.tree.flatten`` of a tree, and the
summary that finds its totals, its repeated structures and its shared arrays.
"""

import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxmagic.pytree import summarise

LEAVES = 1_000_000
ROUNDS = 5
MOST = 8


def main() -> int:
    goals = [one_pass(name, make()) for name, make in TREES.items()]
    missed = sum(not goal for goal in goals)
    print(f"\n{len(goals) - missed} of {len(goals)} goals reached")
    return 1 if missed else 0


def one_pass(name: str, tree: Any) -> bool:
    """The time of a summary beside that of JAX's own pass over the same tree."""
    flatten_s, summary_s = [], []
    for _ in range(ROUNDS):
        flatten_s.append(_seconds(jax.tree.flatten, tree))
        summary_s.append(_seconds(summarise, tree))
    ratio = median(summary_s) / median(flatten_s)
    remark = f"flatten {median(flatten_s):.3g} s, summary {median(summary_s):.3g} s"
    return _goal(f"one pass / jax.tree.flatten, {name}", ratio, MOST, remark)


def numpy_arrays() -> Any:
    """100,000 layers of ten arrays."""
    return [{f"w{i}": np.zeros((2, 3)) for i in range(10)} for _ in range(LEAVES // 10)]


def jax_arrays() -> Any:
    """1000 lists of 1000 arrays."""
    arrays = iter(list(jnp.zeros((LEAVES, 1))))
    return [[next(arrays) for _ in range(1000)] for _ in range(LEAVES // 1000)]


def numbers() -> Any:
    """1000 lists of 1000 floats."""
    return [[0.5 * i for i in range(1000)] for _ in range(LEAVES // 1000)]


TREES = {
    "arrays of NumPy": numpy_arrays,
    "arrays of JAX": jax_arrays,
    "numbers": numbers,
}


def _seconds(function: Callable[[Any], Any], tree: Any) -> float:
    gc.collect()
    start = time.perf_counter()
    result = function(tree)
    spent = time.perf_counter() - start
    del result
    return spent


def _goal(what: str, ratio: float, most: float, remark: str) -> bool:
    reached = ratio <= most
    sign = "ok " if reached else "MISSED"
    print(f"{what:46} {ratio:6.2f}  goal at most {most}x  {sign} {remark}", flush=True)
    return reached


if __name__ == "__main__":
    sys.exit(main())
