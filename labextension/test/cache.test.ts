import "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { CacheView } from "../src/cache.js";
import { message, settle } from "./kernel.js";
import { all, FakeConnection, FakeKit, FakeModel, get, named, wire } from "./view.js";

let kit: FakeKit;
let model: FakeModel;
let connection: FakeConnection;
let view: CacheView;

const row = (number: number): HTMLElement => get(view.node, `[data-key="${number}"]`);
const numbers = (): string[] => all(view.node, "[data-key]").map((one) => one.dataset["key"] ?? "");
const show = (): void => {
  view.update(connection);
};
const open = (number: number): HTMLElement => {
  get(row(number), ".jp-jaxmagic-open").click();
  return get(row(number), ".jp-jaxmagic-details");
};
const search = (text: string): void => {
  const input = get(view.node, "input") as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event("input"));
};

beforeEach(() => {
  kit = new FakeKit();
  model = new FakeModel();
  connection = new FakeConnection();
  view = new CacheView(kit, model, ["user", "eager", "library"]);
  Object.defineProperty(view.node, "clientHeight", { value: 2_000 });
  document.body.replaceChildren(view.node);
  connection.apply(message("batch"));
  show();
});

describe("a row", () => {
  test("says the function, the signature, the time, the reason and the place", () => {
    const lines = [...row(2).querySelectorAll(".jp-jaxmagic-line")].map((line) => line.textContent);
    assert.equal(lines[0], "train_step(params: dict of 4 leaves, x: f32[31,10])31.9 ms");
    assert.match(lines[1] ?? "", /shape of x: float32\[31,10\], was float32\[32,10\]/);
    assert.equal(named(row(2), "Go to In[4]:7").textContent, "In[4]:7");
  });
  test("what was compiled again has a sign and words, not only a colour", () => {
    const sign = get(row(2), ".jp-jaxmagic-sign");
    assert.equal(get(sign, "[data-icon]").dataset["icon"], "again");
    assert.equal(sign.textContent, "compiled again: ");
    assert.equal(get(row(1), ".jp-jaxmagic-sign").textContent, "");
    assert.equal(get(row(3), "[data-icon=warning]").dataset["icon"], "warning");
  });
  test("the newest comes first, and the rows are a list", () => {
    const shown = numbers().map(Number);
    assert.deepEqual(
      shown,
      [...shown].sort((a, b) => b - a),
    );
    assert.equal(row(1).parentElement?.getAttribute("role"), "list");
    assert.equal(row(1).getAttribute("role"), "listitem");
  });
  test("names are shown as text, whatever is in them", () => {
    const evil = "<img src=x onerror=alert(1)>";
    connection.apply({ records: [wire(900, { function: evil, signature: evil, place: evil })] });
    show();
    assert.equal(get(row(900), ".jp-jaxmagic-name").textContent, evil);
    open(900);
    assert.equal(view.node.querySelector("img"), null);
  });
  test("the link jumps to the cell; if that is gone it says so", async () => {
    named(row(2), "Go to In[4]:7").click();
    await settle();
    assert.deepEqual(kit.done, ["go to In[4]:7"]);
    kit.found = false;
    named(row(2), "Go to In[4]:7").click();
    await settle();
    assert.equal(
      get(view.node, ".jp-jaxmagic-refusal").textContent,
      "The cell of In[4]:7 is gone.",
    );
  });
  test("where there is no cell there is no link to follow", () => {
    assert.ok((get(row(3), ".jp-jaxmagic-place") as HTMLButtonElement).disabled);
  });
});

