/**
 * A list of any length of which only the visible rows are on the page.
 *
 * All rows are of one height, but for those that are unfolded, which are measured. Rows lie in the
 * document as they are seen, so that a reader and the Tab key meet them in order. One row's button
 * can be reached by Tab; arrows, Home, End and the Page keys move from there.
 */
import { el, setAttribute } from "./elements.js";

/** A row on the page, made once and filled with one item after another. */
export interface IRow<T> {
  readonly node: HTMLElement;
  /** What takes the focus and unfolds the row. */
  readonly button: HTMLElement;
  /** The part that is there only while the row is unfolded. */
  readonly details: HTMLElement;
  show(item: T, unfolded: boolean): void;
  /** What the row is measured against has changed. */
  paint(): void;
}

export interface IListOptions<T> {
  /** What scrolls: the list is in it, with other things above it perhaps. */
  readonly scroller: HTMLElement;
  readonly label: string;
  /** The identity of an item. */
  readonly key: (item: T) => number;
  readonly row: () => IRow<T>;
  /** How many pixels at the top of the scroller are covered by what sticks there. */
  readonly covered: () => number;
}

/** What is on the page for an item. */
interface IDrawn<T> {
  readonly row: IRow<T>;
  readonly item: T;
  readonly unfolded: boolean;
  top: number;
}

const FIRST_GUESS_PX = 44; // of a row's height, until one has been measured
const BEYOND = 6; // rows above and below what is seen, so that slow scrolling shows no gap

export class VirtualList<T> {
  readonly node: HTMLElement;

  constructor(private readonly _options: IListOptions<T>) {
    this.node = el("div", {
      role: "list",
      class: "jp-jaxmagic-list",
      "aria-label": _options.label,
    });
    this.node.addEventListener("keydown", (event) => {
      this._onKey(event);
    });
    this.node.addEventListener("focusin", (event) => {
      this._onFocus(event);
    });
    _options.scroller.addEventListener("scroll", () => {
      this.render();
    });
    // another width breaks the words of unfolded rows anew, another height shows more rows
    this._observer = new ResizeObserver(() => {
      this.resized();
    });
    this._observer.observe(_options.scroller);
  }

  dispose(): void {
    this._observer.disconnect();
  }

  get items(): readonly T[] {
    return this._items;
  }

  /** Show other items; what is in sight stays where it is. `around` may change what is above. */
  update(items: readonly T[], around: () => void = () => undefined): void {
    const anchor = this._anchor();
    around();
    if (items !== this._items) {
      this._items = items;
      this._indices = null;
      this._place();
    }
    const index = anchor ? this._indexOf(anchor.key) : -1;
    if (anchor && index >= 0) {
      this._scrollTo(this._topOf(index) - anchor.below);
    }
    this.render();
  }

  isUnfolded(key: number): boolean {
    return this._unfolded.has(key);
  }

  /** Unfold a row, or fold it. */
  unfold(key: number, unfolded: boolean): void {
    if (unfolded) {
      this._unfolded.set(key, this._unfolded.get(key) ?? 0);
    } else {
      this._unfolded.delete(key);
    }
    this._place();
    this.render();
  }

  foldAll(): void {
    this._unfolded.clear();
    this._place();
  }

  /** Bring a row into sight and give it the focus; false if it is not in the list. */
  focus(key: number): boolean {
    const index = this._indexOf(key);
    if (index < 0) {
      return false;
    }
    this._active = key;
    this._reveal(index);
    this.render();
    this._drawn.get(key)?.row.button.focus({ preventScroll: true });
    return true;
  }

  /** What the rows are measured against has changed. */
  repaint(): void {
    for (const { row } of this._drawn.values()) {
      row.paint();
    }
  }

  /** Heights may have changed. */
  resized(): void {
    const [first] = this._drawn.values();
    const height = first ? first.row.node.offsetHeight - first.row.details.offsetHeight : 0;
    if (height > 0 && height !== this._height) {
      this._height = height;
      this._place();
    }
    this.render();
  }

