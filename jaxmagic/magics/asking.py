"""What each magic needs of the shell: a name for the code of its line, and a line of progress."""

import traceback

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from jaxmagic.show.progress import Handle, Progress


def filename_of(shell: InteractiveShell, text: str) -> str:
    """The name under which tracebacks find ``text``, the line of a magic with its cell."""
    filename: str = shell.compile.cache(text, _number_of_this_cell(shell))
    return filename


def progress_line(shell: InteractiveShell, name: str) -> Progress:
    """A line of progress: an output of its own in a notebook, on stderr in a terminal."""
    return Progress(name, _open_output if hasattr(shell, "kernel") else None)


def _number_of_this_cell(shell: InteractiveShell) -> int:
    """The number that tracebacks give to the cell that runs now.

    ``execution_count`` is the next one already in a kernel with IPython 9.8 and later, so the
    outermost frame of a cell is asked first (seen on IPython 9.18; IPython 7 has no such map).
    """
    numbers = getattr(shell.compile, "_filename_map", {})
    frames = (frame.f_code.co_filename for frame, _ in traceback.walk_stack(None))
    known = [numbers[filename] for filename in frames if filename in numbers]
    return int(known[-1] if known else shell.execution_count)


def _open_output(bundle: dict[str, str]) -> Handle:
    handle: Handle = display(bundle, raw=True, display_id=True)
    return handle
