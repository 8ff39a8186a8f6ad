/** How an array lies on several devices: a grid of its blocks, each with the devices that have it. */
import type { TranslationBundle } from "@jupyterlab/translation";

import { code, div, el } from "./elements.js";
import { devicesText, grouped, typeText } from "./format.js";
import type { IBlock, ILayout } from "./tokens.js";

const MOST = 8; // rows and columns, with an ellipsis between the first and the last ones

type Range = readonly [number, number];

/** The block of a layout: its title, and a table or a list. */
export function layoutBlock(layout: ILayout, trans: TranslationBundle): HTMLElement {
  const types = layout.dtypes.map((dtype) => typeText(dtype, layout.shape)).join(" or ");
  const title = el("p", { class: "jp-jaxmagic-names" });
  title.append(
    code(layout.path || trans.__("the array")),
    " ",
    code(types),
    ", ",
    code(layout.sharding),
  );
  if (layout.arrays > 1) {
    const others = layout.arrays - 1;
    title.append(trans._n(" and %2 more array", " and %2 more arrays", others, grouped(others)));
  }
  const block = div("layout", title);
  if (layout.note) {
    block.append(el("p", { class: "jp-jaxmagic-dim" }, layout.note));
  } else {
    block.append(grid(layout) ?? list(layout, trans));
  }
  if (layout.more) {
    const words = trans._n(
      "… and %2 other layout",
      "… and %2 other layouts",
      layout.more,
      grouped(layout.more),
    );
    block.append(el("p", { class: "jp-jaxmagic-dim" }, words));
  }
  return block;
}

/** A table of the blocks; null if it is split in more dimensions than a page has. */
function grid(layout: ILayout): HTMLElement | null {
  const ranges = layout.shape.map((_, n) => rangesOf(layout.blocks, n));
  const split = ranges.flatMap((some, n) => (some.length > 1 ? [n] : []));
  if (split.length > 2 || layout.blocks.length === 0) {
    return null;
  }
  const last = layout.shape.length - 1;
  const [down, across] =
    split.length === 2 ? split : split[0] === last ? [undefined, last] : [split[0], undefined];
  const rows = down === undefined ? [null] : some(ranges[down] ?? []);
  const columns = across === undefined ? [null] : some(ranges[across] ?? []);
  const devices = new Map(
    layout.blocks.map((block) => [place(block, down, across), devicesText(block.devices)]),
  );
  const table = el("table", { class: "jp-jaxmagic-grid" });
  if (across !== undefined) {
    const corner = down === undefined ? [] : [el("td")];
    const heads = columns.map((range) => el("th", { scope: "col" }, rangeText(range)));
    table.append(el("thead", {}, el("tr", {}, ...corner, ...heads)));
  }
  const body = el("tbody");
  for (const row of rows) {
    const head = down === undefined ? [] : [el("th", { scope: "row" }, rangeText(row))];
    const cells = columns.map((column) => {
      const left = row === "…" || column === "…";
      return el("td", {}, left ? "…" : (devices.get(`${String(row)};${String(column)}`) ?? ""));
    });
    body.append(el("tr", {}, ...head, ...cells));
  }
  table.append(body);
  return div("scroll", table);
}

function list(layout: ILayout, trans: TranslationBundle): HTMLElement {
  const items = layout.blocks.slice(0, 2 * MOST).map((block) => {
    const ranges = block.start.map((start, n) => {
      const stop = block.stop[n] ?? 0;
      return start === 0 && stop === layout.shape[n] ? ":" : `${start}:${stop}`;
    });
    return el("li", {}, `${devicesText(block.devices)} `, code(`[${ranges.join(", ")}]`));
  });
  const left = layout.blocks.length - items.length;
  if (left > 0) {
    items.push(
      el("li", {}, trans._n("… and %2 more block", "… and %2 more blocks", left, grouped(left))),
    );
  }
  return el("ul", { class: "jp-jaxmagic-plain" }, ...items);
}

function rangesOf(blocks: readonly IBlock[], dimension: number): Range[] {
  const found = new Map<string, Range>();
  for (const block of blocks) {
    const range: Range = [block.start[dimension] ?? 0, block.stop[dimension] ?? 0];
    found.set(String(range), range);
  }
  return [...found.values()].sort(([a], [b]) => a - b);
}

function place(block: IBlock, down: number | undefined, across: number | undefined): string {
  const range = (n: number | undefined): string =>
    n === undefined ? "null" : `${block.start[n] ?? 0},${block.stop[n] ?? 0}`;
  return `${range(down)};${range(across)}`;
}

function some(ranges: readonly Range[]): (Range | "…")[] {
  return ranges.length <= MOST
    ? [...ranges]
    : [...ranges.slice(0, MOST / 2), "…", ...ranges.slice(1 - MOST / 2)];
}

function rangeText(range: Range | "…" | null): string {
  return range === null ? "" : typeof range === "string" ? range : `${range[0]}:${range[1]}`;
}
