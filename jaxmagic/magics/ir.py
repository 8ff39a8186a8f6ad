"""``%jaxir``."""

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jaxmagic.flags import name, split_line
from jaxmagic.magics.asking import filename_of, progress_line
from jaxmagic.magics.first_use import Home


class IRMagics(Home):
    """What did the compiler make of my source?"""

    @magic_arguments("jaxir")  # IPython puts a % before it in the help
    @argument(
        "--stage",
        choices=["jaxpr", "stablehlo", "hlo-before", "hlo", "passes", "lives"],
        help="one stage as text; passes: what each pass changed; lives: what became of each "
        "equation.",
    )
    @argument(
        "--verify",
        action="store_true",
        help="compile once more without the tags that link the stages: does XLA make the same?",
    )
    @argument(
        "-i",
        "--interactive",
        action="store_true",
        help="look through all of it: any stage and any pass, with a search, a page at a time.",
    )
    @argument("-o", "--output", type=name, metavar="NAME", help="keep the result under this name.")
    def jaxir(self, line: str) -> Any:
        """Show what the compiler makes of a call: jaxpr, StableHLO, HLO, and what each pass did.

        ::

            %jaxir f(x, y)
            %jaxir jax.grad(f)(x, y)
            %jaxir f(f32[1000, 10], f32[])

        The call is traced and compiled once, and never run: nothing is computed or donated. Point
        at an expression of the source: what became of it lights up in every stage.
        """
        __tracebackhide__ = True
        from jaxmagic.ir.from_text import AskError, explorer, ir, stage  # noqa: PLC0415  when asked

        line, code = split_line(self.jaxir.parser, line)
        flags = parse_argstring(self.jaxir, line)
        if flags.stage and flags.interactive:
            message = "%jaxir: --stage shows one stage as text, -i all: leave one of them out."
            raise UsageError(message)
        try:
            filename = filename_of(self.shell, f"%jaxir {code}")
            with progress_line(self.shell, "jaxir") as progress:
                result = ir(
                    code, self.shell.user_ns, filename, verify=flags.verify, progress=progress
                )
                shown = stage(result, flags.stage) if flags.stage else result
                shown = explorer(result) if flags.interactive else shown
        except AskError as error:
            message = f"%jaxir: {error}"
            raise UsageError(message) from None
        if flags.output:
            self.shell.user_ns[flags.output] = result
        return shown
