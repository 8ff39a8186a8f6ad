"""``%jaxcache`` and ``%jaxdevices``."""

import argparse
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jaxmagic.flags import count, name, positive, split_line
from jaxmagic.magics.asking import filename_of
from jaxmagic.magics.first_use import Home

_ONE_ANSWER = ("disk", "watch", "clear")


class CompileMagics(Home):
    """What was compiled, and what is in memory?"""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._watching = False
        self._seen = 0
        self._restore_disk: Callable[[], None] | None = None

    @magic_arguments("jaxcache")  # IPython puts a % before it in the help
    @argument("--cell", type=count, metavar="N", help="what the cell In [N] compiled.")
    @argument("--slow", action="store_true", help="the programs that took longest, first.")
    @argument("--why", action="store_true", help="only what was compiled again, with its reason.")
    @argument("--sum", action="store_true", help="summed over the places that called.")
    @argument(
        "--watch",
        nargs="?",
        const="on",
        choices=["on", "off"],
        help="one line under each cell that compiles something; --watch off ends it.",
    )
    @argument("--clear", action="store_true", help="forget the records; JAX forgets nothing.")
    @argument(
        "--disk",
        nargs="?",
        const="",
        metavar="DIR",
        help="the persistent cache: where, how large, what is in it. With DIR, JAX keeps what it "
        "compiles there from now on, until %%unload_ext.",
    )
    @argument("-o", "--output", type=name, metavar="NAME", help="keep the result under this name.")
    def jaxcache(self, line: str) -> Any:
        """Show what JAX compiled in this session, by which cell, and why again.

        ::

            %jaxcache
            %jaxcache --cell 5
            %jaxcache step

        A name behind the flags is a function: its signatures and what they cost. Records begin
        with %load_ext jaxmagic. Nothing in JAX is changed, and calls of what is compiled already
        cost nothing.
        """
        __tracebackhide__ = True
        line, code = split_line(self.jaxcache.parser, line)
        flags = parse_argstring(self.jaxcache, line)
        _refuse(flags, code)
        result = self._answer(flags, code)
        if flags.output:
            self.shell.user_ns[flags.output] = result
        return result

    def _answer(self, flags: argparse.Namespace, code: str) -> Any:
        """What the line asks for; None where it only changes something."""
        __tracebackhide__ = True
        from jaxmagic.compiles import chosen, compiles, recorder  # noqa: PLC0415  when asked for
        from jaxmagic.compiles.sites import sites  # noqa: PLC0415  as above

        if flags.disk is not None:
            return self._disk(flags.disk)
        if flags.watch:
            self._watch(on=flags.watch == "on")
            return None
        if flags.clear:
            recorder().clear()
            return None
        found = compiles()
        if code:
            try:
                found = chosen.of_function(found, self._function(code))
            except chosen.NotCompiledError as error:
                message = f"%jaxcache: {error}"
                raise UsageError(message) from None
        if flags.cell:
            found = chosen.of_cell(found, flags.cell)
        if flags.why:
            found = chosen.again(found)
        if flags.sum:
            return sites(found)
        return chosen.slow(found) if flags.slow else found

    def _disk(self, directory: str) -> Any:
        """The persistent cache, switched on first if a ``directory`` is given."""
        from jaxmagic.compiles.disk import DiskCacheError, disk_cache, use  # noqa: PLC0415  as above

        if directory:
            self._restore()
            try:
                self._restore_disk = use(directory)
            except DiskCacheError as error:
                message = f"%jaxcache: {error}"
                raise UsageError(message) from None
        return disk_cache()

    def end(self) -> None:
        """Take out what was put in: the watch, and the directory of ``--disk``."""
        self._watch(on=False)
        self._restore()

    def _restore(self) -> None:
        """Let JAX use the persistent cache that it used before ``--disk``."""
        if self._restore_disk is not None:
            self._restore_disk()
            self._restore_disk = None

    def _function(self, code: str) -> Any:
        __tracebackhide__ = True
        filename = filename_of(self.shell, f"%jaxcache {code}")
        try:
            compiled = compile(code, filename, "eval")
        except SyntaxError as error:
            message = f"%jaxcache: {code} is no Python expression ({error.msg})."
            raise UsageError(message) from None
        return eval(compiled, self.shell.user_ns)  # noqa: S307  it is the user's

    @magic_arguments("jaxdevices")  # as above
    @argument(
        "--seconds",
        type=positive,
        metavar="S",
        help="how long arrays and their names are looked for (0.05).",
    )
    @argument("-o", "--output", type=name, metavar="NAME", help="keep the result under this name.")
    def jaxdevices(self, line: str) -> Any:
        """Show the devices, their memory, and the live arrays with the names that hold them.

        No backend is started: before the first computation of JAX there is nothing to show.
        """
        __tracebackhide__ = True
        from jaxmagic.compiles.memory import devices  # noqa: PLC0415  as above

        flags = parse_argstring(self.jaxdevices, line)
        limit = {"seconds": flags.seconds} if flags.seconds else {}
        result = devices(self.shell.user_ns, **limit)
        if flags.output:
            self.shell.user_ns[flags.output] = result
        return result

    # ------------------------------------------------------------ --watch

    def _watch(self, *, on: bool) -> None:
        """Say after each cell what it compiled, or do so no longer."""
        if on and not self._watching:
            self._before_cell()
        if on != self._watching:
            self._watching = on
            change = self.shell.events.register if on else self.shell.events.unregister
            change("pre_run_cell", self._before_cell)
            change("post_run_cell", self._after_cell)

    def _before_cell(self, *_: Any) -> None:
        """Note what was compiled until now."""
        from jaxmagic.compiles import recorder  # noqa: PLC0415  as above

        recorder().mend()
        self._seen = recorder().last

    def _after_cell(self, *_: Any) -> None:
        """Say in one line what the cell compiled."""
        from jaxmagic.compiles import recorder  # noqa: PLC0415  as above
        from jaxmagic.compiles.one_line import in_one_line  # noqa: PLC0415  as above

        said = in_one_line(recorder().compiles(self._seen))
        if said:
            print(f"jaxmagic: {said}")  # noqa: T201  it is the output of the cell


def _refuse(flags: argparse.Namespace, code: str) -> None:
    alone = [flag for flag in _ONE_ANSWER if getattr(flags, flag) not in (None, False)]
    others = [flag for flag in ("cell", "slow", "why", "sum") if getattr(flags, flag)]
    if alone and (code or others or len(alone) > 1):
        message = f"%jaxcache: --{alone[0]} stands alone."
        raise UsageError(message)
    if flags.slow and flags.sum:
        message = "%jaxcache: --sum is sorted by time already: leave --slow out."
        raise UsageError(message)
