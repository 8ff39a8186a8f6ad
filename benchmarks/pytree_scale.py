"""Does a tree of a million leaves stay quick and its page short, beside what others need?

All ratios are measured side by side in one run, and none counts a first call:

* a summary of a million leaves (totals, repeated structures, shared arrays) and its whole answer as
  HTML, against ``jax.tree.flatten``, which only lists the leaves;
* the answer against ``equinox.tree_pformat`` for a million leaves, against treescope for 100,000,
  in time; against treescope for the parameters of GPT-2, in bytes;
* the difference of two trees of a million leaves that differ in one, against one summary.

A figure is the median of the rounds; what takes more than half a minute (equinox, treescope) runs
once.
"""

import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import treescope

from jaxmagic import show
from jaxmagic.pytree import summarise
from jaxmagic.pytree.diff import difference
from jaxmagic.pytree.look import look

LEAVES = 1_000_000
FEWER = 100_000
ROUNDS = 5
MOST_PAGE_BYTES = 20_000


def main() -> int:
    goals = [goal for name, make in TREES.items() for goal in million(name, make())]
    goals += [against_equinox(), *against_treescope()]
    missed = sum(not goal for goal in goals)
    print(f"\n{len(goals) - missed} of {len(goals)} goals reached")
    return 1 if missed else 0


def million(name: str, tree: Any) -> list[bool]:
    """One pass, the whole answer and a difference, beside JAX's own pass over the same tree."""
    changed = changed_in_one_leaf(tree)
    spent: dict[str, list[float]] = {what: [] for what in ("flatten", "pass", "page", "diff")}
    for _ in range(ROUNDS):
        spent["flatten"].append(_seconds(jax.tree.flatten, tree))
        spent["pass"].append(_seconds(summarise, tree))
        spent["page"].append(_seconds(page, tree))
        spent["diff"].append(_seconds(lambda tree: difference(tree, changed), tree))
    (fault,) = difference(tree, changed).faults
    flatten_s, pass_s, page_s, diff_s = map(median, spent.values())
    flat = f"flatten {flatten_s:.3g} s"
    size = len(page(tree).encode())
    return [
        _goal(f"{name}: pass / flatten", pass_s / flatten_s, 8, f"{flat}, pass {pass_s:.3g} s"),
        _goal(f"{name}: page / flatten", page_s / flatten_s, 8, f"page {page_s:.3g} s"),
        _goal(f"{name}: page in bytes", size, MOST_PAGE_BYTES, ""),
        _goal(f"{name}: diff / pass", diff_s / pass_s, 3, f"diff {diff_s:.3g} s, {fault.path}"),
    ]


def against_equinox() -> bool:
    """Seconds for a million leaves, and what comes out."""
    tree = numpy_arrays(LEAVES)
    page_s = median(_seconds(page, tree) for _ in range(ROUNDS))
    pformat_s = _seconds(eqx.tree_pformat, tree)
    remark = f"page {page_s:.3g} s, tree_pformat {pformat_s:.3g} s"
    return _goal("a million leaves: page / tree_pformat", page_s / pformat_s, 1 / 20, remark)


def against_treescope() -> list[bool]:
    """Seconds for 100,000 leaves, and the bytes of a page about GPT-2."""
    tree, model = numpy_arrays(FEWER), jax.eval_shape(gpt2)
    page_s = median(_seconds(page, tree) for _ in range(ROUNDS))
    treescope_s = _seconds(treescope.render_to_html, tree)
    remark = f"page {page_s:.3g} s, treescope {treescope_s:.3g} s"
    ours, theirs = len(page(model).encode()), len(treescope.render_to_html(model).encode())
    return [
        _goal("100,000 leaves: page / treescope", page_s / treescope_s, 1 / 100, remark),
        _goal("GPT-2: bytes / treescope's", ours / theirs, 1 / 3, f"{ours:,} and {theirs:,} bytes"),
    ]


def page(tree: Any) -> str:
    """All that ``%pytree tree`` puts into a notebook."""
    return show.html(look(tree))


def changed_in_one_leaf(tree: Any) -> Any:
    """A copy of the containers of ``tree`` in which one leaf has another type."""
    leaves, structure = jax.tree.flatten(tree)
    leaves[len(leaves) // 2] = "changed"
    return jax.tree.unflatten(structure, leaves)


def numpy_arrays(number: int = LEAVES) -> Any:
    """Layers of ten arrays."""
    return [{f"w{i}": np.zeros((2, 3)) for i in range(10)} for _ in range(number // 10)]


def jax_arrays() -> Any:
    """1000 lists of 1000 arrays."""
    arrays = iter(list(jnp.zeros((LEAVES, 1))))
    return [[next(arrays) for _ in range(1000)] for _ in range(LEAVES // 1000)]


def numbers() -> Any:
    """1000 lists of 1000 floats."""
    return [[0.5 * i for i in range(1000)] for _ in range(LEAVES // 1000)]


TREES = {
    "NumPy arrays": numpy_arrays,
    "JAX arrays": jax_arrays,
    "numbers": numbers,
}


def gpt2(n: int = 768, blocks: int = 12, words: int = 50_257, positions: int = 1024) -> Any:
    """Parameters with the shapes of GPT-2, 148 arrays."""
    return {
        "wte": {"embedding": jnp.zeros((words, n))},
        "wpe": {"embedding": jnp.zeros((positions, n))},
        "blocks": [
            {
                "ln_1": norm(n),
                "attn": {"qkv": dense(n, 3 * n), "proj": dense(n, n)},
                "ln_2": norm(n),
                "mlp": {"fc": dense(n, 4 * n), "proj": dense(4 * n, n)},
            }
            for _ in range(blocks)
        ],
        "ln_f": norm(n),
    }


def dense(n_in: int, n_out: int) -> Any:
    return {"kernel": jnp.zeros((n_in, n_out)), "bias": jnp.zeros(n_out)}


def norm(n: int) -> Any:
    return {"scale": jnp.ones(n), "bias": jnp.zeros(n)}


def _seconds(function: Callable[[Any], Any], tree: Any) -> float:
    gc.collect()
    start = time.perf_counter()
    result = function(tree)
    spent = time.perf_counter() - start
    del result
    return spent


def _goal(what: str, figure: float, most: float, remark: str) -> bool:
    reached = figure <= most
    sign = "ok " if reached else "MISSED"
    print(f"{what:38} {figure:9.4g}  goal at most {most:<6.3g} {sign} {remark}", flush=True)
    return reached


if __name__ == "__main__":
    sys.exit(main())
