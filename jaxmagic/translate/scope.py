"""What names mean: those of the user's functions, and those that a translation adds."""

import ast
import builtins
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jaxmagic.source import NoSourceError, definition_of, own_functions, underlying
from jaxmagic.translate.python import SAME_NAMES
from jaxmagic.translate.result import TranslationError

MISSING: Any = object()


def value_of(function: types.FunctionType, name: str) -> Any:
    """What ``name`` stands for outside of ``function``; MISSING if nothing."""
    for cell_name, cell in zip(
        function.__code__.co_freevars, function.__closure__ or (), strict=True
    ):
        if cell_name == name:
            try:
                return cell.cell_contents
            except ValueError:
                return MISSING
    if name in function.__globals__:
        return function.__globals__[name]
    return getattr(builtins, name, MISSING)


@dataclass
class Translated:
    """One function in its new form."""

    function: types.FunctionType
    definition: ast.FunctionDef
    loops: int


@dataclass
class Program:
    """All functions of one translation, and the names that they use.

    ``translate`` turns one function into its new form under a name.
    """

    main: types.FunctionType
    translate: Callable[["Program", types.FunctionType, str], Translated]
    imports: dict[tuple[str, str | None], str] = field(default_factory=dict)
    done: dict[types.FunctionType, Translated] = field(default_factory=dict)
    names: dict[types.FunctionType, str] = field(default_factory=dict)
    _busy: list[types.FunctionType] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._taken: set[str] = set()
        self._local: set[str] = set()
        self._read: set[str] = set()
        for function in own_functions(self.main):
            try:
                definition = definition_of(function)
            except NoSourceError as error:
                line = function.__code__.co_firstlineno
                raise TranslationError(line, str(error)) from error
            for node in ast.walk(definition):
                if isinstance(node, ast.Name):
                    self._taken.add(node.id)
                    of_kind = self._read if isinstance(node.ctx, ast.Load) else self._local
                    of_kind.add(node.id)
                elif isinstance(node, ast.arg):
                    self._taken.add(node.arg)
                    self._local.add(node.arg)
                elif isinstance(node, ast.FunctionDef):
                    self._taken.add(node.name)

    def imported(self, module: str, name: str | None = None) -> str:
        """The name under which ``module``, or ``name`` of it, is imported."""
        key = (module, name)
        if key not in self.imports:
            wanted = name or {"jax.numpy": "jnp"}.get(module, module.rpartition(".")[2])
            self.imports[key] = self._free(wanted, self._may_be_taken(module, wanted))
        return self.imports[key]

    def _may_be_taken(self, module: str, wanted: str) -> bool:
        """Whether the user's name is the same thing, so that it may be used for it."""
        if wanted in self._local:
            return False
        if wanted in SAME_NAMES:
            return all(value is getattr(builtins, wanted) for value in self._meanings(wanted))
        module = "math" if wanted == "math" else module
        return all(
            isinstance(value, types.ModuleType) and value.__name__ == module
            for value in self._meanings(wanted)
        )

    def _meanings(self, name: str) -> list[Any]:
        """What ``name`` stands for in the functions of the user that use it from outside."""
        used = own_functions(self.main) if name in self._read else []
        return [v for f in used if (v := value_of(f, name)) is not MISSING]

    def fresh(self, wanted: str) -> str:
        """``wanted``, or a name like it that the user does not use."""
        while wanted in self._taken:
            wanted += "_"
        return wanted

    def _free(self, wanted: str, same: bool) -> str:  # noqa: FBT001  private
        if not same:
            wanted = self.fresh(wanted)
        self._taken.add(wanted)
        return wanted

    def function(self, function: types.FunctionType, line: int) -> str:
        """The name of the translated form of a function of the user, which ``line`` uses.

        Raises:
            TranslationError: it can't be translated, or it calls itself.
        """
        if function in self._busy:
            raise TranslationError(line, f"{function.__name__} calls itself: recursion")
        if function not in self.done:
            name = self.names.setdefault(function, self._name_for(function))
            self._busy.append(function)
            try:
                self.done[function] = self.translate(self, function, name)
            finally:
                self._busy.pop()
        return self.names[function]

    def _name_for(self, function: types.FunctionType) -> str:
        wanted = function.__name__ if function.__name__.isidentifier() else "function"
        while (
            wanted in self.names.values()
            or wanted in self._local
            or any(underlying(value) is not function for value in self._meanings(wanted))
        ):
            wanted += "_"
        self._taken.add(wanted)
        return wanted
