/** Which kernel the panel shows, and which notebooks and consoles have which kernel. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ConsolePanel, IConsoleTracker } from "@jupyterlab/console";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";
import type { ISignal } from "@lumino/signaling";
import { Signal } from "@lumino/signaling";
import type { Title, Widget } from "@lumino/widgets";

import type { Connection } from "./connection.js";
import type { IModel } from "./tokens.js";

/** A notebook or a console. */
export type Document = NotebookPanel | ConsolePanel;

type Tracker = Pick<INotebookTracker | IConsoleTracker, "currentWidget"> & {
  readonly currentChanged: ISignal<unknown, Document | null>;
  readonly widgetAdded: ISignal<unknown, Document>;
  forEach(visit: (document: Document) => void): void;
};

export interface IModelOptions {
  /** Those of notebooks and consoles, as far as the application has them. */
  readonly trackers: readonly Tracker[];
  readonly shell: Pick<JupyterFrontEnd.IShell, "currentWidget" | "currentChanged">;
  /** Make a connection for a kernel that has none yet. */
  readonly connect: () => Connection;
}

/** One connection for each kernel, however many notebooks and consoles share it. */
export class Model implements IModel, IDisposable {
  constructor(private readonly _options: IModelOptions) {
    this._none = _options.connect();
    for (const tracker of _options.trackers) {
      tracker.forEach((document) => {
        this._watch(document);
      });
      tracker.widgetAdded.connect(this._onAdded, this);
      tracker.currentChanged.connect(this._onActivated, this);
    }
    // a tracker does not tell when one comes back to its notebook from a console
    _options.shell.currentChanged?.connect(this._onShell, this);
    this._onShell();
    this._activate(this._latest ?? this._fallback());
  }

  get current(): Connection | null {
    return this._current;
  }

  get title(): string {
    return this._title;
  }

  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  get onlyRun(): number | null {
    return this._onlyRun;
  }

  get onlyRunChanged(): ISignal<this, void> {
    return this._onlyRunChanged;
  }

  /** A notebook or a console has another connection, or none any longer. */
  get bound(): ISignal<this, Document> {
    return this._bound;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  setOnlyRun(count: number | null): void {
    if (count !== this._onlyRun) {
      this._onlyRun = count;
      this._onlyRunChanged.emit();
    }
  }

  setVisible(visible: boolean): void {
    this._visible = visible;
    this._current?.setVisible(visible);
  }

  connectionOf(document: Document): Connection | null {
    return this._bindings.get(document)?.connection ?? null;
  }

  /** The notebooks and consoles of a kernel, the one that was used last first. */
  documentsOf(connection: Connection): Document[] {
    const all = [...this._bindings.keys()].filter((it) => this.connectionOf(it) === connection);
    return all.sort((a, b) => Number(b === this._latest) - Number(a === this._latest));
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    for (const tracker of this._options.trackers) {
      tracker.widgetAdded.disconnect(this._onAdded, this);
      tracker.currentChanged.disconnect(this._onActivated, this);
    }
    this._options.shell.currentChanged?.disconnect(this._onShell, this);
    for (const document of [...this._bindings.keys()]) {
      this._forget(document);
    }
    this._current?.changed.disconnect(this._onChanged, this);
    this._none.dispose();
    Signal.clearData(this);
  }

  private _watch(document: Document): void {
    if (this._bindings.has(document)) {
      return;
    }
    this._bindings.set(document, { kernel: null, connection: null });
    document.sessionContext.kernelChanged.connect(this._onKernel, this);
    document.title.changed.connect(this._onTitle, this);
    document.disposed.connect(this._onClosed, this);
    this._bind(document);
  }

  private _forget(document: Document): void {
    document.sessionContext.kernelChanged.disconnect(this._onKernel, this);
    document.title.changed.disconnect(this._onTitle, this);
    document.disposed.disconnect(this._onClosed, this);
    this._bind(document, null);
    this._bindings.delete(document);
  }

  /** Let a notebook or console have the connection of its kernel. */
  private _bind(
    document: Document,
    kernel: Kernel.IKernelConnection | null = document.sessionContext.session?.kernel ?? null,
  ): void {
    const before = this._bindings.get(document);
    if (!before || before.kernel === kernel) {
      return;
    }
    let connection: Connection | null = null;
    if (kernel) {
      connection = this._connections.get(kernel.id) ?? this._options.connect();
      this._connections.set(kernel.id, connection);
      connection.add(kernel);
    }
    this._bindings.set(document, { kernel, connection });
    if (before.kernel && before.connection) {
      before.connection.remove(before.kernel);
      if (before.connection.isUnused) {
        this._connections.delete(before.kernel.id);
      }
    }
    this._bound.emit(document);
    this._update();
    if (before.connection?.isUnused) {
      before.connection.dispose();
    }
  }

  private _activate(document: Document | null): void {
    this._latest = document;
    this._update();
  }

  /** Show the connection of the document that was active last. */
  private _update(): void {
    const current = this._latest && (this.connectionOf(this._latest) ?? this._none);
    const title = this._latest?.title.label ?? "";
    const isAnother = current !== this._current;
    if (isAnother) {
      this._current?.changed.disconnect(this._onChanged, this);
      this._current?.setVisible(false);
      this._current = current;
      this._current?.changed.connect(this._onChanged, this);
      this._current?.setVisible(this._visible);
    }
    if (isAnother || title !== this._title) {
      this._title = title;
      this._currentChanged.emit();
    }
    if (isAnother) {
      this.setOnlyRun(null);
    }
  }

  private _onAdded(_: unknown, document: Document): void {
    this._watch(document);
  }

  private _onActivated(_: unknown, document: Document | null): void {
    if (document) {
      this._activate(document);
    }
  }

  private _onShell(): void {
    const active: Widget | null = this._options.shell.currentWidget;
    // an editor or the like leaves the panel as it is
    if (active && this._bindings.has(active as Document)) {
      this._activate(active as Document);
    }
  }

  private _onKernel(context: Document["sessionContext"]): void {
    for (const document of this._bindings.keys()) {
      if (document.sessionContext === context) {
        this._bind(document);
      }
    }
  }

  private _onTitle(title: Title<Widget>): void {
    if (title === this._latest?.title) {
      this._update();
    }
  }

  private _onClosed(document: Document): void {
    this._forget(document);
    if (document === this._latest) {
      this._activate(this._fallback());
    }
  }

  /** What the trackers take for the current one, where the shell does not tell. */
  private _fallback(): Document | null {
    const open = this._options.trackers.map(({ currentWidget }) => currentWidget);
    return open.find((document) => document !== null && this._bindings.has(document)) ?? null;
  }

  private _onChanged(connection: Connection): void {
    // the count would soon be that of another cell
    if (connection.log.size === 0) {
      this.setOnlyRun(null);
    }
  }

  private readonly _bindings = new Map<
    Document,
    { kernel: Kernel.IKernelConnection | null; connection: Connection | null }
  >();
  private readonly _connections = new Map<string, Connection>();
  // what a notebook without a kernel has
  private readonly _none: Connection;
  private _latest: Document | null = null;
  private _current: Connection | null = null;
  private _title = "";
  private _onlyRun: number | null = null;
  private _visible = false;
  private _isDisposed = false;

  private readonly _currentChanged = new Signal<this, void>(this);
  private readonly _onlyRunChanged = new Signal<this, void>(this);
  private readonly _bound = new Signal<this, Document>(this);
}
