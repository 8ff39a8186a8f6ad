import "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SwitchesView } from "../src/switches.js";
import type { IState } from "../src/tokens.js";
import { settle } from "./kernel.js";
import { all, FakeConnection, FakeKit, get } from "./view.js";

let connection: FakeConnection;
let view: SwitchesView;

const one = (n: number): HTMLElement => get(view.node, `[role=switch]:nth-of-type(${n + 1})`);
const change = (state: Partial<IState>): void => {
  connection.state = { ...connection.state, ...state };
  view.update(connection);
};

beforeEach(() => {
  connection = new FakeConnection();
  view = new SwitchesView(new FakeKit());
  view.update(connection);
});

test("each is a switch that says its name, its position and what it does", () => {
  assert.deepEqual(
    [0, 1, 2].map((n) => [one(n).textContent, one(n).getAttribute("aria-checked")]),
    [
      ["x64off", "false"],
      ["disable_jitoff", "false"],
      ["debug_nanson", "true"],
    ],
  );
  const [said] = (one(0).getAttribute("aria-describedby") ?? "").split(" ");
  assert.match(get(view.node, `#${said ?? ""}`).textContent, /64 bits/);
});

test("turning one asks the kernel; its position is what the kernel says", async () => {
  one(0).click();
  one(2).click();
  await settle();
  assert.deepEqual(connection.asked, [
    ["x64", true],
    ["debug_nans", false],
  ]);
  assert.equal(one(0).getAttribute("aria-checked"), "false");
  change({ switches: { x64: true, disable_jit: false, debug_nans: false } });
  assert.equal(one(0).getAttribute("aria-checked"), "true");
});

test("while a cell runs they are locked, with the reason", () => {
  change({ busy: true });
  assert.match(get(view.node, ".jp-jaxmagic-locked").textContent, /A cell is running/);
  assert.equal(one(0).getAttribute("aria-disabled"), "true");
  one(0).click();
  assert.deepEqual(connection.asked, []);
  change({ busy: false });
  assert.equal(get(view.node, ".jp-jaxmagic-locked").textContent, "");
});

test("without JAX, or without a connection, they are locked as well", () => {
  change({ switches: null });
  assert.match(get(view.node, ".jp-jaxmagic-locked").textContent, /not imported/);
  connection.link = "lost";
  view.update(connection);
  assert.match(get(view.node, ".jp-jaxmagic-locked").textContent, /does not answer/);
});

test("a refusal stands below its switch, until the next try or another notebook", async () => {
  connection.refusal = "a cell is running: try again when it has ended";
  one(1).click();
  await settle();
  const refusals = all(view.node, ".jp-jaxmagic-refusal").map((node) => node.textContent);
  assert.deepEqual(refusals, ["", connection.refusal, ""]);
  view.update(new FakeConnection());
  assert.equal(get(view.node, ".jp-jaxmagic-refusal:nth-of-type(2)").textContent, "");
});
