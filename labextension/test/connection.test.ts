import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";

import { Connection } from "../src/connection.js";
import type { IDevices } from "../src/tokens.js";
import { FakeKernel, message, sendPlain, settle, trans } from "./kernel.js";

function connected(...kernels: FakeKernel[]): Connection {
  const connection = new Connection({ trans, sendPlain, now: () => 1_790_000_104_000 });
  for (const kernel of kernels) {
    connection.add(kernel.connection);
  }
  return connection;
}

/** A kernel with jaxmagic, and what the panel knows of it. */
async function live(): Promise<[FakeKernel, Connection]> {
  const kernel = new FakeKernel();
  const connection = connected(kernel);
  await settle();
  kernel.open("c");
  kernel.say(message("batch"));
  await settle();
  return [kernel, connection];
}

const ops = (kernel: FakeKernel): unknown[] => kernel.sent.map(({ op }) => op);

describe("finding", () => {
  test("a kernel without jaxmagic, in which nothing is run", async () => {
    const kernel = new FakeKernel();
    const connection = connected(kernel);
    assert.equal(connection.link, "connecting");
    await settle();
    assert.equal(connection.link, "not loaded");
    assert.deepEqual(kernel.code, []);
    assert.deepEqual(kernel.sent, []);
  });

  test("a comm that was there before the page: it is joined, not opened", async () => {
    const kernel = new FakeKernel();
    kernel.comms = ["c"];
    const connection = connected(kernel);
    await settle();
    assert.deepEqual(ops(kernel), ["hello"]);
    assert.equal(connection.link, "connecting");
    kernel.say(message("state"));
    assert.equal(connection.link, "live");
    assert.equal(connection.state?.jax, "0.12.0");
  });

  test("a comm that is opened while the question waits for a cell", async () => {
    const kernel = new FakeKernel();
    let answer = (): void => undefined;
    kernel.answers = new Promise((resolve) => (answer = resolve));
    const connection = connected(kernel);
    kernel.busy("execute_request");
    await settle();
    assert.equal(connection.link, "connecting");
    assert.ok(connection.busy);
    kernel.open("c");
    assert.equal(connection.link, "live");
    kernel.comms = [];
    answer();
    await settle();
    assert.equal(connection.link, "live"); // the answer is of no use any longer
    assert.deepEqual(ops(kernel), ["hello"]);
  });

  test("a kernel that keeps silent is busy, as nobody has told this page", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const kernel = new FakeKernel();
      let answer = (): void => undefined;
      kernel.answers = new Promise((resolve) => (answer = resolve));
      const connection = connected(kernel);
      await Promise.resolve(); // it has told its language
      mock.timers.tick(1000);
      assert.ok(!connection.busy);
      mock.timers.tick(1000);
      assert.ok(connection.busy);
      assert.equal(connection.link, "connecting");
      kernel.idle("debug_request");
      assert.ok(connection.busy);
      answer();
      mock.timers.reset();
      await settle();
      assert.ok(!connection.busy);
    } finally {
      mock.timers.reset();
    }
  });

  test("a kernel of another language", async () => {
    const kernel = new FakeKernel();
    kernel.language = "julia";
    const connection = connected(kernel);
    await settle();
    assert.equal(connection.link, "other language");
    assert.equal(kernel.asked, 0);
  });

  test("waits for the connection", async () => {
    const kernel = new FakeKernel();
    kernel.connectionStatus = "connecting";
    const connection = connected(kernel);
    await settle();
    assert.equal(connection.link, "connecting");
    assert.equal(kernel.asked, 0);
    kernel.setConnection("connected");
    await settle();
    assert.equal(connection.link, "not loaded");
  });
});

describe("what the kernel pushes", () => {
  test("state and records", async () => {
    const [, connection] = await live();
    assert.equal(connection.link, "live");
    assert.equal(connection.log.get(1)?.function, "train_step");
    assert.equal(connection.log.get(1)?.reason.earlier, 0);
  });

  test("tells of a change at most twice for a message", async () => {
    const [kernel, connection] = await live();
    let changes = 0;
    connection.changed.connect(() => (changes += 1));
    kernel.say(message("batch"));
    assert.equal(changes, 1);
  });

  test("of another session: what was known is gone", async () => {
    const [kernel, connection] = await live();
    kernel.say(message("state", { session: "other" }));
    assert.equal(connection.log.size, 0);
    assert.equal(connection.link, "live");
  });

  test("of another comm is not for us", async () => {
    const [kernel, connection] = await live();
    kernel.say(message("state", { jax: "0.0.1" }), "other");
    assert.equal(connection.state?.jax, "0.12.0");
  });

  test("unloaded: the button is back, and the next load is seen", async () => {
    const [kernel, connection] = await live();
    kernel.say(message("unloaded"));
    kernel.close();
    assert.equal(connection.link, "not loaded");
    assert.equal(connection.log.size, 0);
    kernel.open("d");
    assert.equal(connection.link, "live");
  });
});

