/**
 * What the parts of the panel say to each other, and what the kernel and the panel say.
 *
 * The names of fields are those of the dataclasses in Python: `jaxmagic.compiles.record` and
 * `jaxmagic.compiles.memory.result`. Examples of all messages, which the tests of both languages
 * read, are in tests/data/panel.json.
 */
import type { TranslationBundle } from "@jupyterlab/translation";
import type { ISignal } from "@lumino/signaling";

/** The name of the comm's target, in both directions. */
export const TARGET = "jaxmagic.panel";

// ---- kernel -> panel

export type RecordKind = "user function" | "eager op" | "library" | "transform" | "ahead of time";
export type Disk = "" | "off" | "below threshold" | "written" | "hit";
export type Outcome = "open" | "compiled" | "traced" | "lowered" | "interrupted" | "failed";
export type Phase = "" | "trace" | "lower" | "compile";

/** Why something was compiled. */
export interface IReason {
  readonly kind: string;
  readonly words: string;
  readonly changed: string;
  readonly before: string;
  readonly after: string;
  readonly remedy: string;
  /** The number of the record that it is compared with, 0 if there is none. */
  readonly earlier: number;
}

/** A program that JAX traced, lowered and compiled, or a part of that. */
export interface IRecord {
  readonly number: number;
  readonly function: string;
  readonly kind: RecordKind;
  readonly reason: IReason;
  readonly module: string;
  readonly file: string;
  readonly signature: string;
  /** The execution count of the cell that ran. */
  readonly cell: number | null;
  /** The line in the cell, counted from 1, or in the file `caller` where there is no cell. */
  readonly line: number | null;
  readonly caller: string;
  readonly trace_ms: number | null;
  readonly lower_ms: number | null;
  readonly compile_ms: number | null;
  readonly disk: Disk;
  readonly device: string;
  readonly thread: string;
  /** What happens to it just now, '' for none of these. */
  readonly phase: Phase;
  readonly outcome: Outcome;
  /** When it began, in seconds since 1970 by the clock of the kernel's machine. */
  readonly started_s: number;
  /** 'In[3]:2' or 'train.py:17', '' if not known. */
  readonly place: string;
  /** Whether it was compiled although something like it had been. */
  readonly again: boolean;
}

/** A record as it is sent: without the fields that have their default. */
export type WireRecord = Partial<Omit<IRecord, "reason">> &
  Pick<IRecord, "number" | "function" | "kind"> & {
    readonly reason: Partial<IReason> & Pick<IReason, "kind" | "words">;
  };

export type SwitchName = "x64" | "disable_jit" | "debug_nans";

/** What holds in the kernel: looked at after each cell, never polled. */
export interface IState {
  readonly ev: "state";
  readonly session: string;
  readonly jaxmagic: string;
  /** The version of JAX; null while it is not imported. */
  readonly jax: string | null;
  /** Whether JAX has started a backend. */
  readonly started: boolean;
  readonly recording: boolean;
  /** null while JAX is not imported. */
  readonly switches: Readonly<Record<SwitchName, boolean>> | null;
  /** The folder of the disk cache, '' if it is off. */
  readonly disk: string;
  /** The line magics of jaxmagic that this kernel has. */
  readonly magics: readonly string[];
  /** Whether a cell runs. */
  readonly busy: boolean;
}

/** Records that came or changed. */
export interface IBatch {
  readonly ev: "batch";
  readonly session: string;
  /** The time of day in the kernel when this was sent, in seconds since 1970. */
  readonly now_s: number;
  /** All that was known before is gone. */
  readonly cleared: boolean;
  /** Records with a lower number are no longer kept. */
  readonly oldest: number;
  /** How many older ones the kernel did not keep. */
  readonly dropped: number;
  /** All sentences that hold now on what may be missing. */
  readonly notes: readonly string[];
  readonly records: readonly WireRecord[];
  /** Execution count -> id of the cell, those that are new. */
  readonly cells: Readonly<Record<string, string>>;
  /** How many older records follow in later batches. */
  readonly more: number;
}

export interface IDevice {
  readonly name: string;
  readonly platform: string;
  readonly kind: string;
  readonly process_index: number;
  readonly in_use_bytes: number | null;
  readonly peak_bytes: number | null;
  readonly limit_bytes: number | null;
  /** How the bytes were obtained or why there are none. */
  readonly note: string;
  readonly stats: Readonly<Record<string, number>>;
  /** The live arrays that have a part on it, and what those parts take. */
  readonly arrays: number;
  readonly arrays_bytes: number;
}

/** A way to an array: `params['w']`, as often as `times`; `told` are words that follow. */
export interface IName {
  readonly code: string;
  readonly told: string;
  readonly times: number;
}

/** The live arrays of one shape, dtype and sharding. */
export interface IGroup {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sharding: string;
  readonly arrays: number;
  readonly array_bytes: number;
  readonly device_bytes: number;
  readonly names: readonly IName[];
  readonly more_names: number;
  readonly unnamed: number;
}

export interface IBlock {
  readonly start: readonly number[];
  readonly stop: readonly number[];
  readonly devices: readonly string[];
}

/** How all arrays of one shape and sharding lie on their devices. */
export interface ILayout {
  readonly path: string;
  readonly arrays: number;
  readonly shape: readonly number[];
  readonly dtypes: readonly string[];
  readonly sharding: string;
  readonly blocks: readonly IBlock[];
  readonly note: string;
  readonly more: number;
}

