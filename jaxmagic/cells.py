"""Which code is the user's own, and which cell it is from, by the name of its file."""

import os
import re
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jaxmagic._jax import is_jax_file

_NUMBERED = re.compile(r"<ipython-input-(\d+)-([0-9a-f]+)>$")
_OWN = f"{Path(__file__).resolve().parent}{os.sep}"


def cells() -> Mapping[str, int]:
    """The names of the code of cells, and their execution counts; empty where IPython is not."""
    get_ipython: Any = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython is not None else None
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", None)
    return numbers if isinstance(numbers, dict) else _running(shell)


def number_of(filename: str, numbers: Mapping[str, int]) -> int | None:
    """The execution count of a cell, by the name of its code: IPython 7 has it in there."""
    found = _NUMBERED.match(filename)
    return int(found[1]) if found and filename not in numbers else numbers.get(filename)


def without_number(filename: str) -> str:
    """The name of a cell's code, the same each time that the cell is run."""
    return _NUMBERED.sub(r"<ipython-input-\2>", filename)


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


def is_own_file(filename: str) -> bool:
    """Whether a file is a part of jaxmagic."""
    return filename.startswith(_OWN)


@cache
def is_users_file(filename: str) -> bool:
    """Whether a file is the user's own: a cell or script, no library and nothing of ours."""
    if is_jax_file(filename) or is_own_file(filename) or filename.startswith("<frozen"):
        return False
    paths = sysconfig.get_paths()
    return not filename.startswith((paths["stdlib"], paths["purelib"], paths["platlib"])) and not (
        "site-packages" in filename or "dist-packages" in filename
    )
