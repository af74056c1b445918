/** Search: the passages that were found, and why. */

import { bar, byId, icon, make, ready } from "./elements.js";
import { notify } from "./notices.js";
import { counted, decimals, duration, lines } from "./units.js";

const STAGES = { bm25: "Words", dense: "Meaning", fused: "Together", reranked: "Second look" };
const PAGE = 10;
const PROSE = /\.(md|markdown|txt|rst|html?|pdf|docx|odt|rtf|epub|eml|mbox|pptx|odp)$/i;
// A break after a long line, which was made to fit a width.
const BROKEN = /(?<=\S[^\n]{60,})\n(?=[^\s|])/g;

export class Finding {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./panel.js").Panel} panel
   * @param {import("./notices.js").Refusals} refusals
   * @param {import("./catalogue.js").Scope} scope
   */
  constructor(server, panel, refusals, scope) {
    this.server = server;
    this.panel = panel;
    this.refusals = refusals;
    this.scope = scope;
    this.query = /** @type {HTMLInputElement} */ (byId("query"));
    this.results = byId("search-results");
    this.asked = 0;
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
  }

  show() {
    ready(this.query);
  }

  async #search() {
    this.asked += 1;
    const turn = this.asked;
    const body = this.#body();
    this.results.setAttribute("aria-busy", "true");
    const shown = await this.server.send("v1/search", body).then(
      (found) => this.#found(found, body),
      (failure) => [this.refusals.note(failure, () => this.#search())],
    );
    if (turn !== this.asked) return;
    this.results.replaceChildren(...shown);
    this.results.removeAttribute("aria-busy");
    notify(this.results.firstElementChild?.textContent ?? "");
  }

  #body() {
    const glob = /** @type {HTMLInputElement} */ (byId("search-files")).value.trim();
    return {
      query: this.query.value,
      mode: /** @type {HTMLSelectElement} */ (byId("search-mode")).value,
      explain: /** @type {HTMLInputElement} */ (byId("search-explain")).checked,
      limit: PAGE,
      ...(glob ? { filter: { file_glob: glob } } : {}),
      ...this.scope.asked,
    };
  }

  #found(found, body) {
    if (!found.hits.length)
      return [make("p", { class: "empty" }, "Nothing was found. Other words, or more collections, may find it.")];
    const sure =
      found.confidence === undefined ? "" : ` · confidence that the answer is here ${decimals(found.confidence)}`;
    const summary = make(
      "p",
      { class: "muted" },
      `${counted(found.hits.length, "passage")} in ${duration(found.timing.total / 1000)}${sure}`,
    );
    const list = make("ol", { class: "plain hits" }, ...found.hits.map((hit, n) => this.#hit(hit, n + 1)));
    const more = make(
      "button",
      { type: "button", class: "wide", onclick: () => this.#more(more, list, body) },
      "More passages",
    );
    more.hidden = found.hits.length < PAGE;
    return [summary, list, more, ...(found.dropped?.length ? [dropped(found.dropped)] : [])];
  }

  async #more(more, list, body) {
    const offset = list.children.length;
    try {
      const found = await this.server.send("v1/search", { ...body, offset });
      list.append(...found.hits.map((hit, n) => this.#hit(hit, offset + n + 1)));
      more.hidden = found.hits.length < PAGE;
    } catch (failure) {
      more.replaceWith(this.refusals.note(failure));
    }
  }

  #hit(hit, n) {
    const open = (event) => this.panel.open(hit, [], event.currentTarget);
    const name = make("button", { type: "button", class: "link", onclick: open }, hit.file);
    const words = Object.keys(hit.explain?.matched ?? {});
    return make(
      "li",
      { class: "card hit" },
      make(
        "div",
        { class: "hit-head" },
        make("span", { class: "rank" }, String(n)),
        make("h2", {}, name),
        make("span", { class: "muted" }, `${hit.collection_id} · ${lines(hit)}`),
      ),
      passage(hit, words),
      hit.explain ? explained(hit.explain) : null,
    );
  }
}

/** Prose flows, however its file breaks the lines; code stands as it is. */
function passage(hit, words) {
  const isProse = PROSE.test(hit.file);
  const text = isProse ? hit.text.replace(BROKEN, " ") : hit.text;
  return make(isProse ? "p" : "pre", { class: "passage", tabindex: isProse ? null : 0 }, ...marked(text, words));
}

/** Words of the query, as stems have them: where a word of the text begins with one. */
function marked(text, stems) {
  if (!stems.length) return [text];
  const escaped = stems.map((stem) => stem.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})[\\p{L}\\p{N}]*`, "giu");
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index), make("mark", {}, match[0]));
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

/** @param {any} told */
function explained(told) {
  const stages = Object.entries(STAGES).filter(([name]) => told[name]);
  const best = Math.max(...Object.values(told.matched), 0);
  const cells = stages.map(([name, label]) =>
    make(
      "div",
      { class: "stage" },
      make("dt", {}, label),
      make(
        "dd",
        {},
        told[name].rank === null ? "–" : `#${told[name].rank}`,
        make("small", {}, told[name].score === null ? "" : decimals(told[name].score)),
      ),
    ),
  );
  const words = Object.entries(told.matched).map(([word, weight]) =>
    make("li", {}, make("span", {}, word), bar(weight / best, `weight ${decimals(weight)}`)),
  );
  return make(
    "div",
    { class: "explained" },
    make("dl", { class: "stages" }, ...cells),
    words.length ? make("ul", { class: "plain words", "aria-label": "Words that matched, by weight" }, ...words) : null,
    told.features ? features(told) : null,
  );
}

function features(told) {
  const rows = Object.entries(told.features).map(([name, value]) => [
    make("dt", {}, name.replaceAll("_", " ")),
    make("dd", {}, decimals(value)),
  ]);
  return make(
    "details",
    { class: "more" },
    make("summary", {}, "What the second look saw"),
    make("dl", { class: "pairs" }, ...rows.flat()),
  );
}

/** Candidates that are not on the page, and why. */
function dropped(hits) {
  const rows = hits.map((hit) =>
    make(
      "tr",
      {},
      make("td", {}, hit.file),
      make("td", {}, lines(hit)),
      make("td", {}, hit.explain?.dropped ?? ""),
      make("td", { class: "to-right" }, decimals(hit.score)),
    ),
  );
  const head = make(
    "tr",
    {},
    ...["File", "Place", "Why not", "Score"].map((name) => make("th", { scope: "col" }, name)),
  );
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  const summary = make("summary", {}, icon("down"), `${counted(hits.length, "candidate")} fell out`);
  return make(
    "details",
    { class: "more dropped" },
    summary,
    make("div", { class: "table", tabindex: 0, role: "region", "aria-label": "Candidates that fell out" }, table),
  );
}