describe("an unfolded row", () => {
  test("tells all: signature, difference, remedy, phases, disk, device", () => {
    const details = open(2);
    assert.equal(get(row(2), ".jp-jaxmagic-open").getAttribute("aria-expanded"), "true");
    const text = details.textContent;
    for (const words of [
      "train_step(params: dict of 4 leaves, x: float32[31,10])",
      "before: float32[32,10]",
      "now: float32[31,10]",
      "pad to few sizes",
      "trace12.3 ms39%",
      "load15.0 ms47%", // it was found on disk
      "loaded from it",
      "cpu:0",
    ]) {
      assert.ok(text.includes(words), `${words} in ${text}`);
    }
    assert.ok(!text.includes("thread"), "the main thread goes without saying");
  });
  test("tells the thread, the module and the file where they are not the usual ones", () => {
    const text = open(3).textContent;
    for (const words of [
      "Thread-7 (läuft)",
      "project.train",
      "/home/me/project/train.py",
      "none",
    ]) {
      assert.ok(text.includes(words), `${words} in ${text}`);
    }
  });
  test("goes to the record that it is compared with, even if the search leaves that out", () => {
    search("float32[31,10]");
    assert.deepEqual(numbers(), ["2"]);
    named(open(2), "#1").click();
    assert.ok(numbers().length > 1);
    assert.equal(document.activeElement, get(row(1), ".jp-jaxmagic-open"));
    assert.ok(row(1).classList.contains("jp-mod-unfolded"));
  });
  test("its actions go to the cell, insert %jaxir and copy", () => {
    const details = open(2);
    named(details, "Go to cell").click();
    named(details, "Insert %jaxir").click();
    named(details, "Copy as text").click();
    assert.deepEqual(kit.done.slice(0, 2), ["go to In[4]:7", "insert 2"]);
    assert.match(kit.done[2] ?? "", /^#2 train_step/);
  });
  test("%jaxir is offered only where it can be asked", () => {
    assert.ok(!open(3).textContent.includes("%jaxir"));
  });
});

describe("what is shown", () => {
  test("the search and the kinds leave out, with numbers; all come back", () => {
    search("train_step");
    assert.deepEqual(numbers(), ["2", "1"]);
    search("nothing like it");
    assert.match(get(view.node, ".jp-jaxmagic-empty").textContent, /No record fits/);
    named(view.node, "Show all").click();
    assert.ok(numbers().length > 5);
  });
  test("a kind is taken out and put back by its button", () => {
    const eager = all(view.node, ".jp-jaxmagic-toggle").find((one) =>
      one.textContent.startsWith("eager"),
    );
    assert.ok(eager);
    const before = numbers().length;
    const count = Number(eager.textContent.split(" ")[1]);
    eager.click();
    assert.equal(eager.getAttribute("aria-pressed"), "false");
    assert.equal(numbers().length, before - count);
    view.setKinds(["eager"]);
    assert.equal(numbers().length, count);
  });
  test("only one run of a cell, until that is taken off", () => {
    model.setOnlyRun(3);
    show();
    assert.deepEqual(numbers(), ["1"]);
    named(view.node, "only In[3]").click();
    assert.equal(model.onlyRun, null);
  });
  test("the totals, in a line, in phases and of each function", () => {
    const sum = get(view.node, ".jp-jaxmagic-sum").textContent;
    assert.match(sum, /^\d+ programs · [\d.]+ s\s+\d+ again$/);
    const keys = get(view.node, ".jp-jaxmagic-keys").textContent;
    assert.match(keys, /trace \d+%lower <?\d+%compile \d+%/);
    named(view.node, "Totals of each function").click();
    const [first] = all(view.node, "tbody tr");
    assert.match(first?.textContent ?? "", /[\d.]+ m?s \(\d+%\)/);
    const link = get(view.node, "tbody button");
    link.click();
    assert.equal((get(view.node, "input") as HTMLInputElement).value, link.textContent);
  });
  test("notes are said, and how many records are missing or still to come", () => {
    connection.apply({ notes: ["Something is missing."], dropped: 1_204, more: 7 });
    show();
    assert.equal(get(view.node, ".jp-jaxmagic-notes").textContent, "Something is missing.");
    const text = view.node.textContent;
    assert.ok(text.includes("7 older records are coming. 1,204 older records were not kept."));
  });
  test("nothing compiled yet: what to do", () => {
    connection = new FakeConnection();
    show();
    assert.match(get(view.node, ".jp-jaxmagic-empty").textContent, /under jax.jit/);
    assert.equal(numbers().length, 0);
  });
  test("a batch touches only what has changed", () => {
    const before = row(1);
    const name = get(before, ".jp-jaxmagic-name").firstChild;
    connection.apply({ records: [wire(901)] });
    show();
    assert.equal(row(1), before);
    assert.equal(get(row(1), ".jp-jaxmagic-name").firstChild, name);
    assert.equal(numbers()[0], "901");
  });
});

describe("what is being compiled", () => {
  beforeEach(() => {
    connection = new FakeConnection();
    connection.apply(
      { now_s: 100, records: [wire(1, { outcome: "open", phase: "compile", started_s: 100 })] },
      5_000,
    );
    show();
  });
  const live = (): string =>
    all(view.node, ".jp-jaxmagic-live-row")
      .map((one) => one.textContent)
      .join();

  test("is shown with a clock while it lasts, and not in the list", () => {
    assert.ok(view.tick(8_249));
    assert.equal(live(), "compiling f1… 3.2 sIn[3]:2");
    assert.equal(numbers().length, 0);
    view.tick(8_349);
    assert.equal(live(), "compiling f1… 3.3 sIn[3]:2");
    connection.apply({ records: [wire(1)] });
    show();
    assert.ok(!view.tick(8_400));
    assert.equal(live(), "");
    assert.deepEqual(numbers(), ["1"]);
  });
  test("does not flicker for what takes no time", () => {
    view.tick(5_100);
    assert.equal(live(), "");
  });
  test("is announced once, not with each tick", () => {
    const said = get(view.node, ".jp-jaxmagic-live [aria-live]");
    view.tick(5_500);
    assert.equal(said.textContent, "");
    view.tick(6_100);
    assert.equal(said.textContent, "compiling f1");
    const words = said.firstChild;
    view.tick(9_000);
    assert.equal(said.firstChild, words);
    connection.apply({ records: [wire(1)] });
    view.tick(9_100);
    assert.equal(said.textContent, "f1: compiled");
  });
  test("has no clock when the connection is lost", () => {
    connection.link = "lost";
    assert.ok(!view.tick(9_000));
  });
});

describe("actions", () => {
  test("clearing the caches asks first", async () => {
    kit.sure = false;
    named(view.node, "Clear JAX's caches (jax.clear_caches())…").click();
    await settle();
    assert.deepEqual(connection.asked, []);
    kit.sure = true;
    named(view.node, "Clear JAX's caches (jax.clear_caches())…").click();
    await settle();
    assert.deepEqual(connection.asked, ["clear_caches"]);
  });
  test("a refusal is shown in place, until the next try", async () => {
    connection.refusal = "a cell is running: wait until it has ended";
    named(view.node, "Forget these records").click();
    await settle();
    assert.equal(get(view.node, ".jp-jaxmagic-refusal").textContent, connection.refusal);
    connection.refusal = "";
    named(view.node, "Forget these records").click();
    await settle();
    assert.equal(get(view.node, ".jp-jaxmagic-refusal").textContent, "");
  });
  test("what is shown is copied as text", () => {
    search("train_step");
    named(view.node, "Copy what is shown as text").click();
    assert.match(kit.done[0] ?? "", /2 of them are shown\n\n#2 train_step[^]*\n\n#1 train_step/);
  });
});
