/** A report of research as a Markdown file. */

import { citedIn } from "./answer.js";

/** @param {string} query @param {any} report */
export function markdownOf(query, report) {
  const cited = new Set(citedIn(report.answer));
  const body = report.answer.replace(/\[(\d{1,3})\]/g, (whole, n) => (has(report, Number(n)) ? `[^${n}]` : whole));
  const notes = report.sources.filter((source) => cited.has(source.n)).map(note);
  const asked = report.sub_questions.map((question) => `- ${question}`);
  return `# ${query}\n\n${body}\n\n## Questions that were searched for\n\n${asked.join("\n")}\n\n${notes.join("\n")}\n`;
}

const has = (report, n) => report.sources.some((source) => source.n === n);

function note(source) {
  const place = source.url ?? `${source.collection_id}/${source.file}:${source.start_line}-${source.end_line}`;
  return `[^${source.n}]: ${place}${source.page ? `, page ${source.page}` : ""}`;
}

/** @param {string} query */
export function fileName(query) {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["report"];
  return `${words.slice(0, 8).join("-")}.md`;
}

/** Hands a text to the browser as a file. @param {string} name @param {string} text */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 0);
}
