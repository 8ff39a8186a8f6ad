"""Do something as soon as JAX has been imported by whoever imports it; it is not imported here."""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:  # these only name the methods that are there, and take a tenth of the time of %load_ext
    Loader = MetaPathFinder = object


class AfterImport(MetaPathFinder):
    """Calls ``then`` once after the module ``name`` was imported, until it is cancelled."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self._name = name
        self._then = then

    def wait(self) -> None:
        """Begin to wait for the import."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def cancel(self) -> None:
        """Wait no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the finders behind it find, with a loader that tells when it is done."""
        if fullname != self._name:
            return None
        finders = list(sys.meta_path)
        # another one that waits may stand behind it, and must not ask this one
        for finder in finders[finders.index(self) + 1 :] if self in finders else finders:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Telling(spec.loader, self._imported)
                return spec
        return None

    def _imported(self) -> None:
        self.cancel()
        self._then()


class _Telling(Loader):
    """A loader that does what another one does, and then tells."""

    def __init__(self, loader: Any, tell: Callable[[], None]) -> None:
        self._loader = loader
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """What the other loader creates."""
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, which sees its own loader."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._tell()
