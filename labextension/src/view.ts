/** What is in the side panel: which notebook it is about, and three sections, or a message. */
import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { Widget } from "@lumino/widgets";

import { CacheView } from "./cache.js";
import { DevicesView } from "./devices.js";
import { Drawn, div, el, setCut, setText, span } from "./elements.js";
import { icon } from "./icons.js";
import type { IKit } from "./kit.js";
import { MessageView } from "./message.js";
import type { ISection } from "./panel.js";
import { SwitchesView } from "./switches.js";
import type { Group, IConnection, IPanelOptions } from "./tokens.js";

const CLOCK_MS = 100; // while something is compiled
const AGE_MS = 1_000; // else: "taken 3 s ago"

/** The panel around it: nothing is drawn while it can't be seen. */
interface IFrame {
  readonly isVisible: boolean;
  readonly content: Pick<Widget, "setHidden">;
  toggleClass(name: string, force: boolean): boolean;
}

export class View {
  constructor(
    private readonly _options: IPanelOptions,
    private readonly _frame: IFrame,
  ) {
    const { model, trans, actions, settings } = _options;
    const confirm: IKit["confirm"] = async (title, body, accept) => {
      const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label: accept })];
      return (await showDialog({ title, body, buttons, defaultButton: 0 })).button.accept;
    };
    const kit: IKit = { trans, actions, icon, confirm };
    this._devices = new DevicesView(kit);
    this._kinds = settings.kinds;
    this._cache = new CacheView(kit, model, this._kinds);
    this._switches = new SwitchesView(kit);
    this._message = new MessageView(kit);
    this._banner = new Drawn(el("div", { class: "jp-jaxmagic-banner", role: "status" }), (lost) =>
      lost
        ? [icon("warning"), span("words", trans.__("Connection lost: what follows is old."))]
        : [],
    );
    this.title = div("title", this._name, this._versions);
    this.message = this._message.node;
    this.banner = this._banner.node;
    this.sections = [this._devices, this._cache, this._switches];
    settings.changed.connect(this._setKinds);
    model.currentChanged.connect(this._follow);
    model.onlyRunChanged.connect(this._schedule);
    this._follow();
  }

  dispose(): void {
    const { model, settings } = this._options;
    settings.changed.disconnect(this._setKinds);
    model.currentChanged.disconnect(this._follow);
    model.onlyRunChanged.disconnect(this._schedule);
    this._connection?.changed.disconnect(this._changed);
    this.rest();
    this._cache.dispose();
  }

  readonly title: HTMLElement;
  /** What is shown in place of the sections. */
  readonly message: HTMLElement;
  readonly banner: HTMLElement;
  /** Devices, compile cache and switches. */
  readonly sections: readonly ISection[];

  /** Show what there is now, and go on with that, if it can be seen. */
  render(): void {
    if (!this._frame.isVisible) {
      return;
    }
    const { model, trans } = this._options;
    const connection = model.current;
    setCut(this._name, model.title || trans.__("no notebook"));
    setText(this._versions, versions(connection));
    const empty = this._message.update(model);
    const lost = connection?.link === "lost";
    this._banner.show(lost && !empty);
    this._frame.content.setHidden(empty);
    this._frame.toggleClass("jp-mod-old", lost);
    if (connection && !empty) {
      this._devices.update(connection);
      this._cache.update(connection);
      this._switches.update(connection);
    }
    this._tick();
  }

  /** Do nothing more by itself, until it is rendered again. */
  rest(): void {
    window.clearTimeout(this._timer);
  }

  /** Show the kinds that are set, if that has changed: the user may have chosen others here. */
  private readonly _setKinds = (): void => {
    const { kinds } = this._options.settings;
    if (kinds.join() !== this._kinds.join()) {
      this._cache.setKinds(kinds);
    }
    this._kinds = kinds;
  };

  private readonly _follow = (): void => {
    const { current } = this._options.model;
    if (current !== this._connection) {
      this._connection?.changed.disconnect(this._changed);
      this._connection = current;
      current?.changed.connect(this._changed);
    }
    this._changed();
  };

  private readonly _changed = (): void => {
    this._devices.note(this._connection?.devices ?? null);
    this._schedule();
  };

  /** Render soon, once for all that happens until then; what can't be seen is not rendered. */
  private readonly _schedule = (): void => {
    if (this._frame.isVisible && !this._soon) {
      this._soon = requestAnimationFrame(() => {
        this._soon = 0;
        this.render();
      });
    }
  };

  /** Move what shows time on; nothing else is drawn for it. */
  private _tick(): void {
    const now = Date.now();
    this.rest();
    if (this._frame.isVisible && this.message.hidden) {
      this._devices.tick(now);
      const open = this._cache.tick(now);
      this._timer = window.setTimeout(
        () => {
          this._tick();
        },
        open ? CLOCK_MS : AGE_MS,
      );
    }
  }

  private _connection: IConnection | null = null;
  private _kinds: readonly Group[];
  private _soon = 0;
  private _timer = 0;
  private readonly _devices: DevicesView;
  private readonly _cache: CacheView;
  private readonly _switches: SwitchesView;
  private readonly _message: MessageView;
  private readonly _name = span("notebook");
  private readonly _versions = span("dim");
  private readonly _banner: Drawn<boolean>;
}

/** `JAX 0.12.0 · jaxmagic 0.1.0`. */
function versions(connection: IConnection | null): string {
  const state = connection?.state;
  if (!state || (connection.link !== "live" && connection.link !== "lost")) {
    return "";
  }
  return [state.jax && `JAX ${state.jax}`, `jaxmagic ${state.jaxmagic}`]
    .filter(Boolean)
    .join(" · ");
}
