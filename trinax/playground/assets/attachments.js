/** Files that go along with one question, and are kept nowhere. */

import { byId, icon, make } from "./elements.js";
import { size } from "./units.js";

export class Attachments {
  constructor() {
    this.files = /** @type {File[]} */ ([]);
    const input = /** @type {HTMLInputElement} */ (byId("attach"));
    input.addEventListener("change", () => {
      this.files.push(...(input.files ?? []));
      input.value = "";
      this.#draw();
    });
  }

  /** Gives them away. @returns {Promise<{name: string, data: string}[]>} */
  async take() {
    const taken = await Promise.all(this.files.map(async (file) => ({ name: file.name, data: await base64(file) })));
    this.files = [];
    this.#draw();
    return taken;
  }

  #draw() {
    byId("attached").replaceChildren(
      ...this.files.map((file) => {
        const drop = () => {
          this.files = this.files.filter((other) => other !== file);
          this.#draw();
          byId("question").focus();
        };
        return make(
          "span",
          { class: "chip" },
          icon("attach"),
          `${file.name} `,
          make("small", {}, size(file.size)),
          make(
            "button",
            { type: "button", class: "quiet", "aria-label": `Leave out ${file.name}`, onclick: drop },
            icon("close"),
          ),
        );
      }),
    );
  }
}

/** @param {File} file @returns {Promise<string>} */
function base64(file) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
}
