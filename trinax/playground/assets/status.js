/** Status: follows the indexing and the models for as long as somebody looks. */

import { byId } from "./elements.js";
import { Indexing } from "./indexing.js";
import { Occupancy } from "./occupancy.js";

// Each look is three requests, and a client has a hundred a minute.
const POLL_MS = 5000;
const AGAIN_MS = 3000;
const RESIDENT = /^process_resident_memory_bytes (\S+)$/m;

export class Status {
  /**
   * @param {import("./server.js").Server} server
   * @param {import("./notices.js").Refusals} refusals
   */
  constructor(server, refusals) {
    this.server = server;
    this.indexing = new Indexing(server, refusals, byId("status-collections"));
    this.occupancy = new Occupancy(refusals, byId("status-models"));
    this.watching = /** @type {AbortController | null} */ (null);
  }

  show() {
    this.hide();
    this.watching = new AbortController();
    this.#follow(this.watching.signal);
    this.#poll(this.watching.signal);
    // Where the server does not answer, the others say so.
    this.#version().catch(() => {});
  }

  hide() {
    this.watching?.abort();
    this.watching = null;
  }

  async #version() {
    const { trinax } = await this.server.get("api/version");
    byId("status-version").textContent = `trinax ${trinax}: how far the indexing is, and how busy the models are.`;
  }

  /** Collections tell of each change by themselves. */
  async #follow(signal) {
    while (!signal.aborted) {
      try {
        for await (const listed of this.server.stream("v1/collections?stream=true", undefined, signal)) {
          this.indexing.show(listed);
        }
      } catch (failure) {
        if (signal.aborted) return;
        this.indexing.refuse(failure);
        if (failure.wantsCredential) return;
      }
      await pause(AGAIN_MS);
    }
  }

  async #poll(signal) {
    const how = { signal };
    const resident = await this.#resident(how);
    for (; !signal.aborted; await pause(POLL_MS)) {
      if (document.hidden) continue;
      try {
        const [listed, queue, held] = await Promise.all([
          this.server.get("api/v1/models", how),
          this.server.get("api/v1/queue-status", how),
          this.server.get("api/ps", how),
        ]);
        this.occupancy.show(listed.models, queue, held.models, resident);
      } catch (failure) {
        if (signal.aborted) return;
        this.occupancy.refuse(failure);
        if (failure.wantsCredential) return;
      }
    }
  }

  /** Bytes of the process when it was last looked at; null for whom that is not told. */
  async #resident(how) {
    try {
      const found = RESIDENT.exec(await this.server.text("metrics", how));
      return found && Number(found[1]);
    } catch {
      return null;
    }
  }
}

const pause = (ms) => new Promise((later) => setTimeout(later, ms));
