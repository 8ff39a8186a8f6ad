/** The compile log of one kernel: what its batches add up to. It knows nothing of JupyterLab. */
import type {
  IBatch,
  ICompileLog,
  IFunctionTotals,
  IReason,
  IRecord,
  ITotals,
  WireRecord,
} from "./tokens.js";

/**
 * The records by their numbers.
 *
 * A record comes again whenever it changed, and a batch may come twice: the last one holds. What
 * is derived from the records is computed when it is asked for, and kept until the next batch.
 */
export class CompileLog implements ICompileLog {
  get revision(): number {
    return this._revision;
  }

  get size(): number {
    return this._byNumber.size;
  }

  get records(): readonly IRecord[] {
    // older records come after newer ones, so the order of the map is not that of the numbers
    return (this._records ??= [...this._byNumber.values()].sort((a, b) => a.number - b.number));
  }

  get open(): readonly IRecord[] {
    return (this._open ??= this.records.filter((record) => record.outcome === "open"));
  }

  get totals(): ITotals {
    return (this._totals ??= sum(this.records));
  }

  get dropped(): number {
    return this._dropped;
  }

  get more(): number {
    return this._more;
  }

  get notes(): readonly string[] {
    return this._notes;
  }

  /** Take a batch that came when `Date.now()` was `clientNow`. */
  apply(batch: IBatch, clientNow: number): void {
    if (batch.cleared) {
      this._byNumber.clear();
    }
    for (const record of batch.records) {
      this._byNumber.set(record.number, complete(record));
    }
    for (const number of this._byNumber.keys()) {
      if (number < batch.oldest) {
        this._byNumber.delete(number);
      }
    }
    for (const [count, cell] of Object.entries(batch.cells)) {
      this._cellIds.set(Number(count), cell);
      this._lastRuns.set(cell, Math.max(Number(count), this._lastRuns.get(cell) ?? 0));
    }
    this._dropped = batch.dropped;
    this._more = batch.more;
    this._notes = batch.notes;
    this._aheadMs = clientNow - batch.now_s * 1000;
    this._changed();
  }

  /** Forget all, cells too: the kernel is another one. */
  clear(): void {
    this._byNumber.clear();
    this._cellIds.clear();
    this._lastRuns.clear();
    this._dropped = 0;
    this._more = 0;
    this._notes = [];
    this._changed();
  }

  get(number: number): IRecord | undefined {
    return this._byNumber.get(number);
  }

  totalsByFunction(): readonly IFunctionTotals[] {
    this._functions ??= byFunction(this.records)
      .map((records) => {
        const { function: name, module, kind } = records[0];
        return { function: name, module, kind, ...sum(records) };
      })
      .sort((a, b) => b.ms - a.ms);
    return this._functions;
  }

  ofRun(count: number): readonly IRecord[] {
    this._runs ??= groupBy(
      this.records.filter((record) => record.cell !== null),
      (record) => record.cell,
    );
    return this._runs.get(count) ?? [];
  }

  cellId(count: number): string {
    return this._cellIds.get(count) ?? "";
  }

  /** The execution count of the last run of a cell, 0 if it is not known. */
  lastRun(cellId: string): number {
    return this._lastRuns.get(cellId) ?? 0;
  }

  elapsedMs(record: IRecord, clientNow: number): number {
    return Math.max(0, clientNow - this._aheadMs - record.started_s * 1000);
  }

  private _changed(): void {
    this._revision += 1;
    this._records = this._open = this._totals = this._functions = this._runs = null;
  }

  private readonly _byNumber = new Map<number, IRecord>();
  private readonly _cellIds = new Map<number, string>();
  private readonly _lastRuns = new Map<string, number>();
  private _dropped = 0;
  private _more = 0;
  private _notes: readonly string[] = [];
  // by how much the clock of this machine, and the way here, are ahead of the kernel's clock
  private _aheadMs = 0;
  private _revision = 0;

  private _records: readonly IRecord[] | null = null;
  private _open: readonly IRecord[] | null = null;
  private _totals: ITotals | null = null;
  private _functions: readonly IFunctionTotals[] | null = null;
  private _runs: Map<number | null, IRecord[]> | null = null;
}

/**
 * The records of each function together: of one name in one file.
 *
 * Of a part of a transform outside of jit, JAX may tell no more than the name; it belongs to the
 * function of that name if there is only one.
 */
function byFunction(records: readonly IRecord[]): Some[] {
  const groups = groupBy(records, ({ module, file, function: name }) =>
    [module, file, name].join("\0"),
  );
  for (const [key, group] of [...groups]) {
    const { module, file, function: name } = group[0];
    if (module === "" && file === "") {
      const [home, ...others] = [...groups.values()].filter(
        (other) => other !== group && other[0].function === name,
      );
      if (home && others.length === 0) {
        home.push(...group);
        groups.delete(key);
      }
    }
  }
  return [...groups.values()];
}

/** The milliseconds of all phases of a record together. */
export function totalMs(record: IRecord): number {
  return (record.trace_ms ?? 0) + (record.lower_ms ?? 0) + (record.compile_ms ?? 0);
}

/** How many records, how long they took, and which part of that was done again. */
export function sum(records: readonly IRecord[]): ITotals {
  let [ms, again, againMs] = [0, 0, 0];
  for (const record of records) {
    const its = totalMs(record);
    ms += its;
    if (record.again) {
      again += 1;
      againMs += its;
    }
  }
  return { programs: records.length, ms, again, againMs };
}

/** A record with all of its fields, those that were left out as the dataclass has them. */
export function complete(wire: WireRecord): IRecord {
  const reason: IReason = {
    changed: "",
    before: "",
    after: "",
    remedy: "",
    earlier: 0,
    ...wire.reason,
  };
  return {
    module: "",
    file: "",
    signature: "",
    cell: null,
    line: null,
    caller: "",
    trace_ms: null,
    lower_ms: null,
    compile_ms: null,
    disk: "",
    device: "",
    thread: "",
    phase: "",
    outcome: "open",
    started_s: 0,
    place: "",
    again: false,
    ...wire,
    reason,
  };
}

type Some = [IRecord, ...IRecord[]];

function groupBy<K>(records: readonly IRecord[], key: (record: IRecord) => K): Map<K, Some> {
  const groups = new Map<K, Some>();
  for (const record of records) {
    const group = groups.get(key(record));
    if (group) {
      group.push(record);
    } else {
      groups.set(key(record), [record]);
    }
  }
  return groups;
}
