import assert from "node:assert/strict";
import { test } from "node:test";

import { example } from "./examples.js";

test("what Python wrote is read", () => {
  assert.ok(example("devices") instanceof Object);
});
