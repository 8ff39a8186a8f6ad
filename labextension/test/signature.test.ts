import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { complete } from "../src/log.js";
import { callArguments, irText } from "../src/signature.js";
import type { IRecord, WireRecord } from "../src/tokens.js";

function record(signature: string, more: Partial<WireRecord> = {}): IRecord {
  return complete({
    number: 1,
    function: "f",
    kind: "user function",
    module: "__main__",
    reason: { kind: "first", words: "first call" },
    signature,
    ...more,
  });
}

describe("a signature is written as arguments", () => {
  const written: [string, string][] = [
    ["", ""],
    ["x: float32[4,3]", "x=f32[4,3]"],
    ["x: float32[], n=3", "x=f32[], n=3"],
    [
      "x: bfloat16[2], y: int8[1], z: uint4[9], w: complex64[], b: bool[2]",
      "x=bf16[2], y=i8[1], z=u4[9], w=c64[], b=bool[2]",
    ],
    ["x: float32[4] on gpu:1", "x=f32[4]"],
    ["x: weak float32[], n: weak int32[], z: weak complex64[]", "x=1.0, n=1, z=1j"],
    ["x: float64[3], jax_enable_x64=True", "x=f64[3]"],
    ["key: None, größe: float32[2]", "key=None, größe=f32[2]"],
    ["args[0]: float32[2], args[1]: float32[3]", "f32[2], f32[3]"],
    ["x: float32[2], how='a, b', and='it\\'s'", "x=f32[2], how='a, b', and='it\\'s'"],
    ["n=-1.5e-07, m=inf, flag=True, none=None", 'n=-1.5e-07, m=float("inf"), flag=True, none=None'],
    [
      "shape=(2, 3), one=(2,), empty=(), act=relu, dtype=jnp.float32",
      "shape=(2, 3), one=(2,), empty=(), act=relu, dtype=jnp.float32",
    ],
  ];
  for (const [signature, given] of written) {
    test(signature || "nothing", () => {
      assert.equal(callArguments(signature), given);
    });
  }
});

describe("a signature that does not say enough is not", () => {
  const not: [string, string][] = [
    ["a tree", "params: dict of 4 leaves"],
    ["too many leaves to be told", "x"],
    ["cut", "x: float32[4], y: flo…"],
    ["no dtype of JAX", "x: Foo[]"],
    ["a key", "k: key<fry>[]"],
    ["a weak array", "x: weak float32[3]"],
    ["a dimension without a number", "x: float32[n]"],
    ["on several devices", "x: float32[4] on P('x') over 4 devices (cpu:0 to cpu:3)"],
    ["an object", "cfg=a Config"],
    ["a long int", "n=an int of 400 bits"],
    ["an object in a tuple", "cfg=(1, a Config)"],
    ["named and unnamed", "x: float32[2], args[0]: float32[3]"],
    ["no names", "float32[3]"],
  ];
  for (const [why, signature] of not) {
    test(why, () => {
      assert.equal(callArguments(signature), null);
    });
  }
});

describe("%jaxir", () => {
  test("of a function of this session, and of a module", () => {
    assert.equal(irText(record("x: float32[4,3], n=3")), "%jaxir f(x=f32[4,3], n=3)");
    assert.equal(irText(record("x: int32[]", { module: "a.train" })), "%jaxir a.train.f(x=i32[])");
    assert.equal(irText(record("", { kind: "ahead of time" })), "%jaxir f()");
  });

  test("of what has no name that could be called", () => {
    assert.equal(irText(record("x: float32[2]", { function: "<lambda>" })), "");
    assert.equal(irText(record("x: float32[2]", { function: "f.<locals>.g" })), "");
    assert.equal(irText(record("x: float32[2]", { kind: "transform" })), "");
    assert.equal(irText(record("x: float32[2]", { kind: "eager op" })), "");
    assert.equal(irText(record("p: dict of 1 leaf")), "");
  });
});
