/** Elements made from data. Text only ever becomes text: there is no way from here to markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} given attributes; "on…" are listeners, true and false toggle, null is left out
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== false && child !== undefined) element.append(child);
  return element;
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} name of a symbol in icons.svg, without "icon-" */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawn.append(use);
  return drawn;
}

/**
 * @param {string} label
 * @param {string} symbol
 * @param {EventListener} onclick
 * @param {{class?: string, labelled?: boolean}} look labelled: the words are seen, not only heard
 */
export function iconButton(label, symbol, onclick, look = {}) {
  const seen = look.labelled === true;
  return make(
    "button",
    { type: "button", class: look.class ?? "quiet small", title: seen ? null : label, onclick },
    icon(symbol),
    make("span", { class: seen ? null : "unseen" }, label),
  );
}

/** @param {number} share 0 to 1 @param {string} label */
export function bar(share, label) {
  const filled = make("span", { class: "bar-filled" });
  filled.style.width = `${Math.round(Math.min(Math.max(share, 0), 1) * 100)}%`;
  return make("span", { class: "meter", role: "img", "aria-label": label }, filled);
}

/** Makes a field ready to type in, unless that would bring up a keyboard over the page. @param {HTMLElement} field */
export function ready(field) {
  if (!matchMedia("(pointer: coarse)").matches) field.focus({ preventScroll: true });
}
