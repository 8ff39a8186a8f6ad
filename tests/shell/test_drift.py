"""What is written in two places is the same in both."""

import re
from pathlib import Path

import pytest

from jaxmagic import compare, magics

README = Path(__file__).parents[2] / "README.md"


def flags_of(function):
    """Every flag that the parser of a magic knows."""
    return {option for action in function.parser._actions for option in action.option_strings}


MAGICS = dict(magics._magic_functions())


def test_the_flag_offers_the_backends_that_there_are():
    # magics.py can't import them: it must not import NumPy
    assert magics.CHOICES == compare.CHOICES


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_has_every_magic_and_every_flag(magic):
    text = README.read_text(encoding="utf-8")
    assert magic in text
    # `-o NAME` and `--x64` are written as code
    code = {word for quoted in re.findall(r"`([^`\n]+)`", text) for word in quoted.split()}
    missing = flags_of(MAGICS[magic]) - code
    assert not missing, f"README.md does not tell of {', '.join(sorted(missing))}"


@pytest.mark.parametrize("magic", MAGICS)
def test_the_readme_has_no_flag_that_there_is_not(magic):
    text = README.read_text(encoding="utf-8")
    table = re.findall(r"^\| (`-.*?) \|", text, re.MULTILINE)
    told = {word for cell in table for word in re.findall(r"--?[\w-]+", cell)}
    assert told
    assert told == flags_of(MAGICS[magic])
