"""What a front end may ask for, and the answers."""

from collections.abc import Callable, Mapping
from typing import Any

from jaxmagic.panel.state import SWITCHES, imported, switch
from jaxmagic.panel.wire import Wire

Answer = tuple[str, Wire]
"""The name of the message that answers, and its fields."""

_TRIES = 5
_FICKLE = "The cell that is running changes its variables too fast to look at them: ask again."
_FAILED = "Devices and arrays could not be looked at: {said}."
_UNKNOWN = "The jaxmagic of this kernel does not know {op!r}: install the same version in both."
_BUSY = "A cell is running: wait until it has ended, or interrupt it, then try again."
_NO_JAX = "JAX is not imported in this kernel: run `import jax`, then try again."
_NO_SWITCH = "There is no switch like that: it is {names}, on or off."
_INTERRUPTED = "It was interrupted: try again."


class RefusedError(Exception):
    """It is not done; the message says why in one sentence, and what to do."""


def devices(namespace: Mapping[str, Any]) -> Answer:
    """Devices and live arrays, as ``%jaxdevices`` finds them; or the problem in one sentence.

    It is asked while a cell is running, too, which may change what is being looked at. Nothing is
    imported for it before JAX is there: a cell may be importing just that, and NumPy fails if it
    is imported by two threads at once.
    """
    if imported() is None:
        return "devices", {"problem": _NO_JAX}
    import json  # noqa: PLC0415  not before it is asked for

    from jaxmagic.compiles.memory import devices as look  # noqa: PLC0415  as above
    from jaxmagic.pytree.names import message  # noqa: PLC0415  as above

    for _ in range(_TRIES):
        try:
            return "devices", {"devices": json.loads(look(namespace).to_json())}
        except RuntimeError as error:
            if "changed size during iteration" not in str(error):
                return "devices", {"problem": _FAILED.format(said=message(error))}
        except KeyboardInterrupt:
            return "devices", {"problem": _INTERRUPTED}
        except Exception as error:  # noqa: BLE001  a plugin of JAX may raise anything
            return "devices", {"problem": _FAILED.format(said=message(error))}
    return "devices", {"problem": _FICKLE}


def change(asked: Wire, *, busy: bool) -> Answer:
    """Change what is asked for, or refuse it."""
    try:
        _allowed(asked.get("op"), busy=busy)(asked)
    except RefusedError as error:
        return "refused", {"words": str(error)}
    except KeyboardInterrupt:  # in the main thread it may be meant for a cell that has just ended
        return "refused", {"words": _INTERRUPTED}
    except Exception as error:  # noqa: BLE001  whoever asked must know
        from jaxmagic.pytree.names import message  # noqa: PLC0415  as above

        return "refused", {"words": f"JAX could not do that: {message(error)}."}
    return "done", {}


def _allowed(op: Any, *, busy: bool) -> Callable[[Wire], None]:
    """What does it, if it may be done now."""
    if not isinstance(op, str) or op not in _CHANGES:
        raise RefusedError(_UNKNOWN.format(op=str(op)[:40]))
    if imported() is None:
        raise RefusedError(_NO_JAX)
    if busy:
        raise RefusedError(_BUSY)
    return _CHANGES[op]


def _clear_caches(_asked: Wire) -> None:
    import jax  # noqa: PLC0415  it is imported

    jax.clear_caches()


def _forget(_asked: Wire) -> None:
    from jaxmagic.compiles import recorder  # noqa: PLC0415  as above

    recorder().clear()


def _switch(asked: Wire) -> None:
    name, on = asked.get("name"), asked.get("on")
    if not isinstance(name, str) or name not in SWITCHES or not isinstance(on, bool):
        raise RefusedError(_NO_SWITCH.format(names=", ".join(SWITCHES)))
    switch(name, on=on)


_CHANGES: dict[str, Callable[[Wire], None]] = {
    "clear_caches": _clear_caches,
    "forget": _forget,
    "switch": _switch,
}
