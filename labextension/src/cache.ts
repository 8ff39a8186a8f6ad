/** The section "Compile cache": what JAX compiled and why, the newest first. */
import { Drawn, button, div, el, setAttribute, setCut, setText, span } from "./elements.js";
import { type IFound, find } from "./filter.js";
import { grouped, logText, milliseconds, totalsText } from "./format.js";
import type { IconName } from "./icons.js";
import type { IKit } from "./kit.js";
import { VirtualList } from "./list.js";
import { LiveView } from "./live.js";
import { totalMs } from "./log.js";
import { type IRowHost, RecordRow } from "./row.js";
import { SearchView } from "./search.js";
import type { Group, ICompileLog, IConnection, IModel, IRecord } from "./tokens.js";
import { TotalsView } from "./totals.js";

export class CacheView implements IRowHost {
  readonly node: HTMLElement;

  constructor(
    private readonly _kit: IKit,
    private readonly _model: IModel,
    kinds: readonly Group[],
  ) {
    const { trans, icon } = _kit;
    this.node = el("div", { class: "jp-jaxmagic-cache" });
    this._live = new LiveView(_kit, (record) => {
      this.goTo(record);
    });
    this._search = new SearchView(_kit, kinds, () => {
      this._refind();
    });
    this._totals = new TotalsView(_kit, (name) => {
      this._search.text = name;
    });

    const act = (name: IconName, title: string, run: () => void): HTMLButtonElement => {
      const one = button("tool", { title, "aria-label": title }, icon(name));
      one.addEventListener("click", run);
      return one;
    };
    const tools = div(
      "tools",
      act("copy", trans.__("Copy what is shown as text"), () => {
        this._copy();
      }),
      act("forget", trans.__("Forget these records"), () => {
        void this._ask((connection) => connection.forget());
      }),
      act("clear", trans.__("Clear JAX's caches (jax.clear_caches())…"), () => {
        void this._clear();
      }),
    );

    this._again.append(icon("again"), this._againCount);
    this._run = new Drawn(div("chip"), (run: number | null) =>
      run === null ? [] : this._chip(run),
    );
    this._notes = new Drawn(el("ul", { class: "jp-jaxmagic-notes" }), (notes: readonly string[]) =>
      notes.map((note) => el("li", {}, icon("warning"), note)),
    );
    this._list = new VirtualList({
      scroller: this.node,
      label: trans.__("What was compiled, the newest first"),
      key: (record) => record.number,
      row: () => new RecordRow(_kit, this),
      covered: () =>
        getComputedStyle(this._search.node).position === "sticky"
          ? this._search.node.offsetHeight
          : 0,
    });
    this.node.append(
      this._live.node,
      div("summary", span("sum", this._all, " ", this._again), tools),
      this._refusal,
      this._totals.node,
      this._disk,
      this._notes.node,
      this._left,
      this._search.node,
      this._run.node,
      this._empty.node,
      this._list.node,
    );
  }

  dispose(): void {
    this._list.dispose();
  }

  /** Show what has come since. */
  update(connection: IConnection): void {
    const { log, state } = connection;
    if (this._connection !== connection) {
      this._connection = connection;
      this._list.foldAll();
      this.node.scrollTop = 0;
      this._refuse("");
    }
    const run = this._model.onlyRun;
    if (
      this._shown?.log !== log ||
      this._shown.revision !== log.revision ||
      this._shown.run !== run
    ) {
      this._shown = { log, revision: log.revision, run };
      this._found = find(log.records, this._search.query(run));
    }
    this._list.update(this._found.records, () => {
      this._head(connection, run, state?.disk ?? "");
    });
  }

  /** Move the clock of what is being compiled; false if nothing is. */
  tick(now: number): boolean {
    const connection = this._connection;
    return connection?.link === "live" && this._live.update(connection.log, now);
  }

  /** The section can be seen again, or has another size. */
  resized(): void {
    this._list.resized();
  }

  setKinds(kinds: readonly Group[]): void {
    this._search.setKinds(kinds);
  }

  // ---- what a row asks

  get slowestMs(): number {
    return this._slowestMs;
  }

  unfold(record: IRecord, unfolded: boolean): void {
    this._list.unfold(record.number, unfolded);
  }

  has(number: number): boolean {
    return this._connection?.log.get(number) !== undefined;
  }

  showEarlier(number: number): void {
    if (!this._list.focus(number)) {
      // it is there, but the search leaves it out
      this._search.reset();
      this._model.setOnlyRun(null);
      this._refind();
    }
    this._list.unfold(number, true);
    this._list.focus(number);
  }

  goTo(record: IRecord): void {
    void this._kit.actions.goTo(record).then((found) => {
      this._refuse(found ? "" : this._kit.trans.__("The cell of %1 is gone.", record.place));
    });
  }

  // ---- the parts above the list

