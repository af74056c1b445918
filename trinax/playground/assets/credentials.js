/** What the page sends to be let in: kept until the tab is closed, longer only on request. */

const NAMES = { key: "trinax.key", token: "trinax.token" };
const SESSION = "trinax.session";

export class Credentials {
  /** @param {import("./storage.js").Kept} brief @param {import("./storage.js").Kept} lasting */
  constructor(brief, lasting) {
    this.brief = brief;
    this.lasting = lasting;
    if (!brief.getItem(SESSION)) brief.setItem(SESSION, crypto.randomUUID?.() ?? randomName());
  }

  get key() {
    return this.#kept(NAMES.key);
  }

  get token() {
    return this.#kept(NAMES.token);
  }

  get remembered() {
    return Object.values(NAMES).some((name) => this.lasting.getItem(name));
  }

  /** @param {string} key @param {string} token @param {boolean} remember */
  save(key, token, remember) {
    const given = { [NAMES.key]: key, [NAMES.token]: token };
    for (const [name, value] of Object.entries(given)) {
      this.brief.removeItem(name);
      this.lasting.removeItem(name);
      if (value) (remember ? this.lasting : this.brief).setItem(name, value);
    }
  }

  headers() {
    const sent = /** @type {Record<string, string>} */ ({ "x-trinax-session": this.brief.getItem(SESSION) });
    if (this.key) sent["x-api-key"] = this.key;
    if (this.token) sent["x-admin-token"] = this.token;
    return sent;
  }

  /** @param {string} name */
  #kept(name) {
    return this.brief.getItem(name) ?? this.lasting.getItem(name) ?? "";
  }
}

// crypto.randomUUID is only there over TLS and on this machine.
function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
