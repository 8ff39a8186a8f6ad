"""What is written in two places is the same in both."""

import re
from pathlib import Path

import pytest

from jaxmagic import compare, magics
from jaxmagic.magics.arguments import parser_of
from jaxmagic.magics.compare import CHOICES

README = Path(__file__).parents[2] / "README.md"


def flags_of(function):
    """Every flag that the parser of a magic knows."""
    return {option for action in parser_of(function)._actions for option in action.option_strings}


MAGICS = dict(magics.magic_functions())


def test_the_flag_offers_the_backends_that_there_are():
    # the magics can't import them: they must not import NumPy
    assert CHOICES == compare.CHOICES


def section(magic):
    """The part of the README about a magic."""
    parts = re.split(r"^###? ", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    name = magic.lstrip("%")
    (found,) = [part for part in parts if re.match(rf"`%%?{name}`\n", part)]
    return found


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_has_every_magic_and_every_flag(magic):
    text = section(magic)
    assert magic in text
    # `-o NAME` and `--x64` are written as code
    code = {word for quoted in re.findall(r"`([^`\n]+)`", text) for word in quoted.split()}
    missing = flags_of(MAGICS[magic]) - code
    assert not missing, f"README.md does not tell of {', '.join(sorted(missing))}"


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_has_no_flag_that_there_is_not(magic):
    table = re.findall(r"^\| (`-.*?) \|", section(magic), re.MULTILINE)
    told = {word for cell in table for word in re.findall(r"--?[\w-]+", cell)}
    assert told
    assert told == flags_of(MAGICS[magic])
