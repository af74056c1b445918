/** One file: its text as it is now, and the chunks that it was cut into. */

import { iconButton, make } from "./elements.js";
import { code, copied } from "./markdown.js";
import { listing } from "./passage.js";
import { filePath } from "./server.js";
import { counted, lines } from "./units.js";

const LINES = 400;
const CHUNKS = 50;
const TYPED_MS = 200;

export class FileView {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   * @param {string} collection
   * @param {string} file
   */
  constructor(server, refusals, collection, file) {
    this.server = server;
    this.refusals = refusals;
    this.file = file;
    this.path = filePath(collection, file);
    this.asked = 0;
  }

  /** @returns {Promise<Node[]>} */
  async open() {
    const text = make("div", { class: "card file-text", tabindex: 0, role: "region", "aria-label": "Text" });
    const chunks = make("div", { hidden: true });
    const found = await this.#page(`${this.path}/chunks?limit=${CHUNKS}`);
    const tabs = make(
      "fieldset",
      { class: "segments" },
      make("legend", { class: "unseen" }, "Show"),
      ...this.#choices(text, chunks, found.total),
    );
    const search = this.#search(chunks, tabs);
    await this.#showText(text);
    this.#showChunks(chunks, found, "");
    const copying = iconButton("Copy path", "copy", () => copied(copying, this.file), { labelled: true });
    return [make("div", { class: "row" }, tabs, search, make("span", { class: "push" }), copying), text, chunks];
  }

  #page(path) {
    return this.server.get(path);
  }

  #choices(text, chunks, total) {
    const choice = (label, shown, other, checked) =>
      make(
        "label",
        {},
        make("input", {
          type: "radio",
          name: "file-view",
          checked,
          onchange: () => ([shown.hidden, other.hidden] = [false, true]),
        }),
        make("span", {}, label),
      );
    return [choice("Text", text, chunks, true), choice(counted(total, "chunk"), chunks, text, false)];
  }

  /** Searching inside is searching chunks, so they are shown. */
  #search(chunks, tabs) {
    let typed = 0;
    const find = async (query) => {
      this.asked += 1;
      const turn = this.asked;
      const found = await this.#page(`${this.path}/chunks?limit=${CHUNKS}&q=${encodeURIComponent(query)}`);
      if (turn !== this.asked) return;
      if (query) tabs.querySelectorAll("input")[1].click();
      this.#showChunks(chunks, found, query);
    };
    const oninput = (event) => {
      clearTimeout(typed);
      const query = event.target.value;
      typed = setTimeout(
        () => find(query).catch((failure) => chunks.replaceChildren(this.refusals.note(failure))),
        TYPED_MS,
      );
    };
    return make("input", {
      type: "search",
      class: "small",
      placeholder: "Search inside",
      "aria-label": "Search inside this file",
      oninput,
    });
  }

  async #showText(text) {
    try {
      const read = await this.#page(`${this.path}?limit=${LINES}`);
      const more = make("button", { type: "button", class: "quiet wide" }, "More lines");
      let reach = read.lines.length;
      more.hidden = reach >= read.total;
      more.addEventListener("click", async () => {
        const next = await this.#page(`${this.path}?offset=${reach}&limit=${LINES}`);
        more.before(listing(next.lines, null));
        reach += next.lines.length;
        more.hidden = reach >= next.total;
      });
      text.replaceChildren(listing(read.lines, null), more);
    } catch (failure) {
      text.replaceChildren(this.refusals.note(failure));
    }
  }

  #showChunks(holder, found, query) {
    const list = make("ol", { class: "plain chunks" }, ...found.chunks.map(chunk));
    const more = make("button", { type: "button", class: "wide" }, "More chunks");
    more.hidden = found.total <= found.chunks.length;
    more.addEventListener("click", async () => {
      const offset = list.children.length;
      const next = await this.#page(
        `${this.path}/chunks?limit=${CHUNKS}&offset=${offset}&q=${encodeURIComponent(query)}`,
      );
      list.append(...next.chunks.map(chunk));
      more.hidden = next.total <= list.children.length;
    });
    const tally = query ? `${counted(found.total, "chunk")} with “${query}”` : counted(found.total, "chunk");
    holder.replaceChildren(make("p", { class: "muted", role: "status" }, tally), list, more);
  }
}

function chunk(each) {
  const { tokens, context, language } = each.metadata;
  return make(
    "li",
    { class: "card chunk" },
    make(
      "p",
      { class: "muted" },
      make("strong", {}, `#${each.index + 1}`),
      ` ${lines(each)} · ${counted(tokens, "token")}`,
      context ? ` · ${context}` : "",
    ),
    code(each.text, language ?? ""),
  );
}
