"""The kernel's side of the panel in JupyterLab: one comm, on which a thread tells what happens."""