/** The devices of the kernel's process and the live arrays on them. */
export interface IDevices {
  /** Why there is nothing to tell, else ''. */
  readonly idle: string;
  readonly process_index: number;
  readonly process_count: number;
  readonly device_count: number;
  readonly devices: readonly IDevice[];
  readonly groups: readonly IGroup[];
  readonly rest: {
    readonly groups: number;
    readonly arrays: number;
    readonly device_bytes: number;
  };
  readonly layouts: readonly ILayout[];
  /** Sentences on what there was no time to look at. */
  readonly unseen: readonly string[];
  /** How many live arrays these were. */
  readonly more_arrays: number;
}

export type KernelMessage =
  | IState
  | IBatch
  | {
      readonly ev: "devices";
      readonly session: string;
      readonly re: string;
      readonly devices: IDevices;
    }
  | {
      readonly ev: "devices";
      readonly session: string;
      readonly re: string;
      readonly problem: string;
    }
  | { readonly ev: "done"; readonly session: string; readonly re: string }
  | {
      readonly ev: "refused";
      readonly session: string;
      readonly re: string;
      readonly words: string;
    }
  | { readonly ev: "unloaded"; readonly session: string };

// ---- panel -> kernel

export type Op =
  | { readonly op: "hello" | "devices" | "clear_caches" | "forget" }
  | { readonly op: "switch"; readonly name: SwitchName; readonly on: boolean };

// ---- the parts of the panel

export interface ITotals {
  /** How many records: programs that were compiled, or that JAX began to compile. */
  readonly programs: number;
  readonly ms: number;
  /** Of these, the ones that were compiled again. */
  readonly again: number;
  readonly againMs: number;
}

export interface IFunctionTotals extends ITotals {
  readonly function: string;
  /** Where it is defined; two functions of one name in two modules are two functions. */
  readonly module: string;
  readonly kind: RecordKind;
}

/** The records of one kernel, as the view reads them. */
export interface ICompileLog {
  /** Goes up by each change: what was computed from the log can be kept while it stays. */
  readonly revision: number;
  readonly size: number;
  /** All of them, by number, the oldest first. The same array while the revision stays. */
  readonly records: readonly IRecord[];
  /** What is being compiled just now, the oldest first. */
  readonly open: readonly IRecord[];
  readonly totals: ITotals;
  /** How many older ones the kernel did not keep. */
  readonly dropped: number;
  /** How many older ones are still to come. */
  readonly more: number;
  /** Sentences on what may be missing. */
  readonly notes: readonly string[];
  get(number: number): IRecord | undefined;
  /** Totals of each function, the longest time first. */
  totalsByFunction(): readonly IFunctionTotals[];
  /** The records of the run of a cell with this execution count, the oldest first. */
  ofRun(count: number): readonly IRecord[];
  /** The id of the cell that had this execution count, '' if not known. */
  cellId(count: number): string;
  /** For how long a record has been open, given `Date.now()`. */
  elapsedMs(record: IRecord, clientNow: number): number;
}

/** How it stands between the panel and a kernel. */
export type Link =
  | "no kernel" // the active document has none, or there is no notebook or console
  | "other language" // the kernel is no Python
  | "connecting" // asked, no answer yet: a busy kernel answers later
  | "not loaded" // the kernel has no jaxmagic loaded: loading is offered
  | "loading" // %load_ext was sent
  | "live"
  | "lost"; // the connection is lost, or the kernel is restarting or dead

/** What the panel knows of one kernel, and what it can ask of it. */
export interface IConnection {
  readonly link: Link;
  /** Whether the kernel is busy. */
  readonly busy: boolean;
  /** One sentence, or '': jaxmagic is not installed there, say. */
  readonly problem: string;
  readonly log: ICompileLog;
  readonly state: IState | null;
  /** The last answer. */
  readonly devices: IDevices | null;
  /** Why there was no answer, one sentence, else ''. */
  readonly devicesProblem: string;
  readonly devicesPending: boolean;
  /** Anything above has changed. */
  readonly changed: ISignal<IConnection, void>;
  /** Load jaxmagic in the kernel. */
  load(): Promise<void>;
  refreshDevices(): void;
  // These reject with an Error whose message is one sentence for the user.
  clearCaches(): Promise<void>;
  forget(): Promise<void>;
  setSwitch(name: SwitchName, on: boolean): Promise<void>;
}

/** Which kernel the panel shows. */
export interface IModel {
  /** That of the active notebook or console, the link may be "no kernel"; null if there is none. */
  readonly current: IConnection | null;
  /** The name of the notebook or console, '' if there is none. */
  readonly title: string;
  readonly currentChanged: ISignal<IModel, void>;
  /** Show the records of the run with this execution count only; null for all. */
  readonly onlyRun: number | null;
  readonly onlyRunChanged: ISignal<IModel, void>;
  setOnlyRun(count: number | null): void;
  /** The view says whether it can be seen: devices are asked for only then. */
  setVisible(visible: boolean): void;
}

/** What can be done with a record outside of the panel. */
export interface IActions {
  /** Whether there may be a cell to go to. */
  canGoTo(record: IRecord): boolean;
  /** Show the cell in its own notebook or console; false if it is gone. */
  goTo(record: IRecord): Promise<boolean>;
  /** The text `%jaxir f(f32[4,3])`, or '' if this can't be asked of this record. */
  irText(record: IRecord): string;
  /** Put this text into a new cell below the active one of the record's notebook. */
  insertIr(record: IRecord): void;
  copy(text: string): void;
}

/** What the search of the panel knows as one kind: "user" holds transforms and AOT, too. */
export type Group = "user" | "eager" | "library";

/** What `new Panel(options)` of panel.ts takes; it also has `setKinds(groups)`. */
export interface IPanelOptions {
  readonly model: IModel;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
  /** The kinds that are shown at first. */
  readonly settings: { readonly kinds: readonly Group[]; readonly changed: ISignal<unknown, void> };
  /** Load what is in the panel. */
  readonly load: () => Promise<typeof import("./view.js")>;
}
