"""Recording what JAX compiles, for as long as the extension is loaded."""

import sys

from jaxmagic.importing import AfterImport


class Recording:
    """Recording from when the extension is loaded until it is unloaded; JAX may come later."""

    def __init__(self) -> None:
        self._waiting = AfterImport("jax", self._start)
        self._started = False

    def begin(self) -> None:
        """Record from now on, or as soon as the user imports JAX."""
        if "jax" in sys.modules:
            self._start()
        else:
            self._waiting.wait()

    def end(self) -> None:
        """Record no longer, and forget what was recorded."""
        self._waiting.cancel()
        if self._started:
            from jaxmagic.compiles import stop  # noqa: PLC0415  it is loaded

            stop()
            self._started = False

    def _start(self) -> None:
        from jaxmagic.compiles import recorder, start  # noqa: PLC0415  not before JAX is there

        if not self._started:
            self._started = True
            if not recorder().running:
                recorder().clear()  # a session begins here, whatever was watched before
            start()
