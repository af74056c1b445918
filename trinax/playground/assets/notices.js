/** What happened, for eyes and for screen readers. */

import { byId, make } from "./elements.js";

const SHOWN_MS = 5000;

/**
 * Says something in passing.
 * @param {string} text
 * @param {"heard" | "seen"} how heard: only by screen readers, where eyes see it from the page itself
 */
export function notify(text, how = "heard") {
  const notice = make("p", { class: how === "heard" ? "unseen" : "notice" }, text);
  byId("notices").append(notice);
  setTimeout(() => notice.remove(), SHOWN_MS);
}

/** A place in the page where a failure stands, and what to do about it. */
export class Refusals {
  /** @param {() => void} askForCredential */
  constructor(askForCredential) {
    this.askForCredential = askForCredential;
  }

  /** @param {any} failure @param {(() => void) | null} [again] */
  note(failure, again = null) {
    const wait = failure.wait ? ` Try again in ${failure.wait} s.` : "";
    const request =
      failure.status >= 500 && failure.request ? make("p", { class: "muted" }, `Request ${failure.request}`) : null;
    const actions = [
      failure.wantsCredential &&
        make("button", { type: "button", class: "small", onclick: this.askForCredential }, "Enter a key or token"),
      again && make("button", { type: "button", class: "small", onclick: again }, "Try again"),
    ];
    return make("div", { class: "callout", role: "alert" }, make("p", {}, failure.message + wait), request, ...actions);
  }
}

/** Asks before what cannot be undone. @returns {Promise<boolean>} */
export function confirmed(title, text, verb) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = verb;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((decide) => {
    dialog.addEventListener("close", () => decide(dialog.returnValue === "yes"), { once: true });
  });
}
