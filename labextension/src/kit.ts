/** What every part of the view is given. */
import type { TranslationBundle } from "@jupyterlab/translation";

import type { IconName } from "./icons.js";
import type { IActions } from "./tokens.js";

export interface IKit {
  readonly trans: TranslationBundle;
  readonly actions: IActions;
  /** A new element with this icon. */
  readonly icon: (name: IconName) => HTMLElement;
  /** Ask the user; `accept` is what the button says that does it. */
  readonly confirm: (title: string, body: string, accept: string) => Promise<boolean>;
}
