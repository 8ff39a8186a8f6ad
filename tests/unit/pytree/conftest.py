"""Containers of every kind, registered once, and trees that are made of them."""

import dataclasses
import json
import os
import subprocess
import sys
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import jax
import numpy as np
import pytest
from hypothesis import strategies as st


class Moments(NamedTuple):
    count: object
    mu: object
    nu: object


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Layer:
    kernel: object
    bias: object
    width: int = dataclasses.field(default=1, metadata={"static": True})


@jax.tree_util.register_pytree_node_class
class Bag:
    """A container whose children have no keys."""

    def __init__(self, *children, label=None):
        self.children = children
        self.label = label

    def tree_flatten(self):
        return iter(self.children), self.label

    @classmethod
    def tree_unflatten(cls, label, children):
        return cls(*children, label=label)


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True)
class Option:
    name: str


@pytest.fixture
def layer():
    return Layer


@pytest.fixture
def bag():
    return Bag


@pytest.fixture
def moments():
    return Moments


@pytest.fixture
def option():
    return Option


_LEAVES = st.one_of(
    st.builds(
        np.zeros,
        st.lists(st.integers(0, 3), max_size=3).map(tuple),
        st.sampled_from(["float32", "int8", "bool", "complex64"]),
    ),
    st.sampled_from([np.float32(1), 1, 2.5, 1j, True, "text", b"bytes", len, {1, 2}]),
    st.builds(
        jax.ShapeDtypeStruct, st.sampled_from([(), (2,), (3, 0)]), st.just(np.dtype("int16"))
    ),
)
_KEYS = st.one_of(st.text(max_size=4), st.text("ab", max_size=2))


def _containers(inner):
    several = st.lists(inner, max_size=4)
    named = st.dictionaries(_KEYS, inner, max_size=4)
    return st.one_of(
        several,
        several.map(tuple),
        named,
        named.map(OrderedDict),
        named.map(lambda items: defaultdict(list, items)),
        st.dictionaries(st.integers(), inner, max_size=3),
        st.builds(Moments, inner, inner, inner),
        st.builds(Layer, inner, inner, st.integers(0, 2)),
        st.builds(lambda items, label: Bag(*items, label=label), several, st.sampled_from("ab")),
        st.builds(Option, st.sampled_from(["x", "y"])),
        inner.map(lambda child: [child, child]),
    )


@pytest.fixture(scope="session")
def trees():
    """A strategy for trees of all these containers and of leaves of every kind."""
    return st.recursive(_LEAVES | st.none(), _containers, max_leaves=25)


ANSWER = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    said, problem = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        try:
            exec(json.loads(line), {"__name__": "__main__"})
        except BaseException:
            problem = traceback.format_exc()
    print(json.dumps([said.getvalue(), problem]), flush=True)
"""


@pytest.fixture(scope="session")
def eight_devices():
    """Run code in a Python whose JAX has eight devices; returns what it printed.

    One Python, started once, answers all tests; each gets a namespace of its own.
    """
    flags = "--xla_force_host_platform_device_count=8"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", ANSWER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as python:

        def run(code):
            python.stdin.write(json.dumps(code) + "\n")
            python.stdin.flush()
            said, problem = json.loads(python.stdout.readline())
            assert problem is None, problem
            return said

        yield run
