import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Actions, findCell } from "../src/actions.js";
import { complete } from "../src/log.js";
import type { Document, Model } from "../src/model.js";
import type { IRecord } from "../src/tokens.js";

interface FakeCell {
  id: string;
  count: number | null;
  type?: string;
  cursor?: unknown;
}

function cell(fake: FakeCell): object {
  return {
    model: { id: fake.id, type: fake.type ?? "code", executionCount: fake.count },
    ready: Promise.resolve(),
    inputHidden: true,
    node: { scrollIntoView: () => undefined },
    editor: {
      lineCount: 3,
      setCursorPosition: (position: unknown) => (fake.cursor = position),
      revealPosition: () => undefined,
      focus: () => undefined,
    },
  };
}

/** A notebook with these cells; what is inserted into it is kept. */
class FakeNotebook {
  constructor(
    readonly id: string,
    readonly cells: FakeCell[],
  ) {}

  readonly inserted: [number, object][] = [];
  readonly content = {
    widgets: [] as object[],
    activeCell: {},
    activeCellIndex: 0,
    mode: "command",
    deselectAll: () => undefined,
    scrollToItem: () => Promise.reject(new Error("not drawn yet")),
    model: {
      sharedModel: {
        insertCell: (index: number, made: object) => this.inserted.push([index, made]),
      },
    },
  };

  get document(): Document {
    this.content.widgets = this.cells.map(cell);
    return this as unknown as Document;
  }
}

class FakeConsole {
  readonly id = "console";
  prompt = "";
  readonly console = {
    cells: [] as object[],
    promptCell: { model: { sharedModel: { setSource: (text: string) => (this.prompt = text) } } },
  };

  constructor(readonly cells: FakeCell[]) {}

  get document(): Document {
    this.console.cells = this.cells.map(cell);
    return this as unknown as Document;
  }
}

function actions(
  documents: Document[],
  ids: Record<number, string> = {},
  magics: string[] = ["jaxir"],
): [Actions, string[]] {
  const log = { cellId: (count: number) => ids[count] ?? "" };
  const model = { current: { log, state: { magics } }, documentsOf: () => documents };
  const activated: string[] = [];
  const shell = { activateById: (id: string) => activated.push(id) };
  return [new Actions(model as unknown as Model, shell, () => undefined), activated];
}

function record(fields: Partial<IRecord> = {}): IRecord {
  return complete({
    number: 1,
    function: "f",
    kind: "user function",
    reason: { kind: "first", words: "" },
    signature: "x: float32[3]",
    module: "__main__",
    cell: 4,
    line: 2,
    ...fields,
  });
}

describe("the cell of a record", () => {
  const a = new FakeNotebook("a", [{ id: "x", count: 4 }]);
  const b = new FakeNotebook("b", [
    { id: "m", count: null, type: "markdown" },
    { id: "y", count: 9 },
  ]);

  test("is the one with its id, in whichever notebook, and though it has run again", () => {
    const place = findCell([a.document, b.document], "y", 4);
    assert.deepEqual([place?.document, place?.index], [b, 1]);
  });

  test("is the one with its count if that is gone, or its id is not known", () => {
    for (const id of ["gone", ""]) {
      const place = findCell([b.document, a.document], id, 4);
      assert.deepEqual([place?.document, place?.index], [a, 0]);
    }
  });

  test("is none if both are gone", () => {
    assert.equal(findCell([a.document, b.document], "gone", 5), null);
  });
});

describe("going to a cell", () => {
  test("activates its notebook and puts the cursor into the line", async () => {
    const a = new FakeNotebook("a", [{ id: "x", count: 1 }]);
    const b = new FakeNotebook("b", [
      { id: "y", count: 2 },
      { id: "z", count: 4 },
    ]);
    const [its, activated] = actions([a.document, b.document], { 4: "z" });
    assert.ok(await its.goTo(record()));
    assert.deepEqual(activated, ["b"]);
    assert.equal(b.content.activeCellIndex, 1);
    assert.equal(b.content.mode, "edit");
    assert.deepEqual(b.cells[1]?.cursor, { line: 1, column: 0 });
  });

  test("of which lines were deleted goes to the last one", async () => {
    const a = new FakeNotebook("a", [{ id: "x", count: 4 }]);
    const [its] = actions([a.document], { 4: "x" });
    await its.goTo(record({ line: 50 }));
    assert.deepEqual(a.cells[0]?.cursor, { line: 2, column: 0 });
  });

  test("of a console", async () => {
    const it = new FakeConsole([{ id: "x", count: 4 }]);
    const [its, activated] = actions([it.document], { 4: "x" });
    assert.ok(await its.goTo(record()));
    assert.deepEqual(activated, ["console"]);
    assert.deepEqual(it.cells[0]?.cursor, { line: 1, column: 0 });
  });

  test("that is gone, or was none, says so", async () => {
    const [its, activated] = actions([new FakeNotebook("a", []).document]);
    assert.equal(await its.goTo(record()), false);
    assert.equal(await its.goTo(record({ cell: null })), false);
    assert.deepEqual(activated, []);
    assert.equal(its.canGoTo(record({ cell: null })), false);
    assert.ok(its.canGoTo(record()));
  });
});

describe("%jaxir of a record", () => {
  test("is put into a new cell below the active one of its notebook", () => {
    const a = new FakeNotebook("a", []);
    const b = new FakeNotebook("b", [{ id: "x", count: 4 }]);
    b.content.activeCellIndex = 2;
    const [its, activated] = actions([a.document, b.document], { 4: "x" });
    its.insertIr(record());
    assert.deepEqual(activated, ["b"]);
    assert.deepEqual(a.inserted, []);
    const [[index, made] = []] = b.inserted;
    assert.equal(index, 3);
    assert.equal((made as { source: string }).source, "%jaxir f(x=f32[3])");
    assert.equal(b.content.activeCellIndex, 3);
  });

  test("is put into the notebook of the kernel if the cell is gone, or the prompt", () => {
    const a = new FakeNotebook("a", []);
    actions([a.document])[0].insertIr(record());
    assert.equal(a.inserted.length, 1);
    const it = new FakeConsole([]);
    actions([it.document])[0].insertIr(record());
    assert.equal(it.prompt, "%jaxir f(x=f32[3])");
  });

  test("is not offered by a kernel that does not have it", () => {
    const a = new FakeNotebook("a", []);
    const [its] = actions([a.document], {}, ["jaxcache"]);
    assert.equal(its.irText(record()), "");
    its.insertIr(record());
    assert.deepEqual(a.inserted, []);
  });
});
