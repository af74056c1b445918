/** What a citation rests on: the file, the lines, and those around them. */

import { byId, icon, iconButton, make } from "./elements.js";
import { copied } from "./markdown.js";
import { listing } from "./passage.js";
import { filePath } from "./server.js";
import { lines } from "./units.js";

const AROUND = 8;
const MORE = 40;
const NARROW = matchMedia("(max-width: 60rem)");
const ATTACHED = "attachment";
const FRESHNESS = {
  fresh: ["good", "Unchanged since it was indexed"],
  changed: ["bad", "The file has changed: this text stands there no more"],
  gone: ["bad", "The file is gone"],
};

/**
 * @typedef {{n?: number, chunk_id: string, file: string, collection_id: string, start_line: number, end_line: number,
 *   page: number | null, snippet?: string, text?: string, url?: string | null}} Cited
 */

export class Panel {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   */
  constructor(server, refusals) {
    this.server = server;
    this.refusals = refusals;
    this.element = byId("panel");
    this.opener = /** @type {HTMLElement | null} */ (null);
    this.opened = 0;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.hidden && !document.querySelector("dialog[open]")) this.close();
    });
    NARROW.addEventListener("change", () => this.#cover());
  }

  /**
   * @param {Cited} cited
   * @param {import("./passage.js").Range[]} spans lines that carry what was said
   * @param {HTMLElement} opener gets the focus back
   */
  async open(cited, spans, opener) {
    this.opener = opener;
    this.opened += 1;
    const turn = this.opened;
    const title = make("h2", { id: "panel-title", tabindex: -1 }, cited.file || cited.url || "Source");
    const body = make("div", { class: "panel-body", tabindex: 0, role: "region", "aria-label": "Lines" });
    const state = make("p", { class: "freshness" });
    this.element.replaceChildren(this.#head(cited, title), state, body, this.#foot(cited));
    this.element.hidden = false;
    this.#cover();
    title.focus();
    const shown =
      cited.url || cited.collection_id === ATTACHED ? [snippet(cited)] : await this.#file(cited, spans, state);
    if (turn !== this.opened) return;
    body.replaceChildren(...shown);
    (body.querySelector("mark") ?? body.querySelector(".cited"))?.scrollIntoView({ block: "center" });
  }

  close() {
    if (this.element.hidden) return;
    this.opened += 1;
    this.element.hidden = true;
    this.#cover();
    this.opener?.focus();
  }

  /** Where it covers the page, the page behind it is out of reach. */
  #cover() {
    byId("main").inert = !this.element.hidden && NARROW.matches;
    document.body.classList.toggle("with-panel", !this.element.hidden);
  }

  #head(cited, title) {
    const where = cited.url ? "From the web" : `${cited.collection_id} · ${lines(cited)}`;
    return make(
      "header",
      {},
      cited.n ? make("span", { class: "cite-number" }, String(cited.n)) : null,
      make("div", {}, title, make("p", { class: "muted" }, where)),
      iconButton("Close", "close", () => this.close()),
    );
  }

  #foot(cited) {
    const reference = cited.url ?? `${cited.file}:${cited.start_line}-${cited.end_line}`;
    const copying = iconButton("Copy reference", "copy", () => copied(copying, reference), { labelled: true });
    const elsewhere = cited.url
      ? make(
          "a",
          { class: "button quiet small", href: cited.url, target: "_blank", rel: "noopener noreferrer" },
          icon("external"),
          "Open page",
        )
      : cited.collection_id !== ATTACHED &&
        make(
          "a",
          {
            class: "button quiet small",
            href: `#sources/${encodeURIComponent(cited.collection_id)}/${encodeURIComponent(cited.file)}`,
          },
          icon("file"),
          "Whole file",
        );
    return make("footer", {}, copying, elsewhere);
  }

  /** @returns {Promise<Node[]>} */
  async #file(cited, spans, state) {
    try {
      const checked = await this.server.get(`v1/citations/${encodeURIComponent(cited.chunk_id)}`);
      const [look, said] = FRESHNESS[checked.status];
      state.replaceChildren(make("span", { class: `outcome ${look}` }, said));
      if (checked.status !== "fresh") return [snippet({ ...cited, text: checked.text ?? cited.text })];
      return await this.#around({ ...cited, ...(checked.now ?? {}) }, moved(spans, cited, checked.now));
    } catch (failure) {
      return [this.refusals.note(failure), snippet(cited)];
    }
  }

  /** The passage among its neighbours, which can be had in steps. */
  async #around(place, spans) {
    const path = filePath(place.collection_id, place.file);
    const page = (from, to) => this.server.get(`${path}?offset=${from - 1}&limit=${to - from + 1}`);
    const first = Math.max(place.start_line - AROUND, 1);
    const read = await page(first, place.end_line + AROUND);
    const reach = { from: first, to: first + read.lines.length - 1 };
    const holder = make("div", {}, listing(read.lines, place, spans));
    const above = make("button", { type: "button", class: "quiet small wide" }, "Lines above");
    const below = make("button", { type: "button", class: "quiet small wide" }, "Lines below");
    const tell = () => {
      above.hidden = reach.from <= 1;
      below.hidden = reach.to >= read.total;
    };
    above.addEventListener("click", async () => {
      const from = Math.max(reach.from - MORE, 1);
      holder.prepend(listing((await page(from, reach.from - 1)).lines, place, spans));
      reach.from = from;
      tell();
    });
    below.addEventListener("click", async () => {
      const more = await page(reach.to + 1, reach.to + MORE);
      holder.append(listing(more.lines, place, spans));
      reach.to += more.lines.length;
      tell();
    });
    tell();
    return [above, holder, below];
  }
}

/** Lines of spans, where the passage has moved in its file since. */
function moved(spans, cited, now) {
  const by = now ? now.start_line - cited.start_line : 0;
  return spans.map((span) => ({ ...span, start_line: span.start_line + by, end_line: span.end_line + by }));
}

function snippet(cited) {
  return make("blockquote", { class: "snippet" }, cited.text ?? cited.snippet ?? "");
}
