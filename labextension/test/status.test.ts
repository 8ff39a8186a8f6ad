import "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { Signal } from "@lumino/signaling";

import { Connection } from "../src/connection.js";
import { StatusItem } from "../src/status.js";
import type { IModel } from "../src/tokens.js";
import { FakeKernel, message, sendPlain, settle, trans } from "./kernel.js";

async function shown(): Promise<[FakeKernel, StatusItem, () => number]> {
  const kernel = new FakeKernel();
  const connection = new Connection({ trans, sendPlain });
  connection.add(kernel.connection);
  await settle();
  const model = { current: connection, currentChanged: new Signal({}) } as unknown as IModel;
  let opened = 0;
  const item = new StatusItem(model, trans, () => (opened += 1));
  return [kernel, item, () => opened];
}

const done = { function: "f", kind: "user function", outcome: "compiled", compile_ms: 2000 };
const first = { kind: "first", words: "first call" };

test("it is there while jaxmagic is loaded, and wanted", async () => {
  const [kernel, item] = await shown();
  let changes = 0;
  item.activeChanged.connect(() => (changes += 1));
  assert.ok(!item.isActive);
  kernel.open("c");
  assert.ok(item.isActive);
  item.enabled = false;
  assert.ok(!item.isActive);
  item.enabled = true;
  kernel.close();
  assert.ok(!item.isActive);
  assert.equal(changes, 4);
});

test("it says what is compiled just now, else how much was", async () => {
  const [kernel, item, opened] = await shown();
  kernel.open("c");
  const button = item.node.querySelector("button");
  assert.ok(button);
  assert.equal(button.textContent, "JAX: nothing compiled");
  const records = [
    { number: 1, reason: first, ...done },
    { number: 2, reason: first, ...done, function: "g", outcome: "open", phase: "lower" },
  ];
  kernel.say(message("batch", { records }));
  assert.equal(button.textContent, "JAX: lowering g");
  records.splice(1, 1, { number: 2, reason: first, ...done, compile_ms: 120 });
  kernel.say(message("batch", { records }));
  assert.equal(button.textContent, "JAX: 2 compiled, 2.12 s");
  button.click();
  assert.equal(opened(), 1);
  item.dispose();
  kernel.say(message("batch", { records: [] }));
});
