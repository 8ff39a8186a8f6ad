/**
 * The comm between the panel and one kernel.
 *
 * The kernel opens it when jaxmagic is loaded. A page that comes later finds its id and joins
 * without opening it; nobody here ever closes it, as other pages may be on it.
 *
 * Of several connections to one kernel in a page, JupyterLab lets one handle comms, that of the
 * notebook that came first. Where that one is gone the others go on without: messages are read
 * from the signal that all connections have, and sent as plain messages.
 */
import type { Kernel, KernelMessage as Jupyter } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import type { IDisposable } from "@lumino/disposable";
import type { ISignal } from "@lumino/signaling";
import { Signal } from "@lumino/signaling";

import { TARGET } from "./tokens.js";

/** How it stands with the comm. */
export type Standing =
  | "no kernel"
  | "finding" // the kernel was asked whether it has one
  | "none"
  | "open"
  | "other language"
  | "lost"; // the kernel can't be reached, or is restarting

/** Send a message of a comm on a connection that does not handle comms. */
export type SendPlain = (
  kernel: Kernel.IKernelConnection,
  commId: string,
  content: JSONObject,
) => void;

// a kernel that has nothing else to do answers sooner
const SILENT_MS = 1500;

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

const HELLO = { op: "hello", id: "hello" };

// a kernel that gives the comm a thread of its own does so at once, but not on any machine
const SUBSHELL_MS = 10_000;

/** The client's side of the comm, over any number of connections to the same kernel. */
export class PanelComm implements IDisposable {
  constructor(private readonly _sendPlain: SendPlain) {}

  get standing(): Standing {
    return this._standing;
  }

  /** Whether the kernel runs a cell, or what another extension has given it to run. */
  get busy(): boolean {
    return this._busy;
  }

  /** The standing or `busy` has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the kernel sends. */
  get received(): ISignal<this, JSONObject> {
    return this._received;
  }

  /** The kernel has executed something. */
  get executed(): ISignal<this, void> {
    return this._executed;
  }

  /** The kernel is another one: nothing of what it said holds any longer. */
  get restarted(): ISignal<this, void> {
    return this._restarted;
  }

