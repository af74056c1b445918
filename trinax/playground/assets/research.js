/** Research: the plan, what each pass found, and the report. */

import { citing, howItCame, sourceList, verdict } from "./answer.js";
import { byId, icon, iconButton, make, ready } from "./elements.js";
import { copied, show } from "./markdown.js";
import { notify } from "./notices.js";
import { download, fileName, markdownOf } from "./report.js";
import { counted } from "./units.js";

export class Research {
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
    this.topic = /** @type {HTMLTextAreaElement} */ (byId("topic"));
    this.running = /** @type {AbortController | null} */ (null);
    byId("research-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.running) this.#run(this.topic.value.trim());
    });
    byId("research-stop").addEventListener("click", () => this.running?.abort());
  }

  show() {
    if (!this.running) ready(this.topic);
  }

  async #run(query) {
    if (!query) return;
    const running = new AbortController();
    this.#tell(running);
    const view = new Progress();
    byId("research-out").replaceChildren(view.element);
    try {
      for await (const frame of this.server.stream("v1/research", this.#body(query), running.signal)) {
        if (frame.step) view.step(frame);
        else if (frame.delta !== undefined) view.write(frame.delta);
        else view.finish(...this.#report(query, frame));
      }
      notify("The report is there.");
    } catch (failure) {
      const said = running.signal.aborted
        ? make("p", { class: "muted" }, "Stopped.")
        : this.refusals.note(failure, () => this.#run(query));
      view.finish(view.prose, said);
    }
    this.#tell(null);
  }

  #body(query) {
    const depth = /** @type {HTMLInputElement} */ (document.querySelector("input[name=depth]:checked")).value;
    const model = /** @type {HTMLSelectElement} */ (byId("research-model")).value;
    return { query, depth: Number(depth), model, stream: true, ...this.scope.asked };
  }

  #tell(running) {
    this.running = running;
    byId("research-start").hidden = running !== null;
    byId("research-stop").hidden = running === null;
  }

  #report(query, report) {
    const { grounding, sources, answer } = report;
    const prose = make("div", { class: "prose" });
    show(prose, answer, citing(sources, grounding, this.panel), "report");
    const text = markdownOf(query, report);
    const copying = iconButton("Copy as Markdown", "copy", () => copied(copying, text), { labelled: true });
    const saving = iconButton("Export to Markdown", "download", () => download(fileName(query), text), {
      class: "small",
      labelled: true,
    });
    const footnotes = make(
      "section",
      { class: "footnotes" },
      make("h2", {}, "Footnotes"),
      ...sourceList(sources, grounding, answer, this.panel),
    );
    const facts = make(
      "div",
      { class: "turn-actions" },
      verdict(grounding),
      howItCame(report.trinaxai, null),
      make("span", { class: "push" }),
      copying,
      saving,
    );
    return [make("header", {}, make("h2", {}, query)), prose, footnotes, facts];
  }
}

/** What has happened so far. */
class Progress {
  constructor() {
    this.questions = make("ol", { class: "plain plan" });
    this.state = make("p", { class: "working", role: "status" }, "Planning");
    this.prose = make("div", { class: "prose" });
    this.report = make("article", { class: "report", hidden: true, "aria-label": "Report" }, this.prose);
    this.plan = make(
      "details",
      { class: "card progress", open: true },
      make("summary", {}, icon("research"), this.state),
      this.questions,
    );
    this.element = make("div", {}, this.plan, this.report);
    this.text = "";
    this.passes = 0;
  }

  step(frame) {
    if (frame.step === "plan") {
      for (const question of frame.sub_questions.slice(this.questions.children.length)) {
        this.questions.append(make("li", {}, make("span", {}, question), make("small", { class: "found" }, "waiting")));
      }
      this.state.textContent = `Searching: ${counted(frame.sub_questions.length, "question")} so far`;
    } else if (frame.step === "retrieve") {
      this.#retrieved(frame);
    } else {
      this.passes = frame.passes;
      this.state.textContent = `Writing with ${frame.model}, after ${counted(frame.passes, "search", "searches")}`;
    }
  }

  #retrieved(frame) {
    const rows = [...this.questions.children];
    let row = rows.find((each) => each.firstChild?.textContent === frame.question && !each.classList.contains("done"));
    if (!row) {
      row = make("li", {}, make("span", {}, frame.question), make("small", { class: "found" }));
      this.questions.append(row);
    }
    row.classList.add("done");
    /** @type {Node} */ (row.lastChild).textContent = `${counted(frame.found, "passage")}, ${frame.new} new`;
    this.state.textContent = `Searched ${counted(frame.pass, "time")}`;
  }

  write(text) {
    this.report.hidden = false;
    this.text += text;
    show(this.prose, this.text);
  }

  finish(...shown) {
    this.state.classList.remove("working");
    this.state.textContent = this.passes ? `Searched ${counted(this.passes, "time")}` : "Ended";
    this.plan.open = false;
    this.report.hidden = false;
    this.report.replaceChildren(...shown);
  }
}
