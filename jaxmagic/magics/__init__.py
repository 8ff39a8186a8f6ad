"""The magics: each parses its line, calls the function that answers, and returns the result."""

import sys
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from jaxmagic.magics import last_error
from jaxmagic.magics.first_use import Magics
from jaxmagic.magics.recording import Recording

_RECORDING = Recording()
_LOADED: dict[InteractiveShell, Magics] = {}
_PANELS: dict[InteractiveShell, Any] = {}

_SHOWN = (
    "jaxmagic.compare.result.Comparison",
    "jaxmagic.compare.sweep.result.Sweep",
    "jaxmagic.compiles.disk.result.DiskCache",
    "jaxmagic.compiles.memory.result.Devices",
    "jaxmagic.compiles.record.Compiles",
    "jaxmagic.compiles.sites.result.Sites",
    "jaxmagic.ir.result.IR",
    "jaxmagic.ir.result.StageText",
    "jaxmagic.pytree.diff.result.Difference",
    "jaxmagic.pytree.mapped.result.Mapped",
    "jaxmagic.pytree.look.result.PyTree",
    "jaxmagic.show.picture.Picture",
    "jaxmagic.translate.result.Translation",
)


def load(shell: InteractiveShell) -> None:
    """Register the magics, the completion of their flags, and how results are shown."""
    magics = _LOADED.setdefault(shell, Magics(shell))
    magics.add()
    shell.events.register("post_run_cell", last_error.remember)
    _RECORDING.begin()
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    html, plain = (formatters[m] for m in ("text/html", "text/plain"))
    for shown in _SHOWN:
        module, _, type_name = shown.rpartition(".")
        html.for_type_by_name(module, type_name, _html)
        plain.for_type_by_name(module, type_name, _pretty)
    _announce(shell, magics)


def _announce(shell: InteractiveShell, magics: Magics) -> None:
    """Tell the panel of JupyterLab, in a shell that has a kernel."""
    if getattr(shell, "kernel", None) is None or shell in _PANELS:
        return
    from jaxmagic.panel import Panel  # noqa: PLC0415  not in a terminal

    version = sys.modules["jaxmagic"].__version__  # the package itself is above all rooms
    about = {"jaxmagic": version, "magics": sorted(magics.names)}
    panel = _PANELS[shell] = Panel(shell, about)
    shell.events.register("post_run_cell", panel.after_cell)
    panel.begin()


def unload(shell: InteractiveShell) -> None:
    """Take out what :func:`load` registered."""
    panel = _PANELS.pop(shell, None)
    if panel is not None:
        shell.events.unregister("post_run_cell", panel.after_cell)
        panel.end()
    shell.events.unregister("post_run_cell", last_error.remember)
    _RECORDING.end()
    _LOADED.pop(shell).remove()
    last_error.forget()
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    for mime in ("text/html", "text/plain"):
        for shown in _SHOWN:
            formatters[mime].pop(shown, None)


def _html(result: Any) -> str:
    from jaxmagic.show import html  # noqa: PLC0415  when there is a result

    return html(result)


def _pretty(result: Any, printer: Any, cycle: bool) -> None:  # noqa: ARG001, FBT001  IPython's form
    printer.text(str(result))
