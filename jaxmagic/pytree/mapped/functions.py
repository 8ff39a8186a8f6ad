"""The functions of JAX whose calls are shown, by identity: an alias of one is the same function."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jaxmagic.pytree.mapped.result import Question


@dataclass(frozen=True, slots=True)
class Known:
    """A function of JAX: what it asks of a tree, and its name as documented.

    ``with_path`` says that it deals with pairs of a key path and a leaf.
    """

    question: Question
    name: str
    with_path: bool = False


_QUESTIONS: tuple[tuple[str, Question, bool], ...] = (
    ("map", "map", False),
    ("map_with_path", "map", True),
    ("reduce", "reduce", False),
    ("leaves", "leaves", False),
    ("leaves_with_path", "leaves", True),
    ("flatten", "flatten", False),
    ("flatten_with_path", "flatten", True),
    ("unflatten", "unflatten", False),
    ("structure", "structure", False),
)

NAMES = ", ".join(f"jax.tree.{name}" for name, _, _ in _QUESTIONS)


def known(function: Any) -> Known | None:
    """What is known of ``function``; None if it is none of these functions.

    Does not import JAX: who has one of its functions has imported it.
    """
    if "jax" not in sys.modules or not callable(function):
        return None
    return next((what for its, what in _known() if its is function), None)


def _known() -> list[tuple[Callable[..., Any], Known]]:
    import jax  # noqa: PLC0415  JAX is not imported before it is asked for

    homes: Mapping[str, Any] = {"jax.tree.": jax.tree, "jax.tree_util.tree_": jax.tree_util}
    return [
        (function, Known(question, prefix + name, with_path))
        for prefix, home in homes.items()
        for name, question, with_path in _QUESTIONS
        if (function := getattr(home, prefix.rpartition(".")[2] + name, None)) is not None
    ]
