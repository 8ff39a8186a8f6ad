/**
 * The signature of a record as the arguments of a call: `x: float32[4,3], n=3` becomes
 * `x=f32[4,3], n=3`.
 *
 * Arguments are given by their names, as a signature has the static ones last, wherever the
 * function has them.
 */
import type { IRecord } from "./tokens.js";

const DTYPES: Readonly<Record<string, string>> = {
  bool: "bool",
  bfloat16: "bf16",
  ...Object.fromEntries([16, 32, 64].map((n) => [`float${n}`, `f${n}`])),
  ...Object.fromEntries([4, 8, 16, 32, 64].map((n) => [`int${n}`, `i${n}`])),
  ...Object.fromEntries([4, 8, 16, 32, 64].map((n) => [`uint${n}`, `u${n}`])),
  ...Object.fromEntries([64, 128].map((n) => [`complex${n}`, `c${n}`])),
};

// what JAX takes for weakly typed is a number of Python's; which one makes no difference
const NUMBERS: Readonly<Record<string, string>> = { int: "1", float: "1.0", complex: "1j" };

const NAME = /^[\p{ID_Start}_]\p{ID_Continue}*$/u;
const DOTTED = /^[\p{ID_Start}_]\p{ID_Continue}*(\.[\p{ID_Start}_]\p{ID_Continue}*)*$/u;
const ARRAY = /^(weak )?([a-z]+)(\d*)\[((?:\d+(?:,\d+)*)?)\](?: on \w+:\d+)?$/;
const REST = /^\p{ID_Continue}+\[\d+\]$/u;
const NUMBER = /^-?(\d+(\.\d*)?(e[+-]?\d+)?|inf|nan)j?$/;
const STRING = /^b?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")$/;

/** `%jaxir f(x=f32[4,3])` for a record; '' if it can't be written so. */
export function irText(record: IRecord): string {
  if (record.kind !== "user function" && record.kind !== "ahead of time") {
    return "";
  }
  const name =
    record.module && record.module !== "__main__"
      ? `${record.module}.${record.function}`
      : record.function;
  const given = callArguments(record.signature);
  return DOTTED.test(name) && given !== null ? `%jaxir ${name}(${given})` : "";
}

/** The arguments, or null if the signature does not say enough about them. */
export function callArguments(signature: string): string | null {
  if (signature.includes("…")) {
    return null; // it was too long to be told in full
  }
  const given: string[] = [];
  let [byName, byPlace] = [false, false];
  for (const piece of pieces(signature)) {
    const array = /^([^:=]+): (.*)$/.exec(piece);
    const fixed = /^(\p{ID_Continue}+)=(.*)$/u.exec(piece);
    if (fixed?.[1]?.startsWith("jax_")) {
      continue; // what was configured, which is no argument
    }
    const name = array?.[1] ?? fixed?.[1];
    const value = array?.[2] !== undefined ? typeText(array[2]) : literal(fixed?.[2] ?? "");
    if (name === undefined || value === null) {
      return null;
    }
    if (array && REST.test(name)) {
      // all that stand before those of `*args` are given by their places
      given.push(value);
      byPlace = true;
    } else if (NAME.test(name)) {
      given.push(`${name}=${value}`);
      byName = true;
    } else {
      return null;
    }
  }
  if (byName && byPlace) {
    return null; // which places the named ones have can't be told
  }
  return given.join(", ");
}

/** A type in JAX's short form: `f32[4,3]`; a Python number for what is weakly typed. */
function typeText(type: string): string | null {
  if (type === "None") {
    return type;
  }
  const [, weak, kind = "", bits = "", shape = ""] = ARRAY.exec(type) ?? [];
  if (weak !== undefined) {
    return shape === "" ? (NUMBERS[kind] ?? null) : null;
  }
  const short = DTYPES[kind + bits];
  return short === undefined ? null : `${short}[${shape}]`;
}

/** A static value that reads the same in Python, or the name of a function or a type. */
function literal(text: string): string | null {
  if (NUMBER.test(text)) {
    return /inf|nan/.test(text) ? `float("${text}")` : text;
  }
  if (text.startsWith("(") && text.endsWith(")")) {
    const inner = pieces(text.slice(1, -1).replace(/,$/, ""));
    return inner.every((item) => literal(item) !== null) ? text : null;
  }
  return STRING.test(text) || DOTTED.test(text) ? text : null;
}

/** Split at the commas that are neither in brackets nor in a string. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let [piece, depth, quote] = ["", 0, ""];
  for (let n = 0; n < text.length; n += 1) {
    const character = text.charAt(n);
    if (quote) {
      if (character === "\\") {
        piece += character;
        n += 1;
      } else if (character === quote) {
        quote = "";
      }
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if ("([{".includes(character)) {
      depth += 1;
    } else if (")]}".includes(character)) {
      depth -= 1;
    } else if (character === "," && depth === 0) {
      found.push(piece.trim());
      piece = "";
      continue;
    }
    piece += text.charAt(n);
  }
  return piece.trim() ? [...found, piece.trim()] : found;
}
