/** The compile badge: a mark on each cell that has compiled something in its last run. */
import type { Cell } from "@jupyterlab/cells";
import type { INotebookModel, INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { TranslationBundle } from "@jupyterlab/translation";
import type { IDisposable } from "@lumino/disposable";

import { executionCount } from "./actions.js";
import type { Connection } from "./connection.js";
import { milliseconds } from "./format.js";
import type { CompileLog } from "./log.js";
import { sum } from "./log.js";
import type { Document, Model } from "./model.js";

/** Show the records of a run. */
export type Show = (notebook: NotebookPanel, count: number) => void;

/** The badges of all notebooks, if they are wanted. */
export class Badges implements IDisposable {
  constructor(
    private readonly _notebooks: Pick<INotebookTracker, "widgetAdded" | "forEach">,
    private readonly _model: Model,
    private readonly _trans: TranslationBundle,
    private readonly _show: Show,
  ) {}

  get enabled(): boolean {
    return this._enabled;
  }

  set enabled(enabled: boolean) {
    if (enabled === this._enabled) {
      return;
    }
    this._enabled = enabled;
    if (enabled) {
      this._notebooks.widgetAdded.connect(this._onAdded, this);
      this._notebooks.forEach((notebook) => {
        this._onAdded(null, notebook);
      });
    } else {
      this._notebooks.widgetAdded.disconnect(this._onAdded, this);
      for (const badges of this._each.values()) {
        badges.dispose();
      }
      this._each.clear();
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this.enabled = false;
    this._isDisposed = true;
  }

  private _onAdded(_: unknown, notebook: NotebookPanel): void {
    if (!this._each.has(notebook)) {
      const badges = new NotebookBadges(notebook, this._model, this._trans, this._show);
      this._each.set(notebook, badges);
      notebook.disposed.connect(this._onClosed, this);
    }
  }

  private _onClosed(notebook: NotebookPanel): void {
    this._each.get(notebook)?.dispose();
    this._each.delete(notebook);
  }

  private readonly _each = new Map<NotebookPanel, NotebookBadges>();
  private _enabled = false;
  private _isDisposed = false;
}

/** The badges of one notebook. */
class NotebookBadges implements IDisposable {
  constructor(
    private readonly _notebook: NotebookPanel,
    private readonly _model: Model,
    private readonly _trans: TranslationBundle,
    private readonly _show: Show,
  ) {
    _model.bound.connect(this._onBound, this);
    _notebook.content.modelChanged.connect(this._follow, this);
    this._follow();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    cancelAnimationFrame(this._frame);
    this._model.bound.disconnect(this._onBound, this);
    this._notebook.content.modelChanged.disconnect(this._follow, this);
    this._leave();
    for (const [cell, badge] of this._badges) {
      cell.disposed.disconnect(this._onCellDisposed, this);
      badge.remove();
    }
    this._badges.clear();
  }

  private _onBound(_: Model, document: Document): void {
    if (document === this._notebook) {
      this._follow();
    }
  }

  /** Follow the connection and the cells that the notebook has now. */
  private _follow(): void {
    this._leave();
    this._connection = this._model.connectionOf(this._notebook);
    this._cells = this._notebook.content.model;
    this._connection?.changed.connect(this._schedule, this);
    this._cells?.contentChanged.connect(this._schedule, this);
    this._schedule();
  }

  private _leave(): void {
    this._connection?.changed.disconnect(this._schedule, this);
    this._cells?.contentChanged.disconnect(this._schedule, this);
  }

  /** Both signals come often, one with each key. */
  private _schedule(): void {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => {
      for (const cell of this._notebook.content.widgets) {
        this._update(cell);
      }
    });
  }

  private _update(cell: Cell): void {
    const log = this._connection?.log;
    const count = log ? this._run(cell, log) : 0;
    const records = log?.ofRun(count) ?? [];
    if (records.length === 0) {
      this._badges.get(cell)?.remove();
      return;
    }
    const badge = this._badges.get(cell) ?? this._make(cell);
    const { programs, ms } = sum(records);
    const took = milliseconds(ms);
    const text = this._trans.__("compiled %1, %2", programs, took);
    if (badge.textContent !== text) {
      badge.textContent = text;
      badge.ariaLabel = this._trans._n(
        "In this cell JAX compiled %1 program in %2: show it",
        "In this cell JAX compiled %1 programs in %2: show them",
        programs,
        took,
      );
      badge.title = badge.ariaLabel;
    }
    badge.dataset["run"] = String(count);
    if (badge.parentElement !== cell.node) {
      // the node of the widget stays when the notebook takes a cell that is out of sight away
      cell.node.append(badge);
    }
  }

  /** The execution count of the last run of a cell, 0 if there was none in this kernel. */
  private _run(cell: Cell, log: CompileLog): number {
    const { id } = cell.model;
    const count = executionCount(cell);
    if (count !== null) {
      this._counts.set(cell, count);
      // with another id it is the count of another kernel, or of another notebook on this one
      return ["", id].includes(log.cellId(count)) ? count : 0;
    }
    // it is running, or its output was cleared
    const last = log.lastRun(id);
    return last > (this._counts.get(cell) ?? 0) ? last : 0;
  }

  private _make(cell: Cell): HTMLButtonElement {
    const badge = document.createElement("button");
    badge.type = "button";
    badge.className = "jp-jaxmagic-badge";
    badge.addEventListener("click", () => {
      this._show(this._notebook, Number(badge.dataset["run"]));
    });
    this._badges.set(cell, badge);
    cell.disposed.connect(this._onCellDisposed, this);
    return badge;
  }

  private _onCellDisposed(cell: unknown): void {
    this._badges.get(cell as Cell)?.remove();
    this._badges.delete(cell as Cell);
  }

  private _connection: Connection | null = null;
  private _cells: INotebookModel | null = null;
  private _frame = 0;
  private _isDisposed = false;
  private readonly _badges = new Map<Cell, HTMLButtonElement>();
  // the last count that was seen, which a cell does not show while it runs
  private readonly _counts = new WeakMap<Cell, number>();
}
