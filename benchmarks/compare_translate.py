# ruff: noqa: ANN001, ANN201, ANN202, PLR1730  loops as users write them
"""Is a translated loop as fast as the same loop written by hand with ``jax.lax``?

Goal: at most 1.15 times the time, on each of five loops, both jitted and measured side by side in
one run. By hand means what an experienced user of JAX writes: ``scan`` where a trajectory is kept,
``while_loop`` where a tolerance ends the loop.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxmagic
from jaxmagic.translate import translate

MOST = 1.15


def solow(k, n, s=0.3, alpha=0.4, delta=0.1):
    for _ in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k


def solow_by_hand(k, n, s=0.3, alpha=0.4, delta=0.1):
    return lax.fori_loop(0, n, lambda _, k: s * k**alpha + (1 - delta) * k, k)


def quadratic_map(x0, n, a=3.9):
    x = np.empty(n + 1)
    x[0] = x0
    for t in range(n):
        x[t + 1] = a * x[t] * (1 - x[t])
    return x


def quadratic_map_by_hand(x0, n, a=3.9):
    def step(x, _):
        x = a * x * (1 - x)
        return x, x

    _, later = lax.scan(step, x0, length=n)
    return jnp.concatenate([jnp.asarray(x0)[None], later])


def newton(x, n, tol=1e-30):
    for _ in range(n):
        step = (x**3 - 2 * x - 5) / (3 * x**2 - 2) + 1e-6 * np.sin(x)
        if abs(step) < tol:
            break
        x -= step
    return x


def newton_by_hand(x, n, tol=1e-30):
    def goes_on(state):
        number, _, step = state
        return (number < n) & (jnp.abs(step) >= tol)

    def move(state):
        number, x, _ = state
        step = (x**3 - 2 * x - 5) / (3 * x**2 - 2) + 1e-6 * jnp.sin(x)
        return number + 1, jnp.where(jnp.abs(step) < tol, x, x - step), step

    return lax.while_loop(goes_on, move, (0, x, jnp.inf))[1]


def grid_maximum(scale, n):
    best = -np.inf
    for i in range(n):
        for j in range(n):
            x, y = i / n, j / n
            value = np.cos(scale * x * y) - (x - y) ** 2
            if value > best:
                best = value
    return best


def grid_maximum_by_hand(scale, n):
    def row(i, best):
        def cell(j, best):
            x, y = i / n, j / n
            return jnp.maximum(best, jnp.cos(scale * x * y) - (x - y) ** 2)

        return lax.fori_loop(0, n, cell, best)

    return lax.fori_loop(0, n, row, -jnp.inf)


def cumulative_product(x):
    out = np.empty(len(x))
    total = 1.0
    for i in range(len(x)):
        total *= x[i]
        out[i] = total
    return out


def cumulative_product_by_hand(x):
    def step(total, value):
        total = total * value
        return total, total

    return lax.scan(step, jnp.ones(()), x)[1]


def main() -> int:
    factors = 1 + 0.01 * np.random.default_rng(0).normal(size=10_000)
    loops: list[tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...], tuple[int, ...]]] = [
        (solow, solow_by_hand, (0.2, 10_000), (1,)),
        (solow, solow_by_hand, (0.2, 10_000), ()),
        (quadratic_map, quadratic_map_by_hand, (0.3, 10_000), (1,)),
        (newton, newton_by_hand, (3.0, 10_000), (1,)),
        (grid_maximum, grid_maximum_by_hand, (2.0, 200), (1,)),
        (cumulative_product, cumulative_product_by_hand, (jnp.asarray(factors),), ()),
    ]
    goals = [_goal(*loop) for loop in loops]
    missed = goals.count(False)
    print(f"\n{len(goals) - missed} of {len(goals)} goals reached")
    return 1 if missed else 0


def _goal(
    loop: Callable[..., Any],
    by_hand: Callable[..., Any],
    arguments: tuple[Any, ...],
    static: tuple[int, ...],
) -> bool:
    functions = {
        "by hand": jax.jit(by_hand, static_argnums=static),
        "translated": jax.jit(translate(loop).function, static_argnums=static),
    }
    result = jaxmagic.compare(functions, arguments, seconds=2, rng=random.Random(0))
    row = result["translated"]
    if row.speedup is None or row.agreement == "different":
        print(f"{loop.__name__:20} {row.reason or row.where}  MISSED")
        return False
    ratio = 1 / row.speedup
    reached = ratio <= MOST
    spread = ""
    if row.speedup_low and row.speedup_high:
        spread = f"({1 / row.speedup_high:.3f} to {1 / row.speedup_low:.3f})"
    kind = "length known" if static or loop is cumulative_product else "length traced"
    sign = "ok" if reached else "MISSED"
    print(
        f"{loop.__name__:20} {kind:14} translated / by hand {ratio:6.3f} {spread}"
        f"  goal at most {MOST}  {sign}",
        flush=True,
    )
    return reached


if __name__ == "__main__":
    sys.exit(main())
