import "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { button, div, el } from "../src/elements.js";
import { type IRow, VirtualList } from "../src/list.js";

const HEIGHT = 40;
const UNFOLDED = 100;
const SCROLLER = 400;

let made = 0;

/** A row of which the layout is told, as there is none without a browser. */
class Row implements IRow<number> {
  readonly button = button("open", {});
  readonly details = div("details");
  readonly node = el("div", {}, this.button, this.details);
  unfolded = false;
  shown = 0;

  constructor() {
    made += 1;
    const height = (node: HTMLElement, value: () => number): void => {
      Object.defineProperty(node, "offsetHeight", { get: value });
    };
    height(this.details, () => (this.unfolded ? UNFOLDED : 0));
    height(this.node, () => HEIGHT + (this.unfolded ? UNFOLDED : 0));
  }

  show(item: number, unfolded: boolean): void {
    this.shown += 1;
    this.unfolded = unfolded;
    this.button.textContent = `row ${item}`;
  }

  paint(): void {
    // there is no bar
  }
}

let scroller: HTMLElement;
let list: VirtualList<number>;

const down = (length: number, newest = length): number[] =>
  Array.from({ length }, (_, n) => newest - n);
const rows = (): HTMLElement[] => [...list.node.children] as HTMLElement[];
const keys = (): number[] => rows().map((row) => Number(row.dataset["key"]));
const top = (key: number): number =>
  parseFloat(rows().find((row) => row.dataset["key"] === String(key))?.style.top ?? "NaN");
const focused = (): string => document.activeElement?.textContent ?? "";
const press = (key: string): void => {
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
};
const scroll = (to: number): void => {
  scroller.scrollTop = to;
  scroller.dispatchEvent(new Event("scroll"));
};

beforeEach(() => {
  made = 0;
  scroller = el("div");
  Object.defineProperty(scroller, "clientHeight", { value: SCROLLER });
  list = new VirtualList({
    scroller,
    label: "numbers",
    key: (item) => item,
    row: () => new Row(),
    covered: () => 0,
  });
  scroller.append(list.node);
  document.body.replaceChildren(scroller);
  list.update(down(10_000));
});

describe("only what can be seen is on the page", () => {
  test("of ten thousand rows, some more than fit", () => {
    assert.ok(rows().length > SCROLLER / HEIGHT && rows().length < 30);
    assert.equal(list.node.style.height, `${10_000 * HEIGHT}px`);
  });
  test("each says which one of how many it is", () => {
    scroll(5_000 * HEIGHT);
    const row = rows().find((one) => one.dataset["key"] === "5000");
    assert.equal(row?.getAttribute("aria-posinset"), "5001");
    assert.equal(row.getAttribute("aria-setsize"), "10000");
    assert.equal(top(5000), 5_000 * HEIGHT);
  });
  test("rows lie in the document as they are seen, and are used again", () => {
    for (const to of [40, 120, 4_000, 3_990, 300_000, 0, 399_999]) {
      scroll(to);
      assert.deepEqual(
        keys(),
        [...keys()].sort((a, b) => b - a),
      );
    }
    assert.ok(made < 30, `${made} rows were made`);
  });
  test("what has not changed is not filled again", () => {
    const [row] = rows();
    list.update(list.items);
    list.render();
    assert.equal(row, rows()[0]);
  });
  test("nothing is rendered while it is hidden", () => {
    const hidden = el("div");
    const other = new VirtualList<number>({
      scroller: hidden,
      label: "",
      key: (item) => item,
      row: () => new Row(),
      covered: () => 0,
    });
    other.update(down(10));
    assert.equal(other.node.children.length, 0);
  });
});

describe("rows unfold", () => {
  test("those below move down by what was measured", () => {
    list.unfold(9_999, true);
    assert.equal(top(9_998), 2 * HEIGHT + UNFOLDED);
    assert.equal(list.node.style.height, `${10_000 * HEIGHT + UNFOLDED}px`);
    list.unfold(9_999, false);
    assert.equal(top(9_998), 2 * HEIGHT);
  });
  test("a row that is scrolled away and back is still unfolded", () => {
    list.unfold(9_999, true);
    scroll(100_000);
    assert.ok(!keys().includes(9_999));
    scroll(0);
    assert.ok(list.isUnfolded(9_999));
    assert.equal(top(9_998), 2 * HEIGHT + UNFOLDED);
  });
  test("scrolling finds the right rows below unfolded ones", () => {
    list.unfold(9_999, true);
    list.unfold(9_998, true);
    scroll(2 * UNFOLDED + 100 * HEIGHT);
    assert.ok(keys().includes(9_900));
    assert.equal(top(9_900), 2 * UNFOLDED + 100 * HEIGHT);
  });
});

describe("what is in sight stays where it is", () => {
  test("newer rows come above it", () => {
    scroll(1_000 * HEIGHT + 7);
    list.update(down(10_300));
    assert.equal(scroller.scrollTop, 1_300 * HEIGHT + 7);
    assert.ok(keys().includes(9_000));
  });
  test("at the top, the newest are seen", () => {
    list.update(down(10_300));
    assert.equal(scroller.scrollTop, 0);
    assert.equal(keys()[0], 10_300);
  });
  test("a row with the focus keeps it, even out of sight", () => {
    list.focus(9_995);
    scroll(200_000);
    assert.equal(focused(), "row 9995");
    assert.equal(keys()[0], 9_995);
    list.focus(50);
    scroll(0);
    assert.equal(focused(), "row 50");
    assert.equal(keys().at(-1), 50);
    list.update(down(10_300));
    assert.equal(focused(), "row 50");
  });
});

describe("the keyboard", () => {
  beforeEach(() => {
    list.focus(10_000);
  });
  test("arrows, pages, home and end move the focus", () => {
    press("ArrowDown");
    assert.equal(focused(), "row 9999");
    press("ArrowUp");
    press("ArrowUp");
    assert.equal(focused(), "row 10000");
    press("PageDown");
    assert.equal(focused(), "row 9991");
    press("End");
    assert.equal(focused(), "row 1");
    press("PageUp");
    assert.equal(focused(), "row 10");
    press("Home");
    assert.equal(focused(), "row 10000");
  });
  test("Tab reaches one row only", () => {
    press("ArrowDown");
    const reached = rows().filter((row) => row.firstElementChild?.getAttribute("tabindex") === "0");
    assert.deepEqual(
      reached.map((row) => row.dataset["key"]),
      ["9999"],
    );
  });
  test("right unfolds, left folds", () => {
    press("ArrowRight");
    assert.ok(list.isUnfolded(10_000));
    press("ArrowLeft");
    assert.ok(!list.isUnfolded(10_000));
  });
  test("keys with a modifier are JupyterLab's", () => {
    const event = new KeyboardEvent("keydown", { key: "Home", ctrlKey: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
    assert.ok(!event.defaultPrevented);
  });
  test("a row that is not in the list can't be shown", () => {
    assert.ok(!list.focus(77_777));
  });
});
