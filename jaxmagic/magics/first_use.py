"""Magics whose modules are loaded when one of them is first used, completed or asked for help.

So ``%load_ext`` takes the same time however many magics there are.
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

_HOMES = {
    "jaxcache": "jaxmagic.magics.compiles.CompileMagics",
    "jaxcompare": "jaxmagic.magics.compare.CompareMagics",
    "jaxdevices": "jaxmagic.magics.compiles.CompileMagics",
    "jaxir": "jaxmagic.magics.ir.IRMagics",
    "pytree": "jaxmagic.magics.pytree.PyTreeMagics",
}
_WITH_CELL = {"jaxcompare"}


class Home:
    """What has magics as its methods, for one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def end(self) -> None:
        """Take out what its magics have put into the shell or into JAX."""


class Magics:
    """The magics of one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._made: dict[str, Home] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All names, each of a magic for a line."""
        return tuple(_HOMES)

    def named(self, name: str) -> Any:
        """The method that is this magic; loads its module."""
        home = _HOMES[name]
        if home not in self._made:
            module, _, kind = home.rpartition(".")
            self._made[home] = getattr(import_module(module), kind)(self._shell)
        return getattr(self._made[home], name)

    def add(self) -> None:
        """Put them into the shell, with the completion of their flags."""
        for name in _HOMES:
            kind = "line_cell" if name in _WITH_CELL else "line"
            register: Any = self._shell.register_magic_function  # its type has no shell bound
            register(self._stand_in(name), kind, name)
            for prefixed in as_typed(name):
                self._shell.set_hook("complete_command", self._completer(name), str_key=prefixed)

    def remove(self) -> None:
        """Take them out again, with what they have put in when they were used."""
        for made in self._made.values():
            made.end()
        for name in _HOMES:
            for kind in ("line", "cell"):
                self._shell.magics_manager.magics[kind].pop(name, None)
            for prefixed in as_typed(name):
                self._shell.strdispatchers["complete_command"].strs.pop(prefixed, None)

    def _stand_in(self, name: str) -> Callable[..., Any]:
        """What IPython calls, and asks for help, in the place of a magic."""

        def magic(line: str, *cell: str) -> Any:
            __tracebackhide__ = True
            return self.named(name)(line, *cell)

        magic.__name__ = magic.__qualname__ = name
        # IPython asks an object for its getdoc before it looks at __doc__
        magic.getdoc = lambda: inspect.getdoc(self.named(name))  # type: ignore[attr-defined]
        return no_var_expand(magic)

    def _completer(self, name: str) -> Callable[[Any, Any], list[str]]:
        """The hook that completes the line of a magic (a "complete_command").

        IPython calls it with itself and an event that has the line up to the cursor and the
        symbol to complete, which ends there.
        """

        def complete(_shell: Any, event: Any) -> list[str]:
            from jaxmagic.completion import completions  # noqa: PLC0415  at the first Tab

            return completions(self.named(name).parser, event.text_until_cursor, event.symbol)

        return complete


def as_typed(name: str) -> list[str]:
    """The name of a magic behind each prefix that it has."""
    return ["%" + name, "%%" + name] if name in _WITH_CELL else ["%" + name]
