/** The section "Devices": their memory, and the live arrays with who holds them. */
import { Drawn, button, code, div, el, setAttribute, setText, span } from "./elements.js";
import { ago, grouped, percent, size, timesText, typeText } from "./format.js";
import type { IKit } from "./kit.js";
import { layoutBlock } from "./layout.js";
import type { IConnection, IDevice, IDevices, IGroup } from "./tokens.js";

const FEW_GROUPS = 8;
const NEARLY_FULL = 0.9;

export class DevicesView {
  readonly node: HTMLElement;

  constructor(private readonly _kit: IKit) {
    const { trans, icon } = _kit;
    const title = trans.__("Look at the devices and the live arrays now");
    this._refresh = button("tool", { title, "aria-label": title }, icon("refresh"));
    this._refresh.addEventListener("click", () => {
      this._connection?.refreshDevices();
    });
    this.node = div(
      "devices",
      div("summary", span("sum", this._head, this._age), this._refresh),
      this._problem,
      this._body.node,
    );
  }

  update(connection: IConnection): void {
    const { icon } = this._kit;
    const { devices, devicesProblem, devicesPending, state } = connection;
    this._connection = connection;
    this.note(devices);
    this.node.setAttribute("aria-busy", String(devicesPending));
    this._refresh.disabled = devicesPending || connection.link !== "live";
    setText(this._head, this._headText(connection));
    if (this._problem.dataset["words"] !== devicesProblem) {
      this._problem.dataset["words"] = devicesProblem;
      this._problem.replaceChildren(
        ...(devicesProblem ? [icon("warning"), span("words", devicesProblem)] : []),
      );
    }
    this._body.show(devices);
    setAttribute(
      this._refresh,
      "data-state",
      devicesPending ? "pending" : state?.started === false ? "idle" : "",
    );
    this.tick(Date.now());
  }

  /** Remember when an answer came; to be told of each, also while nothing can be seen. */
  note(devices: IDevices | null): void {
    if (devices && !this._taken.has(devices)) {
      this._taken.set(devices, Date.now());
    }
  }

  /** Say how old the answer is. */
  tick(now: number): void {
    const { trans } = this._kit;
    const devices = this._connection?.devices;
    const taken = devices ? this._taken.get(devices) : undefined;
    if (this._connection?.devicesPending) {
      setText(this._age, trans.__("asking…"));
    } else {
      setText(this._age, taken === undefined ? "" : trans.__("taken %1", ago(now - taken, trans)));
    }
  }

  private _headText({ devices, state, busy, devicesPending }: IConnection): string {
    const { trans } = this._kit;
    if (devicesPending && busy && !devices) {
      return trans.__("A cell is running: the answer comes soon or when it has ended.");
    }
    if (!devices) {
      return state?.started === false
        ? trans.__("JAX has started no device yet: it does so with the first array.")
        : trans.__("Not looked at yet.");
    }
    if (devices.idle) {
      return devices.idle;
    }
    const arrays = devices.groups.reduce((n, one) => n + one.arrays, devices.rest.arrays);
    const bytes = devices.groups.reduce(
      (n, one) => n + one.device_bytes,
      devices.rest.device_bytes,
    );
    const all = arrays + devices.more_arrays;
    const number = arrays < all ? `${grouped(arrays)} / ${grouped(all)}` : grouped(arrays);
    const words = [
      trans._n("%2 device", "%2 devices", devices.devices.length, grouped(devices.devices.length)),
      all
        ? trans._n("%2 live array, %3", "%2 live arrays, %3", all, number, size(bytes))
        : trans.__("no live arrays"),
    ];
    if (devices.process_count > 1) {
      const { process_index, process_count, device_count } = devices;
      words.push(
        trans.__("process %1 of %2, %3 devices in all", process_index, process_count, device_count),
      );
    }
    return words.join(" · ");
  }

  private _draw(devices: IDevices): Node[] {
    const { trans, icon } = this._kit;
    if (devices.idle) {
      return [];
    }
    const alone = devices.devices.length === 1;
    const pieces: Node[] = [
      el(
        "ul",
        { class: "jp-jaxmagic-plain" },
        ...devices.devices.map((device) => this._device(device, alone)),
      ),
      ...notes(devices).map((words) => el("p", { class: "jp-jaxmagic-dim" }, words)),
    ];
    if (devices.unseen.length) {
      const items = devices.unseen.map((words) => el("li", {}, icon("warning"), words));
      pieces.push(el("ul", { class: "jp-jaxmagic-notes" }, ...items));
    }
    if (devices.groups.length) {
      pieces.push(el("h4", {}, trans.__("Live arrays, the largest first")), this._groups(devices));
    }
    const { rest } = devices;
    if (rest.groups) {
      const groups = trans._n(
        "%2 smaller group",
        "%2 smaller groups",
        rest.groups,
        grouped(rest.groups),
      );
      const arrays = trans._n("%2 array", "%2 arrays", rest.arrays, grouped(rest.arrays));
      const words = trans.__("… and %1: %2, %3", groups, arrays, size(rest.device_bytes));
      pieces.push(el("p", { class: "jp-jaxmagic-dim" }, words));
    }
    if (devices.layouts.length) {
      pieces.push(
        el("h4", {}, trans.__("How arrays lie on several devices")),
        ...devices.layouts.map((layout) => layoutBlock(layout, trans)),
      );
    }
    return pieces;
  }

