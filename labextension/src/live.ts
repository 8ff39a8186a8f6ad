/** What is being compiled at this moment, with a clock that ticks. */
import { button, div, el, setAttribute, setCut, setText, span } from "./elements.js";
import { called, phaseWord, ticking } from "./format.js";
import type { IKit } from "./kit.js";
import type { ICompileLog, IRecord } from "./tokens.js";

const MOST = 3; // threads may compile side by side
const SOON_MS = 150; // what is shorter would only flicker
const WORTH_SAYING_MS = 1_000; // aloud, by a screen reader

export class LiveView {
  readonly node: HTMLElement;

  constructor(
    private readonly _kit: IKit,
    private readonly _goTo: (record: IRecord) => void,
  ) {
    this._said = el("div", { class: "jp-jaxmagic-unseen", role: "status", "aria-live": "polite" });
    this.node = div("live", this._rows, this._more, this._said);
  }

  /** Show what is open in the log; call it again while it says so, for the clock. */
  update(log: ICompileLog, now: number): boolean {
    const open = log.open.filter((record) => log.elapsedMs(record, now) >= SOON_MS);
    const shown = open.slice(-MOST);
    while (this._lines.length > shown.length) {
      this._lines.pop()?.node.remove();
    }
    for (const [n, record] of shown.entries()) {
      let line = this._lines[n];
      if (line === undefined) {
        line = new Line(this._kit, this._goTo);
        this._lines.push(line);
        this._rows.append(line.node);
      }
      line.show(record, log.elapsedMs(record, now));
    }
    const more = open.length - shown.length;
    setText(this._more, more ? this._kit.trans._n("and %1 more", "and %1 more", more) : "");
    this._more.hidden = more === 0;
    this._say(open, log, now);
    return log.open.length > 0;
  }

  /** Say once that something takes long, and that it has ended: never each tick. */
  private _say(open: readonly IRecord[], log: ICompileLog, now: number): void {
    const { trans } = this._kit;
    const long = open.find((record) => log.elapsedMs(record, now) >= WORTH_SAYING_MS);
    if (long && long.number !== this._announced) {
      this._announced = long.number;
      setText(this._said, trans.__("compiling %1", long.function));
    } else if (
      this._announced !== null &&
      !log.open.some((one) => one.number === this._announced)
    ) {
      const ended = log.get(this._announced);
      this._announced = null;
      setText(this._said, ended ? trans.__("%1: %2", ended.function, ended.outcome) : "");
    }
  }

  private readonly _said: HTMLElement;
  private readonly _rows = div("live-rows");
  private readonly _more = div("dim");
  private readonly _lines: Line[] = [];
  private _announced: number | null = null;
}

class Line {
  readonly node: HTMLElement;

  constructor(
    private readonly _kit: IKit,
    goTo: (record: IRecord) => void,
  ) {
    this.node = div(
      "live-row",
      el("span", { class: "jp-jaxmagic-spinner", "aria-hidden": "true" }),
      span("call", this._phase, " ", this._name),
      this._time,
      this._place,
    );
    this._place.addEventListener("click", () => {
      if (this._record) {
        goTo(this._record);
      }
    });
  }

  show(record: IRecord, elapsed_ms: number): void {
    const { trans, actions } = this._kit;
    if (this._record !== record) {
      this._record = record;
      setText(this._phase, phaseWord(record.phase, trans));
      setCut(this._name, record.function, called(record));
      setCut(this._place, record.place, trans.__("Go to %1", record.place));
      setAttribute(this._place, "aria-label", trans.__("Go to %1", record.place));
      this._place.hidden = !record.place;
      this._place.disabled = !actions.canGoTo(record);
    }
    setText(this._time, `… ${ticking(elapsed_ms)}`);
  }

  private _record: IRecord | null = null;
  private readonly _phase = span("dim");
  private readonly _name = el("code", { class: "jp-jaxmagic-name" });
  private readonly _time = span("time");
  private readonly _place = button("link jp-jaxmagic-place", {});
}
