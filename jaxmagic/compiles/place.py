"""Where a compile comes from: the cell that runs and the line in it, or the line of a script."""

from dataclasses import dataclass
from types import FrameType

from jaxmagic.cells import cells, is_users_file, number_of


@dataclass(frozen=True)
class Place:
    """The cell that runs and the line in it; without a cell, the line in the file ``caller``."""

    cell: int | None = None
    line: int | None = None
    caller: str = ""


def find(frame: FrameType | None) -> Place:
    """The place that a ``frame`` was called from.

    The cell is the outermost one on the stack: the one that runs. The line is where it calls what
    is compiled, be that in another cell's function.
    """
    numbers = cells()
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
        return Place(number_of(cell, numbers), lines[cell], cell)
    return Place(None, lines.get(users), users)
