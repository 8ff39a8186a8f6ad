"""What is written in two places is the same in both."""

import re
from pathlib import Path

import pytest

from jaxmagic import compare
from jaxmagic.magics.compare import CHOICES
from jaxmagic.magics.first_use import Magics, as_typed

README = Path(__file__).parents[2] / "README.md"


LOADED = Magics(None)
MAGICS = [typed for name in LOADED.names for typed in as_typed(name)]


def flags_of(magic):
    """Every flag that the parser of a magic knows."""
    actions = LOADED.named(magic.lstrip("%")).parser._actions
    return {option for action in actions for option in action.option_strings}


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
    missing = flags_of(magic) - code
    assert not missing, f"README.md does not tell of {', '.join(sorted(missing))}"


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_has_no_flag_that_there_is_not(magic):
    table = re.findall(r"^\| (`-.*?) \|", section(magic), re.MULTILINE)
    told = {word for cell in table for word in re.findall(r"--?[\w-]+", cell)}
    assert told
    assert told == flags_of(magic)
