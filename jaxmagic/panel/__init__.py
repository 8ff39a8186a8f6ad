"""The kernel's side of the panel in JupyterLab.

One comm says that jaxmagic is loaded. When a front end answers with a hello, a thread begins to
tell what is compiled, while cells run. Nothing of it exists in a shell without a kernel.
"""

import os
import threading
from typing import TYPE_CHECKING, Any

from jaxmagic.importing import AfterImport
from jaxmagic.panel.cells import Cells
from jaxmagic.panel.state import imported, state
from jaxmagic.panel.wire import Wire, message

if TYPE_CHECKING:
    from jaxmagic.panel.pushing import Pushing

TARGET = "jaxmagic.panel"


class Panel:
    """What the front ends of a kernel are told, from :meth:`begin` to :meth:`end`.

    ``shell`` is the one of the kernel, ``about`` the part of the state that stays as it is.
    """

    def __init__(self, shell: Any, about: Wire) -> None:
        self._shell = shell
        self._about = about
        self._session = os.urandom(8).hex()
        self._cells = Cells(shell)
        self._after_import = AfterImport("jax", self._jax_is_here)
        self._has_jax = False
        self._comm: Any = None
        self._pushing: Pushing | None = None
        self._greeting = threading.Lock()

    def begin(self) -> None:
        """Announce that jaxmagic is loaded to the front ends that are there."""
        try:
            import comm  # noqa: PLC0415  only in a kernel, which has it
        except ImportError:  # kernels older than ipykernel 6.20 have no comms of this kind
            return
        # not when a front end answers: that may be while JAX is being imported, and too late
        if imported() is None:
            self._after_import.wait()
        self._attach(comm.create_comm(TARGET, data=self._message("state", self._state())))

    def _attach(self, made: Any) -> None:
        if hasattr(made, "_reply_subshell_for"):
            # ipykernel 7.4.0 has front ends answered where a comm was used last: after a word of
            # the main thread that would be there, behind the cell that is running
            made._reply_subshell_for = lambda _data, default: default  # noqa: SLF001  see above
        made.on_msg(self._on_message)
        made.on_close(self._on_close)
        self._comm = made

    def _on_close(self, _message: Wire) -> None:
        """Go on: a front end that does not know this comm closes it, for all others as well."""
        import comm  # noqa: PLC0415  it is imported

        if self._comm is None:
            return
        again = comm.create_comm(TARGET, comm_id=self._comm.comm_id, primary=False)
        comm.get_comm_manager().register_comm(again)
        self._attach(again)

    def end(self) -> None:
        """Say that jaxmagic is unloaded, and leave nothing behind."""
        with self._greeting:
            made, self._comm = self._comm, None
        self._after_import.cancel()
        if self._pushing is not None:
            self._pushing.end()
        if made is not None:
            made.send(self._message("unloaded", {}))
            made.close()

    def after_cell(self, result: Any) -> None:
        """Keep which cell it was, and look at what it may have changed; an event of the shell."""
        self._cells.after_cell(result)
        self._look()

    def _look(self) -> None:
        if self._pushing is not None:
            self._follow()
            self._pushing.look()

    # ------------------------------------------------------------ what is sent

    def _message(self, event: str, told: Wire) -> Wire:
        return message(event, self._session, **told)

    def _send(self, event: str, told: Wire) -> None:
        made = self._comm
        if made is not None:
            made.send(self._message(event, told))

    def _state(self) -> Wire:
        return {**self._about, **state(), "busy": self._cells.busy}

    # ------------------------------------------------------------ what is asked

    def _on_message(self, received: Wire) -> None:
        """Do what a front end asks for; in the main thread, or in that of a subshell."""
        asked = received.get("content", {}).get("data")
        if not isinstance(asked, dict) or self._comm is None:
            return
        if asked.get("op") == "hello":
            self._hello()
            return
        from jaxmagic.panel.asked import change, devices  # noqa: PLC0415  when asked for

        if asked.get("op") == "devices":
            event, told = devices(self._shell.user_ns)
        else:
            event, told = change(asked, busy=self._cells.busy)
        self._send(event, {"re": str(asked.get("id", "")), **told})
        self._look()

    def _hello(self) -> None:
        """Tell everything; in the thread of one subshell, maybe, and of another one at once."""
        from jaxmagic.panel.batches import Batches  # noqa: PLC0415  not before a front end came
        from jaxmagic.panel.pushing import Pushing  # noqa: PLC0415  as above

        with self._greeting:
            if self._comm is None:
                return
            if self._pushing is None:
                batches = Batches(self._cells.id_of)
                self._pushing = Pushing(self._send, self._state, batches, self._is_gone)
        self._follow()
        self._pushing.hello()

    def _jax_is_here(self) -> None:
        self._has_jax = True
        self._follow()

    def _follow(self) -> None:
        """Follow the recorder if JAX is there, and a front end that wants to hear of it."""
        if self._pushing is None or not (self._has_jax or imported() is not None):
            return
        from jaxmagic.compiles import recorder  # noqa: PLC0415  not before JAX is there

        self._pushing.follow(recorder())

    def _is_gone(self) -> bool:
        """Whether nothing that is sent leaves the kernel any more."""
        thread = getattr(getattr(self._shell.kernel, "iopub_thread", None), "thread", None)
        return thread is not None and not thread.is_alive()
