/** The side panel as the page has it from the start; what is in it is loaded when it is seen. */
import { PanelWithToolbar, SidePanel } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import { AccordionPanel, type PanelLayout, Widget } from "@lumino/widgets";

import { jaxmagicIcon } from "./icons.js";
import type { IPanelOptions } from "./tokens.js";
import type { View } from "./view.js";

const SHARES = [1, 2.6, 0]; // of the height, for each section
const LOW_PX = 620; // in a lower window two open sections would show next to nothing each

export class Panel extends SidePanel {
  constructor(private readonly _options: IPanelOptions) {
    super();
    const { trans } = _options;
    this.id = "jaxmagic-panel";
    this.title.icon = jaxmagicIcon;
    this.title.caption = trans.__("JAX: what is compiled, and why");
    this.addClass("jp-jaxmagic");
    this.content.node.setAttribute("aria-label", trans.__("What JAX compiles"));
    this._sections = [
      this._section(trans.__("Devices")),
      this._section(trans.__("Compile cache")),
      this._section(trans.__("Switches")),
    ];
  }

  override dispose(): void {
    this._view?.dispose();
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._options.model.setVisible(true);
    this._loaded ??= this._load();
    this._show();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._options.model.setVisible(false);
    this._view?.rest();
  }

  /** Make the view, or say that it can't be had. */
  private async _load(): Promise<void> {
    const { load, trans } = this._options;
    let View;
    try {
      ({ View } = await load());
    } catch (error) {
      console.error("jaxmagic: the panel could not be loaded", error);
      const node = document.createElement("p");
      node.className = "jp-jaxmagic-unloaded";
      node.textContent = trans.__(
        "The panel could not be loaded. Save your work, reload the page.",
      );
      this.content.setHidden(true);
      this._insert(node);
      return;
    }
    if (this.isDisposed) {
      return;
    }
    const view = new View(this._options, this);
    this.header.addWidget(new Widget({ node: view.title }));
    this._insert(view.banner);
    this._insert(view.message);
    for (const [index, held] of view.sections.entries()) {
      this._sections[index]?.addWidget(new Section(held));
    }
    this._view = view;
    this._show();
  }

  /** Show what is loaded, if it can be seen. */
  private _show(): void {
    if (this._view && this.isVisible) {
      if (!this._seen) {
        this._seen = true;
        this._layOut();
      }
      this._view.render();
    }
  }

  private _insert(node: HTMLElement): void {
    (this.layout as PanelLayout).insertWidget(1, new Widget({ node }));
  }

  private _section(label: string): PanelWithToolbar {
    const section = new PanelWithToolbar();
    section.addClass("jp-jaxmagic-section");
    section.title.label = label;
    section.node.setAttribute("aria-label", label);
    this.addWidget(section);
    return section;
  }

  /** Open the sections that most want to see, when they are seen first. */
  private _layOut(): void {
    const { content } = this;
    if (!(content instanceof AccordionPanel)) {
      return;
    }
    content.fit(); // the style sheet has just come, too
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
  }

  private _loaded: Promise<void> | null = null;
  private _view: View | null = null;
  private _seen = false;
  private readonly _sections: readonly PanelWithToolbar[];
}

/** What a section holds, and how that hears when it is seen again or has another size. */
export interface ISection {
  readonly node: HTMLElement;
  resized?(): void;
}

class Section extends Widget {
  constructor(private readonly _held: ISection) {
    super({ node: _held.node });
  }

  protected override onAfterShow(): void {
    this._held.resized?.();
  }

  protected override onResize(): void {
    this._held.resized?.();
  }
}
