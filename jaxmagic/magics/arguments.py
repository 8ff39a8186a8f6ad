"""The flags of a magic, whose parser and help are made when the magic is first used.

To make them at once, as IPython's ``magic_arguments`` does, is half the time of ``%load_ext``.
"""

import argparse
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from IPython.core.magic_arguments import MagicArgumentParser, construct_parser

_Magic = TypeVar("_Magic", bound=Callable[..., Any])


def magic_arguments(name: str) -> Callable[[_Magic], _Magic]:
    """A decorator for a magic that has IPython's ``argument`` decorators below it.

    IPython puts a ``%`` before ``name`` in the help. ``?`` and Shift-Tab show the help with all
    flags: IPython asks an object for its ``getdoc`` before it looks at ``__doc__``.
    """

    def decorate(function: _Magic) -> _Magic:
        magic: Any = function
        magic.argcmd_name = name

        @cache
        def parser() -> MagicArgumentParser:
            made: MagicArgumentParser = construct_parser(function)  # writes the help into __doc__
            return made

        def getdoc() -> str:
            parser()
            return str(function.__doc__)

        magic.make_parser = parser
        magic.getdoc = getdoc
        return function

    return decorate


def parser_of(magic: Any) -> MagicArgumentParser:
    """The parser of the flags of a magic."""
    made: MagicArgumentParser = magic.make_parser()
    return made


def parse(magic: Any, line: str) -> argparse.Namespace:
    """The flags in ``line``.

    Raises:
        UsageError: there is no such flag, or its value is none; IPython shows the one sentence.
    """
    flags: argparse.Namespace = parser_of(magic).parse_argstring(line)
    return flags
