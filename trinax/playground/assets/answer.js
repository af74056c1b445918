/** An answer as it is shown: text with citations, its sources, and how it came about. */

import { icon, make } from "./elements.js";
import { decimals, duration, lines } from "./units.js";

const VERDICTS = {
  answered: ["good", "Answered from your documents"],
  partial: ["some", "Partly answered from your documents"],
  insufficient: ["bad", "Your documents do not say"],
  ungrounded: ["some", "Without documents"],
};

/** Lines of one source that carry sentences of the answer. */
export function spansOf(grounding, n) {
  return (grounding?.support ?? []).flatMap((each) => each.spans).filter((span) => span.n === n);
}

/** Numbers that the text cites, in their order. */
export function citedIn(text) {
  return [...new Set([...text.matchAll(/\[(\d{1,3})\]/g)].map((match) => Number(match[1])))];
}

/**
 * What stands for [n] in the text: a button once the source is known.
 * @param {any[]} sources
 * @param {any} grounding
 * @param {import("./panel.js").Panel} panel
 */
export function citing(sources, grounding, panel) {
  return (n) => {
    const source = sources.find((each) => each.n === n);
    if (!source) return sources.length ? null : make("span", { class: "cite pending" }, String(n));
    const open = (event) => panel.open(source, spansOf(grounding, n), event.currentTarget);
    const label = `Source ${n}: ${source.url ?? source.file}, ${lines(source)}`;
    return make(
      "button",
      { type: "button", class: "cite", "aria-label": label, title: label, onclick: open },
      String(n),
    );
  };
}

/** The sources that are cited, and the rest of what was found. */
export function sourceList(sources, grounding, text, panel) {
  const cited = citedIn(text);
  const row = (source) => {
    const open = (event) => panel.open(source, spansOf(grounding, source.n), event.currentTarget);
    const place = source.url ? new URL(source.url).host : `${source.collection_id} · ${lines(source)}`;
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "source", onclick: open },
        make("span", { class: "cite-number" }, String(source.n)),
        make("span", { class: "source-name" }, source.file || source.url),
        make("span", { class: "source-place" }, place),
      ),
    );
  };
  const used = sources.filter((source) => cited.includes(source.n));
  const rest = sources.filter((source) => !cited.includes(source.n));
  const shown = [];
  if (used.length) shown.push(make("ul", { class: "plain sources", "aria-label": "Sources" }, ...used.map(row)));
  if (rest.length) {
    const list = make("ul", { class: "plain sources" }, ...rest.map(row));
    shown.push(make("details", { class: "more" }, make("summary", {}, `${rest.length} more found, not cited`), list));
  }
  return shown;
}

/** @param {{verdict: string, confidence: number | null}} grounding */
export function verdict(grounding) {
  const [look, said] = VERDICTS[grounding.verdict] ?? ["some", grounding.verdict];
  const sure = grounding.confidence === null ? null : `Confidence ${decimals(grounding.confidence)}`;
  return make("span", { class: `badge ${look}`, title: sure }, icon(look === "good" ? "check" : "warning"), said);
}

/** The route and its reasons, what was left out, and how long it took. */
export function howItCame(told, usage) {
  const { route, timing, left_out: left } = told;
  const facts = [
    ["Model", route.model],
    ["Kind of question", route.kind],
  ];
  if (usage) facts.push(["Tokens", `${usage.prompt_tokens} read, ${usage.completion_tokens} written`]);
  facts.push([
    "Time",
    Object.entries(timing)
      .map(([what, ms]) => `${what.replace("_", " ")} ${duration(ms / 1000)}`)
      .join(", "),
  ]);
  const leftOut = Object.entries(left ?? {}).filter(([, what]) => (Array.isArray(what) ? what.length : what));
  if (leftOut.length)
    facts.push(["Left out", leftOut.map(([what, n]) => `${what}: ${[n].flat().join(", ")}`).join("; ")]);
  return make(
    "details",
    { class: "how" },
    make(
      "summary",
      {},
      make("span", {}, route.model),
      make("span", { class: "muted" }, ` · ${route.kind} · ${duration((timing.total ?? 0) / 1000)}`),
    ),
    make("p", {}, route.forced ? "This model was asked for." : "Why this model:"),
    make("ul", {}, ...route.reasons.map((reason) => make("li", {}, reason))),
    make("dl", {}, ...facts.flatMap(([what, value]) => [make("dt", {}, what), make("dd", {}, String(value))])),
  );
}
