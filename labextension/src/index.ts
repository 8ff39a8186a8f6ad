/** Where JupyterLab meets the panel: plugins, commands, settings. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ILayoutRestorer } from "@jupyterlab/application";
import { Clipboard, ICommandPalette, Notification } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { KernelMessage } from "@jupyterlab/services";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import type { TranslationBundle } from "@jupyterlab/translation";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { Token } from "@lumino/coreutils";

import { Actions } from "./actions.js";
import { Badges } from "./badge.js";
import type { SendPlain } from "./comm.js";
import { addCommands, CommandIds } from "./commands.js";
import { Connection } from "./connection.js";
import { Model } from "./model.js";
import { Panel } from "./panel.js";
import { Settings } from "./settings.js";
import { StatusItem } from "./status.js";

/** What the plugins share. */
interface IJaxmagic {
  readonly model: Model;
  readonly settings: Settings;
  readonly trans: TranslationBundle;
  /** Show the panel. */
  open(): void;
}

const IJaxmagic = new Token<IJaxmagic>(
  "jaxmagic:IJaxmagic",
  "What the panel of jaxmagic knows of the kernels.",
);

// without a time a notification is seen by those only who look for it
const WARNING_MS = 10_000;

/** What is in the panel, which is not loaded with the page: few look at it each time. */
const load = async (): Promise<typeof import("./view.js")> => {
  const [view] = await Promise.all([import("./view.js"), import("../../style/panel.css")]);
  return view;
};

const sendPlain: SendPlain = (kernel, commId, content) => {
  const message = KernelMessage.createMessage({
    msgType: "comm_msg",
    channel: "shell",
    username: kernel.username,
    session: kernel.clientId,
    content: { comm_id: commId, data: content },
  });
  kernel.sendShellMessage(message, false, true);
};

const panel: JupyterFrontEndPlugin<IJaxmagic> = {
  id: "jaxmagic:plugin",
  description: "A side panel that shows what JAX compiles, and why.",
  autoStart: true,
  provides: IJaxmagic,
  optional: [
    INotebookTracker,
    IConsoleTracker,
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    ISettingRegistry,
  ],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null,
  ): IJaxmagic => {
    const trans = (translator ?? nullTranslator).load("jaxmagic");
    const model = new Model({
      trackers: [notebooks, consoles].filter((tracker) => tracker !== null),
      shell: app.shell,
      connect: () => new Connection({ trans, sendPlain }),
    });
    const actions = new Actions(model, app.shell, (text) => {
      Clipboard.copyToSystem(text);
    });
    const settings = new Settings();
    const widget = new Panel({ model, actions, trans, settings, load });
    app.shell.add(widget, "right", { rank: 900, type: "JAX" });
    restorer?.add(widget, widget.id);

    const open = (): void => {
      app.shell.activateById(widget.id);
    };
    const warn = (words: string): void => {
      Notification.warning(words, { autoClose: WARNING_MS });
    };
    addCommands(app.commands, { model, actions, trans, open, warn });
    for (const command of Object.values(CommandIds)) {
      // the others need to know which record is meant
      if (!command.endsWith("-record")) {
        palette?.addItem({ command, category: trans.__("JAX") });
      }
    }
    if (registry) {
      registry.load(panel.id).then(
        (loaded) => {
          settings.follow(loaded);
        },
        (error: unknown) => {
          console.error("jaxmagic: the settings could not be read", error);
        },
      );
    }
    return { model, settings, trans, open };
  },
};

const status: JupyterFrontEndPlugin<void> = {
  id: "jaxmagic:status",
  description: "An item of the status bar: what JAX compiles just now.",
  autoStart: true,
  requires: [IJaxmagic],
  optional: [IStatusBar],
  activate: (_: JupyterFrontEnd, jaxmagic: IJaxmagic, statusBar: IStatusBar | null): void => {
    if (!statusBar) {
      return;
    }
    const { model, settings, trans, open } = jaxmagic;
    const item = new StatusItem(model, trans, open);
    const apply = (): void => {
      item.enabled = settings.status;
    };
    settings.changed.connect(apply);
    apply();
    statusBar.registerStatusItem(status.id, {
      item,
      align: "left",
      rank: 100,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged,
    });
  },
};

const badge: JupyterFrontEndPlugin<void> = {
  id: "jaxmagic:badge",
  description: "A mark on each cell that has compiled something.",
  autoStart: true,
  requires: [IJaxmagic],
  optional: [INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    jaxmagic: IJaxmagic,
    notebooks: INotebookTracker | null,
  ): void => {
    if (!notebooks) {
      return;
    }
    const { model, settings, trans, open } = jaxmagic;
    const badges = new Badges(notebooks, model, trans, (notebook, count) => {
      app.shell.activateById(notebook.id); // the panel shows what is active
      model.setOnlyRun(count);
      open();
    });
    const apply = (): void => {
      badges.enabled = settings.badge;
    };
    settings.changed.connect(apply);
    apply();
  },
};

export default [panel, status, badge];
