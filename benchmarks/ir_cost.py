"""What does %jaxir cost, beside a plain trace, lower and compile of the same program?

Both are measured in one process, in turns, with function objects that JAX has not seen; shown are
the medians, how far apart the fastest and the slowest are, and the ratio of the medians. Goals:

1. the whole of %jaxir takes at most 1.5 times a plain compile for each small program;
2. and at most 1.3 times for the gradient of a transformer of six layers;
3. what is kept of the passes of that takes at most 2.5 % of what XLA dumps of it;
4. of at least 95 % of the equations of which nothing is left, the pass is named;
5. its page is at most 1 MB.

`--runs 1000` runs %jaxir as many times over mixed programs instead, and says whether it survived.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxmagic import show
from jaxmagic.ir.asked import Call
from jaxmagic.ir.asking import ir_of
from jaxmagic.ir.result import IR
from jaxmagic.ir.traced import trace

WIDTH, HEADS, LAYERS, LENGTH, WORDS, BATCH = 256, 4, 6, 64, 1_000, 4
SMALL_ROUNDS, LARGE_ROUNDS = 15, 5


def softmax(x: Any) -> Any:
    y = jnp.tanh(jnp.sin(x @ x) * 2)
    z = jnp.exp(y - y.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def mlp(params: Any, x: Any) -> Any:
    for w in params:
        x = jnp.tanh(x @ w)
    return jnp.mean(x**2)


def scanned(x: Any) -> Any:
    return jax.lax.scan(lambda c, y: (jnp.sin(c) + y, c), jnp.float32(0), x[0])


class Block(eqx.Module):
    """A layer of a transformer."""

    attention: eqx.nn.MultiheadAttention
    wide: eqx.nn.Linear
    narrow: eqx.nn.Linear
    first: eqx.nn.LayerNorm
    second: eqx.nn.LayerNorm
    dropout: eqx.nn.Dropout

    def __init__(self, key: Any) -> None:
        keys = jax.random.split(key, 3)
        self.attention = eqx.nn.MultiheadAttention(HEADS, WIDTH, dropout_p=0.1, key=keys[0])
        self.wide = eqx.nn.Linear(WIDTH, 4 * WIDTH, key=keys[1])
        self.narrow = eqx.nn.Linear(4 * WIDTH, WIDTH, key=keys[2])
        self.first, self.second = eqx.nn.LayerNorm(WIDTH), eqx.nn.LayerNorm(WIDTH)
        self.dropout = eqx.nn.Dropout(0.1)

    def __call__(self, x: Any, key: Any) -> Any:
        """One sequence, of shape (length, width)."""
        first, second = jax.random.split(key)
        y = jax.vmap(self.first)(x)
        mask = jnp.tril(jnp.ones((len(x), len(x)), bool))
        x = x + self.attention(y, y, y, mask, key=first)
        y = jax.nn.gelu(jax.vmap(self.wide)(jax.vmap(self.second)(x)))
        return x + self.dropout(jax.vmap(self.narrow)(y), key=second)


class Transformer(eqx.Module):
    """What tells the next word of each."""

    words: eqx.nn.Embedding
    places: Any
    blocks: list[Block]
    norm: eqx.nn.LayerNorm
    out: eqx.nn.Linear

    def __init__(self, key: Any) -> None:
        keys = jax.random.split(key, LAYERS + 2)
        self.words = eqx.nn.Embedding(WORDS, WIDTH, key=keys[0])
        self.places = jnp.zeros((LENGTH, WIDTH))
        self.blocks = [Block(key) for key in keys[2:]]
        self.norm = eqx.nn.LayerNorm(WIDTH)
        self.out = eqx.nn.Linear(WIDTH, WORDS, key=keys[1])

    def __call__(self, words: Any, key: Any) -> Any:
        """One sequence of numbers of words."""
        x = jax.vmap(self.words)(words) + self.places
        for block, key_of_block in zip(self.blocks, jax.random.split(key, LAYERS), strict=True):
            x = block(x, key_of_block)
        return jax.vmap(self.out)(jax.vmap(self.norm)(x))


def entropy(model: Transformer, words: Any, key: Any) -> Any:
    """The loss of a batch, of shape (batch, length + 1)."""
    logits = jax.vmap(model)(words[:, :-1], jax.random.split(key, len(words)))
    likely = jax.nn.log_softmax(logits)
    return -jnp.mean(jnp.take_along_axis(likely, words[:, 1:, None], -1))


X = jnp.ones((64, 64))
SMALL: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "softmax": (softmax, (X,)),
    "gradient of an MLP": (jax.grad(mlp), ([X, X, X, X], X)),
    "scan": (scanned, (X,)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=0)
    runs = parser.parse_args().runs
    if runs:
        return survive(runs)
    model, words = Transformer(jax.random.key(0)), jnp.zeros((BATCH, LENGTH + 1), int)
    large = eqx.filter_grad(entropy), (model, words, jax.random.key(1))
    goals = []
    for name, (function, args) in SMALL.items():
        ratio, _ = compared(function, args, SMALL_ROUNDS)
        goals.append(_goal(f"times a plain compile: {name}", ratio, 1.5))
    ratio, result = compared(*large, LARGE_ROUNDS)
    goals.append(_goal("times a plain compile: transformer", ratio, 1.3))
    goals += kept(result, *large)
    print(f"\n{sum(goals)} of {len(goals)} goals reached")
    return 0 if all(goals) else 1


def compared(function: Callable[..., Any], args: tuple[Any, ...], rounds: int) -> tuple[float, IR]:
    """How much longer all of %jaxir takes than a plain compile, and its result."""
    plain_s, ours_s = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        _plain(function, args).lower().compile()
        plain_s.append(time.perf_counter() - start)
        start = time.perf_counter()
        result = ir_of(Call(_fresh(function), args, {}, "f(x)"))
        ours_s.append(time.perf_counter() - start)
    print(f"plain {_spread(plain_s)}, %jaxir {_spread(ours_s)}")
    return statistics.median(ours_s) / statistics.median(plain_s), result


def _spread(times_s: list[float]) -> str:
    return f"{statistics.median(times_s):.3f} s ({min(times_s):.3f} to {max(times_s):.3f})"


def _plain(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """The program traced by JAX alone, what is no array held fixed."""
    dynamic, static = eqx.partition(args, eqx.is_array)

    def program(dynamic: Any) -> Any:
        return eqx.filter(function(*eqx.combine(dynamic, static)), eqx.is_array)

    return jax.jit(program).trace(dynamic)


def _fresh(function: Callable[..., Any]) -> Callable[..., Any]:
    def f(*args: Any) -> Any:
        return function(*args)

    return f


def kept(result: IR, function: Callable[..., Any], args: tuple[Any, ...]) -> list[bool]:
    """What is kept of the passes of the transformer, and what is told of its equations."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"xla_dump_to": folder, "xla_dump_hlo_pass_re": ".*"}
        trace(_fresh(function), *args).as_it_is.lower().compile(compiler_options=options)
        dumped = sum(path.stat().st_size for path in Path(folder).glob("*.txt"))
    print(f"{len(result.equations):,} equations; {len(result.stage('hlo').lines):,} instructions")
    print(f"dumps {dumped / 1e6:.1f} MB, kept {result.history.size_bytes / 1e6:.2f} MB")
    removed = [one for one in result.history.lives.values() if one[-1].is_end]
    named = [one for one in removed if not result.history.steps[one[-1].step].name.startswith("b")]
    never = len(result.equations) - len(result.history.lives)
    print(f"{len(removed):,} equations removed by XLA, {never:,} that XLA was not given")
    page = len(show.html(result).encode())
    return [
        _goal("kept of the dumps, %", 100 * result.history.size_bytes / dumped, 2.5),
        _goal("removed without a pass, %", 100 * (1 - len(named) / len(removed)), 5),
        _goal("page, MB", page / 1e6, 1),
    ]


def survive(runs: int) -> int:
    """Run %jaxir many times over mixed programs, in this process."""
    rng = random.Random(0)
    start = time.perf_counter()
    for number in range(runs):
        name = rng.choice(list(SMALL))
        function, args = SMALL[name]
        result = ir_of(Call(_fresh(function), args, {}, "f(x)"))
        if len(result.stages) != 4 or not result.history.steps or result.notes:
            print(f"run {number}, {name}: {result.notes}")
            return 1
        if number % 100 == 99:
            print(f"{number + 1:,} runs in {time.perf_counter() - start:.0f} s")
    return 0


def _goal(what: str, value: float, goal: float) -> bool:
    reached = value <= goal
    print(f"{what:<44} {value:8.3f}  goal at most {goal}  {'ok' if reached else 'MISSED'}")
    return reached


if __name__ == "__main__":
    sys.exit(main())
