/** What a browser keeps for the page: until the tab is closed, and longer. */

/** For browsers that keep nothing: until the page is left. */
class Memory {
  constructor() {
    this.held = /** @type {Map<string, string>} */ (new Map());
  }

  /** @param {string} name */
  getItem(name) {
    return this.held.get(name) ?? null;
  }

  /** @param {string} name @param {string} value */
  setItem(name, value) {
    this.held.set(name, value);
  }

  /** @param {string} name */
  removeItem(name) {
    this.held.delete(name);
  }
}

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Kept */

export const brief = usable(() => sessionStorage);
export const lasting = usable(() => localStorage);

/** @param {() => Storage} found @returns {Kept} */
function usable(found) {
  try {
    return found();
  } catch {
    return new Memory();
  }
}
