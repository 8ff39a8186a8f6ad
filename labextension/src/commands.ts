/** The commands of the palette and the menus, and those that other extensions may call. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { TranslationBundle } from "@jupyterlab/translation";
import { copyIcon, refreshIcon } from "@jupyterlab/ui-components";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";

import { called, why } from "./format.js";
import { jaxmagicIcon } from "./icons.js";
import type { IActions, IConnection, IModel, IRecord, Link } from "./tokens.js";

export const CommandIds = {
  open: "jaxmagic:open",
  load: "jaxmagic:load",
  refreshDevices: "jaxmagic:refresh-devices",
  clearCaches: "jaxmagic:clear-caches",
  forget: "jaxmagic:forget",
  goTo: "jaxmagic:go-to-cell-of-record",
  insertIr: "jaxmagic:insert-jaxir-of-record",
  copy: "jaxmagic:copy-record",
} as const;

export interface ICommandOptions {
  readonly model: IModel;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
  readonly open: () => void;
  /** Tell the user why something was not done. */
  readonly warn: (words: string) => void;
}

export function addCommands(commands: JupyterFrontEnd["commands"], options: ICommandOptions): void {
  const { model, actions, trans, open, warn } = options;

  /** A command for a kernel to which the link is so. */
  function add(
    id: string,
    link: Link,
    texts: { label: string; caption: string },
    execute: (connection: IConnection) => unknown,
  ): void {
    commands.addCommand(id, {
      ...texts,
      icon: id === CommandIds.refreshDevices ? refreshIcon : jaxmagicIcon,
      describedBy: { args: { type: "object", properties: {} } },
      isEnabled: () => model.current?.link === link,
      execute: async () => {
        try {
          if (model.current) {
            await execute(model.current);
          }
        } catch (error) {
          warn(error instanceof Error ? error.message : String(error));
        }
      },
    });
  }

  /** A command for a record of the kernel that the panel shows. */
  function addForRecord(
    id: string,
    texts: { label: string; caption: string },
    isPossible: (record: IRecord) => boolean,
    execute: (record: IRecord) => unknown,
  ): void {
    const recordOf = (args: ReadonlyPartialJSONObject): IRecord | undefined =>
      model.current?.log.get(Number(args["record"]));
    commands.addCommand(id, {
      ...texts,
      icon: id === CommandIds.copy ? copyIcon : jaxmagicIcon,
      describedBy: {
        args: {
          type: "object",
          properties: { record: { type: "number", description: trans.__("Its number") } },
          required: ["record"],
        },
      },
      isEnabled: (args) => {
        const record = recordOf(args);
        return record !== undefined && isPossible(record);
      },
      execute: async (args) => {
        const record = recordOf(args);
        if (record) {
          await execute(record);
        }
      },
    });
  }

  commands.addCommand(CommandIds.open, {
    label: trans.__("Show What JAX Compiles"),
    caption: trans.__("Show the side panel with devices, compile cache and switches of JAX"),
    icon: jaxmagicIcon,
    describedBy: { args: { type: "object", properties: {} } },
    execute: open,
  });
  add(
    CommandIds.load,
    "not loaded",
    {
      label: trans.__("Load jaxmagic in This Notebook"),
      caption: trans.__("Run `%load_ext jaxmagic`, from which on compiles are recorded"),
    },
    async (connection) => {
      await connection.load();
      if (connection.problem) {
        warn(connection.problem);
      }
    },
  );
  add(
    CommandIds.refreshDevices,
    "live",
    {
      label: trans.__("Look at the Devices of JAX Again"),
      caption: trans.__("Memory and live arrays as they are now"),
    },
    (connection) => {
      open();
      connection.refreshDevices();
    },
  );
  add(
    CommandIds.clearCaches,
    "live",
    {
      label: trans.__("Clear the Caches of JAX"),
      caption: trans.__("Run `jax.clear_caches()`: what is called again is compiled again"),
    },
    (connection) => connection.clearCaches(),
  );
  add(
    CommandIds.forget,
    "live",
    {
      label: trans.__("Forget What JAX Compiled"),
      caption: trans.__("Empty the list of records; nothing in JAX is changed"),
    },
    (connection) => connection.forget(),
  );
  addForRecord(
    CommandIds.goTo,
    {
      label: trans.__("Go to the Cell"),
      caption: trans.__("Show the cell and the line that had this compiled"),
    },
    (record) => actions.canGoTo(record),
    async (record) => {
      if (!(await actions.goTo(record))) {
        warn(trans.__("The cell %1 is no longer in an open notebook or console.", record.place));
      }
    },
  );
  addForRecord(
    CommandIds.insertIr,
    {
      label: trans.__("Insert %jaxir"),
      caption: trans.__("Put a cell that shows what became of this below the active one"),
    },
    (record) => actions.irText(record) !== "",
    (record) => {
      actions.insertIr(record);
    },
  );
  addForRecord(
    CommandIds.copy,
    { label: trans.__("Copy"), caption: trans.__("Copy what was compiled, and why") },
    () => true,
    (record) => {
      actions.copy(`${called(record)}\n${why(record, trans)}`);
    },
  );
}
