/** The dialog for key and token, and what they open. */

import { byId, make } from "./elements.js";

// What is asked to find out; both cost the server next to nothing.
const PROBES = { "ask and search": "v1/models", "read files and collections": "v1/collections" };

/**
 * @param {import("./server.js").Server} server
 * @param {() => void} changed
 */
export function startAccess(server, changed) {
  const { credentials } = server;
  const dialog = /** @type {HTMLDialogElement} */ (byId("access"));
  const [key, token, remember] = ["key", "token", "remember"].map(
    (name) => /** @type {HTMLInputElement} */ (byId(`access-${name}`)),
  );
  const outcome = byId("access-outcome");

  const tell = () => {
    const held = [credentials.token && "admin token", credentials.key && "API key"].filter(Boolean);
    byId("access-state").textContent = held.length ? "Signed in" : "Access";
    byId("open-access").title = held.length ? `With ${held.join(" and ")}` : "API key and admin token";
  };

  const open = () => {
    [key.value, token.value, remember.checked] = [credentials.key, credentials.token, credentials.remembered];
    outcome.replaceChildren();
    dialog.showModal();
  };

  const save = async (event) => {
    event.preventDefault();
    credentials.save(key.value.trim(), token.value.trim(), remember.checked);
    tell();
    outcome.replaceChildren(...(await allowed(server)));
    changed();
  };

  byId("open-access").addEventListener("click", open);
  byId("access-form").addEventListener("submit", save);
  byId("access-close").addEventListener("click", () => dialog.close());
  byId("access-forget").addEventListener("click", () => {
    credentials.save("", "", false);
    [key.value, token.value, remember.checked] = ["", "", false];
    outcome.replaceChildren(make("p", { class: "muted" }, "Both are forgotten."));
    tell();
    changed();
  });
  tell();
  return open;
}

/** @param {import("./server.js").Server} server */
async function allowed(server) {
  const lines = [];
  for (const [what, path] of Object.entries(PROBES)) {
    const refusal = await server.get(path).then(
      () => null,
      (failure) => failure,
    );
    const said = refusal ? `You may not ${what}: ${refusal.message}` : `You may ${what}.`;
    lines.push(make("p", { class: refusal ? "outcome bad" : "outcome good" }, said));
  }
  return lines;
}
