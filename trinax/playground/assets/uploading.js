/** Adding files to a collection: chosen, or dropped anywhere on the page. */

import { byId, make } from "./elements.js";
import { counted, size } from "./units.js";

const NEW = "\n";
const POLL_MS = 400;

export class Uploading {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   */
  constructor(server, refusals) {
    this.server = server;
    this.refusals = refusals;
    this.files = /** @type {File[]} */ ([]);
    this.onchange = () => {};
    this.dialog = /** @type {HTMLDialogElement} */ (byId("upload"));
    this.collection = /** @type {HTMLSelectElement} */ (byId("upload-collection"));
    this.name = /** @type {HTMLInputElement} */ (byId("upload-new"));
    this.outcome = byId("upload-outcome");
    this.input = /** @type {HTMLInputElement} */ (byId("upload-input"));
    this.proposed = "";
    this.input.addEventListener("change", () => {
      this.open([...(this.input.files ?? [])], this.proposed);
      this.input.value = "";
    });
    this.collection.addEventListener("change", () => this.#tell());
    byId("upload-close").addEventListener("click", () => this.dialog.close());
    byId("upload-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#takeDrops();
  }

  /** Lets files be chosen. @param {string} collection that is proposed */
  choose(collection) {
    this.proposed = collection;
    this.input.click();
  }

  /** @param {File[]} files @param {string} [collection] */
  async open(files, collection = "") {
    if (!files.length) return;
    this.files = files;
    byId("upload-files").replaceChildren(
      ...files.map((file) => make("li", {}, file.name, " ", make("small", {}, size(file.size)))),
    );
    this.outcome.replaceChildren();
    byId("upload-send").hidden = false;
    this.collection.replaceChildren(make("option", { value: NEW }, "A new collection…"));
    this.dialog.showModal();
    try {
      const { collections } = await this.server.get("v1/collections");
      this.collection.prepend(...collections.map(({ id }) => make("option", { value: id }, id)));
      this.collection.value = collection || collections[0]?.id || NEW;
    } catch (failure) {
      this.outcome.replaceChildren(this.refusals.note(failure));
    }
    this.#tell();
  }

  #tell() {
    const isNew = this.collection.value === NEW;
    byId("upload-new-field").hidden = !isNew;
    this.name.required = isNew;
  }

  async #send() {
    const sending = byId("upload-send");
    sending.setAttribute("disabled", "");
    this.outcome.replaceChildren(make("p", { class: "working" }, "Sending"));
    try {
      const collection = await this.#target();
      const form = new FormData();
      for (const file of this.files) form.append("files", file, file.name);
      const taken = await this.server.upload(`v1/collections/${encodeURIComponent(collection)}/files`, form);
      sending.hidden = true;
      this.outcome.replaceChildren(...told(taken), make("p", { class: "working" }, "Indexing"));
      await this.#indexed(collection);
      this.outcome.lastElementChild?.replaceWith(
        make("p", { class: "outcome good" }, "Indexed: they can be found now."),
      );
      this.onchange();
    } catch (failure) {
      this.outcome.replaceChildren(this.refusals.note(failure));
    }
    sending.removeAttribute("disabled");
  }

  async #target() {
    if (this.collection.value !== NEW) return this.collection.value;
    await this.server.send("v1/collections", { id: this.name.value });
    return this.name.value;
  }

  /** Waits until nothing of the collection is in the queue. */
  async #indexed(collection) {
    for (;;) {
      const status = await this.server.get(`v1/collections/${encodeURIComponent(collection)}/status`);
      if (status.state !== "indexing" && status.queue.files === 0) return;
      await new Promise((later) => setTimeout(later, POLL_MS));
    }
  }

  #takeDrops() {
    const cover = byId("drop");
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0;
    addEventListener("dragenter", (event) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      cover.hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (holdsFiles(event)) depth -= 1;
      cover.hidden = depth <= 0;
    });
    addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      cover.hidden = true;
      this.open([...(event.dataTransfer?.files ?? [])]);
    });
  }
}

function told(taken) {
  const lines = [make("p", { class: "outcome good" }, `${counted(taken.files.length, "file")} taken.`)];
  for (const { file, reason } of taken.refused) lines.push(make("p", { class: "outcome bad" }, `${file}: ${reason}`));
  return lines;
}
