/**
 * Numbers and sentences, as `jaxmagic.show.units` and `jaxmagic.compiles.view` write them.
 *
 * Three significant digits and always a unit. What is not known is an empty string.
 */
import type { TranslationBundle } from "@jupyterlab/translation";

import { totalMs } from "./log.js";
import type { IFunctionTotals, IName, IRecord, ITotals, Phase, RecordKind } from "./tokens.js";

const SECONDS = [
  ["ns", 1e-9],
  ["µs", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
] as const;
const BYTES = ["KiB", "MiB", "GiB", "TiB"];
const LETTERS: Readonly<Record<string, string>> = {
  bfloat: "bf",
  float: "f",
  uint: "u",
  int: "i",
  complex: "c",
};

// ---- numbers

/** A duration, given in seconds, in the unit that reads best. */
export function seconds(value: number | null): string {
  if (value === null) {
    return "";
  }
  if (value < 0) {
    return `-${seconds(-value)}`;
  }
  if (value === 0) {
    return "0 s";
  }
  if (value < 60) {
    for (const [unit, scale] of SECONDS) {
      const digits = threeDigits(value / scale);
      if (Number(digits) < 1000) {
        return `${digits} ${unit}`;
      }
    }
  }
  if (value < 3600) {
    return `${threeDigits(value / 60)} min`;
  }
  return `${grouped(threeDigits(value / 3600))} h`;
}

/** A duration, given in milliseconds. */
export function milliseconds(value: number | null): string {
  return seconds(value === null ? null : value / 1e3);
}

/** A duration that is still growing, a digit behind the point so that it is seen to grow. */
export function ticking(value_ms: number): string {
  const whole = Math.floor(value_ms / 1000);
  if (whole < 60) {
    return `${(Math.floor(value_ms / 100) / 10).toFixed(1)} s`;
  }
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** A number of bytes, in steps of 1024. */
export function size(value: number | null): string {
  if (value === null) {
    return "";
  }
  if (Math.abs(value) < 1024) {
    return `${value} B`;
  }
  let scaled = value / 1024;
  for (const unit of BYTES) {
    if (Math.abs(Number(threeDigits(scaled))) < 1000) {
      return `${threeDigits(scaled)} ${unit}`;
    }
    scaled /= 1024;
  }
  return `${grouped(threeDigits(scaled))} PiB`;
}

/** A number with a comma before each three digits. */
export function grouped(digits: number | string): string {
  const [whole = "", ...rest] = String(digits).split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

/** A share of 1, in percent. */
export function percent(share: number): string {
  return share > 0 && share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
}

/** Three significant digits; a half goes to the even digit, as Python rounds. */
function threeDigits(value: number): string {
  if (value === 0) {
    return "0";
  }
  const long = value.toExponential(40);
  const half = /^(-?\d\.\d[02468])50*e(.*)$/.exec(long);
  const rounded = half ? `${half[1] ?? ""}e${half[2] ?? ""}` : value.toExponential(2);
  const exponent = Number(rounded.split("e")[1]);
  return Number(rounded).toFixed(Math.max(0, 2 - exponent));
}

// ---- records

/** `f(x: float32[4])`. */
export function called(record: IRecord): string {
  return record.signature ? `${record.function}(${record.signature})` : record.function;
}

/** The signature with JAX's own short dtypes, for a line that has no room: `(x: f32[4])`. */
export function shortSignature(record: IRecord): string {
  const text = record.signature.replace(
    /\b(bfloat|float|uint|int|complex)(?=[1-9])/g,
    (name) => LETTERS[name] ?? name,
  );
  return text && `(${text})`;
}

/** What a kind is called where it is no function of the user's, else ''. */
export function kindWord(kind: RecordKind, trans: TranslationBundle): string {
  switch (kind) {
    case "eager op":
      return trans.__("eager");
    case "library":
      return trans.__("library");
    case "transform":
      return trans.__("transform");
    case "ahead of time":
      return trans.__("ahead of time");
    case "user function":
      return "";
  }
}

/** The reason in a line: what became of it, whose it is, and why. */
export function why(record: IRecord, trans: TranslationBundle): string {
  const words = [record.reason.words];
  const kind = kindWord(record.kind, trans);
  if (kind) {
    words.unshift(kind);
  }
  const outcome = outcomeWord(record, trans);
  if (outcome) {
    words.unshift(outcome);
  }
  return words.join(" · ");
}

/** Whether it did not come to its end. */
export function broken(record: IRecord): boolean {
  return record.outcome === "failed" || record.outcome === "interrupted";
}

function outcomeWord(record: IRecord, trans: TranslationBundle): string {
  switch (record.outcome) {
    case "failed":
      return trans.__("failed");
    case "interrupted":
      return trans.__("interrupted");
    case "traced":
      return trans.__("traced only");
    case "lowered":
      return trans.__("lowered only");
    case "open":
    case "compiled":
      return "";
  }
}

/** What is done to a function in a phase: `tracing`, `lowering` or `compiling`. */
export function phaseWord(phase: Phase, trans: TranslationBundle): string {
  switch (phase) {
    case "trace":
      return trans.__("tracing");
    case "lower":
      return trans.__("lowering");
    case "compile":
    case "":
      return trans.__("compiling");
  }
}

/** How it went with the disk cache, '' if that is not known. */
export function diskWords(record: IRecord, trans: TranslationBundle): string {
  switch (record.disk) {
    case "off":
      return trans.__("off");
    case "below threshold":
      return trans.__("not written: it was compiled too fast to be worth it");
    case "written":
      return trans.__("written");
    case "hit":
      return trans.__("loaded from it");
    case "":
      return "";
  }
}

/** The file that a function is from, '' if that is a cell, which has a better name. */
export function sourceFile(record: IRecord): string {
  return /^<|[/\\]ipykernel_\d+[/\\]/.test(record.file) ? "" : record.file;
}

/** The module that a function is from, '' if it is the user's own session. */
export function sourceModule(record: IRecord): string {
  return record.module === "__main__" ? "" : record.module;
}

/** `12 programs · 2.12 s · 3 again`. */
export function totalsText(totals: ITotals, trans: TranslationBundle): string {
  const words = [
    trans._n("%2 program", "%2 programs", totals.programs, grouped(totals.programs)),
    milliseconds(totals.ms),
  ];
  if (totals.again) {
    words.push(trans.__("%1 again", grouped(totals.again)));
  }
  return words.join(" · ");
}

/** Which part of the time went into each phase; null if there was none. */
export function phaseShares(
  records: readonly IRecord[],
): Readonly<Record<"trace" | "lower" | "compile", number>> | null {
  let [trace, lower, compile] = [0, 0, 0];
  for (const record of records) {
    trace += record.trace_ms ?? 0;
    lower += record.lower_ms ?? 0;
    compile += record.compile_ms ?? 0;
  }
  const all = trace + lower + compile;
  return all ? { trace: trace / all, lower: lower / all, compile: compile / all } : null;
}

/** All that is known of a record, as text to be pasted elsewhere. */
export function recordText(record: IRecord, trans: TranslationBundle): string {
  const { reason } = record;
  const phases = (["trace", "lower", "compile"] as const)
    .filter((phase) => record[`${phase}_ms`] !== null)
    .map((phase) => `${phase} ${milliseconds(record[`${phase}_ms`])}`);
  const disk = diskWords(record, trans);
  const facts = [record.place, ...phases, disk && trans.__("disk cache: %1", disk), record.device];
  const source = [sourceModule(record), sourceFile(record)];
  const lines = [
    `#${record.number} ${called(record)}  ${milliseconds(totalMs(record))}`,
    `  ${record.again ? `${trans.__("again")}: ` : ""}${why(record, trans)}`,
  ];
  if (reason.before || reason.after) {
    lines.push(`  ${reason.changed}: ${reason.before} -> ${reason.after}`);
  }
  if (reason.remedy) {
    lines.push(`  → ${reason.remedy}`);
  }
  for (const pieces of [facts, source]) {
    const said = pieces.filter(Boolean).join(" · ");
    if (said) {
      lines.push(`  ${said}`);
    }
  }
  return lines.join("\n");
}

/** A whole list of records as text, under the totals of the log. */
export function logText(
  records: readonly IRecord[],
  totals: ITotals,
  trans: TranslationBundle,
): string {
  const head = [totalsText(totals, trans)];
  if (records.length !== totals.programs) {
    head.push(trans.__("%1 of them are shown", grouped(records.length)));
  }
  return [head.join("; "), ...records.map((record) => recordText(record, trans))].join("\n\n");
}

/** `3 programs, 2 again, 41%` of a function: what its bar means. */
export function functionText(
  one: IFunctionTotals,
  share: number,
  trans: TranslationBundle,
): string {
  return trans.__("%1: %2, %3 of all time", one.function, totalsText(one, trans), percent(share));
}

// ---- devices

/** `f32[1024,1024]`. */
export function typeText(dtype: string, shape: readonly number[]): string {
  const short = dtype.replace(
    /(bfloat|float|uint|int|complex)(?=[1-9])/g,
    (name) => LETTERS[name] ?? name,
  );
  return `${short}[${shape.join(",")}]`;
}

/** How often a name stands for an array: ` ×12`, '' for one. */
export function timesText(name: IName): string {
  return name.times > 1 ? ` ×${grouped(name.times)}` : "";
}

/** The names of devices, those of a kind together: `cpu:0-3,8`. */
export function devicesText(devices: readonly string[]): string {
  const ofKind = new Map<string, number[]>();
  for (const name of devices) {
    const [, kind = name, number = ""] = /^(.*):(\d+)$/.exec(name) ?? [];
    const numbers = ofKind.get(kind) ?? [];
    ofKind.set(kind, numbers);
    if (number) {
      numbers.push(Number(number));
    }
  }
  return [...ofKind]
    .map(([kind, numbers]) => (numbers.length ? `${kind}:${runs(numbers)}` : kind))
    .join(" ");
}

function runs(numbers: number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) {
      last[1] = number;
    } else {
      found.push([number, number]);
    }
  }
  return found
    .map(([first, last]) =>
      last - first > 1 ? `${first}-${last}` : first === last ? first : `${first},${last}`,
    )
    .join(",");
}

/** How long ago something was, given in milliseconds. */
export function ago(value_ms: number, trans: TranslationBundle): string {
  const past = Math.floor(value_ms / 1000);
  if (past < 1) {
    return trans.__("just now");
  }
  if (past < 60) {
    return trans.__("%1 s ago", past);
  }
  if (past < 3600) {
    return trans.__("%1 min ago", Math.floor(past / 60));
  }
  return trans.__("%1 h ago", Math.floor(past / 3600));
}
