/** The icons of the panel: those of JupyterLab, and our own in the same style. */
import {
  LabIcon,
  addBelowIcon,
  caretRightIcon,
  clearIcon,
  closeIcon,
  copyIcon,
  deleteIcon,
  launchIcon,
  refreshIcon,
} from "@jupyterlab/ui-components";

// JupyterLab paints what is of class jp-icon3 in the colour of its theme; the colour written here
// is that of all its icons, for a page without a theme.
const svg = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">` +
  `<g class="jp-icon3 jp-icon-selectable" fill="#616161">${shapes}</g></svg>`;

/** Three phases, each longer than the one before, and the spark of magic. */
export const jaxmagicIcon = new LabIcon({
  name: "jaxmagic:panel",
  svgstr: svg(
    `<path d="M3 5.5h7.5v3H3zM3 11h11v3H3zM3 16.500h18v3H3z"/>` +
      `<path d="M17.500 1.500l1.500 4 4 1.500-4 1.500-1.500 4-1.500-4-4-1.500 4-1.500z"/>`,
  ),
});

/** An arrow that comes back: compiled again. */
export const againIcon = new LabIcon({
  name: "jaxmagic:again",
  svgstr: svg(`<path d="M7 7h10v3l4-4-4-4v3H5v6h2zM17 17H7v-3l-4 4 4 4v-3h12v-6h-2z"/>`),
});

/** What did not come to its end, and what is to be heeded. */
export const warningIcon = new LabIcon({
  name: "jaxmagic:warning",
  svgstr: svg(`<path d="M1 21h22L12 2zm12-3h-2v-2h2zm0-4h-2v-4h2z"/>`),
});

const icons = {
  jaxmagic: jaxmagicIcon,
  again: againIcon,
  caret: caretRightIcon,
  clear: clearIcon,
  close: closeIcon,
  copy: copyIcon,
  forget: deleteIcon,
  goTo: launchIcon,
  insert: addBelowIcon,
  refresh: refreshIcon,
  warning: warningIcon,
};

export type IconName = keyof typeof icons;

const made = new Map<IconName, HTMLElement>();

/** A new element with the icon, which says nothing to a screen reader. */
export function icon(name: IconName): HTMLElement {
  let element = made.get(name);
  if (element === undefined) {
    element = icons[name].element({ tag: "span", className: "jp-jaxmagic-icon" });
    element.setAttribute("aria-hidden", "true");
    made.set(name, element);
  }
  return element.cloneNode(true) as HTMLElement; // a list has one on each row
}
