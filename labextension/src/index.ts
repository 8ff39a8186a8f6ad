/** Where JupyterLab meets the panel. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jaxmagic:plugin",
  description: "Shows what JAX compiles, and why.",
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    console.debug(`jaxmagic: panel loaded into ${app.name}`);
  },
};

export default plugin;
