/** Light, dark, or as the system has it. */

import { byId } from "./elements.js";
import { lasting } from "./storage.js";

const NAME = "trinax.theme";
const NEXT = { system: "light", light: "dark", dark: "system" };

export function startAppearance() {
  const root = document.documentElement;
  const button = byId("theme");
  const tell = () => {
    const chosen = root.dataset.theme ?? "system";
    byId("theme-state").textContent = { system: "Theme", light: "Light", dark: "Dark" }[chosen];
    button.setAttribute("aria-label", `Theme: ${chosen}. Change to ${NEXT[chosen]}.`);
    button.title = `Theme: ${chosen}`;
  };
  button.addEventListener("click", () => {
    const next = NEXT[root.dataset.theme ?? "system"];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    lasting.setItem(NAME, next);
    tell();
  });
  tell();
}
