/** What the panel knows of one kernel: it takes in what the kernel pushes, and asks for the rest. */
import type { Kernel } from "@jupyterlab/services";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { JSONObject } from "@lumino/coreutils";
import { UUID } from "@lumino/coreutils";
import type { IDisposable } from "@lumino/disposable";
import type { ISignal } from "@lumino/signaling";
import { Signal } from "@lumino/signaling";

import type { SendPlain } from "./comm.js";
import { PanelComm } from "./comm.js";
import { CompileLog } from "./log.js";
import type {
  IConnection,
  IDevices,
  IState,
  KernelMessage,
  Link,
  Op,
  SwitchName,
} from "./tokens.js";

const LOAD = "%load_ext jaxmagic";

// a cell that follows at once would make the answer an old one
const AFTER_CELL_MS = 300;

export interface IConnectionOptions {
  readonly trans: TranslationBundle;
  readonly sendPlain: SendPlain;
  /** `Date.now`, which tests replace. */
  readonly now?: () => number;
}

/** One kernel, as all notebooks and consoles of this page share it. */
export class Connection implements IConnection, IDisposable {
  constructor(options: IConnectionOptions) {
    this._trans = options.trans;
    this._now = options.now ?? Date.now;
    this._comm = new PanelComm(options.sendPlain);
    this._comm.changed.connect(this._onStanding, this);
    this._comm.received.connect(this._onReceived, this);
    this._comm.executed.connect(this._onExecuted, this);
    this._comm.restarted.connect(this._onRestarted, this);
  }

  readonly log = new CompileLog();

  get link(): Link {
    const standing = this._comm.standing;
    switch (standing) {
      case "finding":
        return "connecting";
      case "none":
        return this._loading ? "loading" : "not loaded";
      case "open":
        return this._state ? "live" : this._loading ? "loading" : "connecting";
      case "no kernel":
      case "other language":
      case "lost":
        return standing;
    }
  }

  get busy(): boolean {
    return this._comm.busy;
  }

  get problem(): string {
    return this._problem;
  }

  get state(): IState | null {
    return this._state;
  }

  get devices(): IDevices | null {
    return this._devices;
  }

  get devicesProblem(): string {
    return this._devicesProblem;
  }

  get devicesPending(): boolean {
    return this._devicesAsked !== "";
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether no notebook or console uses it any longer. */
  get isUnused(): boolean {
    return this._comm.isEmpty;
  }

  get isDisposed(): boolean {
    return this._comm.isDisposed;
  }

  /** A notebook or console of this page uses the kernel, over this connection. */
  add(kernel: Kernel.IKernelConnection): void {
    this._comm.add(kernel);
  }

  remove(kernel: Kernel.IKernelConnection): void {
    this._comm.remove(kernel);
  }

  /** Whether somebody sees the devices: they are not asked for otherwise. */
  setVisible(visible: boolean): void {
    this._visible = visible;
    if (visible && this._devicesOld) {
      this.refreshDevices(); // a kernel with a thread for comms answers while a cell runs
    }
  }

  async load(): Promise<void> {
    if (this.link !== "not loaded") {
      return;
    }
    this._loading = true;
    this._problem = "";
    this._changed.emit();
    const problem = await this._load();
    if (this.isDisposed) {
      return;
    }
    this._loading = false;
    this._problem = problem;
    this._changed.emit();
  }

  refreshDevices(): void {
    if (this.link !== "live" || this.devicesPending) {
      return;
    }
    this._askDevices();
    this._changed.emit();
  }

  clearCaches(): Promise<void> {
    return this._ask({ op: "clear_caches" });
  }

  forget(): Promise<void> {
    return this._ask({ op: "forget" });
  }

  setSwitch(name: SwitchName, on: boolean): Promise<void> {
    return this._ask({ op: "switch", name, on });
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this._afterCell);
    this._giveUp(this._trans.__("The kernel was closed before it answered."));
    this._comm.dispose();
    Signal.clearData(this);
  }

