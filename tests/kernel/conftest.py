"""A real kernel, asked as a notebook asks it."""

import queue

import pytest
from jupyter_client.manager import start_new_kernel

PATIENCE_S = 120  # for one message; only a kernel that hangs needs it


class Notebook:
    """A running kernel, and what it says of each cell."""

    def __init__(self, manager, client):
        self.manager = manager
        self.client = client

    def run(self, code, react=lambda _message: None):
        """Run a cell; return the reply and all messages, each shown to ``react`` as it comes."""
        request = self.client.execute(code)
        messages = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=PATIENCE_S)
            except queue.Empty:
                pytest.fail(f"the kernel said nothing for {PATIENCE_S} s while it ran {code!r}")
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
                continue
            messages.append(message)
            react(message)
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            # a kernel that starts slowly is asked twice whether it is there, and answers twice
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"], messages


def of_type(messages, *types):
    """The contents of the messages of these types."""
    return [message["content"] for message in messages if message["msg_type"] in types]


@pytest.fixture(scope="module")
def notebook():
    """Start a kernel for the tests of a file, with the extension loaded."""
    # else ipykernel 7 warns that it is reached over an open local port
    manager, client = start_new_kernel(extra_arguments=["--log-level=ERROR"])
    notebook = Notebook(manager, client)
    try:
        reply, _ = notebook.run("%load_ext jaxmagic\nimport numpy as np")
        assert reply["status"] == "ok"
        yield notebook
    finally:
        client.stop_channels()
        client.context.destroy()  # else it is closed whenever the client is collected
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.fixture
def contents():
    return of_type
