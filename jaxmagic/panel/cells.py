"""Which cell has which id, and whether one is running."""

from typing import Any

MOST = 10_000


class Cells:
    """The ids of the cells of a notebook by their execution count, as ``shell`` tells them.

    ``pre_run_cell`` is not asked: from IPython 9.8 on the shell has counted on by then, before
    not. The result that a shell fills while a cell runs, and hands out after it, has the count
    that stands in ``In [3]``; seen on 7.34 and 9.18.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._ids: dict[int, str] = {}
        self._over: Any = None

    @property
    def busy(self) -> bool:
        """Whether a cell is running, in any thread."""
        return self._running() is not None

    def after_cell(self, result: Any) -> None:
        """Keep the id of a cell that has run."""
        count, its_id = _of(result)
        if its_id:
            self._ids[count] = its_id
        if len(self._ids) > MOST:
            for old in list(self._ids)[: MOST // 2]:
                self._ids.pop(old, None)
        # an interrupt at the very end of a cell leaves the result behind
        self._over = result if self._running() is result else None

    def id_of(self, count: int) -> str:
        """The id of the cell with this execution count, empty if there is none."""
        running, its_id = _of(self._running())
        return its_id if running == count else self._ids.get(count, "")

    def _running(self) -> Any:
        """The result that is being filled; None if no cell runs."""
        filled = getattr(self._shell.displayhook, "exec_result", None)
        return None if filled is self._over else filled


def _of(result: Any) -> tuple[int, str]:
    """The execution count of a cell and its id; nothing for what is not counted."""
    info = getattr(result, "info", None)
    if not getattr(info, "store_history", False):
        return 0, ""
    return getattr(result, "execution_count", None) or 0, getattr(info, "cell_id", None) or ""
