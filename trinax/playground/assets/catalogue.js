/** The models and collections that can be chosen, for all views that offer them. */

import { byId, icon, make } from "./elements.js";

const WRITERS = new Set(["generate", "extract"]);

/** Fills a selection with the models that answer. */
export class Models {
  /** @param {string[]} ids of selections */
  constructor(ids) {
    this.selections = ids.map((id) => /** @type {HTMLSelectElement} */ (byId(id)));
  }

  /** @param {{id: string, kind: string}[]} listed */
  offer(listed) {
    const ids = listed.filter((model) => WRITERS.has(model.kind)).map((model) => model.id);
    for (const selection of this.selections) {
      const chosen = selection.value;
      selection.replaceChildren(...ids.map((id) => make("option", { value: id }, id)));
      selection.value = ids.includes(chosen) ? chosen : "auto";
    }
  }
}

/** Chooses collections: all, some of them, or none where that makes sense. */
export class Scope {
  /**
   * @param {string} id of the element that it stands in
   * @param {{none?: boolean, web?: boolean}} choices none: answers without documents. web: searched too
   */
  constructor(id, choices = {}) {
    this.choices = choices;
    this.ids = /** @type {string[]} */ ([]);
    this.chosen = /** @type {Set<string> | null} */ (null);
    this.web = false;
    this.label = make("span");
    this.list = make("div", { class: "menu" });
    const summary = make("summary", { class: "button quiet small" }, icon("sources"), this.label, icon("down"));
    this.details = make("details", { class: "popover" }, summary, this.list);
    byId(id).append(this.details);
    document.addEventListener("click", (event) => {
      if (!this.details.contains(/** @type {Node} */ (event.target))) this.details.open = false;
    });
    this.details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.details.open) return;
      event.stopPropagation();
      this.details.open = false;
      summary.focus();
    });
    this.#draw();
  }

  /** @param {string[]} ids */
  offer(ids) {
    this.ids = ids;
    if (this.chosen) {
      const kept = [...this.chosen].filter((id) => ids.includes(id));
      if (kept.length < this.chosen.size) this.chosen = kept.length ? new Set(kept) : null;
    }
    this.#draw();
  }

  /** As a request has it: absent for all. @returns {{collections?: string[]}} */
  get asked() {
    return this.chosen ? { collections: [...this.chosen] } : {};
  }

  #draw() {
    const choice = (label, checked, onchange) =>
      make("label", { class: "check" }, make("input", { type: "checkbox", checked, onchange }), label);
    const pick = (chosen) => () => {
      this.chosen = chosen;
      this.#draw();
    };
    const rows = /** @type {HTMLElement[]} */ ([
      choice("All collections", this.chosen === null, pick(null)),
      ...this.ids.map((id) => choice(id, this.chosen?.has(id) ?? false, () => this.#toggle(id))),
    ]);
    if (this.choices.none) rows.push(choice("No documents", this.chosen?.size === 0, pick(new Set())));
    if (this.choices.web)
      rows.push(
        make("hr"),
        choice("Search the web too", this.web, () => this.#toggleWeb()),
      );
    const focused = [...this.list.querySelectorAll("input")].indexOf(/** @type {any} */ (document.activeElement));
    this.list.replaceChildren(...rows);
    if (focused >= 0) this.list.querySelectorAll("input")[focused]?.focus();
    this.label.textContent = this.#named();
  }

  #toggle(id) {
    const chosen = new Set(this.chosen ?? []);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen.size ? chosen : null;
    this.#draw();
  }

  #toggleWeb() {
    this.web = !this.web;
    this.#draw();
  }

  #named() {
    const web = this.web ? " + web" : "";
    if (this.chosen === null) return `All collections${web}`;
    if (this.chosen.size === 0) return `No documents${web}`;
    return (this.chosen.size === 1 ? [...this.chosen][0] : `${this.chosen.size} collections`) + web;
  }
}
