/** A record as a row of two lines, which unfolds to all that is known of it. */
import { button, code, div, el, setAttribute, setCut, setText, span } from "./elements.js";
import {
  broken,
  called,
  diskWords,
  kindWord,
  milliseconds,
  percent,
  recordText,
  shortSignature,
  sourceFile,
  sourceModule,
  why,
} from "./format.js";
import type { IKit } from "./kit.js";
import type { IRow } from "./list.js";
import { totalMs } from "./log.js";
import type { IRecord } from "./tokens.js";

/** What a row asks of the list that it is in. */
export interface IRowHost {
  unfold(record: IRecord, unfolded: boolean): void;
  /** Show the record with this number, if it is there. */
  showEarlier(number: number): void;
  has(number: number): boolean;
  goTo(record: IRecord): void;
  /** The time of the slowest record that is shown, in milliseconds. */
  readonly slowestMs: number;
}

export class RecordRow implements IRow<IRecord> {
  readonly node: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly details = div("details");

  constructor(
    private readonly _kit: IKit,
    private readonly _host: IRowHost,
  ) {
    const first = span("line", this._call, this._time);
    const second = span("line", this._sign, this._why, this._room);
    this._call.append(this._name, this._signature);
    this.button = button(
      "open",
      { "aria-expanded": "false" },
      _kit.icon("caret"),
      span("lines", first, second),
    );
    this.node = el(
      "div",
      { role: "listitem", class: "jp-jaxmagic-row" },
      div("head", this.button, this._place, this._bar),
      this.details,
    );
    this.button.addEventListener("click", () => {
      if (this._record) {
        _host.unfold(this._record, !this._unfolded);
      }
    });
    this._place.addEventListener("click", () => {
      if (this._record) {
        _host.goTo(this._record);
      }
    });
  }

  show(record: IRecord, unfolded: boolean): void {
    const { trans, icon, actions } = this._kit;
    this._record = record;
    this._unfolded = unfolded;

    const whole = called(record);
    setText(this._name, record.function);
    setText(this._signature, shortSignature(record));
    setAttribute(this._call, "title", whole);
    setText(this._time, milliseconds(totalMs(record)));

    const bad = broken(record);
    const sign = bad ? "warning" : record.again ? "again" : "";
    if (this._sign.dataset["sign"] !== sign) {
      this._sign.dataset["sign"] = sign;
      const words = bad ? "" : trans.__("compiled again: ");
      this._sign.replaceChildren(...(sign ? [icon(sign), span("unseen", words)] : []));
    }
    setCut(this._why, why(record, trans));
    this.node.classList.toggle("jp-mod-again", record.again);
    this.node.classList.toggle("jp-mod-broken", bad);

    setText(this._room, record.place);
    setCut(this._place, record.place, trans.__("Go to %1", record.place));
    setAttribute(this._place, "aria-label", trans.__("Go to %1", record.place));
    this._place.hidden = !record.place;
    this._place.disabled = !actions.canGoTo(record);
    this.paint();

    setAttribute(this.button, "aria-expanded", String(unfolded));
    this.node.classList.toggle("jp-mod-unfolded", unfolded);
    this.details.replaceChildren(...(unfolded ? this._unfold(record) : []));
  }

  /** Make the bar as long as the record took, against the slowest one. */
  paint(): void {
    const record = this._record;
    if (record) {
      const share = this._host.slowestMs ? totalMs(record) / this._host.slowestMs : 0;
      this._bar.style.width = `${(share * 100).toFixed(2)}%`;
    }
  }

  private _unfold(record: IRecord): Node[] {
    const { trans } = this._kit;
    const { reason } = record;
    const pieces: Node[] = [el("p", { class: "jp-jaxmagic-whole" }, code(called(record)))];
    pieces.push(el("p", { class: "jp-jaxmagic-why" }, why(record, trans)));
    if (reason.before || reason.after) {
      pieces.push(this._difference(record));
    }
    if (reason.remedy) {
      pieces.push(el("p", { class: "jp-jaxmagic-remedy" }, span("arrow", "→ "), reason.remedy));
    }
    pieces.push(phases(record, this._kit), this._facts(record), this._actions(record));
    return pieces;
  }