  /** Put the rows on the page that can be seen, and take all others off it. */
  render(): void {
    const height = this._options.scroller.clientHeight;
    if (height === 0 || this._rendering) {
      return; // hidden
    }
    this._rendering = true;
    this._draw(height);
    if (this._measure()) {
      this._place();
      this._draw(height);
    }
    this._rendering = false;
  }

  private _draw(height: number): void {
    this._grow();
    const top = this._options.scroller.scrollTop - this.node.offsetTop;
    const first = Math.max(0, this._indexAt(top) - BEYOND);
    const last = Math.min(this._items.length - 1, this._indexAt(top + height) + BEYOND);

    const wanted: number[] = [];
    for (let index = first; index <= last; index++) {
      wanted.push(index);
    }
    const focused = this._focusedIndex();
    if (focused >= 0 && focused < first) {
      wanted.unshift(focused);
    } else if (focused >= 0 && focused > last) {
      // nothing at all is in sight where the list begins far below: then `last` is negative
      wanted.push(focused);
    }

    const { key } = this._options;
    const items = wanted.map((index) => this._items[index] as T);
    const keys = new Set(items.map(key));
    // Rows that went out of sight are filled anew, where they lie if they can: that is faster than
    // making rows, and than moving them. What stays in sight is not moved: it may have the focus.
    const gone = new Map<Node, IRow<T>>();
    for (const [one, { row }] of this._drawn) {
      if (!keys.has(one)) {
        gone.set(row.node, row);
        this._drawn.delete(one);
      }
    }
    if (this._indexOf(this._active) < 0) {
      this._active = items[0] === undefined ? -1 : key(items[0]);
    }
    let next = this.node.firstChild;
    for (const [n, item] of items.entries()) {
      const drawn = this._drawn.get(key(item));
      let row = drawn?.row;
      if (row) {
        while (next && gone.has(next)) {
          next = next.nextSibling;
        }
      } else {
        row = (next && gone.get(next)) ?? [...gone.values()].pop() ?? this._options.row();
        gone.delete(row.node);
      }
      this._show(item, wanted[n] ?? 0, row);
      if (row.node === next) {
        next = next.nextSibling;
      } else {
        this.node.insertBefore(row.node, next);
      }
    }
    for (const node of gone.keys()) {
      (node as ChildNode).remove();
    }
  }

  /** Fill a row, if it is not filled with this item already, and put it in its place. */
  private _show(item: T, index: number, row: IRow<T>): void {
    const key = this._options.key(item);
    const unfolded = this._unfolded.has(key);
    let drawn = this._drawn.get(key);
    if (drawn?.item !== item || drawn.unfolded !== unfolded) {
      row.show(item, unfolded);
      drawn = { row, item, unfolded, top: drawn?.top ?? -1 };
      this._drawn.set(key, drawn);
      row.node.dataset["key"] = String(key);
    }
    const top = this._topOf(index);
    if (drawn.top !== top) {
      drawn.top = top;
      row.node.style.top = `${top}px`;
    }
    setAttribute(row.node, "aria-posinset", String(index + 1));
    setAttribute(row.node, "aria-setsize", String(this._items.length));
    setAttribute(row.button, "tabindex", key === this._active ? "0" : "-1");
  }

  /** Whether rows turned out to be of other heights than was thought. */
  private _measure(): boolean {
    let changed = false;
    for (const [key, { row, unfolded }] of this._drawn) {
      if (unfolded) {
        const height = row.details.offsetHeight;
        changed ||= this._unfolded.get(key) !== height;
        this._unfolded.set(key, height);
      } else if (!this._measured && row.node.offsetHeight > 0) {
        this._measured = true;
        changed ||= row.node.offsetHeight !== this._height;
        this._height = row.node.offsetHeight;
      }
    }
    return changed;
  }

  // ---- where things are

