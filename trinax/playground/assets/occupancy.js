/** The models: which there are, how busy each is, and what memory they take. */

import { icon, make } from "./elements.js";
import { Slots } from "./slots.js";
import { count, counted, duration, size } from "./units.js";

const HEADS = ["Model", "For", "Context", "Memory", "Answering", "Waiting"];

export class Occupancy {
  /**
   * @param {import("./notices.js").Refusals} refusals
   * @param {HTMLElement} holder
   */
  constructor(refusals, holder) {
    this.refusals = refusals;
    this.slots = new Slots(holder);
  }

  /**
   * @param {any[]} listed
   * @param {{models: any[], plan: any}} queue
   * @param {{name: string, size: number}[]} held in memory
   * @param {number | null} resident bytes of the server's process
   */
  show(listed, queue, held, resident) {
    const models = listed.filter((model) => model.id !== "auto");
    const said = memory(held, resident);
    const data = [models, queue.models, held];
    this.slots.show([
      { key: "heading", data: null, made: () => make("h2", {}, "Models and queue") },
      { key: "memory", data: said, made: () => make("p", { class: "muted" }, said) },
      { key: "models", data, made: () => table(models, queue.models, held) },
      ...(queue.plan ? [{ key: "plan", data: queue.plan, made: () => plan(queue.plan) }] : []),
    ]);
  }

  /** @param {any} failure why nothing can be shown */
  refuse(failure) {
    this.slots.show([{ key: "failure", data: failure.message, made: () => this.refusals.note(failure) }]);
  }
}

function memory(held, resident) {
  const total = held.reduce((sum, model) => sum + model.size, 0);
  const files = held.length
    ? `${counted(held.length, "model file")} in memory, ${size(total)}`
    : "No model file is in memory";
  return resident === null ? files : `${files} · the server takes ${size(resident)}`;
}

function table(models, loads, held) {
  const load = new Map(loads.map((each) => [each.model, each]));
  const bytes = new Map(held.map((each) => [each.name.replace(/:latest$/, ""), each.size]));
  const heads = HEADS.map((name, n) => make("th", { scope: "col", class: n > 1 ? "to-right" : null }, name));
  const rows = models.map((model) => row(model, load.get(model.id), bytes.get(model.id)));
  const shown = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  return make("div", { class: "table card", tabindex: 0, role: "region", "aria-label": "Models" }, shown);
}

function row(model, load, bytes) {
  const cell = (text) => make("td", { class: "number" }, text ?? "–");
  const wait = load?.estimated_wait_s ? `, ${duration(load.estimated_wait_s)}` : "";
  const paid = model.tier === "paid" && make("span", { class: "badge some" }, "paid");
  return make(
    "tr",
    {},
    make("td", {}, make("strong", {}, model.id), paid),
    make("td", {}, model.roles.join(", ") || model.kind),
    cell(model.context_length && count(model.context_length)),
    cell(bytes && size(bytes)),
    cell(load && `${load.running}${load.capacity ? ` of ${load.capacity}` : ""}`),
    cell(load && `${load.waiting}${wait}`),
  );
}

/** What is left of the plan of the key that asks. */
function plan(given) {
  const said = make("pre", { tabindex: 0 }, JSON.stringify(given, null, 2));
  return make("details", { class: "more" }, make("summary", {}, icon("key"), "Your plan"), said);
}
