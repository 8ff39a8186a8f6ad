/** What the user has set, as schema/plugin.json describes it; its defaults until that is read. */
import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { ISignal } from "@lumino/signaling";
import { Signal } from "@lumino/signaling";

import type { Group } from "./tokens.js";

export class Settings {
  /** Whether cells have a compile badge. */
  get badge(): boolean {
    return this._badge;
  }

  /** Whether the status bar has an item. */
  get status(): boolean {
    return this._status;
  }

  /** The kinds that the panel shows at first. */
  get kinds(): readonly Group[] {
    return this._kinds;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take what is set now, and what is set from now on. */
  follow(settings: ISettingRegistry.ISettings): void {
    settings.changed.connect(this._read, this);
    this._read(settings);
  }

  private _read(settings: ISettingRegistry.ISettings): void {
    // the registry has checked them against the schema
    this._badge = settings.composite["badge"] as boolean;
    this._status = settings.composite["status"] as boolean;
    this._kinds = settings.composite["kinds"] as Group[];
    this._changed.emit();
  }

  private _badge = false;
  private _status = true;
  private _kinds: readonly Group[] = ["user", "eager", "library"];
  private readonly _changed = new Signal<this, void>(this);
}
