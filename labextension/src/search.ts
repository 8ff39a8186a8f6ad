/** The search field of the records and the buttons that leave kinds out. */
import { button, div, el, setAttribute, setText, span } from "./elements.js";
import { GROUPS, type IFound, type IQuery } from "./filter.js";
import { grouped } from "./format.js";
import type { IKit } from "./kit.js";
import type { Group } from "./tokens.js";

export class SearchView {
  readonly node: HTMLElement;

  /** `changed` is called for each change that the user makes. */
  constructor(
    kit: IKit,
    kinds: readonly Group[],
    private readonly _changed: () => void,
  ) {
    const { trans, icon } = kit;
    this._groups = new Set(kinds);
    this._input = el("input", {
      type: "search",
      class: "jp-jaxmagic-input",
      placeholder: trans.__("Search function, shape, reason, place"),
      "aria-label": trans.__("Search the records"),
      spellcheck: "false",
    });
    this._input.addEventListener("input", _changed);
    this._input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this._input.value) {
        event.stopPropagation();
        this.text = "";
      }
    });

    const names: Record<Group, [string, string]> = {
      user: [
        trans.__("user"),
        trans.__("Functions of yours and of other libraries, transformed and ahead of time, too"),
      ],
      eager: [
        trans.__("eager"),
        trans.__("Operations outside of jit: each is a program of its own"),
      ],
      library: [trans.__("library"), trans.__("Functions that JAX itself jits")],
    };
    const toggles = el("div", {
      class: "jp-jaxmagic-toggles",
      role: "group",
      "aria-label": trans.__("What is shown"),
    });
    for (const group of GROUPS) {
      const [name, title] = names[group];
      const toggle = button("toggle", { title }, name, " ", (this._counts[group] = span("count")));
      toggle.addEventListener("click", () => {
        if (!this._groups.delete(group)) {
          this._groups.add(group);
        }
        this._paint();
        _changed();
      });
      this._toggles[group] = toggle;
      toggles.append(toggle);
    }
    this._again = button(
      "toggle",
      { title: trans.__("Show only what was compiled again") },
      icon("again"),
      trans.__("only again"),
      " ",
      this._againCount,
    );
    this._again.addEventListener("click", () => {
      this._onlyAgain = !this._onlyAgain;
      this._paint();
      _changed();
    });
    toggles.append(this._again);
    this.node = div("search", this._input, toggles);
    this._paint();
  }

  /** What is looked for in the run of a cell, or in all for null. */
  query(run: number | null): IQuery {
    const { value } = this._input;
    return { text: value, groups: new Set(this._groups), onlyAgain: this._onlyAgain, run };
  }

  set text(text: string) {
    this._input.value = text;
    this._changed();
  }

  /** Show these kinds; an empty list would show nothing, so it shows all. */
  setKinds(kinds: readonly Group[]): void {
    this._groups = new Set(kinds.length ? kinds : GROUPS);
    this._paint();
    this._changed();
  }

  /** Show everything again. */
  reset(): void {
    this._input.value = "";
    this._onlyAgain = false;
    this.setKinds(GROUPS);
    this._input.focus();
  }

  /** Say how many there are of each kind. */
  showCounts(found: IFound): void {
    for (const group of GROUPS) {
      setText(this._counts[group], grouped(found.counts[group]));
    }
    setText(this._againCount, grouped(found.again));
  }

  private _paint(): void {
    for (const group of GROUPS) {
      setAttribute(this._toggles[group], "aria-pressed", String(this._groups.has(group)));
    }
    setAttribute(this._again, "aria-pressed", String(this._onlyAgain));
  }

  private _groups: Set<Group>;
  private _onlyAgain = false;
  private readonly _input: HTMLInputElement;
  private readonly _toggles = {} as Record<Group, HTMLButtonElement>;
  private readonly _counts = {} as Record<Group, HTMLElement>;
  private readonly _again: HTMLButtonElement;
  private readonly _againCount = span("count");
}
