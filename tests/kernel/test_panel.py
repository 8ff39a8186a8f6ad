"""The panel as its front ends see it: real kernels, reached over the protocol of Jupyter."""

import threading
import time
from contextlib import contextmanager

import pytest
import zmq
from jupyter_client import BlockingKernelClient
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
        self.manager = manager
        self.client = BlockingKernelClient()  # with a session of its own, as each page has
        self.client.load_connection_file(manager.connection_file)
        self.client.start_channels(hb=False)
        self.messages = []  # what was heard, in the order that it came
        self._heard = threading.Condition()
        self._closing = False
        self._ids = iter(range(10**9))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.comm_id = ""
        self.ready()

    def ready(self):
        """Wait until the kernel answers, and what it tells everybody is heard."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            request = self.client.kernel_info()
            self.reply(request)
            if self._is_heard(request):
                return
        pytest.fail(f"no kernel in {PATIENCE_S} s")

    def _is_heard(self, request):
        with self._heard:
            return self._heard.wait_for(
                lambda: any(is_idle(message, request) for _, message in self.messages), 1
            )

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

    def wait_for_state(self, **fields):
        """Wait until the state that was told last has these values; it may have had them before."""

        def holds():
            state = self.all("state")[-1]
            return all(state[name] == value for name, value in fields.items())

        with self._heard:
            if not self._heard.wait_for(holds, PATIENCE_S):
                pytest.fail(f"not heard in {PATIENCE_S} s")

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
    assert state.pop("magics") == ["jaxcache", "jaxcompare", "jaxdevices", "jaxir", "pytree"]
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


def test_a_phase_is_seen_while_the_kernel_compiles(page):
    request = page.start(SLOW)
    begun = page.wait_for_record(page.start_at, function="slow", phase="compile")
    assert not any(is_idle(message, request) for _, message in page.messages)
    assert begun["trace_ms"] > 0
    assert "compile_ms" not in begun
    assert page.reply(request)["status"] == "ok"
    done = page.wait_for_record(page.start_at, function="slow", outcome="compiled")
    assert done["number"] == begun["number"]
    assert done["compile_ms"] > 0
    assert "phase" not in done
    # where it is shown from: elapsed = now_s - started_s
    batch = next(b for b in page.all("batch", page.start_at) if begun in b["records"])
    assert 0 <= batch["now_s"] - begun["started_s"] < PATIENCE_S


def test_a_cell_is_known_by_its_id_while_it_runs_and_after(page):
    request = page.start(
        "jax.jit(lambda x: x - 1)(1.0)\nopen_cell = True\nwhile open_cell: time.sleep(0.01)",
        cell_id="the-id",
    )
    record = page.wait_for_record(page.start_at, function="<lambda>", outcome="compiled")

    def cell_of(message):
        return (of(message, "batch") or {"cells": {}})["cells"].get(str(record["cell"]))

    assert page.wait(cell_of, page.start_at) == "the-id"
    assert not any(is_idle(message, request) for _, message in page.messages)
    page.manager.interrupt_kernel()
    assert page.reply(request)["execution_count"] == record["cell"]
    page.run("for n in range(2):\n    jax.jit(lambda x: x - 2)(1.0)", cell_id="another")
    page.run("jax.jit(lambda x: x - 3)(1.0)")  # a page that gives no id
    later = page.wait_for_record(page.start_at, cell=record["cell"] + 2)
    assert later["place"].startswith("In[")
    told_cells = {}
    for batch in page.all("batch", page.start_at):
        told_cells |= batch["cells"]
    assert told_cells == {
        str(record["cell"]): "the-id",
        str(record["cell"] + 1): "another",
    }


def test_devices_are_told_while_a_cell_changes_its_variables(page):
    subshell = page.subshell()
    page.run("held = jnp.arange(1234.0)\nheld_too = {'a': held}")
    answer = page.ask("devices")
    [group] = [group for group in answer["devices"]["groups"] if group["shape"] == [1234]]
    assert "held" in {name["code"] for name in group["names"]}
    seconds = 1 if subshell is None else PATIENCE_S
    request = page.start(
        f"until = time.time() + {seconds}\n"
        "while time.time() < until:\n"
        "    for n in range(500): globals()[f'_v{n}'] = {n: n}\n"
        "    for n in range(500): globals().pop(f'_v{n}', None)"
    )
    for _ in range(5):
        its_id = page.send("devices", subshell=subshell)
        answer = page.wait(lambda m, re=its_id: told(m).get("re") == re and told(m))
        if "problem" in answer:
            assert answer["problem"].endswith("ask again.")
        else:
            assert answer["devices"]["devices"]
    # without subshells the kernel answers when the cell has ended
    ended = any(is_idle(message, request) for _, message in page.messages)
    assert ended == (subshell is None)
    if not ended:
        page.manager.interrupt_kernel()
    page.reply(request)


def test_what_changes_something_is_done_and_told(page):
    page.run("f = jax.jit(lambda x: x * 5)\nf(1.0)")
    assert page.ask("clear_caches")["ev"] == "done"
    page.run("f(1.0)")
    assert page.wait_for_record(page.start_at, again=True)["reason"]["kind"] == "cleared"
    after = len(page.messages)
    assert page.ask("switch", name="x64", on=True)["ev"] == "done"
    state = page.wait(lambda m: of(m, "state"), after)
    assert state["switches"] == {"x64": True, "disable_jit": False, "debug_nans": False}
    assert page.run("print(jnp.ones(1).dtype)") == "float64\n"
    after = len(page.messages)
    page.run("jax.config.update('jax_enable_x64', False)")
    assert not page.wait(lambda m: of(m, "state"), after)["switches"]["x64"]
    after = len(page.messages)
    assert page.ask("forget")["ev"] == "done"
    batch = page.wait(lambda m: (of(m, "batch") or {}).get("cleared") and of(m, "batch"), after)
    assert batch["records"] == []
    after = len(page.messages)
    page.run("f(jnp.ones(3))")
    page.wait_for_record(after, function="<lambda>")
    assert min(page.records(after)) == batch["oldest"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"op": "dance"}, "does not know 'dance'"),
        ({"op": ["devices"]}, "does not know"),
        ({"op": "switch", "name": "x32", "on": True}, "There is no switch"),
        ({"op": "switch", "name": "x64", "on": "yes"}, "There is no switch"),
    ],
)
def test_what_makes_no_sense_is_refused(page, asked, words):
    page.comm("comm_msg", {**asked, "id": f"odd-{asked}"})
    answer = page.wait(lambda m: told(m).get("re") == f"odd-{asked}" and told(m))
    assert answer["ev"] == "refused"
    assert words in answer["words"]


def test_what_is_no_message_at_all_is_passed_over(page):
    for data in ({}, {"id": 3}):
        page.comm("comm_msg", data)
    assert page.ask("devices")["ev"] == "devices"
    assert "jaxmagic panel" in page.run(THREADS)


def test_nothing_is_changed_while_a_cell_runs(page):
    subshell = page.subshell()
    request = page.start("print('begun')\nwhile True: time.sleep(0.01)")
    page.wait(lambda m: m["msg_type"] == "stream", page.start_at)
    ops = ("clear_caches", "forget", "switch")
    asked = [page.send(op, subshell=subshell, name="x64", on=False) for op in ops]
    if subshell is None:  # they wait until the cell has ended
        page.manager.interrupt_kernel()
    for its_id in asked:
        answer = page.wait(lambda m, re=its_id: told(m).get("re") == re and told(m))
        if subshell is None:
            assert answer["ev"] == "done"
        else:
            assert answer["ev"] == "refused"
            assert answer["words"].startswith("A cell is running: ")
    if subshell is not None:
        page.wait_for_state(busy=True)
        page.manager.interrupt_kernel()
    page.reply(request)
    page.run("pass")
    assert page.ask("switch", subshell=subshell, name="x64", on=False)["ev"] == "done"
    page.wait_for_state(busy=False)


def test_an_interrupted_compile_is_told_and_all_goes_on(page):
    request = page.start("def sleepy(x):\n    while True: time.sleep(0.01)\njax.jit(sleepy)(1.0)")
    page.wait_for_record(page.start_at, function="sleepy", phase="trace")
    page.manager.interrupt_kernel()
    assert page.reply(request)["ename"] == "KeyboardInterrupt"
    page.run("jax.jit(lambda x: x - 9)(1.0)")
    page.wait_for_record(page.start_at, function="<lambda>", outcome="compiled")
    assert page.wait_for_record(page.start_at, function="sleepy", outcome="interrupted")


def test_a_page_that_comes_later_is_told_all_and_both_go_on(page):
    page.run("jax.jit(lambda x: x - 4)(1.0)")
    page.wait_for_record(page.start_at, function="<lambda>", outcome="compiled")
    known = page.records()
    second = page.page()
    assert second.attach()
    assert second.comm_id == page.comm_id
    _, batch = second.hello()
    assert batch["cleared"]
    assert batch["records"] == [known[r["number"]] for r in batch["records"]]
    after = len(second.messages)
    for one in (page, second):  # what one asks for, both are told
        one.ask("devices")
    page.run("jax.jit(lambda x: x - 5)(1.0)")
    for one, since in ((page, page.start_at), (second, after)):
        one.wait_for_record(since, function="<lambda>", outcome="compiled")


def test_a_page_that_closes_the_comm_closes_it_for_nobody(page):
    page.comm("comm_close", {})  # as a page does that knows no such target
    page.run("jax.jit(lambda x: x - 6)(1.0)")
    page.wait_for_record(page.start_at, function="<lambda>", outcome="compiled")
    before = page.comm_id
    assert page.attach()
    assert page.comm_id == before
    assert page.hello()[1]["cleared"]


MANY = """
from jaxmagic.compiles import recorder
from jaxmagic.compiles.job import Job
from jaxmagic.compiles.place import Place
kept = recorder()._kept
for _ in range({number}):
    job = kept.add(lambda number: Job(number, f"many_{{number}}", 0, "jit", Place(cell=1)))
    job.outcome = "compiled"
    kept.change(job)
