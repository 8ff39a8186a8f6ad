"""What ``%jaxir`` answers: from the text of a line to a result."""

from collections.abc import Callable
from typing import Any

from jaxmagic.ir.asked import AskError, call_of
from jaxmagic.ir.asking import ir_of
from jaxmagic.ir.failed import explained
from jaxmagic.ir.result import IR, StageText
from jaxmagic.ir.view import lives_text, passes_text
from jaxmagic.show.widgets import MissingWidgetsError, need_widgets

__all__ = ["AskError", "explorer", "ir", "stage"]

_NO_PASSES = "nothing is known of the passes: the notes of %jaxir without --stage say why."


def ir(
    code: str,
    namespace: dict[str, Any],
    filename: str,
    *,
    verify: bool = False,
    progress: Callable[[str], None] | None = None,
) -> IR:
    """What the compiler makes of the call ``code``, whose names are in ``namespace``.

    Raises:
        AskError: it is no call, or JAX can't trace it; the message says why and what to write.
        Exception: what the user's own code raises.
    """
    __tracebackhide__ = True
    call = call_of(code, namespace, filename)
    try:
        return ir_of(call, verify=verify, progress=progress)
    except Exception as error:
        if sentence := explained(error):
            raise AskError(sentence) from error
        raise


def explorer(result: IR) -> Any:
    """A widget to look through all of a program.

    Raises:
        AskError: ipywidgets is missing.
    """
    try:
        need_widgets()
    except MissingWidgetsError as error:
        raise AskError(str(error)) from None
    from jaxmagic.ir.explorer import Explorer  # noqa: PLC0415  ipywidgets is optional

    return Explorer(result)


def stage(result: IR, name: str) -> StageText:
    """One stage as text.

    Raises:
        AskError: there is none; the message says why.
    """
    if name in ("passes", "lives"):
        if not result.history.steps:
            raise AskError(_NO_PASSES)
        text = passes_text(result) if name == "passes" else lives_text(result)
        return StageText(f"{result.call}: {name}", text)
    try:
        found = result.stage(name)
    except KeyError as error:
        message = " ".join([f"{error.args[0]}.", *result.notes])
        raise AskError(message) from None
    return StageText(f"{result.call}: {found.title}", found.text)
