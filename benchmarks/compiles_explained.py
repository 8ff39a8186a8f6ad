"""Why was it compiled again: our reasons beside those of ``jax_explain_cache_misses``.

Each of the recompiles that ``tests/shell/test_compiles_reasons.py`` stages is run in a shell of its
own, and some that need several devices. Ours is right if the kind, what has changed, the cell and
the line are. Of JAX it is told whether it says in words what differs, that it has never seen the
function, that it has no explanation, or nothing at all. The exit status is 1 if ours misses one.
"""

import contextlib
import importlib.util
import io
import logging
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"  # before JAX begins
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
from IPython.core.interactiveshell import InteractiveShell

from jaxmagic import compiles

_STAGED = Path(__file__).parents[1] / "tests/shell/test_compiles_reasons.py"
_LOGGERS = ("jax._src.interpreters.partial_eval", "jax._src.pjit")  # from 0.9 on, and before
_VERDICTS = ("named", "never seen function", "explanation unavailable", "nothing")
_LONGEST = 44

DEVICES = "x = jnp.ones(4)\none, other = jax.devices()[:2]\nf = jax.jit(lambda x: x + 1)"
MESHES = (
    "use = getattr(jax, 'set_mesh', None) or jax.sharding.use_mesh\n"
    "mesh = jax.make_mesh((4,), ('i',))\nx = jnp.ones(4)\nf = jax.jit(lambda x: x + 1)"
)
SHARDED = (
    "from jax.sharding import NamedSharding, PartitionSpec as P\n"
    "place = NamedSharding(jax.make_mesh((4,), ('i',)), P('i'))"
)
MORE: dict[str, tuple[list[str], str, str, str, int]] = {
    "another device": (
        [DEVICES, "f(jax.device_put(x, one))", "y = jax.device_put(x, other)\nf(y)"],
        *("device", "x", "cpu:1", 2),
    ),
    "another sharding": (
        [f"{DEVICES}\n{SHARDED}", "f(x)", "y = jax.device_put(x, place)\nf(y)"],
        *("device", "x", "P('i') over 4 devices", 2),
    ),
    "another mesh of the context": (
        [MESHES, "f(x)", "with use(mesh):\n    f(x)"],
        *("configuration", "mesh", "i=4, was none", 2),
    ),
}


@dataclass(frozen=True)
class Row:
    """What was staged, whether ours was right, and what both said."""

    name: str
    right: bool
    ours: str
    verdict: str
    theirs: str


class Explanations(logging.Filter):
    """What JAX says of cache misses; it is not printed."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep an explanation, and let all else through."""
        text = record.getMessage()
        if "TRACING CACHE MISS" in text:
            self.said.append(text)
            return False
        return True


def main() -> int:
    explanations = Explanations()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(explanations)
    staged = _staged()
    jax.config.update("jax_explain_cache_misses", val=True)
    compiles.start()
    rows = []
    for name, case in (staged.STAGED | MORE).items():
        rows.append(_run(name, staged.SETUP, case, explanations))
        _show(rows[-1])
    compiles.stop()
    right = sum(row.right for row in rows)
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in _VERDICTS}
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    print(f"\nJAX {jax.__version__}: ours right {right} of {len(rows)}; JAX's own: {said}")
    return 0 if right == len(rows) else 1


def _staged() -> Any:
    spec = importlib.util.spec_from_file_location("staged", _STAGED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(name: str, setup: str, case: tuple[Any, ...], explanations: Explanations) -> Row:
    """Run the cells of a case; the last one compiles again."""
    cells, kind, changed, words, line = case
    compiles.recorder().forget()
    shell = InteractiveShell()
    before = 0
    for text in (setup, *cells):
        before = compiles.recorder().last
        explanations.said.clear()
        with contextlib.redirect_stdout(io.StringIO()):
            shell.run_cell(text, store_history=True).raise_error()
    found = compiles.recorder().compiles(before)
    ours = [r for r in found if r.reason.kind == kind and words in r.reason.words]
    right = any(
        (r.reason.changed, r.cell, r.line, r.outcome) == (changed, 4, line, "compiled")
        for r in ours
    )
    said = ours[-1].reason.words if ours else "; ".join(r.reason.words for r in found)
    return Row(name, right, said, *_judged(explanations.said))


def _judged(said: list[str]) -> tuple[str, str]:
    """Whether JAX names what differs; the last of its explanations is about the last call."""
    own = [text for text in said if "_src" not in text.partition("\n")[0]]
    if not own:
        return "nothing", ""
    lines = [line.strip() for line in own[-1].splitlines()[1:] if line.strip()]
    told = " ".join(lines)
    for verdict in _VERDICTS[1:-1]:
        if verdict in told:
            return verdict, ""
    return "named", re.split(r"(?i)closest previous keys?:?|because", told)[-1].strip(" .*")


def _show(row: Row) -> None:
    mark = "right" if row.right else "WRONG"
    theirs = row.verdict + (f": {row.theirs}" if row.theirs else "")
    print(f"{row.name:34} {mark}  {_cut(row.ours):{_LONGEST}} | {_cut(theirs, 90)}", flush=True)


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


if __name__ == "__main__":
    sys.exit(main())
