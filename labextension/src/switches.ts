/** The section "Switches": settings of JAX in this kernel, turned on and off by hand. */
import { button, div, el, setAttribute, setText, span } from "./elements.js";
import type { IKit } from "./kit.js";
import type { IConnection, SwitchName } from "./tokens.js";

const NAMES: readonly SwitchName[] = ["x64", "disable_jit", "debug_nans"];

export class SwitchesView {
  readonly node: HTMLElement;

  constructor(private readonly _kit: IKit) {
    const { trans } = _kit;
    const sentences: Record<SwitchName, string> = {
      x64: trans.__("Numbers may have 64 bits; without it, float64 and int64 become 32 bits."),
      disable_jit: trans.__(
        "Functions under jit run operation by operation, as if it were not there.",
      ),
      debug_nans: trans.__("An operation that gives a NaN raises an error at its line."),
    };
    this.node = div("switches", this._reason);
    this._reason.id = `${this._id}-reason`;
    for (const name of NAMES) {
      const said = el(
        "p",
        { class: "jp-jaxmagic-dim", id: `${this._id}-${name}` },
        sentences[name],
      );
      const node = button(
        "switch",
        {
          role: "switch",
          "aria-checked": "false",
          "aria-describedby": `${said.id} ${this._reason.id}`,
        },
        el("code", {}, name),
        span("position"),
        el("span", { class: "jp-jaxmagic-knob", "aria-hidden": "true" }),
      );
      node.addEventListener("click", () => {
        void this._flip(name);
      });
      const refusal = el("div", { class: "jp-jaxmagic-refusal", role: "status" });
      this._switches[name] = { node, refusal };
      this.node.append(node, said, refusal);
    }
  }

  update(connection: IConnection): void {
    if (this._connection !== connection) {
      this._connection = connection;
      NAMES.forEach((name) => {
        this._refuse(name, "");
      });
    }
    const { trans } = this._kit;
    const switches = connection.state?.switches ?? null;
    const running = connection.busy || connection.state?.busy === true;
    let reason = "";
    if (connection.link !== "live") {
      reason = trans.__("The kernel does not answer.");
    } else if (switches === null) {
      reason = trans.__("JAX is not imported.");
    } else if (running) {
      reason = trans.__("A cell is running: wait until it has ended.");
    }
    this._locked = reason !== "";
    setText(this._reason, reason);
    for (const name of NAMES) {
      const { node } = this._switches[name];
      const on = switches?.[name] === true;
      setAttribute(node, "aria-checked", String(on));
      // aria-disabled, as what is `disabled` loses the focus while it waits
      setAttribute(node, "aria-disabled", String(this._locked || this._waiting.has(name)));
      setText(node.children[1] as HTMLElement, on ? trans.__("on") : trans.__("off"));
    }
  }

  private async _flip(name: SwitchName): Promise<void> {
    const connection = this._connection;
    if (!connection || this._locked || this._waiting.has(name)) {
      return;
    }
    this._waiting.add(name);
    this._refuse(name, "");
    this.update(connection);
    try {
      await connection.setSwitch(name, connection.state?.switches?.[name] !== true);
    } catch (error) {
      if (connection === this._connection) {
        this._refuse(name, error instanceof Error ? error.message : String(error));
      }
    } finally {
      this._waiting.delete(name);
      this.update(this._connection ?? connection);
    }
  }

  private _refuse(name: SwitchName, words: string): void {
    const { icon } = this._kit;
    const said = words ? [icon("warning"), span("words", words)] : [];
    this._switches[name].refusal.replaceChildren(...said);
  }

  private _connection: IConnection | null = null;
  private _locked = true;
  private readonly _waiting = new Set<SwitchName>();
  private readonly _id = `jp-jaxmagic-${++made}`;
  private readonly _reason = el("p", { class: "jp-jaxmagic-locked" });
  private readonly _switches = {} as Record<
    SwitchName,
    { node: HTMLButtonElement; refusal: HTMLElement }
  >;
}

let made = 0;
