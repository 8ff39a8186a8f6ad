"""What holds in this process: JAX, its switches, its disk cache. Asking starts nothing."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxmagic.panel.wire import Wire

SWITCHES = {
    "x64": "jax_enable_x64",
    "disable_jit": "jax_disable_jit",
    "debug_nans": "jax_debug_nans",
}


def imported() -> ModuleType | None:
    """JAX, if the user has imported it, and not while that lasts."""
    jax = sys.modules.get("jax")
    still = getattr(getattr(jax, "__spec__", None), "_initializing", False)
    return None if still else jax


def state() -> "Wire":
    """What the panel shows of JAX; nulls while it is not imported."""
    jax = imported()
    if jax is None:
        # the extension records as soon as JAX is there
        return {"jax": None, "started": False, "recording": True, "switches": None, "disk": ""}
    from jaxmagic import _jax  # noqa: PLC0415  not before JAX is there
    from jaxmagic.compiles import recorder  # noqa: PLC0415  as above

    return {
        "jax": str(jax.__version__),
        "started": bool(_jax.started_platforms()),
        "recording": recorder().running,
        "switches": {name: bool(getattr(jax.config, key)) for name, key in SWITCHES.items()},
        "disk": _disk(jax.config),
    }


def _disk(config: Any) -> str:
    """The folder of the persistent cache that is in use, or will be at the next compile."""
    from jaxmagic import _jax  # noqa: PLC0415  as above

    if not _jax.disk_cache_in_use():
        return ""
    return _jax.disk_cache_opened() or str(config.jax_compilation_cache_dir)


def switch(name: str, *, on: bool) -> None:
    """Change a switch of JAX for the whole process, as the user has asked for."""
    import jax  # noqa: PLC0415  as above

    jax.config.update(SWITCHES[name], on)
