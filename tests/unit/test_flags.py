"""The line of a magic: where the flags end and the code begins, and the values of flags."""

import argparse

import pytest

from jaxmagic.flags import CommaList, count, name, positive, split_line


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--x64", action="store_true")
    parser.add_argument("-o", "--output")
    return parser


@pytest.mark.parametrize(
    ("line", "flags", "code"),
    [
        ("", "", ""),
        ("f(x), g(x)", "", "f(x), g(x)"),
        ("--x64 f(x)", "--x64", "f(x)"),
        ("--seconds 2 f(x)", "--seconds 2", "f(x)"),
        ("--seconds=2 f(x)", "--seconds=2", "f(x)"),
        ("-o kept --x64  f('a  b', x)", "-o kept --x64", "f('a  b', x)"),
        ("--x64", "--x64", ""),
        ("--seconds", "--seconds", ""),
        ("--nothing f(x)", "--nothing", "f(x)"),
        ("-f(x), g(x)", "", "-f(x), g(x)"),
        ("--x64 -1 + f(x)", "--x64", "-1 + f(x)"),
        ("n=10**1..10**3", "", "n=10**1..10**3"),
        ("f(x) --x64", "", "f(x) --x64"),
        ("--x64 f(x);", "--x64", "f(x)"),
        ("-o kept ;", "-o kept", ""),
    ],
)
def test_code_begins_where_the_flags_end(parser, line, flags, code):
    assert split_line(parser, line) == (flags, code)


@pytest.mark.parametrize("flags", ["", "--x64", "-o kept", "--seconds 1.5 --x64 -o kept"])
@pytest.mark.parametrize("code", ["", "f(x)", "n=[1, 2]", "f('--x64'), -x"])
def test_nothing_of_a_line_is_lost(parser, flags, code):
    assert split_line(parser, f"{flags} {code}".strip()) == (flags, code)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (positive, "0.5", 0.5),
        (count, "4", 4),
        (name, "kept", "kept"),
        (CommaList(), "a,b", ("a", "b")),
    ],
)
def test_a_value_is_read(kind, text, value):
    assert kind(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((positive, text) for text in ("0", "-1", "nan", "inf", "much")),
        *((count, text) for text in ("0", "-1", "1.5", "two")),
        *((name, text) for text in ("1st", "a.b", "")),
        (CommaList(), ","),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(kind, text):
    with pytest.raises(argparse.ArgumentTypeError):
        kind(text)
