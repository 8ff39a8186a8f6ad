/** Elements of the page, made in a line. Text goes in as text: what a kernel says is never HTML. */

type Child = Node | string | null;

/** An element with attributes and children; null children are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button, which is no submit button; `name` is the class that ends in it. */
export function button(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLButtonElement {
  return el("button", { type: "button", class: `jp-jaxmagic-${name}`, ...attributes }, ...children);
}

/** A block of one of our classes. */
export function div(name: string, ...children: readonly Child[]): HTMLDivElement {
  return el("div", { class: `jp-jaxmagic-${name}` }, ...children);
}

/** A piece of a line, of one of our classes. */
export function span(name: string, ...children: readonly Child[]): HTMLSpanElement {
  return el("span", { class: `jp-jaxmagic-${name}` }, ...children);
}

/** Code that a user wrote or might write. */
export function code(text: string): HTMLElement {
  return el("code", {}, text);
}

/** Set the text if it is another one, so that nothing is laid out or announced for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Set an attribute if it is another one; '' takes it away. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (value === "") {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/** Text that may be cut by an ellipsis, and is whole in its tooltip. */
export function setCut(element: Element, text: string, whole: string = text): void {
  setText(element, text);
  setAttribute(element, "title", whole);
}

/**
 * A block that is made anew only if what it shows is another value than before.
 *
 * Values are compared as they are, so give the same object while nothing has changed.
 */
export class Drawn<T> {
  constructor(
    readonly node: HTMLElement,
    private readonly _draw: (value: T) => readonly Child[],
  ) {}

  show(value: T): void {
    if (this._shown?.value !== value) {
      this._shown = { value };
      const children = this._draw(value).filter((child) => child !== null);
      this.node.replaceChildren(...children);
      this.node.hidden = children.length === 0;
    }
  }

  private _shown: { value: T } | null = null;
}
