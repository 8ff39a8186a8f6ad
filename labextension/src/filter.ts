/** Which records of a log are shown: by words, by kind, by cell, and whether compiled again. */
import type { Group, IRecord, RecordKind } from "./tokens.js";

export const GROUPS: readonly Group[] = ["user", "eager", "library"];

/** What is looked for. */
export interface IQuery {
  /** Words that must all be found, in any order; capitals do not matter. */
  readonly text: string;
  readonly groups: ReadonlySet<Group>;
  readonly onlyAgain: boolean;
  /** Only the run of the cell with this execution count. */
  readonly run: number | null;
}

/** What was found, the newest first. */
export interface IFound {
  readonly records: readonly IRecord[];
  /** How many there would be of each group, and how many compiled again. */
  readonly counts: Readonly<Record<Group, number>>;
  readonly again: number;
}

const GROUP_OF: Readonly<Record<RecordKind, Group>> = {
  "user function": "user",
  transform: "user",
  "ahead of time": "user",
  "eager op": "eager",
  library: "library",
};

/** The group that a kind belongs to: what is transformed or compiled ahead of time is the user's. */
export function groupOf(kind: RecordKind): Group {
  // a kind that a newer jaxmagic in the kernel might know is shown rather than lost
  return (GROUP_OF as Partial<Record<string, Group>>)[kind] ?? "user";
}

/** The finished ones of these records that fit the query. */
export function find(records: readonly IRecord[], query: IQuery): IFound {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const counts: Record<Group, number> = { user: 0, eager: 0, library: 0 };
  const found: IRecord[] = [];
  let again = 0;
  for (let n = records.length - 1; n >= 0; n--) {
    const record = records[n];
    if (record === undefined || record.outcome === "open") {
      continue;
    }
    if (query.run !== null && record.cell !== query.run) {
      continue;
    }
    if (words.length && !fits(record, words)) {
      continue;
    }
    const group = groupOf(record.kind);
    // each number says what its button would bring, given all the others
    if (record.again || !query.onlyAgain) {
      counts[group]++;
    }
    if (query.groups.has(group)) {
      again += record.again ? 1 : 0;
      if (record.again || !query.onlyAgain) {
        found.push(record);
      }
    }
  }
  return { records: found, counts, again };
}

const texts = new WeakMap<IRecord, string>();

function fits(record: IRecord, words: readonly string[]): boolean {
  let text = texts.get(record);
  if (text === undefined) {
    const { reason } = record;
    text = [record.function, record.signature, reason.words, record.module, record.place]
      .concat(record.kind, record.device, record.outcome, record.again ? "again" : "")
      .join("\n")
      .toLowerCase();
    texts.set(record, text);
  }
  return words.every((word) => text.includes(word));
}