  private _device(device: IDevice, alone: boolean): HTMLElement {
    const { trans } = this._kit;
    const { in_use_bytes: used, peak_bytes: peak, limit_bytes: limit } = device;
    const kind = device.kind === device.platform ? "" : device.kind;
    const arrays = trans._n(
      "%2 array, %3",
      "%2 arrays, %3",
      device.arrays,
      grouped(device.arrays),
      size(device.arrays_bytes),
    );
    const line = div(
      "line",
      el(
        "span",
        { class: "jp-jaxmagic-call", title: `${device.name} ${kind}` },
        el("b", {}, device.name),
        " ",
        span("dim", kind),
      ),
      // of one device, the head has said it
      alone ? null : span("number", arrays),
    );
    const item = el("li", { class: "jp-jaxmagic-device" }, line);
    if (used === null) {
      return item;
    }
    const whole = limit ?? peak ?? used;
    const share = whole ? used / whole : 0;
    const full = limit !== null && share > NEARLY_FULL;
    const fill = el("span", { class: `jp-jaxmagic-fill${full ? " jp-mod-full" : ""}` });
    fill.style.width = `${(share * 100).toFixed(1)}%`;
    const track = el("div", { class: "jp-jaxmagic-memory", "aria-hidden": "true" }, fill);
    if (peak !== null && whole) {
      const mark = el("span", { class: "jp-jaxmagic-peak" });
      mark.style.left = `${Math.min(100, (peak / whole) * 100).toFixed(1)}%`;
      track.append(mark);
    }
    const words = [trans.__("%1 in use", size(used))];
    if (limit !== null) {
      words[0] = trans.__("%1 of %2 in use (%3)", size(used), size(limit), percent(share));
    }
    if (peak !== null) {
      words.push(trans.__("peak %1", size(peak)));
    }
    if (full) {
      words.push(trans.__("nearly full"));
    }
    item.append(track, div("figures", ...words.map((one) => el("span", {}, one))));
    return item;
  }

  private _groups(devices: IDevices): HTMLElement {
    const { trans } = this._kit;
    const most = devices.groups.reduce((bytes, one) => Math.max(bytes, one.device_bytes), 0);
    const several = devices.devices.length > 1;
    const rows = devices.groups.map((one) => this._group(one, most, several));
    const list = el("ul", { class: "jp-jaxmagic-plain" }, ...rows.slice(0, FEW_GROUPS));
    const hidden = rows.slice(FEW_GROUPS);
    if (hidden.length === 0) {
      return list;
    }
    const more = button(
      "action",
      {},
      trans._n("Show %2 more", "Show %2 more", hidden.length, grouped(hidden.length)),
    );
    more.addEventListener("click", () => {
      list.append(...hidden);
      more.remove();
      hidden[0]?.setAttribute("tabindex", "-1"); // the button is gone, and the focus with it
      hidden[0]?.focus();
    });
    return div("groups", list, more);
  }

  private _group(group: IGroup, most: number, several: boolean): HTMLElement {
    const fill = el("span", { class: "jp-jaxmagic-fill" });
    fill.style.width = `${most ? ((group.device_bytes / most) * 100).toFixed(1) : 0}%`;
    const type = typeText(group.dtype, group.shape);
    const count = group.arrays > 1 ? ` ×${grouped(group.arrays)}` : "";
    const each = el(
      "span",
      { class: "jp-jaxmagic-call", title: `${type}${count}` },
      code(type),
      span("dim", count),
    );
    const item = el(
      "li",
      { class: "jp-jaxmagic-group" },
      div("line", each, span("number", size(group.device_bytes))),
      el("div", { class: "jp-jaxmagic-track", "aria-hidden": "true" }, fill),
    );
    if (several && group.sharding) {
      item.append(
        el("p", { class: "jp-jaxmagic-dim" }, this._kit.trans.__("on "), code(group.sharding)),
      );
    }
    item.append(this._names(group));
    return item;
  }

  /** Who holds the arrays of a group. */
  private _names(group: IGroup): HTMLElement {
    const { trans } = this._kit;
    const line = el("p", { class: "jp-jaxmagic-names" });
    const add = (...pieces: (Node | string)[]): void => {
      line.append(...(line.hasChildNodes() ? [", "] : []), ...pieces);
    };
    for (const name of group.names) {
      const told = name.told + timesText(name);
      add(...(name.code ? [code(name.code)] : []), ...(told ? [span("dim", told)] : []));
    }
    const { more_names: more, unnamed } = group;
    if (more) {
      add(span("dim", trans._n("and %2 more name", "and %2 more names", more, grouped(more))));
    }
    if (unnamed) {
      const words =
        unnamed < group.arrays
          ? trans.__("%1 without a name", grouped(unnamed))
          : trans.__("no name found: perhaps held by a library, a closure or another thread");
      add(span("dim", words));
    }
    return line;
  }

  private _connection: IConnection | null = null;
  private readonly _taken = new WeakMap<IDevices, number>();
  private readonly _refresh: HTMLButtonElement;
  private readonly _head = el("span");
  private readonly _age = span("dim");
  private readonly _problem = el("div", { class: "jp-jaxmagic-refusal", role: "status" });
  private readonly _body = new Drawn(div("body"), (devices: IDevices | null) =>
    devices ? this._draw(devices) : [],
  );
}

/** How the figures were obtained and why some are missing, each said once for all it is true of. */
function notes({ devices }: IDevices): string[] {
  const about = new Map<string, string[]>();
  for (const { note, name } of devices) {
    about.set(note, [...(about.get(note) ?? []), name]);
  }
  about.delete("");
  return [...about].map(([note, names]) =>
    names.length === devices.length
      ? `${note.slice(0, 1).toUpperCase()}${note.slice(1)}.`
      : `${names.join(", ")}: ${note}.`,
  );
}
