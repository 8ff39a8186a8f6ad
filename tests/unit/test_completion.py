"""Flags and values are completed from the parser of a magic."""

import argparse

import pytest

from jaxmagic.completion import completions
from jaxmagic.flags import CommaList


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--backends", type=CommaList(["python", "numpy", "numba", "jit"]))
    parser.add_argument("--color", choices=["red", "green"])
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--x64", action="store_true")
    parser.add_argument("-o", "--output")
    return parser


FLAGS = ["--backends", "--color", "--seconds", "--x64", "-o", "--output"]


@pytest.mark.parametrize(
    ("line", "symbol", "completed"),
    [
        ("%%magic ", "", FLAGS),
        ("%%magic --", "--", ["--backends", "--color", "--seconds", "--x64", "--output"]),
        ("%%magic --b", "--b", ["--backends"]),
        ("%%magic --z", "--z", []),
        ("%%magic --x64 ", "", [flag for flag in FLAGS if flag != "--x64"]),
        ("%%magic --color ", "", ["red", "green"]),
        ("%%magic --color g", "g", ["green"]),
        ("%%magic --seconds ", "", []),
        ("%%magic --backends ", "", ["python", "numpy", "numba", "jit"]),
        ("%%magic --backends n", "n", ["numpy", "numba"]),
        ("%%magic --backends numpy,", "", ["python", "numba", "jit"]),
        ("%%magic --backends numpy,n", "n", ["numba"]),
        ("%%magic --backends numpy,n", "numpy,n", ["numpy,numba"]),
        ("%%magic --backends numpy,jit,", "numpy,jit,", ["numpy,jit,python", "numpy,jit,numba"]),
        ("%%magic --backends numpy ", "", FLAGS[1:]),
        ("%%magic -o result --col", "--col", ["--color"]),
    ],
)
def test_what_is_completed(parser, line, symbol, completed):
    assert completions(parser, line, symbol) == completed


def test_a_list_is_read_with_its_order_and_spaces():
    backends = CommaList(["a", "b", "c"])
    assert backends("c,a") == ("c", "a")
    assert backends(" b , a,") == ("b", "a")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a,d", "there is no 'd'; choose from a, b"), (",", "the list is empty; choose from a, b")],
)
def test_a_list_with_something_else_is_refused(text, sentence):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        CommaList(["a", "b"])(text)
    assert str(caught.value) == sentence
