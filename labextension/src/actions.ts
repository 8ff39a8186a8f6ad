/** What can be done with a record outside of the panel: its cell, and a new cell about it. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { Cell, ICodeCellModel } from "@jupyterlab/cells";
import type { ConsolePanel } from "@jupyterlab/console";

import type { Document, Model } from "./model.js";
import { irText } from "./signature.js";
import type { IActions, IRecord } from "./tokens.js";

// a notebook that is still being drawn may not tell that it has scrolled
const DRAWN_MS = 1000;

/** A cell, and the notebook or console that it is in. */
export interface IPlace {
  readonly document: Document;
  readonly cell: Cell;
  readonly index: number;
}

export class Actions implements IActions {
  constructor(
    private readonly _model: Model,
    private readonly _shell: Pick<JupyterFrontEnd.IShell, "activateById">,
    readonly copy: (text: string) => void,
  ) {}

  canGoTo(record: IRecord): boolean {
    return record.cell !== null;
  }

  async goTo(record: IRecord): Promise<boolean> {
    const place = this._placeOf(record);
    if (!place) {
      return false;
    }
    this._shell.activateById(place.document.id);
    if (isConsole(place.document)) {
      place.cell.node.scrollIntoView({ block: "nearest" });
    } else {
      const notebook = place.document.content;
      notebook.deselectAll();
      notebook.activeCellIndex = place.index;
      await soon(notebook.scrollToItem(place.index));
      place.cell.inputHidden = false;
      notebook.mode = "edit";
    }
    await soon(place.cell.ready);
    const editor = place.cell.editor;
    if (editor && record.line !== null) {
      const position = { line: Math.min(record.line, editor.lineCount) - 1, column: 0 };
      editor.setCursorPosition(position);
      editor.revealPosition(position);
    }
    editor?.focus();
    return true;
  }

  irText(record: IRecord): string {
    return this._model.current?.state?.magics.includes("jaxir") ? irText(record) : "";
  }

  insertIr(record: IRecord): void {
    const text = this.irText(record);
    const document = this._placeOf(record)?.document ?? this._documents()[0];
    if (!text || !document) {
      return;
    }
    this._shell.activateById(document.id);
    if (isConsole(document)) {
      document.console.promptCell?.model.sharedModel.setSource(text);
      return;
    }
    const notebook = document.content;
    const index = notebook.activeCell ? notebook.activeCellIndex + 1 : 0;
    // as a cell that the user makes, which is trusted
    const cell = { cell_type: "code", source: text, metadata: { trusted: true } };
    notebook.model?.sharedModel.insertCell(index, cell);
    notebook.activeCellIndex = index;
    notebook.deselectAll();
    void soon(notebook.scrollToItem(index));
  }

  private _documents(): Document[] {
    const { current } = this._model;
    return current ? this._model.documentsOf(current) : [];
  }

  private _placeOf({ cell }: IRecord): IPlace | null {
    const log = this._model.current?.log;
    return log && cell !== null ? findCell(this._documents(), log.cellId(cell), cell) : null;
  }
}

/** The cell with an id, or if it is gone the one that shows the execution count. */
export function findCell(documents: Document[], id: string, count: number): IPlace | null {
  const places = documents.flatMap((document) =>
    cellsOf(document).map((cell, index) => ({ document, cell, index })),
  );
  return (
    places.find(({ cell }) => id !== "" && cell.model.id === id) ??
    places.find(({ cell }) => executionCount(cell) === count) ??
    null
  );
}

/** The number that a code cell shows in brackets; null if it has none. */
export function executionCount(cell: Cell): number | null {
  return cell.model.type === "code" ? (cell.model as ICodeCellModel).executionCount : null;
}

function cellsOf(document: Document): readonly Cell[] {
  return isConsole(document) ? Array.from(document.console.cells) : document.content.widgets;
}

function isConsole(document: Document): document is ConsolePanel {
  return "console" in document;
}

async function soon(drawn: Promise<void>): Promise<void> {
  await Promise.race([
    // not scrolled to is no reason not to go there
    drawn.catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, DRAWN_MS)),
  ]);
}
