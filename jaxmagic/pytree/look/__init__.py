"""Look at a tree: the question behind ``%pytree``, for scripts and other notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jaxmagic.pytree.arrays.placement import layouts_of
from jaxmagic.pytree.arrays.stats import stats_of
from jaxmagic.pytree.look.result import Engine, PyTree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.walk import summarise


def look(
    obj: Any,
    *,
    name: str = "tree",
    depth: int | None = None,
    graph: bool = False,
    stats: bool = False,
    sharding: bool = False,
    engine: Engine = "auto",
    progress: Callable[[str], None] | None = None,
) -> PyTree:
    """What the PyTree ``obj`` consists of, with exact totals; in a notebook also as a picture.

    Example::

        >>> look({"layers": [layer(), layer(), layer()], "scale": 2.0}, name="params")
        params: 7 leaves, 61 parameters, 240 B, depth 3

                                    params  bytes  of bytes
        params            dict 2        61  240 B     100 %  ████████
        ├─['layers']      list 3        60  240 B     100 %  ████████
        │ └─[0…2] 3×      dict 2        60  240 B     100 %  ████████
        │   ├─['bias']    f32[4]        12   48 B    20.0 %  █▋
        │   └─['kernel']  f32[4,4]      48  192 B    80.0 %  ██████▍
        └─['scale']       float          1

    Args:
        obj: any object, as JAX sees it: one that is no container is a tree of one leaf.
        name: what it is called.
        depth: how many levels are shown at most.
        graph: whether a large tree is drawn as a graph.
        stats: whether the values are read for their minimum, maximum, mean and NaN.
        sharding: whether it is shown how arrays lie on their devices.
        engine: what draws the picture.
        progress: is told what is being done.

    Raises:
        ValueError: ``depth`` is negative.
    """  # noqa: RUF002  the sign of a run
    if depth is not None and depth < 0:
        message = f"depth is {depth}: give 0 for the totals alone, or the number of levels."
        raise ValueError(message)
    tree = summarise(obj)
    layouts = layouts_of(obj, tree) if sharding else ()
    result = PyTree(clean(name), tree, depth, graph, sharding, layouts, engine=engine)
    if stats:
        figures = stats_of(obj, tree, result.root, progress=progress)
        result = replace(result, stats=figures)
    return result
