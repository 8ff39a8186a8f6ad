/** How much was compiled, into which phases the time went, and by which functions. */
import { button, div, el, setAttribute, setText, span } from "./elements.js";
import { functionText, grouped, milliseconds, percent, phaseShares } from "./format.js";
import type { IKit } from "./kit.js";
import type { ICompileLog, IFunctionTotals } from "./tokens.js";

const MOST_FUNCTIONS = 30;
const PHASES = ["trace", "lower", "compile"] as const;

export class TotalsView {
  readonly node: HTMLElement;

  /** `choose` is told the name of the function that is to be looked for. */
  constructor(
    private readonly _kit: IKit,
    private readonly _choose: (name: string) => void,
  ) {
    const { trans, icon } = _kit;
    this._fold = button(
      "fold",
      { "aria-expanded": "false" },
      icon("caret"),
      trans.__("Totals of each function"),
    );
    this._fold.addEventListener("click", () => {
      this._open = !this._open;
      setAttribute(this._fold, "aria-expanded", String(this._open));
      this._functions();
    });
    for (const phase of PHASES) {
      this._bar.append((this._fills[phase] = el("span", { class: `jp-mod-${phase}` })));
      this._words.append(
        el("span", { class: `jp-jaxmagic-key jp-mod-${phase}` }, (this._keys[phase] = el("span"))),
      );
    }
    this.node = div("totals", this._bar, this._words, this._fold, this._table);
  }

  update(log: ICompileLog): void {
    if (this._log === log && this._revision === log.revision) {
      return;
    }
    this._log = log;
    this._revision = log.revision;
    this.node.hidden = log.totals.ms === 0;
    const { trans } = this._kit;
    const names = {
      trace: trans.__("trace"),
      lower: trans.__("lower"),
      compile: trans.__("compile"),
    };
    const shares = phaseShares(log.records);
    this._bar.hidden = this._words.hidden = shares === null;
    if (shares) {
      for (const phase of PHASES) {
        this._fills[phase].style.width = `${(shares[phase] * 100).toFixed(1)}%`;
        setText(this._keys[phase], `${names[phase]} ${percent(shares[phase])}`);
      }
    }
    this._functions();
  }

  private _functions(): void {
    this._table.hidden = !this._open;
    if (!this._open || !this._log) {
      this._table.replaceChildren();
      return;
    }
    const { trans } = this._kit;
    const all = this._log.totalsByFunction();
    const heads: [string, string][] = [
      [trans.__("function"), trans.__("the bar is its share of all time")],
      [trans.__("prog."), trans.__("programs")],
      [trans.__("again"), trans.__("of these, compiled again")],
      [trans.__("time"), trans.__("time of all phases")],
    ];
    const head = el(
      "tr",
      {},
      ...heads.map(([text, title]) => el("th", { scope: "col", title }, text)),
    );
    const ms = this._log.totals.ms;
    const rows = all.slice(0, MOST_FUNCTIONS).map((one) => this._row(one, ms));
    this._table.replaceChildren(el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
    const left = all.length - rows.length;
    if (left > 0) {
      this._table.append(
        el(
          "p",
          { class: "jp-jaxmagic-dim" },
          trans._n(
            "… and %2 more function, which took less",
            "… and %2 more functions, which took less",
            left,
            grouped(left),
          ),
        ),
      );
    }
  }

  private _row(one: IFunctionTotals, ms: number): HTMLElement {
    const { trans } = this._kit;
    const share = ms ? one.ms / ms : 0;
    const link = button(
      "link",
      { title: trans.__("Show only %1", functionText(one, share, trans)) },
      el("code", {}, one.function),
    );
    link.addEventListener("click", () => {
      this._choose(one.function);
    });
    const fill = el("span", { class: "jp-jaxmagic-fill", "aria-hidden": "true" });
    fill.style.width = `${(share * 100).toFixed(1)}%`;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, link),
      el("td", {}, grouped(one.programs)),
      el("td", {}, one.again ? grouped(one.again) : "–"),
      el("td", {}, milliseconds(one.ms), span("unseen", ` (${percent(share)})`), fill),
    );
  }

  private _log: ICompileLog | null = null;
  private _revision = -1;
  private _open = false;
  private readonly _fold: HTMLButtonElement;
  private readonly _table = div("functions");
  private readonly _bar = el("div", { class: "jp-jaxmagic-shares", "aria-hidden": "true" });
  private readonly _words = div("keys");
  private readonly _fills = {} as Record<(typeof PHASES)[number], HTMLElement>;
  private readonly _keys = {} as Record<(typeof PHASES)[number], HTMLElement>;
}
