/** The example results that the Python tests write and read, too. */
import { readFileSync } from "node:fs";

const folder = new URL("../../../tests/data/", import.meta.url);

/** What is in `tests/data/<name>.json`. */
export function example(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
}