  get isEmpty(): boolean {
    return this._kernels.length === 0;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Take one more connection to the kernel. */
  add(kernel: Kernel.IKernelConnection): void {
    if (this._kernels.includes(kernel) || kernel.isDisposed) {
      return;
    }
    this._kernels.push(kernel);
    // without a target JupyterLab closes a comm that is opened, for all pages
    kernel.registerCommTarget(TARGET, this._keep);
    kernel.disposed.connect(this._onDisposed, this);
    this._choose();
  }

  /** Do without a connection. */
  remove(kernel: Kernel.IKernelConnection): void {
    if (!this._kernels.includes(kernel)) {
      return;
    }
    this._kernels = this._kernels.filter((other) => other !== kernel);
    kernel.disposed.disconnect(this._onDisposed, this);
    this._choose();
    if (!kernel.isDisposed) {
      kernel.removeCommTarget(TARGET, this._keep);
    }
  }

  /** Send a message, after the hello; false if there is no comm. */
  send(content: JSONObject): boolean {
    if (this._standing !== "open" || !this._kernel) {
      return false;
    }
    if (this._waiting) {
      this._waiting.push(content);
    } else if (this._handle && !this._handle.isDisposed) {
      this._handle.send(content);
    } else {
      this._sendPlain(this._kernel, this._commId, content);
    }
    return true;
  }

  /** Run code that leaves no trace in the history; it waits for the cells that are running. */
  async execute(code: string): Promise<Jupyter.IExecuteReplyMsg["content"]> {
    if (!this._kernel) {
      throw new Error("there is no kernel");
    }
    const future = this._kernel.requestExecute({
      code,
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false, // cells that wait are not to be given up
    });
    return (await future.done).content;
  }

  /** Ask the kernel anew whether it has a comm. */
  async find(): Promise<void> {
    const kernel = this._kernel;
    if (!kernel) {
      return;
    }
    const attempt = ++this._attempt;
    this._session = "";
    this._set(kernel.connectionStatus === "disconnected" ? "lost" : "finding");
    if (kernel.connectionStatus !== "connected") {
      return; // it will be asked for when it is
    }
    setTimeout(() => {
      // a page that comes while a cell runs is told so by nobody
      if (attempt === this._attempt && kernel.status !== "starting") {
        this._setBusy(this._standing === "finding" || this._busy);
      }
    }, SILENT_MS);
    try {
      const info = await kernel.info;
      if (attempt !== this._attempt) {
        return;
      }
      if (info.language_info.name !== "python") {
        this._set("other language");
        return;
      }
      const { content } = await kernel.requestCommInfo({ target_name: TARGET });
      if (attempt !== this._attempt) {
        return;
      }
      if (!this._isCell) {
        this._setBusy(false);
      }
      const id = content.status === "ok" ? Object.keys(content.comms).pop() : undefined;
      if (id === undefined) {
        this._set("none");
      } else {
        this._join(id);
      }
    } catch {
      // The question was given up, as the kernel is restarting or gone. A restart or a new
      // connection asks again.
      if (attempt === this._attempt) {
        this._set("lost");
      }
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    for (const kernel of this._kernels) {
      this.remove(kernel);
    }
    Signal.clearData(this);
  }

  /** Use the connection that handles comms, else any. */
  private _choose(): void {
    const best = this._kernels.find((kernel) => kernel.handleComms) ?? this._kernels[0] ?? null;
    if (best === this._kernel) {
      return;
    }
    if (this._kernel) {
      this._kernel.statusChanged.disconnect(this._onStatus, this);
      this._kernel.connectionStatusChanged.disconnect(this._onConnection, this);
      this._kernel.iopubMessage.disconnect(this._onMessage, this);
    }
    this._leave();
    this._kernel = best;
    if (!best) {
      this._attempt += 1;
      this._set("no kernel");
      return;
    }
    best.statusChanged.connect(this._onStatus, this);
    best.connectionStatusChanged.connect(this._onConnection, this);
    best.iopubMessage.connect(this._onMessage, this);
    this._busy = best.status === "busy";
    this._isCell = false;
    void this.find();
  }

  /** Use a comm that the kernel has opened. */
  private _join(commId: string): void {
    const kernel = this._kernel;
    if (!kernel) {
      return;
    }
    this._attempt += 1;
    if (this._handle?.isDisposed || this._handle?.commId !== commId) {
      this._leave();
      if (this._opened?.commId === commId) {
        this._handle = this._opened;
      } else if (kernel.handleComms && !kernel.hasComm(commId)) {
        // also so that JupyterLab knows it, and does not complain when it is closed
        this._handle = kernel.createComm(TARGET, commId);
      }
    }
    this._opened = null;
    this._commId = commId;
    this._waiting = [];
    this._set("open");
    void this._greet(kernel);
  }

  /** Say hello, in the thread for comms if there is one: the main one may be busy for minutes. */
  private async _greet(kernel: Kernel.IKernelConnection): Promise<void> {
    const attempt = this._attempt;
    // both came with JupyterLab 4.4
    const started = (this._handle as { subshellStarted?: Promise<void> } | null)?.subshellStarted;
    if (started && (kernel as { supportsSubshells?: boolean }).supportsSubshells) {
      await Promise.race([
        started.catch(() => undefined), // then there is none, and the main thread answers
        new Promise((resolve) => setTimeout(resolve, SUBSHELL_MS)),
      ]);
    }
    if (attempt === this._attempt && !kernel.isDisposed) {
      const waiting = this._waiting ?? [];
      this._waiting = null;
      for (const content of [HELLO, ...waiting]) {
        this.send(content);
      }
    }
  }

  /** Give the comm up, here only. */
  private _leave(): void {
    const handle = this._handle;
    this._handle = null;
    this._commId = "";
    if (handle && !handle.isDisposed) {
      handle.dispose();
    }
  }

  private _restart(): void {
    this._leave();
    this._busy = false;
    this._restarted.emit();
  }

  private _set(standing: Standing): void {
    if (standing !== this._standing) {
      this._standing = standing;
      this._changed.emit();
    }
  }

  private _setBusy(busy: boolean): void {
    if (busy !== this._busy) {
      this._busy = busy;
      this._changed.emit();
    }
  }

  // JupyterLab gives the comm, the signal for all messages the rest
  private readonly _keep = (comm: Kernel.IComm): void => {
    this._opened = comm;
  };

  private _onDisposed(kernel: Kernel.IKernelConnection): void {
    this.remove(kernel);
  }

  private _onStatus(_: Kernel.IKernelConnection, status: Jupyter.Status): void {
    if (GONE.has(status)) {
      this._attempt += 1;
      this._restart();
      this._set("lost");
    } else if (status === "idle" && this._standing === "lost") {
      void this.find();
    }
  }

  private _onConnection(_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void {
    if (status === "connected") {
      void this.find();
    } else {
      this._attempt += 1;
      this._busy = false;
      this._set("lost");
    }
  }

  private _onMessage(_: Kernel.IKernelConnection, message: Jupyter.IIOPubMessage): void {
    this._notice(message);
    switch (message.header.msg_type) {
      case "comm_open": {
        const { comm_id, target_name, data } = (message as Jupyter.ICommOpenMsg).content;
        if (target_name === TARGET) {
          this._join(comm_id);
          this._received.emit(data);
        }
        break;
      }
      case "comm_msg": {
        const { comm_id, data } = (message as Jupyter.ICommMsgMsg).content;
        if (comm_id === this._commId) {
          this._received.emit(data);
        }
        break;
      }
      case "comm_close": {
        const { comm_id } = (message as Jupyter.ICommCloseMsg).content;
        if (comm_id === this._commId) {
          this._leave();
          this._set("none");
        }
        break;
      }
      case "status":
        this._onKernelStatus(message as Jupyter.IStatusMsg);
        break;
      default:
        break;
    }
  }

  /**
   * A kernel that was restarted from another page has another session. Of messages without a
   * parent some are the server's own.
   */
  private _notice(message: Jupyter.IIOPubMessage): void {
    if (!("session" in message.parent_header)) {
      return;
    }
    const before = this._session;
    this._session = message.header.session;
    if (before && before !== this._session) {
      this._restart();
      void this.find();
      this._session = message.header.session;
    }
  }

  /** The status of the kernel is busy while it answers anything: this tells cells apart. */
  private _onKernelStatus(message: Jupyter.IStatusMsg): void {
    const parent = message.parent_header as Partial<Jupyter.IHeader>;
    const isCell = parent.msg_type === "execute_request";
    switch (message.content.execution_state) {
      case "busy":
        if (isCell || parent.msg_type === undefined) {
          this._isCell = isCell;
          this._setBusy(true);
        }
        break;
      case "idle":
        // other threads of the kernel, such as the debugger's, are idle while a cell runs
        if (isCell || (parent.msg_type === undefined && !this._isCell)) {
          this._setBusy(false);
        }
        if (isCell) {
          this._executed.emit();
        }
        break;
      default:
        break;
    }
  }

  private _kernels: Kernel.IKernelConnection[] = [];
  private _kernel: Kernel.IKernelConnection | null = null;
  private _standing: Standing = "no kernel";
  private _commId = "";
  private _handle: Kernel.IComm | null = null;
  private _opened: Kernel.IComm | null = null;
  // what is to be sent after the hello; null when that has been said
  private _waiting: JSONObject[] | null = null;
  private _session = "";
  private _busy = false;
  private _isCell = false;
  // goes up when the answer to an earlier question is of no use any longer
  private _attempt = 0;
  private _isDisposed = false;

  private readonly _changed = new Signal<this, void>(this);
  private readonly _received = new Signal<this, JSONObject>(this);
  private readonly _executed = new Signal<this, void>(this);
  private readonly _restarted = new Signal<this, void>(this);
}
