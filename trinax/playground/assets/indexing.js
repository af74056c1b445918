/** How far the indexing of each collection is, and what was left out of it and why. */

import { bar, iconButton, make } from "./elements.js";
import { Slots } from "./slots.js";
import { count, counted, duration, size } from "./units.js";

const LOOKS = { idle: "good", indexing: "some", paused: "some", failed: "bad" };

export class Indexing {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   * @param {HTMLElement} holder
   */
  constructor(server, refusals, holder) {
    this.server = server;
    this.refusals = refusals;
    this.slots = new Slots(holder);
    this.cards = /** @type {Map<string, {element: HTMLElement, slots: Slots}>} */ (new Map());
  }

  /** @param {{collections: any[], refused: {folder: string, reason: string}[]}} listed */
  show({ collections, refused }) {
    const rows = refused.map(({ folder, reason }) => ({ file: folder, reason }));
    this.slots.show([
      { key: "\nheading", data: null, made: () => make("h2", {}, "Collections") },
      ...collections.map((each) => ({ key: each.id, data: each.id, made: () => this.#card(each.id) })),
      ...(rows.length ? [reasons("\nrefused", "Folders that are no collection", rows)] : []),
      ...(collections.length ? [] : [{ key: "\nnone", data: null, made: none }]),
    ]);
    for (const each of collections) this.#fill(each);
  }

  /** @param {any} failure why nothing can be shown */
  refuse(failure) {
    this.slots.show([{ key: "\nfailure", data: failure.message, made: () => this.refusals.note(failure) }]);
  }

  #card(id) {
    const element = make("section", { class: "card collection", "aria-label": id });
    this.cards.set(id, { element, slots: new Slots(element) });
    return element;
  }

  #fill(each) {
    const notes = [
      each.problem && make("p", { class: "outcome bad" }, each.problem),
      each.notice && make("p", { class: "outcome some" }, each.notice),
    ];
    this.cards.get(each.id)?.slots.show([
      { key: "head", data: each.state, made: () => this.#head(each) },
      {
        key: "facts",
        data: { ...each, failures: 0, left_out: 0 },
        made: () => make("div", {}, ...facts(each), ...notes),
      },
      ...(each.failures.length ? [reasons("failures", "Could not be read", each.failures)] : []),
      ...(each.left_out.length ? [reasons("left out", "Left out", each.left_out)] : []),
    ]);
  }

  #head(each) {
    const badge = make("span", { class: `badge ${LOOKS[each.state]}` }, each.state);
    return make(
      "header",
      { class: "row" },
      make("h3", {}, each.id),
      badge,
      make("span", { class: "push" }),
      ...this.#actions(each),
    );
  }

  #actions(each) {
    const path = `v1/collections/${encodeURIComponent(each.id)}`;
    const act = (what) => async (event) => {
      const head = event.currentTarget.closest("header");
      await this.server.send(`${path}/${what}`).catch((failure) => head.after(this.refusals.note(failure)));
    };
    const [label, symbol, what] = each.state === "paused" ? ["Resume", "play", "resume"] : ["Pause", "pause", "pause"];
    return [
      iconButton(`Look for changes in ${each.id}`, "retry", act("reindex")),
      iconButton(`${label} ${each.id}`, symbol, act(what)),
    ];
  }
}

const none = () => make("p", { class: "empty" }, "There is no collection yet.");

function facts(each) {
  const { indexed, skipped, failed, total } = each.files;
  const said = [counted(indexed, "file"), counted(each.chunks, "chunk"), size(each.bytes)];
  if (skipped) said.push(`${count(skipped)} left out`);
  if (failed) said.push(`${count(failed)} not readable`);
  const shown = [make("p", { class: "muted" }, said.join(" · "))];
  if (each.state === "indexing" || each.queue.files > 0) {
    const done = total ? (total - each.queue.files) / total : 1;
    const eta = each.eta_s === null ? "" : ` · about ${duration(each.eta_s)} to go`;
    const waiting = make("span", { class: "muted" }, `${counted(each.queue.files, "file")} waiting${eta}`);
    shown.push(make("p", { class: "indexing" }, bar(done, `${Math.round(done * 100)} % indexed`), waiting));
  }
  return shown;
}

function reasons(key, title, rows) {
  const row = ({ file, reason }) => make("li", {}, make("code", {}, file), make("span", {}, reason));
  const made = () =>
    make(
      "details",
      { class: "more" },
      make("summary", {}, `${title}: ${count(rows.length)}`),
      make("ul", { class: "plain reasons" }, ...rows.map(row)),
    );
  return { key, data: rows, made };
}