  /** Find out which rows are higher than others. */
  private _place(): void {
    this._higher = [...this._unfolded]
      .map(([key, by]) => ({ index: this._indexOf(key), by }))
      .filter(({ index }) => index >= 0)
      .sort((a, b) => a.index - b.index);
  }

  private _topOf(index: number): number {
    let top = index * this._height;
    for (const higher of this._higher) {
      if (higher.index >= index) {
        break;
      }
      top += higher.by;
    }
    return top;
  }

  private _indexAt(top: number): number {
    let above = 0;
    for (const { index, by } of this._higher) {
      const begins = index * this._height + above;
      if (top < begins + this._height) {
        break;
      }
      if (top < begins + this._height + by) {
        return index;
      }
      above += by;
    }
    return Math.floor((top - above) / this._height);
  }

  private _indexOf(key: number): number {
    this._indices ??= new Map(this._items.map((item, index) => [this._options.key(item), index]));
    return this._indices.get(key) ?? -1;
  }

  /** The first row in sight and how far it is below the top; null where the list begins. */
  private _anchor(): { key: number; below: number } | null {
    const { scroller, covered, key } = this._options;
    const edge = scroller.scrollTop + covered() - this.node.offsetTop;
    if (edge <= 0) {
      return null;
    }
    const index = this._indexAt(edge);
    const item = this._items[index];
    return item === undefined
      ? null
      : { key: key(item), below: this._topOf(index) - (edge - covered()) };
  }

  private _scrollTo(top: number): void {
    const { scroller } = this._options;
    const target = this.node.offsetTop + top;
    this._grow(); // the list must be long enough first, or the browser stops short
    if (Math.abs(scroller.scrollTop - target) >= 1) {
      scroller.scrollTop = target;
    }
  }

  /** Make the list as high as all of its rows. */
  private _grow(): void {
    const length = this._topOf(this._items.length);
    if (this._length !== length) {
      this._length = length;
      this.node.style.height = `${length}px`;
    }
  }

  private _reveal(index: number): void {
    const { scroller, covered } = this._options;
    const top = this.node.offsetTop + this._topOf(index);
    const bottom = this.node.offsetTop + Math.min(this._topOf(index + 1), this._topOf(index) + 200);
    if (top < scroller.scrollTop + covered()) {
      scroller.scrollTop = index === 0 ? 0 : top - covered();
    } else if (bottom > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = bottom - scroller.clientHeight;
    }
  }

  // ---- the keyboard

  private _focusedIndex(): number {
    const row = document.activeElement?.closest<HTMLElement>("[data-key]");
    return row && this.node.contains(row) ? this._indexOf(Number(row.dataset["key"])) : -1;
  }

  private _onFocus(event: FocusEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("[data-key]");
    if (row) {
      this._active = Number(row.dataset["key"]);
      for (const [key, drawn] of this._drawn) {
        setAttribute(drawn.row.button, "tabindex", key === this._active ? "0" : "-1");
      }
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const from = this._focusedIndex();
    const row = this._drawn.get(this._active)?.row;
    if (
      from < 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.target !== row?.button
    ) {
      return;
    }
    const page = Math.max(1, Math.floor(this._options.scroller.clientHeight / this._height) - 1);
    const to = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: this._items.length - 1,
    }[event.key];
    if (to !== undefined) {
      const item = this._items[Math.min(this._items.length - 1, Math.max(0, to))];
      if (item !== undefined) {
        this.focus(this._options.key(item));
      }
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      this.unfold(this._active, event.key === "ArrowRight");
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _items: readonly T[] = [];
  private _indices: Map<number, number> | null = null;
  private _length = -1;
  private readonly _drawn = new Map<number, IDrawn<T>>();
  /** Key -> by how much the row is higher. */
  private readonly _unfolded = new Map<number, number>();
  private _higher: { index: number; by: number }[] = [];
  private _height = FIRST_GUESS_PX;
  private _measured = false;
  private _active = -1;
  private _rendering = false;
  private readonly _observer: ResizeObserver;
}
