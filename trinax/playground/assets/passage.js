/** Lines of a file, with numbers and with what was cited marked. */

import { make } from "./elements.js";

/** @typedef {{line: number, text: string}} Line */
/** @typedef {{start_line: number, end_line: number, quote?: string}} Range quote: the very words, else whole lines */

/**
 * @param {Line[]} lines
 * @param {Range | null} cited the passage
 * @param {Range[]} spans what of it carries a sentence
 */
export function listing(lines, cited, spans = []) {
  const held = (line, range) => range.start_line <= line && line <= range.end_line;
  const words = new Map(spans.flatMap((span) => quoted(lines, span)));
  return make(
    "ol",
    { class: "listing" },
    ...lines.map(({ line, text }) => {
      const within = cited !== null && held(line, cited);
      return make(
        "li",
        { class: within ? "cited" : null, "data-line": line },
        make("span", { class: "number", "aria-hidden": "true" }, String(line)),
        make("span", { class: "text" }, ...marked(text || " ", words.get(line))),
      );
    }),
  );
}

/** Line → the part of it that a span quotes. @param {Line[]} lines @param {Range} span @returns {[number, [number, number]][]} */
function quoted(lines, span) {
  const held = lines.filter(({ line }) => span.start_line <= line && line <= span.end_line);
  const whole = held.map(({ text }) => text).join("\n");
  const from = span.quote ? whole.indexOf(span.quote) : 0;
  const to = from < 0 || !span.quote ? whole.length : from + span.quote.length;
  const parts = /** @type {[number, [number, number]][]} */ ([]);
  let at = 0;
  for (const { line, text } of held) {
    const begin = Math.max(from - at, 0);
    const end = Math.min(to - at, text.length);
    if (begin < end) parts.push([line, [begin, end]]);
    at += text.length + 1;
  }
  return parts;
}

/** @param {string} text @param {[number, number] | undefined} part */
function marked(text, part) {
  if (!part) return [text];
  const [from, to] = part;
  return [text.slice(0, from), make("mark", {}, text.slice(from, to)), text.slice(to)];
}