"""


def test_ten_thousand_records_come_in_slices_the_newest_first(page):
    page.run(MANY.format(number=10_500))
    page.wait(lambda m: (of(m, "batch") or {"more": 1})["more"] == 0, page.start_at)
    after = len(page.messages)
    start = time.time()
    _, first = page.hello()
    live = page.start("jax.jit(lambda x: x - 7)(1.0)")
    last = page.wait(lambda m: (of(m, "batch") or {"more": 1})["more"] == 0 and told(m), after)
    heard = [
        (at, message)
        for at, message in page.messages[after:]
        if of(message, "batch") or of(message, "state")
    ]
    batches = [data for _, message in heard if (data := of(message, "batch"))]
    assert first["cleared"]
    assert not any(batch["cleared"] for batch in batches[1:])
    assert 100 < len(first["records"]) <= 500
    assert first["more"] == 10_000 - len(first["records"])
    numbers = [record["number"] for record in first["records"]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    found = page.records(after)
    assert set(found) >= set(range(last["oldest"] + 1, numbers[-1] + 1))
    assert last["dropped"] > 0
    # what happens meanwhile does not wait behind the old ones
    page.reply(live)
    functions = [{record["function"] for record in batch["records"]} for batch in batches]
    at = next(n for n, names in enumerate(functions) if "<lambda>" in names)
    assert at < len(batches) - 3
    assert len(heard) <= 10 * (time.time() - start) + 2
    sizes = [len(str(batch)) for batch in batches]
    assert max(sizes) < 200_000
    assert sum(sizes) < 150_000 + 700_000 * (batches[-1]["now_s"] - batches[0]["now_s"])
    page.ask("forget")


def test_a_flood_is_at_most_ten_messages_a_second(page):
    page.run("for n in range(60): jax.jit(lambda x, n=n: x + n)(1.0)")
    page.run("pass")
    time.sleep(0.5)
    times = [batch["now_s"] for batch in page.all("batch", page.start_at)]
    assert len(times) > 1
    for at, later in zip(times, times[10:], strict=False):
        assert later - at > 0.99
    done = [r for r in page.records(page.start_at).values() if r["function"] == "<lambda>"]
    assert len(done) == 60
    assert {record["outcome"] for record in done} == {"compiled"}


def test_unloading_leaves_nothing_and_loading_again_works(new_page):
    page = new_page()
    page.run(
        "import comm, sys, threading\nimport jax\n"
        "def left():\n"
        "    ip = get_ipython()\n"
        "    print(sorted(t.name for t in threading.enumerate() if 'jaxmagic' in t.name),\n"
        "          [c.target_name for c in comm.get_comm_manager().comms.values()],\n"
        "          [t for t in comm.get_comm_manager().targets if 'jaxmagic' in t],\n"
        "          [f for f in ip.events.callbacks['post_run_cell'] if 'axmagic' in repr(f)],\n"
        "          [f for f in sys.meta_path if 'jaxmagic' in type(f).__module__])\n"
    )
    nothing = page.run("left()")
    assert nothing == "[] [] [] [] []\n"
    sessions = []
    for _ in range(2):
        page.run(LOAD)
        assert page.attach()
        state, _ = page.hello()
        sessions.append(state["session"])
        page.run("jax.jit(lambda x: x - 8)(1.0)")
        page.wait_for_record(function="<lambda>", outcome="compiled")
        after = len(page.messages)
        page.run("%unload_ext jaxmagic")
        assert page.run("left()") == nothing
        kinds = [
            told(message).get("ev") or message["msg_type"]
            for _, message in page.messages[after:]
            if message["msg_type"].startswith("comm")
        ]
        assert kinds[-2:] == ["unloaded", "comm_close"]
        assert not page.attach()
        page.run("jax.jit(lambda x: x - 8)(1.0)")
        assert page.all("batch", after) == [] or "unloaded" in kinds
    assert len(set(sessions)) == 2
    # an extension may be loaded twice, and again when a page has come before
    page.run(LOAD + "\nimport jaxmagic\njaxmagic.load_ipython_extension(get_ipython())")
    page.attach()
    page.hello()
    page.run("%reload_ext jaxmagic")
    assert page.attach()
    page.hello()
    page.run("%unload_ext jaxmagic")
    assert page.run("print([t for t in threading.enumerate() if 'jaxmagic' in t.name])") == "[]\n"


def test_without_jax_it_says_so_and_imports_nothing(new_page):
    page = new_page()
    page.run(WITHOUT_JAX + LOAD)
    page.attach()
    state, batch = page.hello()
    assert (state["jax"], state["switches"], state["started"]) == (None, None, False)
    assert (batch["cleared"], batch["records"]) == (True, [])
    assert page.run("print({'jax', 'numpy'} & set(sys.modules))") == "set()\n"
    for op in ("clear_caches", "forget", "switch"):
        answer = page.ask(op, name="x64", on=True)
        assert answer["ev"] == "refused"
        assert answer["words"].startswith("JAX is not imported in this kernel: ")
    # another thread of ours must not import what a cell may be importing just then
    assert page.ask("devices")["problem"].startswith("JAX is not imported in this kernel: ")
    assert page.run("print('numpy' in __import__('sys').modules)") == "False\n"
    assert page.run("print('jax' in sys.modules)") == "False\n"


def test_jax_is_followed_from_the_cell_that_imports_it(new_page):
    page = new_page()
    page.run(LOAD)
    page.attach()
    page.hello()
    request = page.start(
        "import time, jax\njax.jit(lambda x: x + 1)(1.0)\nwhile True: time.sleep(0.01)",
        cell_id="first",
    )
    record = page.wait_for_record(function="<lambda>", outcome="compiled")
    assert not any(is_idle(message, request) for _, message in page.messages)
    assert page.all("state")[-1]["jax"] is None
    page.manager.interrupt_kernel()
    page.reply(request)
    state = page.wait(lambda m: (of(m, "state") or {}).get("jax") and told(m))
    assert state["started"]
    assert page.records()[record["number"]]["cell"] == record["cell"]


SLOW_IMPORT = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "jax.version":
            print("importing", flush=True)
            time.sleep(3)
sys.meta_path.insert(0, Slow())
import jax
jax.jit(lambda x: x + 1)(1.0)
while True: time.sleep(0.01)
"""


