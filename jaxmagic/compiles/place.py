"""Where a compile comes from: the cell that runs and the line in it, or the line of a script."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Any

_NUMBERED = re.compile(r"<ipython-input-(\d+)-([0-9a-f]+)>$")


@dataclass(frozen=True)
class Place:
    """The cell that runs and the line in it; without a cell, the line in the file ``caller``."""

    cell: int | None = None
    line: int | None = None
    caller: str = ""


def find(frame: FrameType | None, is_users_file: Callable[[str], bool]) -> Place:
    """The place that a ``frame`` was called from.

    The cell is the outermost one on the stack: the one that runs. The line is where it calls what
    is compiled, be that in another cell's function.
    """
    numbers = _cells()
    lines: dict[str, int] = {}
    cell, users = "", ""
    while frame is not None:
        filename = frame.f_code.co_filename
        if filename not in lines:
            lines[filename] = frame.f_lineno
            if not users and is_users_file(filename):
                users = filename
        if filename in numbers or filename.startswith("<ipython-input-"):
            cell = filename
        frame = frame.f_back
    if cell:
        return Place(_number(cell, numbers), lines[cell], cell)
    return Place(None, lines.get(users), users)


def _number(filename: str, numbers: Mapping[str, int]) -> int | None:
    """The execution count of a cell, by the name of its code: IPython 7 has it in there."""
    found = _NUMBERED.match(filename)
    return int(found[1]) if found and filename not in numbers else numbers.get(filename)


def without_number(filename: str) -> str:
    """The name of a cell's code, the same each time that the cell is run."""
    return _NUMBERED.sub(r"<ipython-input-\2>", filename)


def _cells() -> Mapping[str, int]:
    """The names of the code of cells, and their execution counts; empty outside of IPython."""
    get_ipython: Any = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython is not None else None
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", None)
    return numbers if isinstance(numbers, dict) else _running(shell)


def _running(shell: Any) -> Mapping[str, int]:
    """The name of the cell that runs, where IPython 7 keeps no names and ipykernel gives them."""
    filled: Any = getattr(getattr(shell, "displayhook", None), "exec_result", None)
    count = getattr(filled, "execution_count", None)
    if count is None:
        return {}
    return {_code_name(shell.compile, filled.info.raw_cell, count): count}


@lru_cache(maxsize=1)
def _code_name(compiler: Any, raw_cell: str, count: int) -> str:
    """How the code of a cell is named; ipykernel takes long to make that of a long cell."""
    return str(compiler.get_code_name(raw_cell, raw_cell, count))