describe("load", () => {
  test("runs %load_ext and waits for the comm", async () => {
    const kernel = new FakeKernel();
    const connection = connected(kernel);
    await settle();
    let ended = (): void => undefined;
    kernel.reply = () =>
      new Promise(
        (resolve) =>
          (ended = () => {
            resolve({ status: "ok" });
          }),
      );
    const loading = connection.load();
    assert.equal(connection.link, "loading");
    assert.deepEqual(kernel.code, ["%load_ext jaxmagic"]);
    kernel.open("c");
    ended();
    await loading;
    assert.equal(connection.link, "live");
    assert.equal(connection.problem, "");
  });

  const failures: [string, object, RegExp][] = [
    [
      "not installed",
      {
        status: "error",
        ename: "ModuleNotFoundError",
        evalue: "No module named 'jaxmagic'",
      },
      /not installed.*%pip install jaxmagic/,
    ],
    [
      "something that it needs is not installed",
      { status: "error", ename: "ModuleNotFoundError", evalue: "No module named 'cattrs'" },
      /failed with ModuleNotFoundError/,
    ],
    ["an error", { status: "error", ename: "OSError", evalue: "x" }, /failed with OSError/],
    ["interrupted", { status: "abort" }, /interrupted: try again/],
    ["loaded, but without a panel", { status: "ok" }, /does not know this panel/],
  ];
  for (const [name, reply, words] of failures) {
    test(`says what to do: ${name}`, async () => {
      const kernel = new FakeKernel();
      const connection = connected(kernel);
      await settle();
      kernel.reply = () => Promise.resolve(reply);
      await connection.load();
      assert.match(connection.problem, words);
      assert.equal(connection.link, "not loaded");
    });
  }

  test("is over when the kernel restarts meanwhile", async () => {
    const kernel = new FakeKernel();
    const connection = connected(kernel);
    await settle();
    kernel.reply = () => Promise.reject(new Error("Canceled future"));
    await connection.load();
    assert.equal(connection.problem, "");
  });
});

describe("what is lost", () => {
  test("the connection: all stays, and is asked for again when it is back", async () => {
    const [kernel, connection] = await live();
    kernel.setConnection("connecting");
    assert.equal(connection.link, "lost");
    assert.ok(connection.log.size > 0);
    kernel.setConnection("connected");
    await settle();
    assert.deepEqual(ops(kernel), ["hello", "hello"]);
    assert.equal(connection.link, "live");
    assert.equal(kernel.left, 0);
  });

  test("the kernel, by a restart from here", async () => {
    const [kernel, connection] = await live();
    kernel.setStatus("restarting");
    assert.equal(connection.link, "lost");
    assert.equal(connection.log.size, 0);
    assert.equal(connection.state, null);
    kernel.restart();
    kernel.setConnection("connecting");
    kernel.setStatus("unknown");
    kernel.setConnection("connected");
    await settle();
    assert.equal(connection.link, "not loaded");
  });

  test("the kernel, by a restart from another page", async () => {
    const [kernel, connection] = await live();
    kernel.busy("execute_request");
    kernel.restart();
    kernel.idle("kernel_info_request");
    await settle();
    assert.equal(connection.link, "not loaded");
    assert.equal(connection.log.size, 0);
    assert.equal(kernel.left, 1); // or its comm would be sent to a thread that is no more
  });

  test("not by a status that the server has sent, which has another session", async () => {
    const [kernel, connection] = await live();
    kernel.idle("execute_request");
    kernel.session = "server";
    kernel.busy();
    kernel.idle();
    await settle();
    assert.equal(connection.link, "live");
  });

  test("the kernel, dead", async () => {
    const [kernel, connection] = await live();
    kernel.setStatus("dead");
    assert.equal(connection.link, "lost");
    kernel.dispose();
    assert.equal(connection.link, "no kernel");
    assert.ok(connection.isUnused);
  });
});

describe("two notebooks on one kernel", () => {
  test("the connection that handles comms is used", async () => {
    const [plain, main] = [new FakeKernel("k", false), new FakeKernel()];
    plain.comms = main.comms = ["c"];
    const connection = connected(plain, main);
    await settle();
    assert.deepEqual(ops(main), ["hello"]);
    main.say(message("state"));
    assert.equal(connection.link, "live");
  });

  test("the other goes on when that one is closed", async () => {
    const [main, plain] = [new FakeKernel(), new FakeKernel("k", false)];
    plain.comms = main.comms = ["c"];
    const connection = connected(main, plain);
    await settle();
    main.say(message("state"));
    main.dispose();
    await settle();
    assert.deepEqual(
      plain.plain.map(({ op, commId }) => [op, commId]),
      [["hello", "c"]],
    );
    plain.say(message("batch"));
    assert.equal(connection.link, "live");
    assert.ok(connection.log.size > 0);
    connection.remove(plain.connection);
    assert.ok(connection.isUnused);
  });
});