def test_jax_is_followed_too_where_the_hello_comes_while_it_is_being_imported(new_page):
    page = new_page()
    subshell = page.subshell()
    if subshell is None:
        pytest.skip("this kernel hears no hello while a cell runs")
    page.run(LOAD)
    page.attach()
    request = page.start(SLOW_IMPORT)
    page.wait(lambda m: m["msg_type"] == "stream" and "importing" in m["content"]["text"])
    page.send("hello", subshell)
    page.wait_for_record(function="<lambda>", outcome="compiled")
    assert not any(is_idle(message, request) for _, message in page.messages)
    page.manager.interrupt_kernel()
    page.reply(request)


def test_a_restarted_kernel_knows_nothing_until_it_is_loaded_again(new_page):
    page = new_page()
    page.run(f"{LOAD}\nimport jax\njax.jit(lambda x: x + 1)(1.0)")
    page.attach()
    state, _ = page.hello()
    page.manager.restart_kernel(now=True)
    page.ready()
    assert not page.attach()
    # the button of a page runs it without a trace in the history
    page.run(LOAD, silent=True, store_history=False)
    assert page.attach()
    again, batch = page.hello()
    assert again["session"] != state["session"]
    assert batch["records"] == []
    assert not again["busy"]


def test_a_fork_and_a_kernel_that_goes_down_are_no_trouble(new_page):
    page = new_page()
    page.run(f"import warnings; warnings.simplefilter('ignore')\n{LOAD}\nimport jax, os\n")
    page.attach()
    page.hello()
    said = page.run(
        "jax.jit(lambda x: x + 1)(1.0)\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    from jaxmagic.compiles import recorder\n"
        "    recorder().clear()\n"
        "    os._exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    )
    assert said == "7\n"
    assert page.ask("devices")["devices"]["devices"]
    page.run("jax.jit(lambda x: x + 2)(1.0)")
    page.wait_for_record(function="<lambda>", outcome="compiled")
    page.manager.shutdown_kernel(now=False)
    assert not page.manager.is_alive()
