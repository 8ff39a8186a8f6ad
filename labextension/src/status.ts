/** The item of the status bar: what is compiled just now, else how much was. */
import type { TranslationBundle } from "@jupyterlab/translation";
import type { ISignal } from "@lumino/signaling";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";

import { milliseconds, phaseWord } from "./format.js";
import type { ICompileLog, IModel } from "./tokens.js";

export class StatusItem extends Widget {
  constructor(
    private readonly _model: IModel,
    private readonly _trans: TranslationBundle,
    open: () => void,
  ) {
    super({ node: document.createElement("div") });
    this.addClass("jp-jaxmagic-status");
    this.addClass("jp-mod-highlighted");
    this._button.type = "button";
    this._button.title = _trans.__("What JAX has compiled in this notebook: show it");
    this._button.addEventListener("click", open);
    this.node.append(this._button);
    _model.currentChanged.connect(this._follow, this);
    this._follow();
  }

  /** Whether it is wanted. */
  get enabled(): boolean {
    return this._enabled;
  }

  set enabled(enabled: boolean) {
    this._enabled = enabled;
    this._update();
  }

  /** Whether there is something to show. */
  get isActive(): boolean {
    return this._isActive;
  }

  get activeChanged(): ISignal<this, void> {
    return this._activeChanged;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._model.currentChanged.disconnect(this._follow, this);
    this._connection?.changed.disconnect(this._update, this);
    super.dispose();
  }

  private _follow(): void {
    this._connection?.changed.disconnect(this._update, this);
    this._connection = this._model.current;
    this._connection?.changed.connect(this._update, this);
    this._update();
  }

  private _update(): void {
    const connection = this._connection;
    const isActive = this._enabled && connection?.link === "live";
    if (isActive) {
      const text = statusText(connection.log, this._trans);
      if (text !== this._button.textContent) {
        this._button.textContent = text;
      }
    }
    if (isActive !== this._isActive) {
      this._isActive = isActive;
      this._activeChanged.emit();
    }
  }

  private _connection: IModel["current"] = null;
  private _enabled = true;
  private _isActive = false;
  private readonly _button = document.createElement("button");
  private readonly _activeChanged = new Signal<this, void>(this);
}

/** `JAX: compiling f`, or `JAX: 11 compiled, 2.12 s`. */
export function statusText(log: ICompileLog, trans: TranslationBundle): string {
  const open = log.open.at(-1);
  if (open) {
    return trans.__("JAX: %1 %2", phaseWord(open.phase, trans), open.function);
  }
  const { programs, ms } = log.totals;
  return programs === 0
    ? trans.__("JAX: nothing compiled")
    : trans.__("JAX: %1 compiled, %2", programs, milliseconds(ms));
}
