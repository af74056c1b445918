/** The page: its views, and how one gets from one to the other. */

import { startAccess } from "./access.js";
import { startAppearance } from "./appearance.js";
import { Models, Scope } from "./catalogue.js";
import { Chat } from "./chat.js";
import { Credentials } from "./credentials.js";
import { byId } from "./elements.js";
import { Finding } from "./finding.js";
import { notify, Refusals } from "./notices.js";
import { Panel } from "./panel.js";
import { Research } from "./research.js";
import { Refusal, Server } from "./server.js";
import { Sources } from "./sources.js";
import { Status } from "./status.js";
import { brief, lasting } from "./storage.js";
import { Uploading } from "./uploading.js";

const FIRST = "chat";
const FIELDS = { chat: "question", search: "query", research: "topic" };

const server = new Server(new Credentials(brief, lasting));
const openAccess = startAccess(server, changedAccess);
const refusals = new Refusals(openAccess);
const panel = new Panel(server, refusals);
const uploading = new Uploading(server, refusals);
const models = new Models(["chat-model", "research-model"]);
const scopes = {
  chat: new Scope("chat-scope", { none: true, web: true }),
  search: new Scope("search-scope"),
  research: new Scope("research-scope"),
};
const views = {
  chat: new Chat(server, panel, refusals, scopes.chat),
  search: new Finding(server, panel, refusals, scopes.search),
  research: new Research(server, panel, refusals, scopes.research),
  sources: new Sources(server, refusals, uploading),
  status: new Status(server, refusals),
};

uploading.onchange = () => {
  fillChoices();
  if (current() === "sources") go();
};

function changedAccess() {
  fillChoices();
  go();
}

/** Without the right to see collections, all of them is the only choice; the same goes for models. */
async function fillChoices() {
  const [listed, found] = await Promise.allSettled([server.get("v1/models"), server.get("v1/collections")]);
  if (listed.status === "fulfilled") models.offer(listed.value.data);
  const ids = found.status === "fulfilled" ? found.value.collections.map((each) => each.id) : [];
  for (const scope of Object.values(scopes)) scope.offer(ids);
  views.chat.suggest(ids);
}

function go() {
  const [name, ...place] = location.hash.slice(1).split("/").map(decoded);
  const chosen = name in views ? name : FIRST;
  panel.close();
  for (const [each, view] of Object.entries(views)) {
    byId(each).hidden = each !== chosen;
    if (each !== chosen && "hide" in view) view.hide();
  }
  for (const link of document.querySelectorAll("[data-view]")) {
    const here = /** @type {HTMLElement} */ (link).dataset.view === chosen;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${byId(`${chosen}-title`).textContent} – trinax`;
  views[chosen].show(place.filter(Boolean));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

function current() {
  return Object.keys(views).find((name) => !byId(name).hidden) ?? FIRST;
}

addEventListener("hashchange", () => {
  go();
  if (!(current() in FIELDS)) byId(`${current()}-title`).focus();
});
addEventListener("keydown", (event) => {
  const typing = /** @type {HTMLElement} */ (event.target).closest("input, textarea, select");
  if (event.key !== "/" || typing || document.querySelector("dialog[open]")) return;
  const field = FIELDS[current()];
  if (!field) return;
  event.preventDefault();
  byId(field).focus();
});
// Of what was asked for where there is no place for a refusal, as the next lines of a file.
addEventListener("unhandledrejection", (event) => {
  if (!(event.reason instanceof Refusal)) return;
  event.preventDefault();
  notify(event.reason.message, "seen");
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
startAppearance();
go();
performance.mark("usable");
fillChoices();