  /** Load jaxmagic, and say what is in the way. */
  private async _load(): Promise<string> {
    const trans = this._trans;
    let reply;
    try {
      reply = await this._comm.execute(LOAD);
    } catch {
      return ""; // it was restarted or shut down meanwhile, which is seen without words
    }
    if (reply.status === "error") {
      const { ename, evalue } = reply;
      if (ename === "ModuleNotFoundError" && evalue.includes("'jaxmagic'")) {
        return trans.__(
          "jaxmagic is not installed in this kernel: run `%pip install jaxmagic` in a cell, then load it again.",
        );
      }
      return trans.__("`%1` failed with %2: run it in a cell to see why.", LOAD, ename);
    }
    if (reply.status === "abort") {
      return trans.__("Loading was interrupted: try again.");
    }
    if (this._comm.standing !== "none") {
      return "";
    }
    // it was loaded before, and nothing came that opens a comm
    await this._comm.find();
    return (this._comm.standing as string) === "none"
      ? trans.__(
          "jaxmagic is loaded there, but does not know this panel: run `%pip install --upgrade jaxmagic` in a cell, then restart the kernel.",
        )
      : "";
  }

  /** Send what is to be done, and wait until it is done or refused. */
  private _ask(op: Op): Promise<void> {
    if (this.link !== "live") {
      return Promise.reject(
        new Error(this._trans.__("jaxmagic is not loaded in this kernel: load it first.")),
      );
    }
    return new Promise((resolve, reject) => {
      this._waiting.set(this._send(op), { resolve, reject });
    });
  }

  private _send(op: Op): string {
    const id = UUID.uuid4();
    this._comm.send({ ...op, id });
    return id;
  }

  private _onReceived(_: PanelComm, data: JSONObject): void {
    this._take(data as unknown as KernelMessage);
    this._changed.emit();
  }

  private _take(message: KernelMessage): void {
    if (message.session !== this._session) {
      this._reset();
      this._session = message.session;
    }
    switch (message.ev) {
      case "state":
        this._state = message;
        this._problem = "";
        if (this._visible && this._devicesOld && !this.devicesPending) {
          this._askDevices();
        }
        break;
      case "batch":
        this.log.apply(message, this._now());
        break;
      case "devices":
        // what another page has asked for is as true here
        if ("devices" in message) {
          this._devices = message.devices;
          this._devicesProblem = "";
        } else {
          this._devicesProblem = message.problem;
        }
        if (message.re === this._devicesAsked) {
          this._devicesAsked = "";
          this._renewDevices(); // a cell may have ended meanwhile
        }
        break;
      case "done":
        this._waiting.get(message.re)?.resolve();
        this._waiting.delete(message.re);
        break;
      case "refused":
        this._waiting.get(message.re)?.reject(new Error(message.words));
        this._waiting.delete(message.re);
        break;
      case "unloaded":
        this._reset();
        break;
    }
  }

  /** Nothing of what the kernel said holds any longer. */
  private _reset(): void {
    this._session = "";
    this._state = null;
    this._devices = null;
    this._devicesProblem = "";
    this._devicesAsked = "";
    this._devicesOld = true;
    this._giveUp(this._trans.__("The kernel has restarted or unloaded jaxmagic meanwhile."));
    this.log.clear();
  }

  private _giveUp(why: string): void {
    for (const { reject } of this._waiting.values()) {
      reject(new Error(why));
    }
    this._waiting.clear();
  }

  private _onStanding(comm: PanelComm): void {
    if (comm.standing === "lost" || comm.standing === "none") {
      this._giveUp(this._trans.__("The kernel could not be reached any longer."));
      this._devicesAsked = "";
      this._devicesOld = true;
    }
    if (comm.standing === "none") {
      this._reset();
    }
    this._changed.emit();
  }

  private _onExecuted(): void {
    this._devicesOld = true;
    clearTimeout(this._afterCell);
    this._afterCell = setTimeout(() => {
      this._renewDevices();
    }, AFTER_CELL_MS);
  }

  /** Ask for the devices if they are seen, and a cell has ended since they were asked for. */
  private _renewDevices(): void {
    if (this._visible && this._devicesOld && !this.busy) {
      this.refreshDevices();
    }
  }

  private _askDevices(): void {
    this._devicesOld = false;
    this._devicesAsked = this._send({ op: "devices" });
  }

  private _onRestarted(): void {
    this._reset();
    this._problem = "";
    this._changed.emit();
  }

  private readonly _trans: TranslationBundle;
  private readonly _now: () => number;
  private readonly _comm: PanelComm;
  private _session = "";
  private _state: IState | null = null;
  private _devices: IDevices | null = null;
  private _devicesProblem = "";
  // the question that waits for an answer
  private _devicesAsked = "";
  private _devicesOld = true;
  private _visible = false;
  private _loading = false;
  private _problem = "";
  private _afterCell: ReturnType<typeof setTimeout> | undefined;
  private readonly _waiting = new Map<
    string,
    { resolve: () => void; reject: (error: Error) => void }
  >();
  private readonly _changed = new Signal<this, void>(this);
}
