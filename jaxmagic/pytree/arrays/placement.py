"""Which arrays of a tree lie on several devices, and which block of each is on which of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from jaxmagic.pytree.arrays.layouts import Block, Layout
from jaxmagic.pytree.model import Place, Tree
from jaxmagic.pytree.names import clean, message
from jaxmagic.pytree.places import value_at
from jaxmagic.pytree.sharding import sharding_text

MOST = 8
"""Layouts that are shown at most."""


def layouts_of(obj: Any, tree: Tree) -> tuple[Layout, ...]:
    """The different layouts of the arrays of ``obj`` that lie on more than one device.

    Reads no values. There are eight at most, in the order of the tree.

    Args:
        obj: the tree that ``tree`` is the model of.
        tree: the model.
    """
    found: dict[Any, Layout] = {}
    weights = _weights(tree)
    for index, place in _first_places(tree):
        leaf, here = value_at(obj, place), tree.structures[index]
        try:
            key = leaf.shape, leaf.sharding
            hash(key)
        except Exception:  # noqa: BLE001  a sharding of the user's: it equals itself only
            key = here.shape, index
        before = found.get(key)
        if before is not None:
            dtypes = tuple(dict.fromkeys([*before.dtypes, here.dtype]))
            found[key] = replace(before, arrays=before.arrays + weights[index], dtypes=dtypes)
        else:
            found[key] = _layout(leaf, tree.path(place), weights[index], here.dtype)
    layouts = list(found.values())
    if len(layouts) > MOST:
        layouts[MOST - 1] = replace(layouts[MOST - 1], more=len(layouts) - MOST)
    return tuple(layouts[:MOST])


def _layout(leaf: Any, path: str, arrays: int, dtype: str) -> Layout:
    sharding = sharding_text(getattr(leaf, "sharding", None))
    try:
        shape = tuple(leaf.shape)
        on: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Any]] = {}
        for device, index in leaf.sharding.devices_indices_map(shape).items():
            ranges = [part.indices(length) for part, length in zip(index, shape, strict=True)]
            block = tuple(r[0] for r in ranges), tuple(r[1] for r in ranges)
            on.setdefault(block, []).append(device)
        blocks = tuple(
            Block(start, stop, _names(devices)) for (start, stop), devices in sorted(on.items())
        )
    except Exception as error:  # noqa: BLE001  shardings of the user's may raise anything
        note = f"Which device has what can't be told: {message(error)}"
        return Layout(path, arrays, (), (dtype,), sharding, note=note)
    return Layout(path, arrays, shape, (dtype,), sharding, blocks)


def _names(devices: Sequence[Any]) -> tuple[str, ...]:
    ordered = sorted(devices, key=lambda device: (device.platform, device.id))
    return tuple(clean(f"{device.platform}:{device.id}") for device in ordered)


def _is_spread(tree: Tree, index: int) -> bool:
    """Whether something there lies on more than one device."""
    return any(len(tree.devices[group]) > 1 for group, _ in tree.structures[index].placed)


def _weights(tree: Tree) -> dict[int, int]:
    """At how many places each structure lies that is on several devices."""
    weights = Counter({tree.root: 1})
    for index in range(tree.root, -1, -1):  # parents come behind their children
        if (weight := weights[index]) and _is_spread(tree, index):
            for child, times in Counter(tree.structures[index].children).items():
                weights[child] += weight * times
    return weights


def _first_places(tree: Tree) -> Iterator[tuple[int, Place]]:
    """Each class of arrays on several devices, with the first place where it lies, in order."""
    seen = {tree.root}
    if not _is_spread(tree, tree.root):
        return
    if not tree.top.children:
        yield tree.root, ()
    opened = [enumerate(tree.top.children)]
    way = [0]
    while opened:
        for position, index in opened[-1]:
            if index in seen or not _is_spread(tree, index):
                continue
            seen.add(index)
            way[-1] = position
            if tree.structures[index].children:
                opened.append(enumerate(tree.structures[index].children))
                way.append(0)
                break
            yield index, tuple(way)
        else:
            opened.pop()
            way.pop()
