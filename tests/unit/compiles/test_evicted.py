"""What JAX has pushed out of its caches is compiled again, and said to be."""

import subprocess
import sys

import jax
import pytest

from jaxmagic import _jax
from jaxmagic.compiles.function import describe
from jaxmagic.compiles.place import Place
from jaxmagic.compiles.reason import History, Past
from jaxmagic.compiles.signature import Signature

# JAX's cache of calls is made small; its cache of what was lowered has its own size, 2048
EVICTING = """
import jax, numpy as np
from jax._src import pjit
from jaxmagic.compiles.recorder import Recorder

for name in ("_cpp_pjit_cache_fun_only", "_cpp_pjit_cache_explicit_attributes"):
    setattr(pjit, name, type(getattr(pjit, name))(capacity=4))
recorder = Recorder()
recorder.start()
x = np.ones((), np.float32)
f = jax.jit(lambda x: x * 3)
f(x)
recorder.stop()
others = [jax.jit(lambda x: x) for _ in range(2100)]
for other in others:
    other.lower(x)
for other in others[:8]:
    other(x)
recorder.start()
f(x)
[record] = recorder.compiles(1)
print(record.outcome, record.reason.kind, record.reason.words, record.reason.remedy, sep="|")
"""


@pytest.mark.timeout(900)  # it lowers 2,100 programs
def test_what_other_programs_have_pushed_out_says_so():
    ran = subprocess.run(
        [sys.executable, "-c", EVICTING], capture_output=True, text=True, check=True
    )
    outcome, kind, words, remedy = ran.stdout.strip().split("|")
    assert (outcome, kind) == ("compiled", "evicted")
    assert words == "compiled before, but pushed out of JAX's cache by other programs"
    assert remedy == "JAX keeps a limited number of programs: make fewer"


@pytest.mark.parametrize(("full", "kind"), [(True, "evicted"), (False, "unclear")])
def test_it_is_said_only_where_the_cache_is_full(full, kind):
    def f(x):
        return x

    past = Past(Signature(), "call", describe(f), Place(), 0)
    history = History()
    history.add(past)
    assert history.why(past, f, traced=False, is_full=lambda: full).kind == kind


@pytest.mark.parametrize("which", [0, 1])
def test_a_cache_of_calls_that_is_full_is_known(monkeypatch, which):
    class Cache:
        def __init__(self, size):
            self.size = lambda: size
            self.capacity = lambda: 4

    assert not _jax.jit_cache_is_full()
    kept = [Cache(3), Cache(3)]
    kept[which] = Cache(4)
    monkeypatch.setattr(_jax.caches, "_call_caches", lambda: kept)
    assert _jax.jit_cache_is_full()


def test_calls_are_counted_in_one_of_these_caches():
    def size():
        return sum(kept.size() for kept in _jax.caches._call_caches())

    f = jax.jit(lambda x: x + 0.75)
    before = size()
    f(1.0)
    assert size() == before + 1
