"""What ``%jaxdevices`` found out: devices, their memory, live arrays and who holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaxmagic.pytree.arrays.layouts import Layout
from jaxmagic.show.result import Result

LAST_TRACEBACK = " of the last traceback"
"""What follows the names of variables that live in the calls of the last error."""


@dataclass(frozen=True)
class Device:
    """A device of this process, such as ``gpu:0``, with the memory that it says is taken.

    ``in_use_bytes``, ``peak_bytes`` and ``limit_bytes`` are those of JAX's allocator on it, None
    where it reports none; ``note`` says how they were obtained or why there are none. ``stats``
    is all that it reports. ``arrays`` have a part on it, which takes ``arrays_bytes``.
    """

    name: str
    platform: str
    kind: str
    process_index: int = 0
    in_use_bytes: int | None = None
    peak_bytes: int | None = None
    limit_bytes: int | None = None
    note: str = ""
    stats: dict[str, int] = field(default_factory=dict)
    arrays: int = 0
    arrays_bytes: int = 0


@dataclass(frozen=True)
class Name:
    """A way to an array: ``params['w']``. ``rows[…]`` stands for several, as often as ``times``.

    ``told`` are words that follow the code: " in loss() of the last traceback". The code is empty
    where there is no name, but words for who holds the array.
    """

    code: str
    told: str = ""
    times: int = 1

    @property
    def text(self) -> str:
        """All of it but how often."""
        return f"{self.code}{self.told}"


@dataclass(frozen=True)
class Group:
    """The live arrays of one shape, dtype and sharding, and their names.

    ``array_bytes`` are those of one of them, ``device_bytes`` what all of them take on the
    devices of this process, replicas included. ``more_names`` were left out, and to so many as
    ``unnamed`` no name leads.
    """

    shape: tuple[int, ...]
    dtype: str
    sharding: str
    arrays: int
    array_bytes: int
    device_bytes: int
    names: tuple[Name, ...] = ()
    more_names: int = 0
    unnamed: int = 0


@dataclass(frozen=True)
class Rest:
    """The groups that were left out behind the largest ones."""

    groups: int = 0
    arrays: int = 0
    device_bytes: int = 0


@dataclass(frozen=True, repr=False)
class Devices(Result):
    """The answer of ``%jaxdevices``.

    ``idle`` says why there is nothing to tell: JAX is not imported, or has started no backend.
    ``devices`` are those of this process, ``device_count`` counts those of all. ``groups`` are
    sorted by their bytes, ``rest`` is what was left out behind them. ``layouts`` show how arrays
    lie on several devices. ``unseen`` says in sentences what there was no time to look at, which
    holds for ``more_arrays``.
    """

    idle: str = ""
    process_index: int = 0
    process_count: int = 1
    device_count: int = 0
    devices: tuple[Device, ...] = ()
    groups: tuple[Group, ...] = ()
    rest: Rest = Rest()
    layouts: tuple[Layout, ...] = ()
    unseen: tuple[str, ...] = ()
    more_arrays: int = 0

    @property
    def arrays(self) -> int:
        """The live arrays that were looked at."""
        return sum(group.arrays for group in self.groups) + self.rest.arrays

    @property
    def device_bytes(self) -> int:
        """What they take on the devices of this process."""
        return sum(group.device_bytes for group in self.groups) + self.rest.device_bytes

    @property
    def unnamed(self) -> int:
        """How many of the arrays in ``groups`` no name leads to."""
        return sum(group.unnamed for group in self.groups)
