"""The panel as its front ends see it: real kernels, reached over the protocol of Jupyter."""

import threading
import time
from contextlib import contextmanager

import pytest
import zmq
from jupyter_client.manager import start_new_kernel

PATIENCE_S = 120  # for one message; only a kernel that hangs needs it
TARGET = "jaxmagic.panel"
LOAD = "%load_ext jaxmagic"
WITHOUT_JAX = """
import sys
class NoJax:
    def find_spec(self, name, path=None, target=None):
        if name == "jax":
            raise ModuleNotFoundError("No module named 'jax'", name="jax")
sys.meta_path.insert(0, NoJax())
"""
SLOW = """
def slow(x):
    for i in range(20):
        x = jnp.sort(jnp.sin(x @ x + i), axis=i % 2)
    return x
_ = jax.jit(slow)(jnp.ones((64, 64)))
"""


class FrontEnd:
    """A page that is connected to a kernel: what it hears, with the times, and what it asks."""

    def __init__(self, manager):
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)
        self.messages = []  # what was heard, in the order that it came
        self._heard = threading.Condition()
        self._closing = False
        self._ids = iter(range(10**9))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.comm_id = ""

    def _listen(self):
        # the channel's own methods would make an event loop for this thread, and not close it
        socket, session = zmq.Socket.shadow(self.client.iopub_channel.socket), self.client.session
        while not self._closing:
            if not socket.poll(100):
                continue
            message = session.deserialize(session.feed_identities(socket.recv_multipart())[1])
            with self._heard:
                self.messages.append((time.time(), message))
                self._heard.notify_all()

    def close(self):
        self._closing = True
        self._thread.join()
        self.client.stop_channels()
        self.client.context.destroy()  # else it is closed whenever the client is collected

    def wait(self, wanted, after=0):
        """The first message that ``wanted`` gives something for, and that."""
        deadline = time.monotonic() + PATIENCE_S
        with self._heard:
            while True:
                for at in range(after, len(self.messages)):
                    found = wanted(self.messages[at][1])
                    if found:
                        return found
                after = len(self.messages)
                if not self._heard.wait(deadline - time.monotonic()):
                    pytest.fail(f"not heard in {PATIENCE_S} s")

    # ------------------------------------------------------------ cells

    def start(self, code, cell_id=None, **how):
        """Begin to run a cell; returns the id of the request."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
                **how,
            },
            metadata={} if cell_id is None else {"cellId": cell_id},
        )
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def reply(self, request):
        """The answer to a request on the shell's channel."""
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]

    def run(self, code, cell_id=None, **how):
        """Run a cell to its end; returns what it has printed."""
        request = self.start(code, cell_id, **how)
        reply = self.reply(request)
        assert reply["status"] == "ok", reply
        self.wait(lambda message: is_idle(message, request))
        return "".join(
            message["content"]["text"]
            for _, message in self.messages
            if message["msg_type"] == "stream" and message["parent_header"].get("msg_id") == request
        )

    # ------------------------------------------------------------ the comm

    def attach(self):
        """Find the comm as a page does that is opened later; returns whether there is one."""
        request = self.client.comm_info(TARGET)
        self.comm_id = next(iter(self.reply(request)["comms"]), "")
        return bool(self.comm_id)

    def send(self, op, subshell=None, **more):
        """Ask for something; returns the id of that."""
        its_id = f"{op}-{next(self._ids)}"
        data = {"op": op, "id": its_id, **more}
        self.comm("comm_msg", data, subshell)
        return its_id

    def comm(self, kind, data, subshell=None):
        content = {"comm_id": self.comm_id, "data": data}
        message = self.client.session.msg(kind, content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def ask(self, op, **more):
        """Ask for something, and wait for the answer."""
        its_id = self.send(op, **more)
        return self.wait(lambda message: told(message).get("re") == its_id and told(message))

    def hello(self):
        """Say hello, and wait for the first batch; returns that and the state before."""
        after = len(self.messages)
        self.send("hello")
        state = self.wait(lambda message: of(message, "state"), after)
        return state, self.wait(lambda message: of(message, "batch"), after)

    def all(self, event, after=0):
        return [data for _, message in self.messages[after:] if (data := of(message, event))]

    def records(self, after=0):
        """All records by their number, in their last form."""
        return {
            record["number"]: record
            for batch in self.all("batch", after)
            for record in batch["records"]
        }

    def wait_for_record(self, after=0, **fields):
        """Wait until a record has these values."""

        def fits(message):
            for record in (of(message, "batch") or {"records": ()})["records"]:
                if all(record.get(name) == value for name, value in fields.items()):
                    return record
            return None

        return self.wait(fits, after)

    def subshell(self):
        """Make a subshell, as newer versions of JupyterLab do; None where there are none."""
        features = self.client.kernel_info(reply=True, timeout=PATIENCE_S)["content"]
        if "kernel subshells" not in features.get("supported_features", ()):
            return None
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        return self.client.get_control_msg(timeout=PATIENCE_S)["content"]["subshell_id"]


def told(message):
    """What a message of a comm has told."""
    if message["msg_type"] not in ("comm_msg", "comm_open"):
        return {}
    return message["content"]["data"]


def of(message, event):
    data = told(message)
    return data if data.get("ev") == event else None


def is_idle(message, request):
    return (
        message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
        and message["parent_header"].get("msg_id") == request
    )


@contextmanager
def a_kernel():
    """Start a kernel; gives what makes front ends that are connected to it."""
    # else ipykernel 7 warns that it is reached over an open local port
    manager, client = start_new_kernel(extra_arguments=["--log-level=ERROR"])
    pages = []

    def page():
        pages.append(FrontEnd(manager))
        return pages[-1]

    page.manager = manager
    try:
        yield page
    finally:
        for one in pages:
            one.close()
        client.stop_channels()
        client.context.destroy()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.fixture
def new_page():
    """A kernel of its own for a test."""
    with a_kernel() as page:
        yield page


@pytest.fixture(scope="module")
def shared():
    """A kernel for many tests, with JAX and jaxmagic; and a page that has said hello."""
    with a_kernel() as page:
        first = page()
        first.run(f"{LOAD}\nimport threading, time\nimport jax, jax.numpy as jnp")
        first.attach()
        first.hello()
        first.page = page
        yield first


@pytest.fixture
def page(shared):
    """The page of that kernel; ``page.start_at`` is how many messages it had heard before."""
    shared.run("pass")
    shared.start_at = len(shared.messages)
    return shared


THREADS = "print(sorted(t.name for t in __import__('threading').enumerate()))"


def test_loading_is_announced_and_starts_nothing(new_page):
    page = new_page()
    page.run(LOAD)
    opened = page.wait(lambda m: m["msg_type"] == "comm_open" and m["content"])
    assert opened["target_name"] == TARGET
    state = opened["data"]
    assert state.pop("session")
    assert state.pop("magics") == ["jaxcache", "jaxcompare", "jaxdevices", "pytree"]
    assert state == {
        "ev": "state",
        "jaxmagic": "0.1.0",
        "jax": None,
        "started": False,
        "recording": True,
        "switches": None,
        "disk": "",
        "busy": True,
    }
    assert "jaxmagic panel" not in page.run(THREADS)
    page.run("import jax\njax.jit(lambda x: x + 1)(1.0)")
    assert page.all("batch") == []
    assert page.attach()
    assert page.comm_id == opened["comm_id"]
    _, batch = page.hello()
    assert batch["cleared"]
    assert "<lambda>" in {record["function"] for record in batch["records"]}
    assert "jaxmagic panel" in page.run(THREADS)
