/** Markdown → elements. What an answer says is never trusted: it becomes text in elements made here. */

import { blocks, DEEPEST } from "./blocks.js";
import { iconButton, make } from "./elements.js";

/** @typedef {(n: number) => Node | null} Cite what stands for [n]; null where n is no source */

const NOTHING_CITED = () => null;
// Longer spans than any author writes would let a text without an end to its marks take seconds.
const ANY = "[\\s\\S]{0,1000}?";
const INLINE = new RegExp(
  [
    "\\\\([\\\\`*_{}\\[\\]()#+.!|<>~-])", // 1 escaped
    `(\`+)([^\`]|[^\`]${ANY}[^\`])\\2(?!\`)`, // 2, 3 code
    "!?\\[([^\\[\\]]*)\\]\\(\\s*<?([^\\s()<>]*(?:\\([^\\s()<>]*\\)[^\\s()<>]*)?)>?(?:\\s+[\"'][^\"']*[\"'])?\\s*\\)", // 4, 5 link
    "\\[(\\d{1,3})\\]", // 6 citation
    `\\*\\*(?=\\S)(${ANY}\\S)\\*\\*`, // 7 strong
    `(?<![\\w*])[*](?=[^\\s*])(${ANY}[^\\s*])[*](?!\\w)`, // 8 emphasis
    `(?<!\\w)__?(?=[^\\s_])(${ANY}[^\\s_])__?(?!\\w)`, // 9 emphasis
    `~~(?=\\S)(${ANY}\\S)~~`, // 10 struck
    "(https?:\\/\\/[^\\s<>\"'`|]+[^\\s<>\"'`|.,;:!?)\\]}»”’])", // 11 address
    "((?<! ) {2,}|\\\\)\\n", // 12 break
  ].join("|"),
  "g",
);
// The page's own are h1 and h2.
const HEADINGS = /** @type {const} */ (["h3", "h4", "h5", "h6"]);
const COPIED_MS = 1500;

/**
 * Shows text in an element, and leaves alone the blocks that it shows already: a selection and the place of a reader
 * outlast the next token.
 * @param {HTMLElement} element
 * @param {string} text
 * @param {Cite} [cite]
 * @param {string} [edition] of what is cited; another one shows all anew
 */
export function show(element, text, cite = NOTHING_CITED, edition = "") {
  const found = blocks(text);
  found.forEach((block, index) => {
    const shown = /** @type {HTMLElement & {shows?: string} | undefined} */ (element.children[index]);
    const shows = `${edition}\n${block.source}`;
    if (shown?.shows === shows) return;
    const made = Object.assign(rendered(block, cite, 0), { shows });
    if (shown) shown.replaceWith(made);
    else element.append(made);
  });
  while (element.children.length > found.length) element.lastElementChild?.remove();
}

/** @param {import("./blocks.js").Block} block @param {Cite} cite @param {number} depth */
function rendered(block, cite, depth) {
  switch (block.type) {
    case "code":
      return code(block.text, block.language);
    case "heading":
      return make(HEADINGS[Math.min(block.level, HEADINGS.length) - 1], {}, ...inline(block.text, cite));
    case "rule":
      return make("hr");
    case "quote":
      return make("blockquote", {}, ...within(block.text, cite, depth));
    case "list":
      return list(block, cite, depth);
    case "table":
      return table(block, cite);
    default:
      return make("p", {}, ...inline(block.text, cite));
  }
}

/** The blocks of a part; a single paragraph without its element. */
function within(text, cite, depth) {
  const found = depth < DEEPEST ? blocks(text) : [];
  if (!found.length) return inline(text, cite);
  const [first, ...rest] = found;
  const head = first.type === "paragraph" ? inline(first.text, cite) : [rendered(first, cite, depth + 1)];
  return [...head, ...rest.map((block) => rendered(block, cite, depth + 1))];
}

function list(block, cite, depth) {
  const items = block.items.map((item) => make("li", {}, ...within(item, cite, depth)));
  if (block.start === null) return make("ul", {}, ...items);
  return make("ol", { start: block.start === 1 ? null : block.start }, ...items);
}

function table(block, cite) {
  const { header, rows } = block;
  const row = (cells, tag) =>
    make(
      "tr",
      {},
      ...block.align.map((side, n) => make(tag, { class: `to-${side}` }, ...inline(cells[n] ?? "", cite))),
    );
  const shown = make(
    "table",
    {},
    ...(header ? [make("thead", {}, row(header, "th"))] : []),
    make("tbody", {}, ...rows.map((cells) => row(cells, "td"))),
  );
  return make("div", { class: "table", tabindex: 0, role: "region", "aria-label": "Table" }, shown);
}

/** @param {string} text @param {string} language */
export function code(text, language) {
  const copying = iconButton("Copy code", "copy", () => copied(copying, text), { class: "quiet small copy" });
  const label = language ? `Code in ${language}` : "Code";
  const shown = make("pre", { tabindex: 0, role: "region", "aria-label": label }, make("code", {}, text));
  return make("div", { class: "code" }, make("div", { class: "code-head" }, language || "text", copying), shown);
}

/** Copies, and says on the button whether it could. @param {HTMLElement} button @param {string} text */
export async function copied(button, text) {
  const outcome = await write(text).then(
    () => "copied",
    () => "refused",
  );
  button.dataset.outcome = outcome;
  setTimeout(() => delete button.dataset.outcome, COPIED_MS);
}

async function write(text) {
  // Browsers give pages of other machines no clipboard, unless they come over TLS.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const held = make("textarea", { class: "unseen" }, text);
  document.body.append(held);
  held.select();
  const done = document.execCommand("copy");
  held.remove();
  if (!done) throw new Error("the browser copies nothing");
}

/** @param {string} text @param {Cite} [cite] @returns {(Node | string)[]} */
export function inline(text, cite = NOTHING_CITED) {
  const made = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) made.push(text.slice(at, match.index));
    made.push(...spanOf(match, cite));
    at = match.index + match[0].length;
  }
  if (at < text.length) made.push(text.slice(at));
  return made;
}

/** @param {RegExpMatchArray} match @param {Cite} cite @returns {(Node | string)[]} */
function spanOf(match, cite) {
  const [whole, escaped, , coded, label, address, cited, strong, starred, underscored, struck, bare, broken] = match;
  if (escaped !== undefined) return [escaped];
  if (coded !== undefined) return [make("code", {}, coded.replaceAll("\n", " "))];
  if (label !== undefined) return link(label, address, cite);
  if (cited !== undefined) return [cite(Number(cited)) ?? whole];
  if (strong !== undefined) return [make("strong", {}, ...inline(strong, cite))];
  if (struck !== undefined) return [make("s", {}, ...inline(struck, cite))];
  if (bare !== undefined) return link(bare, bare, cite, true);
  if (broken !== undefined) return [make("br")];
  const tag = whole.startsWith("__") ? "strong" : "em";
  return [make(tag, {}, ...inline(starred ?? underscored, cite))];
}

function link(label, address, cite, isBare = false) {
  const shown = isBare ? [label] : inline(label, cite);
  const leads = /^(https?:\/\/|mailto:)/i.test(address);
  // Where others lead is a place in some document, or no place for a page to go to.
  if (!leads) return shown;
  return [make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...shown)];
}
