import assert from "node:assert/strict";
import { test } from "node:test";

import { Signal } from "@lumino/signaling";

import { Connection } from "../src/connection.js";
import type { Document } from "../src/model.js";
import { Model } from "../src/model.js";
import { FakeKernel, message, sendPlain, settle, trans } from "./kernel.js";

class FakeContext {
  session: { kernel: FakeKernel | null } | null = null;
  readonly kernelChanged = new Signal<this, unknown>(this);
}

class FakeTitle {
  label = "";
  readonly changed = new Signal<this, void>(this);
}

/** A notebook with a kernel, if it is given one. */
class FakeDocument {
  constructor(label: string, kernel: FakeKernel | null = null) {
    this.title.label = label;
    this.sessionContext.session = { kernel };
  }

  readonly sessionContext = new FakeContext();
  readonly title = new FakeTitle();
  readonly disposed = new Signal<this, void>(this);

  get document(): Document {
    return this as unknown as Document;
  }

  change(kernel: FakeKernel | null): void {
    this.sessionContext.session = { kernel };
    this.sessionContext.kernelChanged.emit({});
  }

  close(): void {
    this.sessionContext.session?.kernel?.dispose();
    this.disposed.emit();
  }
}

/** JupyterLab with these notebooks open. */
class FakeLab {
  constructor(...open: FakeDocument[]) {
    this.open = open;
  }

  readonly open: FakeDocument[];
  currentWidget: Document | null = null;
  readonly currentChanged = new Signal<this, Document | null>(this);
  readonly widgetAdded = new Signal<this, Document>(this);

  forEach(visit: (document: Document) => void): void {
    this.open.forEach(({ document }) => {
      visit(document);
    });
  }

  activate(document: FakeDocument): void {
    this.currentWidget = document.document;
    this.currentChanged.emit(document.document);
  }

  model(): Model {
    return new Model({
      trackers: [this],
      shell: this as never,
      connect: () => new Connection({ trans, sendPlain }),
    });
  }
}

test("the connection of the active notebook is shown, with its name", () => {
  const [a, b] = [new FakeDocument("a", new FakeKernel("1")), new FakeDocument("b")];
  const lab = new FakeLab(a, b);
  const model = lab.model();
  let changes = 0;
  model.currentChanged.connect(() => (changes += 1));
  assert.equal(model.title, "");
  lab.activate(a);
  assert.equal(model.current, model.connectionOf(a.document));
  assert.ok(model.current);
  assert.equal(model.title, "a");
  lab.activate(b); // which has no kernel
  assert.equal(model.current.link, "no kernel");
  assert.equal(model.title, "b");
  assert.equal(changes, 2);
});

test("what is neither a notebook nor a console leaves the panel as it is", () => {
  const a = new FakeDocument("a", new FakeKernel());
  const lab = new FakeLab(a);
  const model = lab.model();
  lab.activate(a);
  lab.currentWidget = {} as Document;
  lab.currentChanged.emit(null);
  assert.equal(model.title, "a");
});

test("a notebook that is opened later, and gets its kernel later still", () => {
  const lab = new FakeLab();
  const model = lab.model();
  const a = new FakeDocument("a");
  lab.widgetAdded.emit(a.document);
  lab.activate(a);
  assert.equal(model.connectionOf(a.document), null);
  a.change(new FakeKernel());
  assert.equal(model.current?.link, "connecting");
});

test("two notebooks on one kernel share its connection", async () => {
  const [main, plain] = [new FakeKernel("k"), new FakeKernel("k", false)];
  const [a, b] = [new FakeDocument("a", main), new FakeDocument("b", plain)];
  const lab = new FakeLab(a, b);
  const model = lab.model();
  lab.activate(b);
  const shared = model.current;
  assert.ok(shared);
  assert.equal(model.connectionOf(a.document), shared);
  assert.deepEqual(model.documentsOf(shared), [b.document, a.document]);
  await settle();
  assert.equal(main.asked, 1);
  a.close();
  assert.equal(model.current, shared);
  assert.ok(!shared.isDisposed);
  b.close();
  assert.ok(shared.isDisposed);
  assert.equal(model.current, null);
});

test("a notebook that changes its kernel lets go of the old one", () => {
  const [one, two] = [new FakeKernel("1"), new FakeKernel("2")];
  const a = new FakeDocument("a", one);
  const lab = new FakeLab(a);
  const model = lab.model();
  lab.activate(a);
  const before = model.current;
  const told: unknown[] = [];
  model.bound.connect((_, document) => told.push(document));
  a.change(two);
  assert.notEqual(model.current, before);
  assert.ok(before?.isDisposed);
  assert.equal(one.target, null);
  assert.deepEqual(told, [a.document]);
});

test("devices are asked for by the connection that is seen", async () => {
  const kernels = [new FakeKernel("1"), new FakeKernel("2")] as const;
  const [a, b] = [new FakeDocument("a", kernels[0]), new FakeDocument("b", kernels[1])];
  const lab = new FakeLab(a, b);
  const model = lab.model();
  await settle();
  kernels.forEach((kernel) => {
    kernel.open("c");
  });
  const asked = (): number[] =>
    kernels.map((kernel) => kernel.sent.filter(({ op }) => op === "devices").length);
  lab.activate(a);
  assert.deepEqual(asked(), [0, 0]);
  model.setVisible(true);
  assert.deepEqual(asked(), [1, 0]);
  lab.activate(b);
  assert.deepEqual(asked(), [1, 1]);
  model.setVisible(false);
  lab.activate(a);
  assert.deepEqual(asked(), [1, 1]);
});

test("one run only is shown until the notebook changes or its records are gone", async () => {
  const kernel = new FakeKernel("1");
  const [a, b] = [new FakeDocument("a", kernel), new FakeDocument("b", new FakeKernel("2"))];
  const lab = new FakeLab(a, b);
  const model = lab.model();
  await settle();
  kernel.open("c");
  kernel.say(message("batch"));
  lab.activate(a);
  let changes = 0;
  model.onlyRunChanged.connect(() => (changes += 1));
  model.setOnlyRun(3);
  kernel.say(message("state"));
  assert.equal(model.onlyRun, 3);
  lab.activate(b);
  assert.equal(model.onlyRun, null);
  lab.activate(a);
  model.setOnlyRun(3);
  kernel.say(message("unloaded"));
  assert.equal(model.onlyRun, null);
  assert.equal(changes, 4);
});

test("a new name is shown", () => {
  const a = new FakeDocument("Untitled.ipynb", new FakeKernel());
  const lab = new FakeLab(a);
  const model = lab.model();
  lab.activate(a);
  a.title.label = "solow.ipynb";
  a.title.changed.emit();
  assert.equal(model.title, "solow.ipynb");
});

test("nothing is left behind", () => {
  const kernel = new FakeKernel();
  const a = new FakeDocument("a", kernel);
  const lab = new FakeLab(a);
  const model = lab.model();
  lab.activate(a);
  const current = model.current;
  model.dispose();
  assert.ok(current?.isDisposed);
  assert.equal(kernel.target, null);
  lab.activate(a);
  assert.equal(model.current?.link, "no kernel");
});
