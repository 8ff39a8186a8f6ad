/** What the panel says when it has nothing to show, and what can be done about it. */
import type { TranslationBundle } from "@jupyterlab/translation";

import { button, code, div, el, span } from "./elements.js";
import type { IKit } from "./kit.js";
import type { IConnection, IModel } from "./tokens.js";

export interface IMessage {
  readonly title: string;
  /** Sentences; what is between backquotes is code. */
  readonly words: readonly string[];
  /** What went wrong, one sentence. */
  readonly problem?: string;
  readonly waiting?: boolean;
  /** Whether loading jaxmagic is offered. */
  readonly load?: boolean;
}

/** What to say instead of the sections; null where there is something to show in them. */
export function messageOf(model: IModel, trans: TranslationBundle): IMessage | null {
  const connection = model.current;
  switch (connection?.link) {
    case undefined:
      return {
        title: trans.__("No notebook or console"),
        words: [trans.__("Open a notebook or a console: what JAX compiles in it is shown here.")],
      };
    case "no kernel":
      return {
        title: trans.__("No kernel"),
        words: [
          trans.__(
            "Choose one in the menu Kernel, Change Kernel: what JAX compiles in it is shown here.",
          ),
        ],
      };
    case "other language":
      return {
        title: trans.__("Not a Python kernel"),
        words: [trans.__("JAX is a library of Python. Go to a notebook that has a Python kernel.")],
      };
    case "connecting":
      return connecting(connection, trans);
    case "not loaded":
      return {
        title: trans.__("jaxmagic is not loaded"),
        words: [
          trans.__(
            "Nothing is watched in this notebook until you load it: by the button, or by `%load_ext jaxmagic` in a cell, before the cells that you want to see.",
          ),
        ],
        problem: connection.problem,
        load: true,
      };
    case "loading":
      return {
        title: trans.__("Loading jaxmagic…"),
        words: connection.busy
          ? [trans.__("If a cell is running, it is loaded when that has ended.")]
          : [],
        waiting: true,
      };
    case "lost":
      return connection.log.size
        ? null
        : {
            title: trans.__("Connection lost"),
            words: [
              trans.__(
                "The kernel does not answer. If it is restarting, load jaxmagic again when it is there: menu Kernel, Restart.",
              ),
            ],
            problem: connection.problem,
          };
    case "live":
      return live(connection, trans);
  }
}

function connecting(connection: IConnection, trans: TranslationBundle): IMessage {
  return {
    title: trans.__("Asking the kernel…"),
    words: connection.busy
      ? [trans.__("The kernel is busy: the answer comes when the cell has ended.")]
      : [],
    problem: connection.problem,
    waiting: true,
  };
}

function live(connection: IConnection, trans: TranslationBundle): IMessage | null {
  if (!connection.state) {
    return connecting(connection, trans);
  }
  if (connection.state.jax === null && connection.log.size === 0) {
    return {
      title: trans.__("JAX is not imported yet"),
      words: [
        trans.__(
          "jaxmagic is loaded. Run a cell with `import jax`: from then on all that JAX compiles is shown here.",
        ),
      ],
      problem: connection.problem,
    };
  }
  return null;
}

/** The message on the page. */
export class MessageView {
  readonly node = el("div", {
    class: "jp-jaxmagic-message",
    role: "status",
    tabindex: "-1", // takes the focus when the button that had it goes away
  });

  constructor(private readonly _kit: IKit) {}

  /** Show it; true if there is one. */
  update(model: IModel): boolean {
    const { trans, icon } = this._kit;
    const message = messageOf(model, trans);
    this.node.hidden = message === null;
    const told = JSON.stringify(message);
    if (told === this._told) {
      return message !== null;
    }
    this._told = told;
    const focused = this.node.contains(document.activeElement);
    this.node.replaceChildren();
    if (message) {
      this.node.append(
        el("h3", {}, message.waiting ? spinner() : icon("jaxmagic"), message.title),
        ...message.words.map((words) => el("p", {}, ...withCode(words))),
      );
      if (message.problem) {
        this.node.append(div("refusal", icon("warning"), span("words", message.problem)));
      }
      if (message.load) {
        this.node.append(this._loadButton(model));
      }
    }
    if (focused) {
      (this.node.querySelector("button") ?? this.node).focus();
    }
    return message !== null;
  }

  private _loadButton(model: IModel): HTMLElement {
    const { trans } = this._kit;
    const load = button("primary", {}, trans.__("Load jaxmagic in this notebook"));
    load.addEventListener("click", () => {
      model.current?.load().catch((error: unknown) => {
        // where the connection has no words for it itself
        if (!model.current?.problem) {
          const words = error instanceof Error ? error.message : String(error);
          load.before(div("refusal", this._kit.icon("warning"), span("words", words)));
        }
      });
    });
    return load;
  }

  private _told = "";
}

function spinner(): HTMLElement {
  return el("span", { class: "jp-jaxmagic-spinner", "aria-hidden": "true" });
}

/** Words of which those between backquotes are code. */
function withCode(words: string): Node[] {
  return words.split("`").map((piece, n) => (n % 2 ? code(piece) : document.createTextNode(piece)));
}
