"""Tab completion of the flags of a magic, and of their values, from its argument parser."""

import argparse
import re
from collections.abc import Sequence


def completions(parser: argparse.ArgumentParser, line: str, symbol: str) -> list[str]:
    """The completions of ``symbol``, the last part of ``line``.

    After a flag with choices they are the choices; a list of choices is completed behind its
    last comma, without those that it has already. Anywhere else they are the flags.
    """
    *done, written = line.split() if line.rstrip() == line else [*line.split(), ""]
    action = _action(parser, done[-1]) if done else None
    if action is not None and action.nargs != 0:
        *before, typed = re.split(r"(?<=,)", written)
        taken = {word.rstrip(",") for word in before}
        # IPython puts the completion in the place of the symbol, which a comma may have cut off
        kept = written[: len(written) - len(typed)] if symbol == written else ""
        return [
            kept + word for word in _choices(action) if word.startswith(typed) and word not in taken
        ]
    flags = [option for known in parser._actions for option in known.option_strings]  # noqa: SLF001  argparse tells its options nowhere else
    return [flag for flag in flags if flag.startswith(written) and flag not in done]


def _action(parser: argparse.ArgumentParser, flag: str) -> argparse.Action | None:
    known: dict[str, argparse.Action] = parser._option_string_actions  # noqa: SLF001  as above
    return known.get(flag)


def _choices(action: argparse.Action) -> Sequence[str]:
    of_type = getattr(action.type, "choices", None)
    return [str(choice) for choice in action.choices or of_type or ()]
