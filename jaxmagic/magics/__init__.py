"""The magics: each parses its line, calls the function that answers, and returns the result."""

import sys
from functools import partial
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from jaxmagic import show
from jaxmagic.completion import completer
from jaxmagic.magics import last_error
from jaxmagic.magics.arguments import parser_of
from jaxmagic.magics.compare import CompareMagics
from jaxmagic.magics.compiles import CompileMagics, Recording
from jaxmagic.magics.pytree import PyTreeMagics

_MAGICS = (CompareMagics, PyTreeMagics, CompileMagics)
_RECORDING = Recording()
_PANELS: dict[InteractiveShell, Any] = {}

_SHOWN = (
    "jaxmagic.compare.result.Comparison",
    "jaxmagic.compare.sweep.result.Sweep",
    "jaxmagic.compiles.disk.result.DiskCache",
    "jaxmagic.compiles.memory.result.Devices",
    "jaxmagic.compiles.record.Compiles",
    "jaxmagic.compiles.sites.result.Sites",
    "jaxmagic.pytree.diff.result.Difference",
    "jaxmagic.pytree.mapped.result.Mapped",
    "jaxmagic.pytree.look.result.PyTree",
    "jaxmagic.show.picture.Picture",
    "jaxmagic.translate.result.Translation",
)


def load(shell: InteractiveShell) -> None:
    """Register the magics, the completion of their flags, and how results are shown."""
    shell.register_magics(*_MAGICS)
    for prefixed, function in magic_functions():
        shell.set_hook(
            "complete_command", completer(partial(parser_of, function)), str_key=prefixed
        )
    for event, called in _events(shell):
        shell.events.register(event, called)
    _RECORDING.begin()
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    html, plain = (formatters[m] for m in ("text/html", "text/plain"))
    for shown in _SHOWN:
        module, _, type_name = shown.rpartition(".")
        html.for_type_by_name(module, type_name, show.html)
        plain.for_type_by_name(module, type_name, _pretty)
    _announce(shell)


def _announce(shell: InteractiveShell) -> None:
    """Tell the panel of JupyterLab, in a shell that has a kernel."""
    if getattr(shell, "kernel", None) is None or shell in _PANELS:
        return
    from jaxmagic.panel import Panel  # noqa: PLC0415  not in a terminal

    magics = sorted(name[1:] for name, _ in magic_functions() if not name.startswith("%%"))
    version = sys.modules["jaxmagic"].__version__  # the package itself is above all rooms
    panel = _PANELS[shell] = Panel(shell, {"jaxmagic": version, "magics": magics})
    shell.events.register("post_run_cell", panel.after_cell)
    panel.begin()


def unload(shell: InteractiveShell) -> None:
    """Take out what :func:`load` registered."""
    panel = _PANELS.pop(shell, None)
    if panel is not None:
        shell.events.unregister("post_run_cell", panel.after_cell)
        panel.end()
    for event, called in _events(shell):
        shell.events.unregister(event, called)
    _RECORDING.end()
    shell.magics_manager.registry[CompileMagics.__name__].restore_disk()
    manager = shell.magics_manager
    for prefixed, _ in magic_functions():
        kind = "cell" if prefixed.startswith("%%") else "line"
        manager.magics[kind].pop(prefixed.lstrip("%"), None)
        shell.strdispatchers["complete_command"].strs.pop(prefixed, None)
    for magics in _MAGICS:
        manager.registry.pop(magics.__name__, None)
    last_error.forget()
    formatters = shell.display_formatter.formatters  # type: ignore[union-attr]  # there is one
    for mime in ("text/html", "text/plain"):
        for shown in _SHOWN:
            formatters[mime].pop(shown, None)


def _events(shell: InteractiveShell) -> list[tuple[str, Any]]:
    """What is called around each cell."""
    compiles = shell.magics_manager.registry[CompileMagics.__name__]
    return [
        ("pre_run_cell", compiles.before_cell),
        ("post_run_cell", compiles.after_cell),
        ("post_run_cell", last_error.remember),
    ]


def magic_functions() -> list[tuple[str, Any]]:
    """Every magic as it is typed, with the function that has its parser."""
    prefixes = {"line": "%", "cell": "%%"}
    return [
        (prefixes[kind] + magic, getattr(magics, function))
        for magics in _MAGICS
        for kind, names in magics.magics.items()
        for magic, function in names.items()
    ]


def _pretty(result: Any, printer: Any, cycle: bool) -> None:  # noqa: ARG001, FBT001  IPython's form
    printer.text(str(result))
