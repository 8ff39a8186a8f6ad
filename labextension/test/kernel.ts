/** A kernel that does what a test tells it to. */
import type { Kernel, KernelMessage as Jupyter } from "@jupyterlab/services";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { JSONObject } from "@lumino/coreutils";
import { Signal } from "@lumino/signaling";

import type { SendPlain } from "../src/comm.js";
import { TARGET } from "../src/tokens.js";
import { example } from "./examples.js";

type Target = (comm: Kernel.IComm, message: Jupyter.ICommOpenMsg) => void;
type Reply = Partial<Jupyter.IExecuteReplyMsg["content"]>;

/** Texts as they are in the source. */
export const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, n: string) => String(values[Number(n) - 1])),
  _n: (one: string, more: string, n: number, ...values: unknown[]) =>
    trans.__(n === 1 ? one : more, n, ...values),
} as unknown as TranslationBundle;

/** An example message of tests/data/panel.json, with other fields if need be. */
export function message(name: string, fields: object = {}): JSONObject {
  const all = example("panel") as Record<string, JSONObject>;
  return { ...all[name], ...fields };
}

/** Let all that waits for promises go on. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What is sent as a plain message, on a connection without comms. */
export const sendPlain: SendPlain = (kernel, commId, content) => {
  const fake = kernel as unknown as FakeKernel;
  fake.plain.push({ commId, ...content });
};

export class FakeKernel {
  constructor(
    readonly id = "k",
    readonly handleComms = true,
  ) {}

  /** What the page has sent on its comm, and as plain messages. */
  readonly sent: JSONObject[] = [];
  readonly plain: JSONObject[] = [];
  /** The code that the page has asked to run. */
  readonly code: string[] = [];
  /** The ids of comms that the kernel has, and how often it was asked. */
  comms: string[] = [];
  asked = 0;
  language = "python";
  session = "one";
  status: Jupyter.Status = "idle";
  connectionStatus: Kernel.ConnectionStatus = "connected";
  isDisposed = false;
  target: Target | null = null;
  /** How many comms were given up, here or with a message. */
  left = 0;
  /** Answers to `requestExecute`. */
  reply: () => Promise<Reply> = () => Promise.resolve({ status: "ok" });

  readonly statusChanged = new Signal<this, Jupyter.Status>(this);
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  readonly iopubMessage = new Signal<this, Jupyter.IIOPubMessage>(this);
  readonly disposed = new Signal<this, void>(this);

  get info(): Promise<unknown> {
    return Promise.resolve({ language_info: { name: this.language } });
  }

  /** It, as the panel takes it. */
  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }

  registerCommTarget(name: string, target: Target): void {
    if (this.handleComms && name === TARGET) {
      this.target = target;
    }
  }

  removeCommTarget(_: string, target: Target): void {
    if (target === this.target) {
      this.target = null;
    }
  }

  hasComm(id: string): boolean {
    return this._joined.has(id);
  }

  createComm(_: string, commId: string): Kernel.IComm {
    if (!this.handleComms || this._joined.has(commId)) {
      throw new Error("JupyterLab would refuse this");
    }
    return this._comm(commId);
  }

  requestCommInfo(): Promise<unknown> {
    this.asked += 1;
    const comms = Object.fromEntries(this.comms.map((id) => [id, { target_name: TARGET }]));
    return this.answers.then(() => ({ content: { status: "ok", comms } }));
  }

  /** A kernel that runs a cell answers when it has ended. */
  answers: Promise<void> = Promise.resolve();

  requestExecute(content: { code: string }): unknown {
    this.code.push(content.code);
    return { done: this.reply().then((reply) => ({ content: reply })) };
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.emit();
    Signal.clearData(this);
  }

  // ---- what happens in the kernel

  /** jaxmagic is loaded. */
  open(commId: string, data: JSONObject = message("state")): void {
    this.comms = [commId];
    const content = { comm_id: commId, target_name: TARGET, data };
    if (this.handleComms) {
      this.target?.(this._comm(commId), {} as Jupyter.ICommOpenMsg);
    }
    this._iopub("comm_open", content, "execute_request");
  }

  say(data: JSONObject, commId = this.comms[0]): void {
    this._iopub("comm_msg", { comm_id: commId, data });
  }

  close(): void {
    const [commId] = this.comms.splice(0);
    this._joined.delete(commId ?? "");
    this._iopub("comm_close", { comm_id: commId, data: {} });
  }

  busy(parent?: string): void {
    this._iopub("status", { execution_state: "busy" }, parent);
  }

  idle(parent?: string): void {
    this._iopub("status", { execution_state: "idle" }, parent);
  }

  setStatus(status: Jupyter.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  setConnection(status: Kernel.ConnectionStatus): void {
    this.connectionStatus = status;
    this.connectionStatusChanged.emit(status);
  }

  /** Another process, without jaxmagic. */
  restart(session = "two"): void {
    this.session = session;
    this.comms = [];
  }

  private _comm(commId: string): Kernel.IComm {
    this._joined.add(commId);
    const comm = {
      commId,
      isDisposed: false,
      send: (data: JSONObject) => {
        this.sent.push(data);
      },
      dispose: () => {
        comm.isDisposed = true;
        this._joined.delete(commId);
        this.left += 1;
      },
    };
    return comm as unknown as Kernel.IComm;
  }

  private _iopub(msg_type: string, content: object, parent?: string): void {
    const parent_header = parent ? { msg_type: parent, session: "page" } : {};
    const header = { msg_type, session: this.session };
    this.iopubMessage.emit({
      header,
      parent_header,
      content,
    } as unknown as Jupyter.IIOPubMessage);
  }

  private readonly _joined = new Set<string>();
}
