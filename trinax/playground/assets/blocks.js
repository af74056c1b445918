/** Markdown → blocks: what is a heading, a list, a table, and so on. */

/**
 * @typedef {{source: string}
 *   & ({type: "code", text: string, language: string}
 *   | {type: "heading", level: number, text: string}
 *   | {type: "rule"}
 *   | {type: "quote", text: string}
 *   | {type: "list", start: number | null, items: string[]}
 *   | {type: "table", align: string[], header: string[] | null, rows: string[][]}
 *   | {type: "paragraph", text: string})} Block
 */

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)/;
const SEPARATOR = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
// What no list in a list in a list needs more of; each level is a call.
export const DEEPEST = 8;

/** @param {string} text @returns {Block[]} */
export function blocks(text) {
  const lines = text.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n");
  const found = /** @type {Block[]} */ ([]);
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [block, next] = blockAt(lines, at);
    found.push({ ...block, source: lines.slice(at, next).join("\n") });
    at = next;
  }
  return found;
}

/** @typedef {[any, number]} Found a block, and where the next may begin */
/** @type {((lines: string[], at: number) => Found | null)[]} */
const KINDS = [fenced, heading, rule, quote, list, table];

/** @param {string[]} lines @param {number} at @returns {Found} */
function blockAt(lines, at) {
  for (const kind of KINDS) {
    const found = kind(lines, at);
    if (found) return found;
  }
  return paragraph(lines, at);
}

/** @returns {Found | null} */
function fenced(lines, at) {
  const opening = FENCE.exec(lines[at]);
  if (!opening) return null;
  const [, fence, language] = opening;
  const closes = (line) => line.trim().startsWith(fence) && !line.trim().replaceAll(fence[0], "");
  let end = at + 1;
  while (end < lines.length && !closes(lines[end])) end += 1;
  const text = lines.slice(at + 1, end).join("\n");
  return [{ type: "code", text, language: language.trim().split(/\s/)[0] }, end + 1];
}

/** @returns {Found | null} */
function heading(lines, at) {
  const found = HEADING.exec(lines[at]);
  return found ? [{ type: "heading", level: found[1].length, text: found[2] }, at + 1] : null;
}

/** @returns {Found | null} */
function rule(lines, at) {
  return RULE.test(lines[at]) ? [{ type: "rule" }, at + 1] : null;
}

/** @returns {Found | null} */
function quote(lines, at) {
  if (!QUOTE.test(lines[at])) return null;
  const end = endOf(lines, at, (line) => QUOTE.test(line));
  return [
    {
      type: "quote",
      text: lines
        .slice(at, end)
        .map((line) => line.replace(QUOTE, ""))
        .join("\n"),
    },
    end,
  ];
}

/** @returns {Found | null} */
function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  if (!first || RULE.test(lines[at])) return null;
  const numbered = /\d/.test(first[2]);
  const items = /** @type {string[][]} */ ([]);
  let width = 0;
  let end = at;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    const item = ITEM.exec(line);
    if (item && (!items.length || item[1].length < width) && /\d/.test(item[2]) === numbered && !RULE.test(line)) {
      width = item[0].trimEnd().length + 1;
      items.push([line.slice(item[0].length)]);
    } else if (belongs(lines, end, width)) {
      items[items.length - 1].push(dedented(line, width));
    } else {
      break;
    }
  }
  const start = numbered ? Number.parseInt(first[2], 10) : null;
  return [{ type: "list", start, items: items.map((item) => item.join("\n").trimEnd()) }, end];
}

/** Whether a line goes on with an item: it is indented, or lazy text right after some. */
function belongs(lines, at, width) {
  const line = lines[at];
  if (!line.trim()) {
    const after = lines[endOf(lines, at, (each) => !each.trim())];
    return after !== undefined && (indent(after) >= Math.min(width, 2) || ITEM.test(after));
  }
  if (indent(line) >= Math.min(width, 2)) return true;
  return lines[at - 1].trim() !== "" && !startsBlock(lines, at);
}

const indent = (line) => line.length - line.trimStart().length;

const dedented = (line, width) => line.slice(Math.min(width, indent(line)));

/** Rows that an answer quotes out of a long table come without its head. @returns {Found | null} */
function table(lines, at) {
  const align = SEPARATOR.test(lines[at + 1] ?? "") ? cells(lines[at + 1]).map(aligned) : null;
  const first = cells(lines[at]);
  if (align && lines[at].includes("|") && first.length === align.length) {
    const end = endOf(lines, at + 2, (line) => line.includes("|"));
    return [{ type: "table", align, header: first, rows: lines.slice(at + 2, end).map(cells) }, end];
  }
  const end = endOf(lines, at, isRow);
  return end > at
    ? [{ type: "table", align: first.map(() => "left"), header: null, rows: lines.slice(at, end).map(cells) }, end]
    : null;
}

/** Between bars, and with one within. */
function isRow(line) {
  const row = line.trim();
  return row.startsWith("|") && row.endsWith("|") && row.indexOf("|", 1) < row.length - 1 && row.length > 2;
}

function cells(line) {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function aligned(cell) {
  if (cell.endsWith(":")) return cell.startsWith(":") ? "center" : "right";
  return "left";
}

/** @returns {Found} */
function paragraph(lines, at) {
  const end = endOf(lines, at + 1, (line, index) => line.trim() !== "" && !startsBlock(lines, index));
  return [
    {
      type: "paragraph",
      text: lines
        .slice(at, end)
        .map((line) => line.trimStart())
        .join("\n"),
    },
    end,
  ];
}

function startsBlock(lines, at) {
  const line = lines[at];
  const started = [FENCE, HEADING, RULE, QUOTE, ITEM].some((kind) => kind.test(line));
  return started || table(lines, at) !== null;
}

function endOf(lines, from, goesOn) {
  let end = from;
  while (end < lines.length && goesOn(lines[end], end)) end += 1;
  return end;
}
