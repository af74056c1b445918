/** One question and its answer, as elements that follow what they show. */

import { citing, howItCame, sourceList, verdict } from "./answer.js";
import { iconButton, icon, make } from "./elements.js";
import { copied, show } from "./markdown.js";

/**
 * @typedef {{panel: import("./panel.js").Panel, refusals: import("./notices.js").Refusals,
 *   retry: (turn: any) => void, edit: (turn: any, question: string) => void}} Around
 */

/** @param {import("./conversation.js").Turn} turn @param {Around} around */
export function turnView(turn, around) {
  const prose = make("div", { class: "prose" });
  const end = make("div", { class: "turn-end" });
  const asked = make("div", { class: "asked" });
  const element = make(
    "article",
    { class: "turn", "aria-label": `Question: ${turn.question}` },
    asked,
    make("div", { class: "answered" }, prose, end),
  );
  showQuestion(asked, turn, around);
  const update = () => {
    const running = turn.state === "running";
    const cite = citing(turn.sources, turn.told?.grounding, around.panel);
    show(prose, turn.answer, cite, String(turn.sources.length));
    prose.classList.toggle("waiting", running && !turn.answer);
    prose.classList.toggle("writing", running && turn.answer !== "");
    prose.setAttribute("aria-busy", String(running));
    end.replaceChildren(...(running ? [] : ending(turn, around)));
  };
  update();
  return { element, update };
}

function ending(turn, around) {
  const copying = iconButton("Copy answer", "copy", () => copied(copying, turn.answer));
  const again = iconButton("Retry", "retry", () => around.retry(turn));
  const shown = [];
  if (turn.failure) shown.push(around.refusals.note(turn.failure));
  if (turn.state === "stopped") shown.push(make("p", { class: "muted" }, "Stopped."));
  if (turn.told) shown.push(...sourceList(turn.sources, turn.told.grounding, turn.answer, around.panel));
  const facts = turn.told ? [verdict(turn.told.grounding), howItCame(turn.told, turn.usage)] : [];
  shown.push(
    make(
      "div",
      { class: "turn-actions" },
      ...facts,
      make("span", { class: "push" }),
      turn.answer ? copying : null,
      again,
    ),
  );
  return shown;
}

function showQuestion(asked, turn, around) {
  const editing = iconButton("Edit question", "edit", () => editQuestion(asked, turn, around));
  const files = turn.attached.map((file) => make("span", { class: "chip" }, icon("attach"), file.name));
  asked.replaceChildren(editing, make("div", { class: "bubble" }, turn.question, ...files));
}

function editQuestion(asked, turn, around) {
  const text = make("textarea", { "aria-label": "Question", rows: 3 });
  text.value = turn.question;
  const cancel = () => {
    showQuestion(asked, turn, around);
    /** @type {HTMLElement} */ (asked.querySelector("button")).focus();
  };
  const send = (event) => {
    event.preventDefault();
    if (text.value.trim()) around.edit(turn, text.value.trim());
  };
  const buttons = [
    make("button", { type: "button", class: "small", onclick: cancel }, "Cancel"),
    make("button", { type: "submit", class: "primary small" }, "Ask again"),
  ];
  const form = make(
    "form",
    { class: "editing", onsubmit: send },
    text,
    make("div", { class: "actions" }, make("span", { class: "push" }), ...buttons),
  );
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  asked.replaceChildren(form);
  text.focus();
}
