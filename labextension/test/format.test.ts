import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  ago,
  broken,
  called,
  devicesText,
  diskWords,
  grouped,
  logText,
  milliseconds,
  percent,
  phaseShares,
  phaseWord,
  recordText,
  seconds,
  shortSignature,
  size,
  sourceFile,
  sourceModule,
  ticking,
  typeText,
  why,
} from "../src/format.js";
import { totalMs } from "../src/log.js";
import { trans } from "./kernel.js";
import { log, records, wire } from "./view.js";

// the same table as in tests/unit/show/test_units.py
const SECONDS: [number | null, string][] = [
  [null, ""],
  [0, "0 s"],
  [4.2e-11, "0.0420 ns"],
  [1e-9, "1.00 ns"],
  [0.00123, "1.23 ms"],
  [0.000999, "999 µs"],
  [0.0009996, "1.00 ms"],
  [0.5, "500 ms"],
  [59.94, "59.9 s"],
  [59.96, "60.0 s"],
  [60, "1.00 min"],
  [90, "1.50 min"],
  [3599, "60.0 min"],
  [3600, "1.00 h"],
  [36e6, "10,000 h"],
  [-0.002, "-2.00 ms"],
];
const SIZES: [number | null, string][] = [
  [null, ""],
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.00 KiB"],
  [8_000_000, "7.63 MiB"],
  [340_262_912, "324 MiB"],
  [1024 ** 3 - 1, "1.00 GiB"],
  [1000 * 1024 ** 2, "0.977 GiB"],
  [5 * 1024 ** 6, "5,120 PiB"],
];

describe("numbers are written as in Python", () => {
  for (const [value, shown] of SECONDS) {
    test(`${value} s is "${shown}"`, () => {
      assert.equal(seconds(value), shown);
    });
  }
  for (const [value, shown] of SIZES) {
    test(`${value} bytes are "${shown}"`, () => {
      assert.equal(size(value), shown);
    });
  }
  test("a half goes to the even digit", () => {
    assert.equal(size(1152), "1.12 KiB"); // 1.125
    assert.equal(size(1168), "1.14 KiB"); // 1.140625
    assert.equal(size(1176), "1.15 KiB"); // 1.1484375
    assert.equal(seconds(2.375), "2.38 s");
    assert.equal(seconds(12.25), "12.2 s");
  });
  test("milliseconds, shares and large numbers", () => {
    assert.equal(milliseconds(12.346), "12.3 ms");
    assert.equal(milliseconds(null), "");
    assert.deepEqual([0, 0.001, 0.5, 0.996, 1].map(percent), ["0%", "<1%", "50%", "100%", "100%"]);
    assert.deepEqual([999, 1000, 1234567].map(grouped), ["999", "1,000", "1,234,567"]);
  });
  test("a clock that ticks shows tenths, from a minute on seconds", () => {
    assert.deepEqual([0, 99, 3_249, 59_999, 60_000, 125_000].map(ticking), [
      "0.0 s",
      "0.0 s",
      "3.2 s",
      "59.9 s",
      "1 min 00 s",
      "2 min 05 s",
    ]);
  });
  test("how long ago", () => {
    assert.deepEqual(
      [0, 3_400, 65_000, 7_300_000].map((ms) => ago(ms, trans)),
      ["just now", "3 s ago", "1 min ago", "2 h ago"],
    );
  });
});

describe("the records of tests/data/panel.json", () => {
  const [first, second, third] = records();
  assert.ok(first && second && third);

  test("the time is that of all phases", () => {
    assert.equal(milliseconds(totalMs(first)), "806 ms");
    assert.equal(milliseconds(totalMs(third)), "1.00 ms");
  });
  test("the signature, whole and short", () => {
    assert.equal(called(second), "train_step(params: dict of 4 leaves, x: float32[31,10])");
    assert.equal(shortSignature(second), "(params: dict of 4 leaves, x: f32[31,10])");
    assert.equal(called(third), "loss <b>&");
    assert.equal(shortSignature(third), "");
  });
  test("the reason says whose it is and what became of it", () => {
    assert.equal(why(second, trans), "shape of x: float32[31,10], was float32[32,10]");
    assert.equal(
      why(third, trans),
      "interrupted · transform · loss is differentiated outside of jit",
    );
    assert.deepEqual([first, third].map(broken), [false, true]);
  });
  test("the disk cache", () => {
    assert.match(diskWords(first, trans), /too fast/);
    assert.equal(diskWords(second, trans), "loaded from it");
    assert.equal(diskWords(third, trans), "");
  });
  test("a cell is no source file, and the session no module", () => {
    assert.equal(sourceFile(third), "/home/me/project/train.py");
    assert.equal(sourceFile({ ...third, file: "/tmp/ipykernel_12/345.py" }), "");
    assert.equal(sourceFile({ ...third, file: "<ipython-input-1-e5>" }), "");
    assert.equal(sourceModule(third), "project.train");
    assert.equal(sourceModule(first), "");
  });
  test("as text to be pasted", () => {
    assert.equal(
      recordText(second, trans),
      [
        "#2 train_step(params: dict of 4 leaves, x: float32[31,10])  31.9 ms",
        "  again: shape of x: float32[31,10], was float32[32,10]",
        "  x: float32[32,10] -> float32[31,10]",
        "  → pad to few sizes, or make the calls of one size together",
        "  In[4]:7 · trace 12.3 ms · lower 4.56 ms · compile 15.0 ms · " +
          "disk cache: loaded from it · cpu:0",
      ].join("\n"),
    );
    const some = logText([second], log().totals, trans);
    assert.match(
      some,
      /^\d+ programs · [\d.]+ s · \d+ again; 1 of them are shown\n\n#2 train_step/,
    );
  });
  test("the shares of the phases add up", () => {
    const shares = phaseShares(records());
    assert.ok(shares);
    assert.ok(Math.abs(shares.trace + shares.lower + shares.compile - 1) < 1e-9);
    assert.equal(phaseShares([]), null);
  });
});

test("what is done in a phase", () => {
  assert.deepEqual(
    (["trace", "lower", "compile", ""] as const).map((phase) => phaseWord(phase, trans)),
    ["tracing", "lowering", "compiling", "compiling"],
  );
  assert.equal(wire(1).phase, undefined);
});

test("arrays and devices", () => {
  assert.equal(typeText("float32", [8192, 8192]), "f32[8192,8192]");
  assert.equal(typeText("bfloat16", []), "bf16[]");
  assert.equal(typeText("bool", [3]), "bool[3]");
  assert.equal(devicesText(["gpu:2"]), "gpu:2");
  assert.equal(
    devicesText(["cpu:3", "cpu:0", "cpu:1", "cpu:2", "cpu:8", "gpu:0"]),
    "cpu:0-3,8 gpu:0",
  );
  assert.equal(devicesText(["cpu:0", "cpu:1"]), "cpu:0,1");
});