  private _difference(record: IRecord): HTMLElement {
    const { trans } = this._kit;
    const { changed, before, after, earlier } = record.reason;
    const line = div(
      "difference",
      changed ? el("b", {}, code(changed)) : null,
      el("del", {}, span("unseen", trans.__("before: ")), code(before || "–")),
      span("arrow", "→"),
      el("ins", {}, span("unseen", trans.__("now: ")), code(after || "–")),
    );
    if (this._host.has(earlier)) {
      const link = button(
        "link",
        { title: trans.__("Show the record that this one is compared with") },
        `#${earlier}`,
      );
      link.addEventListener("click", () => {
        this._host.showEarlier(earlier);
      });
      line.append(link);
    }
    return line;
  }

  private _facts(record: IRecord): HTMLElement {
    const { trans } = this._kit;
    const at = record.started_s ? new Date(record.started_s * 1000).toLocaleTimeString() : "";
    const facts: (readonly [string, string])[] = [
      [trans.__("kind"), kindWord(record.kind, trans)],
      [trans.__("disk cache"), diskWords(record, trans)],
      [trans.__("device"), record.device],
      [trans.__("thread"), record.thread === "MainThread" ? "" : record.thread],
      [trans.__("module"), sourceModule(record)],
      [trans.__("file"), sourceFile(record)],
      [
        trans.__("record"),
        at ? trans.__("#%1, begun at %2", record.number, at) : `#${record.number}`,
      ],
    ];
    const list = el("dl", { class: "jp-jaxmagic-facts" });
    for (const [name, value] of facts) {
      if (value) {
        list.append(el("dt", {}, name), el("dd", {}, value));
      }
    }
    return list;
  }

  private _actions(record: IRecord): HTMLElement {
    const { trans, actions, icon } = this._kit;
    const made = div("actions");
    const add = (words: string, name: Parameters<typeof icon>[0], act: () => void): void => {
      const one = button("action", {}, icon(name), words);
      one.addEventListener("click", act);
      made.append(one);
    };
    if (record.place && actions.canGoTo(record)) {
      add(trans.__("Go to cell"), "goTo", () => {
        this._host.goTo(record);
      });
    }
    if (actions.irText(record)) {
      add(trans.__("Insert %jaxir"), "insert", () => {
        actions.insertIr(record);
      });
    }
    add(trans.__("Copy as text"), "copy", () => {
      actions.copy(recordText(record, trans));
    });
    return made;
  }

  private _record: IRecord | null = null;
  private _unfolded = false;
  private readonly _name = el("code", { class: "jp-jaxmagic-name" });
  private readonly _signature = el("code", { class: "jp-jaxmagic-signature" });
  private readonly _call = span("call");
  private readonly _time = span("time");
  private readonly _sign = span("sign");
  private readonly _why = span("reason");
  /** Keeps room for the link, which can't be inside of a button. */
  private readonly _room = el("span", { class: "jp-jaxmagic-room", "aria-hidden": "true" });
  private readonly _place = button("link jp-jaxmagic-place", {});
  private readonly _bar = el("div", { class: "jp-jaxmagic-bar", "aria-hidden": "true" });
}

/** The milliseconds of each phase, each with its share of the whole as a bar. */
function phases(record: IRecord, kit: IKit): HTMLElement {
  const { trans } = kit;
  const names = {
    trace: trans.__("trace"),
    lower: trans.__("lower"),
    compile: record.disk === "hit" ? trans.__("load") : trans.__("compile"),
  };
  const total = totalMs(record);
  const table = div("phases");
  for (const phase of ["trace", "lower", "compile"] as const) {
    const ms = record[`${phase}_ms`];
    const share = ms !== null && total ? ms / total : 0;
    const bar = el("span", { class: `jp-jaxmagic-fill jp-mod-${phase}` });
    bar.style.width = `${(share * 100).toFixed(1)}%`;
    table.append(
      span("label", names[phase]),
      el("span", { class: "jp-jaxmagic-track", "aria-hidden": "true" }, bar),
      span("number", ms === null ? trans.__("none") : milliseconds(ms)),
      span("share", ms === null ? "" : percent(share)),
    );
  }
  return table;
}
