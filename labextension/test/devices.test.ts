import "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { DevicesView } from "../src/devices.js";
import { layoutBlock } from "../src/layout.js";
import type { IDevices } from "../src/tokens.js";
import { example } from "./examples.js";
import { trans } from "./kernel.js";
import { all, FakeConnection, FakeKit, get, named } from "./view.js";

const devices = example("devices") as IDevices; // written by Python
const [gpu, , cpu] = devices.devices;
const [group] = devices.groups;
const [layout] = devices.layouts;
assert.ok(gpu && cpu && group && layout);

let connection: FakeConnection;
let view: DevicesView;

const show = (answer: IDevices | null = connection.devices): string => {
  connection.devices = answer;
  view.update(connection);
  return view.node.textContent;
};

beforeEach(() => {
  connection = new FakeConnection();
  view = new DevicesView(new FakeKit());
});

describe("devices", () => {
  test("their memory is a bar with numbers beside it", () => {
    show(devices);
    const [first] = all(view.node, ".jp-jaxmagic-device");
    assert.ok(first);
    assert.match(first.textContent, /gpu:2 NVIDIA H200/);
    assert.match(first.textContent, /12\.0 GiB of 105 GiB in use \(11%\)peak 15\.0 GiB/);
    assert.equal(get(first, ".jp-jaxmagic-fill").style.width, "11.4%");
    assert.equal(get(first, ".jp-jaxmagic-peak").style.left, "14.3%");
  });
  test("one that is nearly full says so in words", () => {
    const full = { ...gpu, in_use_bytes: 99, limit_bytes: 100 };
    assert.match(
      show({ ...devices, devices: [full] }),
      /99 B of 100 B in use \(99%\).*nearly full/,
    );
  });
  test("on CPU the sentence that no memory is reported stands for the bar", () => {
    const text = show({ ...devices, devices: [cpu, { ...cpu, name: "cpu:1" }] });
    assert.equal(text.split("Memory in use is not reported on CPU.").length, 2); // said once
    assert.equal(all(view.node, ".jp-jaxmagic-memory").length, 0);
  });
  test("live arrays are grouped, with who holds them", () => {
    const text = show(devices);
    assert.match(text, /3 devices · 59 live arrays, 1\.52 GiB · process 1 of 2, 4 devices in all/);
    const rows = all(view.node, ".jp-jaxmagic-group").map((one) => one.textContent);
    assert.equal(rows[0], "f32[8192,8192]1.00 GiBon P('x', None) on x=2params['<w>']");
    assert.match(rows[1] ?? "", /bf16\[4096,4096\] ×12384 MiB.*\['w'\] ×12, state/);
    assert.match(rows[2] ?? "", /batch in loss\(\) of the last traceback/);
    assert.match(rows[3] ?? "", /step3, and 5 more names/);
    assert.match(rows[4] ?? "", /x, 3 without a name/);
    assert.match(rows[5] ?? "", /no name found/);
    assert.match(rows[6] ?? "", /a constant of f, which JAX has traced/);
  });
  test("what was left out is said", () => {
    const text = show(devices);
    assert.match(text, /… and 2 smaller groups: 30 arrays, 960 B/);
    assert.match(text, /Not everything that may hold an array was looked into\./);
    assert.match(show({ ...devices, more_arrays: 41 }), /59 \/ 100 live arrays, 1\.52 GiB/);
  });
  test("many groups are shown when they are asked for", () => {
    const groups = Array.from({ length: 20 }, () => group);
    show({ ...devices, groups });
    assert.equal(all(view.node, ".jp-jaxmagic-group").length, 8);
    named(view.node, "Show 12 more").click();
    assert.equal(all(view.node, ".jp-jaxmagic-group").length, 20);
  });
  test("names are text", () => {
    show(devices);
    assert.equal(view.node.querySelector("w"), null);
  });
});

describe("how arrays lie on several devices", () => {
  test("as a grid of blocks", () => {
    const cells = [...layoutBlock(layout, trans).querySelectorAll("th,td")].map(
      (c) => c.textContent,
    );
    assert.deepEqual(cells, ["0:4096", "gpu:2", "4096:8192", "gpu:3"]);
  });
  test("in two dimensions, with replicas", () => {
    const blocks = [0, 1, 2, 3].map((n) => ({
      start: [n < 2 ? 0 : 4, n % 2 ? 4 : 0],
      stop: [n < 2 ? 4 : 8, n % 2 ? 8 : 4],
      devices: [`cpu:${n}`, `cpu:${n + 4}`],
    }));
    const cells = [
      ...layoutBlock({ ...layout, shape: [8, 8], blocks }, trans).querySelectorAll("tr"),
    ];
    assert.deepEqual(
      cells.map((tr) => [...tr.children].map((cell) => cell.textContent)),
      [
        ["", "0:4", "4:8"],
        ["0:4", "cpu:0,4", "cpu:1,5"],
        ["4:8", "cpu:2,6", "cpu:3,7"],
      ],
    );
  });
  test("as a list where a page has too few dimensions, and with a note where nothing is known", () => {
    const blocks = [0, 1].map((n) => ({
      start: [n, n, n],
      stop: [n + 1, n + 1, n + 1],
      devices: [`cpu:${n}`],
    }));
    const text = layoutBlock({ ...layout, shape: [2, 2, 2], blocks }, trans).textContent;
    assert.match(text, /cpu:1 \[1:2, 1:2, 1:2\]/);
    assert.match(
      layoutBlock({ ...layout, note: "can't be told" }, trans).textContent,
      /can't be told/,
    );
  });
});

describe("an answer", () => {
  test("is asked for by the button, and gets older", () => {
    named(view.node, "Look at the devices and the live arrays now").click();
    show(devices);
    const now = Date.now();
    named(view.node, "Look at the devices and the live arrays now").click();
    assert.deepEqual(connection.asked, ["devices"]);
    view.tick(now + 3_500);
    assert.match(view.node.textContent, /taken 3 s ago/);
  });
  test("is drawn once", () => {
    show(devices);
    const before = get(view.node, ".jp-jaxmagic-device");
    show();
    assert.equal(get(view.node, ".jp-jaxmagic-device"), before);
  });
  test("that is not there yet, or can't be given, is explained", () => {
    connection.devicesPending = true;
    assert.match(show(), /asking/);
    assert.ok(named(view.node, "Look at the devices and the live arrays now").disabled);
    connection.busy = true;
    assert.match(show(), /A cell is running/);
    connection.devicesPending = connection.busy = false;
    connection.devicesProblem = "the devices could not be looked at";
    assert.match(show(), /the devices could not be looked at/);
    assert.match(
      show({ ...devices, idle: "JAX has started no backend." }),
      /^JAX has started no backend\./,
    );
  });
});