  private _head(connection: IConnection, run: number | null, disk: string): void {
    const { trans } = this._kit;
    const { log } = connection;
    this._sum(log);
    this._totals.update(log);
    const folder = disk ? trans.__("Disk cache: %1", disk) : "";
    setCut(this._disk, folder);
    this._disk.hidden = !folder || log.size === 0;
    this._notes.show(log.notes);
    const left = this._leftOut(connection);
    setText(this._left, left);
    this._left.hidden = !left;
    const finished = log.size - log.open.length;
    this._search.node.hidden = finished === 0;
    this._search.showCounts(this._found);
    this._run.show(run);
    const nothing = log.open.length ? "" : "none"; // the first one may be on its way
    this._empty.show(this._found.records.length ? "" : finished ? "filtered" : nothing);
    this._list.node.hidden = this._found.records.length === 0;
    const slowest = this._found.records.reduce((most, one) => Math.max(most, totalMs(one)), 0);
    if (slowest !== this._slowestMs) {
      this._slowestMs = slowest;
      this._list.repaint();
    }
  }

  /** The totals in a line, with a sign at what was compiled again. */
  private _sum({ size, totals }: ICompileLog): void {
    const { trans } = this._kit;
    const { again } = totals;
    setText(
      this._all,
      size ? totalsText({ ...totals, again: 0 }, trans) : trans.__("Nothing compiled yet"),
    );
    setText(this._againCount, trans.__("%1 again", grouped(again)));
    this._again.hidden = again === 0;
    setAttribute(
      this._again,
      "title",
      trans.__(
        "Compiled again although something like it had been: %1",
        milliseconds(totals.againMs),
      ),
    );
  }

  private _leftOut({ log }: IConnection): string {
    const { trans } = this._kit;
    const words: string[] = [];
    if (log.more) {
      const more = grouped(log.more);
      words.push(
        trans._n("%2 older record is coming.", "%2 older records are coming.", log.more, more),
      );
    }
    if (log.dropped) {
      const dropped = grouped(log.dropped);
      words.push(
        trans._n(
          "%2 older record was not kept.",
          "%2 older records were not kept.",
          log.dropped,
          dropped,
        ),
      );
    }
    return words.join(" ");
  }

  private _chip(run: number): Node[] {
    const { trans, icon } = this._kit;
    const all = button(
      "toggle",
      { "aria-pressed": "true" },
      trans.__("only In[%1]", run),
      icon("close"),
    );
    all.title = trans.__("Show the records of all cells again");
    all.addEventListener("click", () => {
      this._model.setOnlyRun(null);
    });
    return [all];
  }

  private readonly _emptyWords = (why: "" | "none" | "filtered"): Node[] => {
    const { trans } = this._kit;
    if (why === "") {
      return [];
    }
    if (why === "none") {
      return [
        el("p", {}, trans.__("Call a function under jax.jit, or any operation of jax.numpy.")),
        el(
          "p",
          {},
          trans.__(
            "What JAX compiles for it appears here with the reason. A call that finds its program in the cache compiles nothing.",
          ),
        ),
      ];
    }
    const all = button("action", {}, trans.__("Show all"));
    all.addEventListener("click", () => {
      this._search.reset();
      this._model.setOnlyRun(null);
    });
    return [el("p", {}, trans.__("No record fits the search and the kinds that are shown.")), all];
  };

  // ---- actions

  private _refind(): void {
    this._shown = null;
    if (this._connection) {
      this.update(this._connection);
    }
  }

  private _copy(): void {
    const connection = this._connection;
    if (connection) {
      const { totals } = connection.log;
      this._kit.actions.copy(logText(this._found.records, totals, this._kit.trans));
    }
  }

  private async _clear(): Promise<void> {
    const { trans, confirm } = this._kit;
    const sure = await confirm(
      trans.__("Clear JAX's caches?"),
      trans.__(
        "jax.clear_caches() throws all compiled programs of this kernel away. Each function compiles again at its next call.",
      ),
      trans.__("Clear caches"),
    );
    if (sure) {
      await this._ask((connection) => connection.clearCaches());
    }
  }

  private async _ask(what: (connection: IConnection) => Promise<void>): Promise<void> {
    this._refuse("");
    try {
      if (this._connection) {
        await what(this._connection);
      }
    } catch (error) {
      this._refuse(error instanceof Error ? error.message : String(error));
    }
  }

  private _refuse(words: string): void {
    this._refusal.replaceChildren(
      ...(words ? [this._kit.icon("warning"), span("words", words)] : []),
    );
  }

  private _connection: IConnection | null = null;
  private _shown: { log: unknown; revision: number; run: number | null } | null = null;
  private _found: IFound = { records: [], counts: { user: 0, eager: 0, library: 0 }, again: 0 };
  private _slowestMs = 0;
  private readonly _live: LiveView;
  private readonly _search: SearchView;
  private readonly _totals: TotalsView;
  private readonly _list: VirtualList<IRecord>;
  private readonly _run: Drawn<number | null>;
  private readonly _notes: Drawn<readonly string[]>;
  private readonly _all = el("span");
  private readonly _again = span("again");
  private readonly _againCount = el("span");
  private readonly _refusal = el("div", { class: "jp-jaxmagic-refusal", role: "status" });
  private readonly _disk = div("dim jp-jaxmagic-cut");
  private readonly _left = div("dim");
  private readonly _empty = new Drawn(div("empty"), this._emptyWords);
}
