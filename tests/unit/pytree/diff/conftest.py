"""A model and a checkpoint that do not fit together, and an example with a bit of everything."""

import numpy as np
import pytest

from jaxmagic.pytree.diff.result import Difference, Fault, Row, Total


def block(kernel, scale):
    return {
        "attn": {"out": np.zeros(3, "f4"), "qkv": {"bias": np.zeros(3), "kernel": kernel}},
        "ln_1": {"bias": np.zeros(7), scale: np.zeros(7, "f4")},
        "mlp": np.zeros((2, 3)),
    }


@pytest.fixture
def params():
    return {
        "blocks": [block(np.zeros((7, 21), "f4"), "scale") for _ in range(12)],
        "ln_f": {"bias": np.zeros(7), "scale": np.zeros(7)},
        "wpe": {"embedding": np.zeros((4, 7))},
        "wte": {"embedding": np.zeros((50, 7), "f4")},
    }


@pytest.fixture
def ckpt():
    return {
        "blocks": [block(np.zeros((21, 7), "f4"), "weight") for _ in range(11)],
        "lm_head": {"kernel": np.zeros((7, 50))},
        "ln_f": {"scale": np.zeros(7)},
        "wpe": (np.zeros((4, 7)),),
        "wte": {"embedding": np.zeros((50, 7), "f2")},
    }


@pytest.fixture
def example():
    """Built by hand: what a result of any kind may hold."""
    hostile = "['<b>x</b>']"
    faults = (
        Fault("shape", "['w'][0]", "f32[2,3]", "f32[3,2]", "transposed?", "", 3, ("['w'][0]",)),
        Fault("missing", hostile, "dict 4", "", "", "", 1, (hostile,)),
        Fault("extra", "['new']", "", "list 2", "", "", 1, ("['new']",)),
        Fault("renamed", "['a']", "f32[2]", "f32[2]", "", "['b']", 1, ("['a']",)),
        Fault("none", "['n']", "None", "f32[2]", "a reason", "", 1, ("['n']",)),
        Fault("value", "['v']", "1.0", "2.0", "by 1, relative 0.5", "", 1, ("['v']",)),
    )
    outline = (
        Row("way", 0, "", "dict 5", "dict 6"),
        Row("way", 1, "['w']", "list 4", times=1),
        Row("fault", 2, "[0…2]", "f32[2,3]", "f32[3,2]", "transposed?", 3, 0),
        Row("equal", 2, "1 equal", hint="7 leaves"),
        Row("fault", 1, hostile, "dict 4", hint="only in <mine>", fault=1),
        Row("fault", 1, "['new']", "", "list 2", "only in theirs", fault=2),
        Row("fault", 1, "['a'] → ['b']", "f32[2]", "f32[2]", fault=3),
        Row("fault", 1, "['n']", "None", "f32[2]", "a reason", fault=4),
        Row("again", 1, "['copy']", "list 4", "list 4", "as ['w']"),
        Row("fault", 0, "['v']", "1.0", "2.0", "by 1, relative 0.5", fault=5),
        Row("rest", 0, "2 more"),
    )
    return Difference(
        ("<mine>", "theirs"),
        (Total(20, 6, 1_234_567, 4_938_268), Total(1, 1, 1, 4)),
        faults,
        {"shape": 3, "missing": 1, "extra": 3, "renamed": 1, "none": 1, "value": 1},
        12,
        3,
        outline,
        unlisted=2,
        values=True,
        notes=("1 leaf: arrays of NumPy in <mine>, arrays of JAX in theirs. This is no fault.",),
        more=(Difference(("<mine>", "third"), (Total(20, 6, 0, 0), Total(20, 6, 0, 0))),),
    )
