"""``%pytree``."""

import argparse
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jaxmagic.flags import count, name, path, split_line
from jaxmagic.magics.asking import filename_of, progress_line
from jaxmagic.magics.first_use import Home
from jaxmagic.magics.last_error import last_error

_OF_ONE_TREE = ("depth", "graph", "stats", "sharding", "svg", "interactive")


class PyTreeMagics(Home):
    """What is in this tree, and how do two differ?"""

    @magic_arguments("pytree")  # IPython puts a % before it in the help
    @argument("--depth", type=count, metavar="N", help="levels that are opened at most.")
    @argument("--graph", action="store_true", help="a picture of a large tree, from left to right.")
    @argument(
        "--stats",
        action="store_true",
        help="min, max, mean and the number of NaNs; reads the values, for at most 2 s.",
    )
    @argument("--sharding", action="store_true", help="on which devices the arrays lie, and how.")
    @argument("--svg", type=path, metavar="FILE", help="write the picture to this file, too.")
    @argument(
        "-i",
        "--interactive",
        action="store_true",
        help="walk through a tree of any size; levels are loaded when they are opened.",
    )
    @argument("--diff", action="store_true", help="how two trees differ: %%pytree --diff a, b")
    @argument("--values", action="store_true", help="with --diff: compare the values, too.")
    @argument(
        "--prefix",
        action="store_true",
        help="with --diff: is the first tree a prefix of the second, as in_axes has to be?",
    )
    @argument(
        "--why",
        action="store_true",
        help="after a failed jax.tree.map: every difference of its trees, from the traceback.",
    )
    @argument(
        "--engine",
        choices=["auto", "wasm", "native"],
        default="auto",
        help="the Graphviz that draws: the one that comes with jaxmagic, or dot of this machine.",
    )
    @argument("-o", "--output", type=name, metavar="NAME", help="keep the result under this name.")
    def pytree(self, line: str) -> Any:
        """Show what is in a PyTree, what jax.tree.map does, or how two trees differ.

        ::

            %pytree params
            %pytree jax.tree.map(lambda p, g: p - 0.1 * g, params, grads)
            %pytree --diff params, restored

        A small tree is a picture, a large one an outline under a bar of its bytes, with equal
        parts folded. A call of jax.tree.map, reduce, leaves, flatten or unflatten is shown with
        its operands and its result. No array's values are read without --stats or --values.
        """
        __tracebackhide__ = True
        from jaxmagic.pytree.from_text import TreeError  # noqa: PLC0415  loads what draws

        shell = self.shell
        line, code = split_line(self.pytree.parser, line)
        flags = parse_argstring(self.pytree, line)
        try:
            result = _answer(shell, flags, code)
        except TreeError as error:
            message = f"%pytree: {error}"
            raise UsageError(message) from None
        if flags.output:
            shell.user_ns[flags.output] = result
        return result


def _answer(shell: InteractiveShell, flags: argparse.Namespace, code: str) -> Any:
    """What the line asks for."""
    __tracebackhide__ = True
    from jaxmagic.pytree import from_text  # noqa: PLC0415  as above

    _refuse_what_excludes_each_other(flags, code)
    if flags.why:
        return from_text.why(last_error())
    filename = filename_of(shell, f"%pytree {code}")
    with progress_line(shell, "pytree") as progress:
        if flags.diff or flags.prefix:
            return from_text.difference(
                code,
                shell.user_ns,
                filename,
                values=flags.values,
                prefix=flags.prefix,
                progress=progress,
            )
        if flags.interactive:
            return from_text.explorer(code, shell.user_ns, filename)
        result = from_text.tree(
            code,
            shell.user_ns,
            filename,
            depth=flags.depth,
            graph=flags.graph,
            stats=flags.stats,
            sharding=flags.sharding,
            engine=flags.engine,
            progress=progress,
        )
        if flags.svg:
            from_text.save(result, flags.svg)
    return result


def _refuse_what_excludes_each_other(flags: argparse.Namespace, code: str) -> None:
    asked = [flag for flag in _OF_ONE_TREE if getattr(flags, flag)]
    compared = "why" if flags.why else "diff" if flags.diff else "prefix" if flags.prefix else ""
    if compared and asked:
        message = f"--{asked[0]} shows one tree, --{compared} compares two: leave one of them out."
        raise UsageError(message)
    if flags.interactive and asked != ["interactive"]:
        message = f"--{asked[0]} does not go with -i: leave one of them out."
        raise UsageError(message)
    if flags.why and (code or flags.diff or flags.prefix or flags.values):
        message = "--why stands alone: it takes the trees from the last traceback."
        raise UsageError(message)
    if flags.values and not flags.diff:
        message = "--values goes with --diff: %pytree --diff --values a, b"
        raise UsageError(message)
