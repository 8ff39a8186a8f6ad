/** What the view is shown in a test: a connection and a model that a test sets as it likes. */
import { Signal } from "@lumino/signaling";

import { el } from "../src/elements.js";
import type { IKit } from "../src/kit.js";
import { CompileLog } from "../src/log.js";
import type {
  IActions,
  IBatch,
  IConnection,
  IDevices,
  IModel,
  IRecord,
  IState,
  Link,
  SwitchName,
  WireRecord,
} from "../src/tokens.js";
import { message, trans } from "./kernel.js";

/** The records of tests/data/panel.json, the oldest first. */
export function records(): readonly IRecord[] {
  return log().records;
}

/** The log of what tests/data/panel.json holds. */
export function log(): CompileLog {
  const one = new CompileLog();
  one.apply(message("batch") as unknown as IBatch, 0);
  return one;
}

/** A record as it is sent, a finished one if nothing else is said. */
export function wire(number: number, fields: Partial<WireRecord> = {}): WireRecord {
  return {
    number,
    function: `f${number}`,
    kind: "user function",
    reason: { kind: "first", words: "first call" },
    outcome: "compiled",
    compile_ms: 10,
    cell: 3,
    line: 2,
    place: "In[3]:2",
    ...fields,
  };
}

export class FakeConnection implements IConnection {
  link: Link = "live";
  busy = false;
  problem = "";
  readonly log = new CompileLog();
  state: IState = message("state", { disk: "" }) as unknown as IState;
  devices: IDevices | null = null;
  devicesProblem = "";
  devicesPending = false;
  readonly changed = new Signal<this, void>(this);

  /** What was asked of it, and the sentence that it refuses with. */
  readonly asked: unknown[] = [];
  refusal = "";

  apply(batch: Partial<IBatch>, now = 0): void {
    const whole = message("batch", { now_s: 0, cleared: false, notes: [], records: [], more: 0 });
    this.log.apply({ ...(whole as unknown as IBatch), ...batch }, now);
  }

  load(): Promise<void> {
    return this._do("load");
  }

  refreshDevices(): void {
    this.asked.push("devices");
  }

  clearCaches(): Promise<void> {
    return this._do("clear_caches");
  }

  forget(): Promise<void> {
    return this._do("forget");
  }

  setSwitch(name: SwitchName, on: boolean): Promise<void> {
    return this._do([name, on]);
  }

  private _do(what: unknown): Promise<void> {
    this.asked.push(what);
    return this.refusal ? Promise.reject(new Error(this.refusal)) : Promise.resolve();
  }
}

export class FakeModel implements IModel {
  current: FakeConnection | null = new FakeConnection();
  title = "a.ipynb";
  readonly currentChanged = new Signal<this, void>(this);
  onlyRun: number | null = null;
  readonly onlyRunChanged = new Signal<this, void>(this);

  setOnlyRun(count: number | null): void {
    this.onlyRun = count;
  }

  setVisible(): void {
    // only the panel says so, which is tested in the browser
  }
}

/** The surroundings of a view, with what was done in them. */
export class FakeKit implements IKit {
  readonly trans = trans;
  readonly done: string[] = [];
  sure = true;
  found = true;

  readonly icon = (name: string): HTMLElement => el("span", { "data-icon": name });

  readonly confirm = (title: string): Promise<boolean> => {
    this.done.push(title);
    return Promise.resolve(this.sure);
  };

  readonly actions: IActions = {
    canGoTo: (record) => record.cell !== null,
    goTo: (record) => {
      this.done.push(`go to ${record.place}`);
      return Promise.resolve(this.found);
    },
    irText: (record) => (record.kind === "user function" ? "%jaxir f(x)" : ""),
    insertIr: (record) => {
      this.done.push(`insert ${record.number}`);
    },
    copy: (text) => {
      this.done.push(text);
    },
  };
}

/** The first match; a test that looks for what is not there fails with its name. */
export function get(node: Element, selector: string): HTMLElement {
  const found = node.querySelector<HTMLElement>(selector);
  if (found === null) {
    throw new Error(`nothing is ${selector} in ${node.outerHTML}`);
  }
  return found;
}

/** All matches that are not hidden themselves. */
export function all(node: Element, selector: string): HTMLElement[] {
  return [...node.querySelectorAll<HTMLElement>(selector)].filter((one) => !one.hidden);
}

/** The button with these words. */
export function named(node: Element, words: string): HTMLButtonElement {
  const found = all(node, "button").find(
    (one) => (one.getAttribute("aria-label") ?? one.textContent).trim() === words,
  );
  if (found === undefined) {
    throw new Error(`no button says ${words} in ${node.outerHTML}`);
  }
  return found as HTMLButtonElement;
}
