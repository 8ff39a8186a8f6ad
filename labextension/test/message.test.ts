import "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { MessageView } from "../src/message.js";
import type { Link } from "../src/tokens.js";
import { settle } from "./kernel.js";
import { FakeConnection, FakeKit, FakeModel, get, named, wire } from "./view.js";

let model: FakeModel;
let connection: FakeConnection;
let view: MessageView;

const said = (): string => {
  view.update(model);
  return view.node.hidden ? "" : view.node.textContent;
};

beforeEach(() => {
  model = new FakeModel();
  model.current = connection = new FakeConnection();
  view = new MessageView(new FakeKit());
  document.body.replaceChildren(view.node);
});

describe("what there is to say where there is nothing to show", () => {
  const cases: [Link, RegExp][] = [
    ["no kernel", /No kernel.*Change Kernel/],
    ["other language", /Not a Python kernel.*Go to a notebook/],
    ["connecting", /Asking the kernel/],
    ["not loaded", /not loaded.*%load_ext jaxmagic/],
    ["loading", /Loading jaxmagic/],
    ["lost", /Connection lost.*Restart/],
  ];
  for (const [link, words] of cases) {
    test(link, () => {
      connection.link = link;
      assert.match(said(), words);
    });
  }
  test("no notebook or console", () => {
    model.current = null;
    assert.match(said(), /Open a notebook or a console/);
  });
  test("a busy kernel answers later", () => {
    connection.link = "connecting";
    connection.busy = true;
    assert.match(said(), /the answer comes when the cell has ended/);
  });
  test("JAX is not imported yet", () => {
    connection.state = { ...connection.state, jax: null };
    assert.match(said(), /Run a cell with import jax/);
    assert.equal(get(view.node, "code").textContent, "import jax");
  });
  test("nothing, where there is something to show", () => {
    assert.equal(said(), "");
    connection.link = "lost";
    connection.apply({ records: [wire(1)] });
    assert.equal(said(), ""); // old records stay
  });
});

describe("loading", () => {
  beforeEach(() => {
    connection.link = "not loaded";
  });
  test("is offered by a button", () => {
    said();
    named(view.node, "Load jaxmagic in this notebook").click();
    assert.deepEqual(connection.asked, ["load"]);
  });
  test("that failed says why, and can be tried again", () => {
    connection.problem = "jaxmagic is not installed there: run %pip install jaxmagic.";
    assert.match(said(), /%pip install jaxmagic\./);
    assert.ok(named(view.node, "Load jaxmagic in this notebook"));
  });
  test("that is refused without a word of the connection shows the error", async () => {
    connection.refusal = "the kernel is dead";
    said();
    named(view.node, "Load jaxmagic in this notebook").click();
    await settle();
    assert.match(view.node.textContent, /the kernel is dead/);
  });
  test("keeps the focus in the panel when the button goes away", () => {
    said();
    named(view.node, "Load jaxmagic in this notebook").focus();
    connection.link = "loading";
    said();
    assert.equal(document.activeElement, view.node);
  });
});
