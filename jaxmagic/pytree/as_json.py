"""A tree as JSON, both ways: the table of its structures, however often each of them occurs."""

from functools import cache
from typing import Any

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter

from jaxmagic.pytree.arrays.figures import Figures, Stats
from jaxmagic.pytree.model import Structure, Tree
from jaxmagic.pytree.names import Indices


@cache
def converter() -> Converter:
    """What turns results to plain values for JSON and back.

    What is as usual is left out of a structure, and the labels of a list are their number.
    """
    made = make_converter()
    labels = override(unstruct_hook=_labels, struct_hook=_labels_again)
    short = make_dict_unstructure_fn(Structure, made, _cattrs_omit_if_default=True, keys=labels)
    made.register_unstructure_hook(Structure, short)
    made.register_structure_hook(Structure, make_dict_structure_fn(Structure, made, keys=labels))
    structures = override(
        struct_hook=lambda given, _: tuple(made.structure(one, Structure) for one in given)
    )
    made.register_structure_hook(Tree, make_dict_structure_fn(Tree, made, structures=structures))
    pairs = override(
        unstruct_hook=lambda at: [[place, made.unstructure(one)] for place, one in at.items()],
        struct_hook=lambda given, _: _by_place(made, given),
    )
    made.register_unstructure_hook(Stats, make_dict_unstructure_fn(Stats, made, at=pairs))
    made.register_structure_hook(Stats, make_dict_structure_fn(Stats, made, at=pairs))
    return made


def _labels(keys: Any) -> Any:
    return len(keys) if isinstance(keys, Indices) else list(keys)


def _labels_again(given: Any, _: Any) -> Any:
    return Indices(given) if isinstance(given, int) else tuple(given)


def _by_place(made: Converter, given: Any) -> Any:
    return {tuple(place): made.structure(one, Figures) for place, one in given}
