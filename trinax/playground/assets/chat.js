/** The chat: asking, stopping, asking again. */

import { Attachments } from "./attachments.js";
import { answer, asked, keep, kept, messages } from "./conversation.js";
import { byId, make, ready } from "./elements.js";
import { notify } from "./notices.js";
import { turnView } from "./turn.js";

// So close to the end counts as at the end, which is kept in view while an answer grows.
const NEAR_PX = 80;
const STARTERS = {
  handbook: ["How do I add a model?", "Which files are never indexed?", "How is a citation checked?"],
};

export class Chat {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./panel.js").Panel} panel
   * @param {import("./notices.js").Refusals} refusals
   * @param {import("./catalogue.js").Scope} scope
   */
  constructor(server, panel, refusals, scope) {
    this.server = server;
    this.scope = scope;
    this.attachments = new Attachments();
    this.question = /** @type {HTMLTextAreaElement} */ (byId("question"));
    this.model = /** @type {HTMLSelectElement} */ (byId("chat-model"));
    this.scroll = byId("chat-scroll");
    this.turns = kept();
    this.running = /** @type {AbortController | null} */ (null);
    this.around = {
      panel,
      refusals,
      retry: (turn) => this.#again(turn, turn.question),
      edit: (turn, question) => this.#again(turn, question),
    };
    for (const turn of this.turns) byId("turns").append(turnView(turn, this.around).element);
    this.#listen();
    this.#tell();
  }

  show() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    ready(this.question);
  }

  /** Suggests questions about collections that it knows. @param {string[]} ids */
  suggest(ids) {
    const questions = ids.flatMap((id) => STARTERS[id] ?? []);
    const ask = (question) => () => this.#ask(question, []);
    byId("starters").replaceChildren(
      ...questions.map((question) =>
        make("button", { type: "button", class: "starter", onclick: ask(question) }, question),
      ),
    );
  }

  #listen() {
    const grow = () => {
      this.question.style.height = "auto";
      this.question.style.height = `${this.question.scrollHeight}px`;
    };
    this.question.addEventListener("input", grow);
    this.question.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("stop").addEventListener("click", () => this.running?.abort());
    byId("chat-new").addEventListener("click", () => this.#clear());
  }

  async #submit() {
    const question = this.question.value.trim();
    if (!question || this.running) return;
    this.question.value = "";
    this.question.style.height = "auto";
    this.#ask(question, await this.attachments.take());
  }

  #clear() {
    this.running?.abort();
    this.turns = [];
    this.#forget(byId("turns").querySelectorAll(".turn"));
    keep(this.turns);
    this.#tell();
    ready(this.question);
  }

  /** What came after is another conversation. */
  #again(turn, question) {
    this.running?.abort();
    const at = this.turns.indexOf(turn);
    this.turns = this.turns.slice(0, at);
    this.#forget([...byId("turns").querySelectorAll(".turn")].slice(at));
    this.#ask(question, turn.attached);
  }

  #forget(elements) {
    this.around.panel.close();
    for (const element of elements) element.remove();
  }

  async #ask(question, attached) {
    const turn = asked(question, attached);
    const running = new AbortController();
    this.running = running;
    this.turns.push(turn);
    const view = turnView(turn, this.around);
    byId("turns").append(view.element);
    this.#tell();
    this.scroll.scrollTop = this.scroll.scrollHeight;
    ready(this.question);
    await answer(this.server, turn, this.#body(turn), running.signal, this.#following(view));
    if (this.running === running) this.running = null;
    keep(this.turns);
    this.#tell();
    if (this.turns.includes(turn))
      notify({ done: "The answer is there.", stopped: "Stopped.", failed: "No answer." }[turn.state]);
  }

  /** Files stay with their conversation. */
  #body(turn) {
    const files = this.turns.slice(0, this.turns.indexOf(turn) + 1).flatMap((each) => each.attached);
    return {
      model: this.model.value,
      messages: messages(this.turns, turn),
      stream: true,
      stream_options: { include_usage: true },
      ...this.scope.asked,
      ...(this.scope.web ? { web_search: true } : {}),
      ...(files.length ? { attachments: files } : {}),
    };
  }

  /** Draws once a frame, however many tokens come, and stays at the end if the reader is there. */
  #following(view) {
    let due = false;
    return () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        const { scrollHeight, scrollTop, clientHeight } = this.scroll;
        const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
        view.update();
        if (atEnd) this.scroll.scrollTop = this.scroll.scrollHeight;
      });
    };
  }

  #tell() {
    byId("welcome").hidden = this.turns.length > 0;
    byId("chat-new").hidden = this.turns.length === 0;
    byId("send").hidden = this.running !== null;
    byId("stop").hidden = this.running === null;
  }
}
