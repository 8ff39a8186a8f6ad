/** The side panel: which notebook it is about, and three sections, or why there is nothing. */
import { Dialog, showDialog } from "@jupyterlab/apputils";
import { PanelWithToolbar, SidePanel } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import { AccordionPanel, type PanelLayout, Widget } from "@lumino/widgets";

import { CacheView } from "./cache.js";
import { DevicesView } from "./devices.js";
import { Drawn, div, el, setCut, setText, span } from "./elements.js";
import { icon, jaxmagicIcon } from "./icons.js";
import type { IKit } from "./kit.js";
import { MessageView } from "./message.js";
import { SwitchesView } from "./switches.js";
import type { Group, IConnection, IPanelOptions } from "./tokens.js";

const CLOCK_MS = 100; // while something is compiled
const AGE_MS = 1_000; // else: "taken 3 s ago"
const SHARES = [1, 2.6, 0]; // of the height, for each section
const LOW_PX = 620; // in a lower window two open sections would show next to nothing each

export class Panel extends SidePanel {
  constructor(private readonly _options: IPanelOptions) {
    super();
    const { model, trans, actions, kinds } = _options;
    const confirm: IKit["confirm"] = async (title, body, accept) => {
      const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label: accept })];
      return (await showDialog({ title, body, buttons, defaultButton: 0 })).button.accept;
    };
    const kit: IKit = { trans, actions, icon, confirm };

    this.id = "jaxmagic-panel";
    this.title.icon = jaxmagicIcon;
    this.title.caption = trans.__("JAX: what is compiled, and why");
    this.addClass("jp-jaxmagic");
    this.content.node.setAttribute("aria-label", trans.__("What JAX compiles"));

    this._devices = new DevicesView(kit);
    this._cache = new CacheView(kit, model, kinds);
    this._switches = new SwitchesView(kit);
    this._message = new MessageView(kit);
    this._banner = new Drawn(el("div", { class: "jp-jaxmagic-banner", role: "status" }), (lost) =>
      lost
        ? [icon("warning"), span("words", trans.__("Connection lost: what follows is old."))]
        : [],
    );
    this.header.addWidget(new Widget({ node: div("title", this._name, this._versions) }));
    (this.layout as PanelLayout).insertWidget(1, new Widget({ node: this._message.node }));
    (this.layout as PanelLayout).insertWidget(2, new Widget({ node: this._banner.node }));
    this._section(trans.__("Devices"), this._devices.node);
    this._section(trans.__("Compile cache"), this._cache.node, () => {
      this._cache.resized();
    });
    this._section(trans.__("Switches"), this._switches.node);

    model.currentChanged.connect(this._follow);
    model.onlyRunChanged.connect(this._schedule);
    this._follow();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { model } = this._options;
    model.currentChanged.disconnect(this._follow);
    model.onlyRunChanged.disconnect(this._schedule);
    this._connection?.changed.disconnect(this._changed);
    this._stop();
    this._cache.dispose();
    super.dispose();
  }

  /** Which kinds of records are shown: the setting has changed. */
  setKinds(kinds: readonly Group[]): void {
    this._cache.setKinds(kinds);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    if (!this._seen) {
      this._seen = true;
      this._sections((content) => {
        if (content.widgets.every((section) => section.isHidden)) {
          // JupyterLab takes the sections of a hidden panel for folded, and restores them so
          content.expand(0);
          content.expand(1);
        }
        content.collapse(2); // rarely used: the room is for the records
        if (window.innerHeight < LOW_PX) {
          content.collapse(0);
        } else {
          content.setRelativeSizes(SHARES);
        }
      });
    }
    this._options.model.setVisible(true);
    this._render();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._options.model.setVisible(false);
    this._stop();
  }

  private _section(label: string, node: HTMLElement, resized?: () => void): void {
    const section = new PanelWithToolbar();
    section.addClass("jp-jaxmagic-section");
    section.title.label = label;
    section.addWidget(new Section(node, resized));
    section.node.setAttribute("aria-label", label);
    this.addWidget(section);
  }

  private _sections(change: (content: AccordionPanel) => void): void {
    if (this.content instanceof AccordionPanel) {
      change(this.content);
    }
  }

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
    if (this.isVisible && !this._frame) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._render();
      });
    }
  };

  private _render(): void {
    if (!this.isVisible) {
      return;
    }
    const { model, trans } = this._options;
    const connection = model.current;
    setCut(this._name, model.title || trans.__("no notebook"));
    setText(this._versions, versions(connection));
    const empty = this._message.update(model);
    const lost = connection?.link === "lost";
    this._banner.show(lost && !empty);
    this.content.setHidden(empty);
    this.toggleClass("jp-mod-old", lost);
    if (connection && !empty) {
      this._devices.update(connection);
      this._cache.update(connection);
      this._switches.update(connection);
    }
    this._tick();
  }

  /** Move what shows time on; nothing else is drawn for it. */
  private _tick(): void {
    const now = Date.now();
    this._stop();
    if (this.isVisible && this._message.node.hidden) {
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

  private _stop(): void {
    window.clearTimeout(this._timer);
  }

  private _connection: IConnection | null = null;
  private _frame = 0;
  private _timer = 0;
  private _seen = false;
  private readonly _devices: DevicesView;
  private readonly _cache: CacheView;
  private readonly _switches: SwitchesView;
  private readonly _message: MessageView;
  private readonly _name = span("notebook");
  private readonly _versions = span("dim");
  private readonly _banner: Drawn<boolean>;
}

/** A section's content, which hears when it is seen again or has another size. */
class Section extends Widget {
  constructor(
    node: HTMLElement,
    private readonly _resized: () => void = () => undefined,
  ) {
    super({ node });
  }

  protected override onAfterShow(): void {
    this._resized();
  }

  protected override onResize(): void {
    this._resized();
  }
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
