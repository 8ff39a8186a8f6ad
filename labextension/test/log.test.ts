import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { CompileLog, complete, totalMs } from "../src/log.js";
import type { IBatch, WireRecord } from "../src/tokens.js";

const NOW = 1_700_000_000_000; // by the clock of the browser

function wire(number: number, more: Partial<WireRecord> = {}): WireRecord {
  return {
    number,
    function: "f",
    kind: "user function",
    reason: { kind: "first", words: "first call" },
    ...more,
  };
}

function batch(records: WireRecord[], more: Partial<IBatch> = {}): IBatch {
  return {
    ev: "batch",
    session: "a",
    now_s: NOW / 1000,
    cleared: false,
    oldest: 0,
    dropped: 0,
    notes: [],
    records,
    cells: {},
    more: 0,
    ...more,
  };
}

function logOf(...batches: IBatch[]): CompileLog {
  const log = new CompileLog();
  for (const each of batches) {
    log.apply(each, NOW);
  }
  return log;
}

const numbers = (log: CompileLog): number[] => log.records.map((record) => record.number);

describe("records", () => {
  test("are sorted by number although older ones come later", () => {
    const log = logOf(
      batch([wire(5), wire(6)], { cleared: true, more: 2 }),
      batch([wire(3), wire(4)]),
      batch([wire(7)]),
    );
    assert.deepEqual(numbers(log), [3, 4, 5, 6, 7]);
    assert.equal(log.size, 5);
    assert.equal(log.more, 0);
  });

  test("that come again replace what was known, as often as they come", () => {
    const closed = batch([wire(1, { outcome: "compiled", trace_ms: 1, compile_ms: 2 })]);
    const log = logOf(batch([wire(1, { phase: "trace" })]), closed, closed);
    assert.equal(log.get(1)?.outcome, "compiled");
    assert.equal(log.size, 1);
    assert.equal(log.totals.ms, 3);
  });

  test("are gone when the kernel has cleared them, and the new ones stay", () => {
    const log = logOf(batch([wire(1), wire(2)]), batch([wire(1)], { cleared: true }));
    assert.deepEqual(numbers(log), [1]);
  });

  test("are gone when the kernel no longer keeps them", () => {
    const log = logOf(
      batch([wire(1), wire(2), wire(3)]),
      batch([wire(4)], { oldest: 3, dropped: 2 }),
    );
    assert.deepEqual(numbers(log), [3, 4]);
    assert.equal(log.dropped, 2);
  });

  test("that are older than what is kept are not taken", () => {
    const log = logOf(batch([wire(9)], { oldest: 8 }), batch([wire(7), wire(8)], { oldest: 8 }));
    assert.deepEqual(numbers(log), [8, 9]);
  });

  test("have all fields", () => {
    const record = complete(wire(1, { reason: { kind: "shape", words: "shape of x" } }));
    assert.equal(record.outcome, "open");
    assert.equal(record.cell, null);
    assert.equal(record.reason.earlier, 0);
    assert.equal(record.reason.words, "shape of x");
    assert.equal(totalMs(record), 0);
  });

  test("are the same array until something changes", () => {
    const log = logOf(batch([wire(1)]));
    const [before, revision] = [log.records, log.revision];
    assert.equal(log.records, before);
    log.apply(batch([wire(2)]), NOW);
    assert.notEqual(log.records, before);
    assert.ok(log.revision > revision);
  });
});

describe("derived", () => {
  test("what is open", () => {
    const log = logOf(batch([wire(1, { outcome: "compiled" }), wire(2, { phase: "lower" })]));
    assert.deepEqual(
      log.open.map((record) => record.number),
      [2],
    );
  });

  test("totals, with the part that was done again", () => {
    const log = logOf(
      batch([
        wire(1, { trace_ms: 1, lower_ms: 2, compile_ms: 4 }),
        wire(2, { compile_ms: 8, again: true }),
      ]),
    );
    assert.deepEqual(log.totals, { programs: 2, ms: 15, again: 1, againMs: 8 });
  });

  test("totals of each function, the slowest first; one name in two modules is two", () => {
    const log = logOf(
      batch([
        wire(1, { compile_ms: 1, module: "a" }),
        wire(2, { compile_ms: 9, module: "b", kind: "library" }),
        wire(3, { compile_ms: 2, module: "a", again: true }),
      ]),
    );
    assert.deepEqual(
      log.totalsByFunction().map((f) => [f.module, f.function, f.programs, f.ms, f.again]),
      [
        ["b", "f", 1, 9, 0],
        ["a", "f", 2, 3, 1],
      ],
    );
  });

  test("a part of a transform, of which only the name is known, is its function's", () => {
    const parts = [
      wire(1, { compile_ms: 9, kind: "transform" }),
      wire(2, { compile_ms: 1, module: "a" }),
      wire(3, { compile_ms: 2, kind: "transform" }),
    ];
    const told = (more: WireRecord[]): unknown[] =>
      logOf(batch([...parts, ...more]))
        .totalsByFunction()
        .map((f) => [f.module, f.kind, f.programs, f.ms]);
    assert.deepEqual(told([]), [["a", "user function", 3, 12]]);
    // of two functions it can't be told whose it is
    assert.deepEqual(told([wire(4, { module: "b" })]), [
      ["", "transform", 2, 11],
      ["a", "user function", 1, 1],
      ["b", "user function", 1, 0],
    ]);
  });

  test("the records of a run of a cell, and which cell that was", () => {
    const log = logOf(
      batch([wire(1, { cell: 3 }), wire(2, { cell: 4 }), wire(3)], { cells: { 3: "x", 4: "y" } }),
      batch([wire(4, { cell: 4 })], { cells: { 5: "x" } }),
    );
    assert.deepEqual(
      log.ofRun(4).map((record) => record.number),
      [2, 4],
    );
    assert.deepEqual(log.ofRun(5), []);
    assert.equal(log.cellId(4), "y");
    assert.equal(log.cellId(9), "");
    assert.equal(log.lastRun("x"), 5);
    assert.equal(log.lastRun("z"), 0);
  });

  test("cells stay known when the records are forgotten, but not in another kernel", () => {
    const log = logOf(
      batch([wire(1, { cell: 3 })], { cells: { 3: "x" } }),
      batch([], { cleared: true }),
    );
    assert.equal(log.cellId(3), "x");
    log.clear();
    assert.equal(log.cellId(3), "");
    assert.equal(log.size, 0);
  });
});

describe("elapsed time", () => {
  test("is right although the clocks differ", () => {
    const kernelNow_s = NOW / 1000 + 3600; // an hour ahead
    const log = logOf(batch([wire(1, { started_s: kernelNow_s - 2 })], { now_s: kernelNow_s }));
    const record = log.records[0];
    assert.ok(record);
    assert.equal(log.elapsedMs(record, NOW + 500), 2500);
  });

  test("is never negative", () => {
    const log = logOf(batch([wire(1, { started_s: NOW / 1000 + 1 })]));
    const record = log.records[0];
    assert.ok(record);
    assert.equal(log.elapsedMs(record, NOW), 0);
  });
});

test("ten thousand records are applied and summed within a frame or so", () => {
  const log = new CompileLog();
  const records = Array.from({ length: 10_000 }, (_, n) => wire(n + 1, { compile_ms: 1 }));
  const start = performance.now();
  log.apply(batch(records), NOW);
  assert.equal(log.totals.ms, 10_000);
  assert.equal(log.totalsByFunction().length, 1);
  assert.ok(performance.now() - start < 500); // about 20 ms; generous for a busy machine
});
