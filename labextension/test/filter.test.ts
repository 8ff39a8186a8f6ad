import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { find, GROUPS, groupOf, type IQuery } from "../src/filter.js";
import { log, records, wire } from "./view.js";
import { CompileLog } from "../src/log.js";

const EVERYTHING: IQuery = { text: "", groups: new Set(GROUPS), onlyAgain: false, run: null };
const finished = records().filter((record) => record.outcome !== "open");

const numbers = (query: Partial<IQuery>): number[] =>
  find(records(), { ...EVERYTHING, ...query }).records.map((record) => record.number);

describe("the records of tests/data/panel.json", () => {
  test("all that are finished, the newest first", () => {
    assert.deepEqual(numbers({}), finished.map((record) => record.number).reverse());
    assert.ok(log().open.length > 0, "the example has one that is still open");
  });
  test("words are found in function, signature, reason, module and place, in any order", () => {
    assert.deepEqual(numbers({ text: "train_step" }), [2, 1]);
    assert.deepEqual(numbers({ text: "  FLOAT32[31,10]  Train_" }), [2]);
    assert.deepEqual(numbers({ text: "in[3]:2" }), [1]);
    assert.deepEqual(numbers({ text: "project.train" }), [3]);
    assert.deepEqual(numbers({ text: "differentiated" }), [3]);
    assert.deepEqual(numbers({ text: "<b>&" }), [3]);
    assert.deepEqual(numbers({ text: "no such thing" }), []);
  });
  test("a transform and what is compiled ahead of time are the user's", () => {
    assert.deepEqual(
      (["user function", "transform", "ahead of time", "eager op", "library"] as const).map(
        groupOf,
      ),
      ["user", "user", "user", "eager", "library"],
    );
    for (const group of GROUPS) {
      const found = find(records(), { ...EVERYTHING, groups: new Set([group]) });
      assert.ok(found.records.length > 0);
      assert.ok(found.records.every((record) => groupOf(record.kind) === group));
      assert.equal(found.counts[group], found.records.length);
    }
  });
  test("only what was compiled again", () => {
    const again = finished.filter((record) => record.again).map((record) => record.number);
    assert.deepEqual(numbers({ onlyAgain: true }), again.reverse());
    assert.equal(find(records(), EVERYTHING).again, again.length);
  });
  test("only one run of a cell", () => {
    assert.deepEqual(numbers({ run: 3 }), [1]);
    assert.deepEqual(numbers({ run: 99 }), []);
  });
  test("a button's number is what it brings, given the others", () => {
    const found = find(records(), { ...EVERYTHING, groups: new Set(["user"]), onlyAgain: true });
    const eager = finished.filter((record) => record.again && record.kind === "eager op");
    assert.equal(found.counts.eager, eager.length);
    assert.equal(found.again, found.records.length);
  });
});

test("ten thousand records are searched in a moment", () => {
  const many = new CompileLog();
  many.apply(
    {
      ev: "batch",
      session: "",
      now_s: 0,
      cleared: true,
      oldest: 1,
      dropped: 0,
      notes: [],
      records: Array.from({ length: 10_000 }, (_, n) => wire(n + 1)),
      cells: {},
      more: 0,
    },
    0,
  );
  // the best of some, in time of the processor: other tests run beside this one
  const times_ms = [1, 2, 3, 4, 5].map(() => {
    const begun = process.cpuUsage();
    const found = find(many.records, { ...EVERYTHING, text: "f99" });
    const { user, system } = process.cpuUsage(begun);
    assert.equal(found.records.length, 111);
    return (user + system) / 1000;
  });
  assert.ok(Math.min(...times_ms) < 100, `${times_ms.join()} ms`); // about 3 ms
});
