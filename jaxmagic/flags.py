"""The line of a magic: flags first, then Python; and the types of the flags' values."""

import argparse
import re
from collections.abc import Sequence

_FLAG = re.compile(r"\s*(--?[A-Za-z][\w-]*)(=\S*)?(?=\s|$)")
_VALUE = re.compile(r"""\s*("[^"]*"|'[^']*'|\S+)""")


def split_line(parser: argparse.ArgumentParser, line: str) -> tuple[str, str]:
    """The flags that ``line`` begins with, for ``parser``, and the Python code behind them.

    An unknown flag is left to the parser, which says so. A semicolon at the end is left out: in a
    cell it means that a value is not shown, and here it is no part of the value that is asked for.
    """
    known = parser._option_string_actions  # noqa: SLF001  argparse tells its options nowhere else
    end = 0
    while flag := _FLAG.match(line, end):
        end = flag.end()
        action = known.get(flag[1])
        if action is not None and action.nargs != 0 and not flag[2]:
            value = _VALUE.match(line, end)
            end = value.end() if value else end
    return line[:end], line[end:].strip().rstrip("; ")


def positive(text: str) -> float:
    """The type of a flag that is a number above zero.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = f"{text!r} is no number above 0"
        raise argparse.ArgumentTypeError(message)
    return value


def count(text: str) -> int:
    """The type of a flag that is a whole number above zero.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    if not text.isdecimal() or int(text) == 0:
        message = f"{text!r} is no whole number above 0"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def name(text: str) -> str:
    """The type of a flag that is the name of a variable.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isidentifier():
        message = f"{text!r} can't be the name of a variable"
        raise argparse.ArgumentTypeError(message)
    return text


def path(text: str) -> str:
    """The type of a flag that is a file; a name with spaces stands in quotes."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text


class CommaList:
    """The type of a flag whose value is a list such as ``numpy,jit``.

    Without ``choices`` any words will do.
    """

    def __init__(self, choices: Sequence[str] = ()) -> None:
        self.choices = tuple(choices)

    def __call__(self, text: str) -> tuple[str, ...]:
        """``text`` as a tuple of words, each one of the choices.

        Raises:
            argparse.ArgumentTypeError: one of them is no choice, or there is none.
        """
        words = tuple(word.strip() for word in text.split(",") if word.strip())
        said = f"; choose from {', '.join(self.choices)}" if self.choices else ""
        for word in words:
            if self.choices and word not in self.choices:
                message = f"there is no {word!r}{said}"
                raise argparse.ArgumentTypeError(message)
        if not words:
            message = f"the list is empty{said}"
            raise argparse.ArgumentTypeError(message)
        return words