describe("what is asked for", () => {
  test("is done", async () => {
    const [kernel, connection] = await live();
    const asked = connection.setSwitch("x64", true);
    const { id, ...op } = kernel.sent.at(-1) ?? {};
    assert.deepEqual(op, { op: "switch", name: "x64", on: true });
    kernel.say(message("done", { re: id }));
    await asked;
  });

  test("is refused, with the kernel's sentence", async () => {
    const [kernel, connection] = await live();
    const asked = connection.clearCaches();
    const words = message("refused")["words"];
    kernel.say(message("refused", { re: kernel.sent.at(-1)?.["id"] }));
    await assert.rejects(asked, { message: words });
  });

  test("is given up when the kernel is lost", async () => {
    const [kernel, connection] = await live();
    const asked = connection.forget();
    kernel.setConnection("connecting");
    await assert.rejects(asked, /could not be reached/);
  });

  test("is not sent to a kernel without jaxmagic", async () => {
    const connection = connected(new FakeKernel());
    await settle();
    await assert.rejects(connection.forget(), /load it first/);
  });
});

describe("devices", () => {
  const answer = (kernel: FakeKernel): void => {
    kernel.say(message("devices", { re: kernel.sent.at(-1)?.["id"] }));
  };

  test("are asked for when the panel is shown, not before, and once", async () => {
    const [kernel, connection] = await live();
    assert.deepEqual(ops(kernel), ["hello"]);
    connection.setVisible(true);
    connection.refreshDevices();
    assert.deepEqual(ops(kernel), ["hello", "devices"]);
    assert.ok(connection.devicesPending);
    answer(kernel);
    assert.ok(!connection.devicesPending);
    const devices: IDevices | null = connection.devices;
    assert.deepEqual(devices, message("devices")["devices"]);
    connection.setVisible(false);
    connection.setVisible(true);
    assert.deepEqual(ops(kernel), ["hello", "devices"]); // nothing has run since
  });

  test("after a cell while it is visible, but not before each of a hundred cells", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const kernel = new FakeKernel();
      const connection = connected(kernel);
      connection.setVisible(true);
      kernel.open("c");
      answer(kernel);
      for (let n = 0; n < 100; n += 1) {
        kernel.busy("execute_request");
        kernel.idle("execute_request");
        mock.timers.tick(100);
      }
      assert.deepEqual(ops(kernel), ["hello", "devices"]);
      mock.timers.tick(300);
      assert.deepEqual(ops(kernel), ["hello", "devices", "devices"]);
      answer(kernel);
      connection.setVisible(false);
      kernel.idle("execute_request");
      mock.timers.tick(1000);
      assert.deepEqual(ops(kernel), ["hello", "devices", "devices"]);
    } finally {
      mock.timers.reset();
    }
    await settle();
  });

  test("once for a cell that ended before they were asked for, and again for one after", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const kernel = new FakeKernel();
      const connection = connected(kernel);
      kernel.open("c");
      kernel.idle("execute_request");
      connection.setVisible(true);
      mock.timers.tick(1000);
      assert.deepEqual(ops(kernel), ["hello", "devices"]);
      kernel.idle("execute_request");
      mock.timers.tick(1000);
      answer(kernel);
      assert.deepEqual(ops(kernel), ["hello", "devices", "devices"]);
    } finally {
      mock.timers.reset();
    }
    await settle();
  });

  test("a problem is said, and what was known stays", async () => {
    const [kernel, connection] = await live();
    connection.setVisible(true);
    answer(kernel);
    connection.refreshDevices();
    kernel.say(message("problem", { re: kernel.sent.at(-1)?.["id"] }));
    assert.equal(connection.devicesProblem, message("problem")["problem"]);
    assert.ok(connection.devices);
    assert.ok(!connection.devicesPending);
  });
});

test("busy is what a cell makes it, not an answer to the panel", async () => {
  const [kernel, connection] = await live();
  kernel.busy("comm_msg");
  assert.ok(!connection.busy);
  kernel.busy("execute_request");
  kernel.idle("comm_msg");
  assert.ok(connection.busy);
  kernel.idle("execute_request");
  assert.ok(!connection.busy);
});

test("nothing is left behind, and the comm is not closed", async () => {
  const [kernel, connection] = await live();
  connection.dispose();
  assert.equal(kernel.target, null);
  assert.deepEqual(ops(kernel), ["hello"]);
  kernel.say(message("batch"));
  assert.ok(connection.isDisposed);
});
