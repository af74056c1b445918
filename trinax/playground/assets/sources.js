/** Sources: collections, and the files of one. */

import { byId, icon, iconButton, make } from "./elements.js";
import { FileView } from "./file.js";
import { confirmed, notify } from "./notices.js";
import { count, counted, day, size } from "./units.js";

const FILES = 100;

/** @param {...string} parts */
export const address = (...parts) => `#sources/${parts.map(encodeURIComponent).join("/")}`;

export class Sources {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   * @param {import("./uploading.js").Uploading} uploading
   */
  constructor(server, refusals, uploading) {
    this.server = server;
    this.refusals = refusals;
    this.uploading = uploading;
    this.out = byId("sources-out");
    this.shown = 0;
    this.place = /** @type {string[]} */ ([]);
  }

  /** @param {string[]} place collection and file, as far as they are chosen */
  async show(place) {
    this.place = place;
    this.shown += 1;
    const turn = this.shown;
    const [collection, file] = place;
    const view = file
      ? new FileView(this.server, this.refusals, collection, file).open()
      : collection
        ? this.#files(collection)
        : this.#collections();
    const shown = await view.catch((failure) => [this.refusals.note(failure, () => this.show(place))]);
    if (turn !== this.shown) return;
    this.out.replaceChildren(trail(place), ...shown);
  }

  async #collections() {
    const { collections } = await this.server.get("v1/collections");
    const cards = collections.map((each) =>
      make(
        "li",
        {},
        make(
          "a",
          { class: "card shelf", href: address(each.id) },
          icon("sources"),
          make("strong", {}, each.id),
          make(
            "span",
            { class: "muted" },
            `${counted(each.files.indexed, "file")} · ${counted(each.chunks, "chunk")} · ${size(each.bytes)}`,
          ),
          each.state === "idle" ? null : make("span", { class: "badge some" }, each.state),
        ),
      ),
    );
    const adding = iconButton("Add files", "upload", () => this.uploading.choose(""), {
      class: "primary small",
      labelled: true,
    });
    const none = make(
      "p",
      { class: "empty" },
      "There is no collection yet. Drop files here, or put a folder into the collections folder of the server.",
    );
    return [
      make(
        "div",
        { class: "row" },
        make("p", { class: "muted" }, counted(collections.length, "collection")),
        make("span", { class: "push" }),
        adding,
      ),
      cards.length ? make("ul", { class: "plain shelves" }, ...cards) : none,
    ];
  }

  async #files(collection) {
    const { sources } = await this.server.get(`v1/sources?collection=${encodeURIComponent(collection)}`);
    const body = make("tbody");
    const more = make("button", { type: "button", class: "wide" }, "More files");
    const filter = make("input", {
      type: "search",
      class: "small",
      placeholder: "Filter by name or text",
      "aria-label": "Filter files by name or text",
    });
    const tally = make("p", { class: "muted", role: "status" });
    const list = new FileList(sources, body, more, tally, (source) => this.#row(collection, source));
    filter.addEventListener("input", () => list.filter(filter.value));
    more.addEventListener("click", () => list.grow());
    list.filter("");
    const adding = iconButton("Add files", "upload", () => this.uploading.choose(collection), {
      class: "primary small",
      labelled: true,
    });
    const head = make(
      "tr",
      {},
      make("th", { scope: "col" }, "File"),
      make("th", { scope: "col", class: "to-right" }, "Chunks"),
      make("th", { scope: "col", class: "to-right" }, "Size"),
      make("th", { scope: "col", class: "when" }, "Changed"),
      make("th", { scope: "col" }, make("span", { class: "unseen" }, "Actions")),
    );
    const table = make("table", { class: "files" }, make("thead", {}, head), body);
    return [
      make("div", { class: "row" }, filter, tally, make("span", { class: "push" }), adding),
      make("div", { class: "table card", tabindex: 0, role: "region", "aria-label": `Files of ${collection}` }, table),
      more,
    ];
  }

  #row(collection, source) {
    const remove = iconButton(`Delete ${source.file}`, "trash", () => this.#remove(collection, source.file));
    return make(
      "tr",
      {},
      make(
        "td",
        { class: "file-name" },
        make("a", { href: address(collection, source.file) }, source.file),
        make("small", {}, source.preview),
      ),
      make("td", { class: "number" }, count(source.chunks)),
      make("td", { class: "number" }, size(source.size)),
      make("td", { class: "when" }, day(source.mtime)),
      make("td", {}, remove),
    );
  }

  async #remove(collection, file) {
    const text = `${file} is deleted from the folder of ${collection} on the server, and from the index.`;
    if (!(await confirmed("Delete this file?", text, "Delete"))) return;
    try {
      await this.server.remove(
        `v1/collections/${encodeURIComponent(collection)}/files/${file.split("/").map(encodeURIComponent).join("/")}`,
      );
      notify(`${file} is deleted.`, "seen");
      this.show(this.place);
    } catch (failure) {
      this.out.querySelector(".row")?.after(this.refusals.note(failure));
    }
  }
}

/** Those files that a filter lets through, a page at a time. */
class FileList {
  constructor(sources, body, more, tally, row) {
    this.sources = sources;
    this.body = body;
    this.more = more;
    this.tally = tally;
    this.row = row;
    this.found = [];
    this.reach = FILES;
  }

  filter(words) {
    const wanted = words.trim().toLowerCase();
    this.found = this.sources.filter((source) => `${source.file}\n${source.preview}`.toLowerCase().includes(wanted));
    this.reach = FILES;
    this.#draw();
  }

  grow() {
    this.reach += FILES;
    this.#draw();
  }

  #draw() {
    this.body.replaceChildren(...this.found.slice(0, this.reach).map(this.row));
    this.more.hidden = this.found.length <= this.reach;
    this.tally.textContent =
      this.found.length === this.sources.length
        ? counted(this.found.length, "file")
        : `${count(this.found.length)} of ${counted(this.sources.length, "file")}`;
  }
}

function trail(place) {
  const steps = ["Collections", ...place].map((name, n) => {
    const here = n === place.length;
    return make(
      "li",
      {},
      here
        ? make("span", { "aria-current": "page" }, name)
        : make("a", { href: address(...place.slice(0, n)).replace(/\/$/, "") }, name),
    );
  });
  return make(
    "nav",
    { class: "trail", "aria-label": "Place", hidden: place.length === 0 },
    make("ol", { class: "plain" }, ...steps),
  );
}
