/** The server: requests, their refusals, and streams of events. */

/** A refusal as the server words it. status: 0 where no answer came. request: its id, for the server's log. */
export class Refusal extends Error {
  /** @param {number} status @param {{message?: string, code?: string | null}} said @param {string | null} [wait] @param {string | null} [request] */
  constructor(status, said, wait = null, request = "") {
    super(said.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = said.code ?? "";
    this.wait = wait;
    this.request = request;
  }

  get wantsCredential() {
    return this.status === 401 || this.status === 403;
  }
}

const BROKEN_OFF = "The connection to the server was lost before the end.";

export class Server {
  /** @param {import("./credentials.js").Credentials} credentials */
  constructor(credentials) {
    this.credentials = credentials;
  }

  /** @param {string} path @param {{signal?: AbortSignal}} [how] */
  get(path, how = {}) {
    return this.#json(path, how);
  }

  /** @param {string} path @param {{signal?: AbortSignal}} [how] @returns {Promise<string>} */
  async text(path, how = {}) {
    return (await this.#answer(path, how)).text();
  }

  /** @param {string} path @param {unknown} [body] @param {{signal?: AbortSignal, method?: string}} [how] */
  send(path, body, how = {}) {
    return this.#json(path, { method: "POST", body: body === undefined ? undefined : JSON.stringify(body), ...how });
  }

  /** @param {string} path */
  remove(path) {
    return this.#json(path, { method: "DELETE" });
  }

  /** @param {string} path @param {FormData} form */
  upload(path, form) {
    return this.#json(path, { method: "POST", body: form });
  }

  /**
   * The frames of a stream, until its end. Throws the failure that a last frame may hold, and one for a stream that
   * has no end of its own.
   * @param {string} path
   * @param {unknown} body undefined: it is a GET
   * @param {AbortSignal} signal
   */
  async *stream(path, body, signal) {
    const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await this.#answer(path, { ...how, signal });
    try {
      for await (const data of events(/** @type {ReadableStream<BufferSource>} */ (answer.body))) {
        if (data === "[DONE]") return;
        const frame = JSON.parse(data);
        if (frame.error) throw new Refusal(answer.status, frame.error);
        yield frame;
      }
    } catch (failure) {
      if (failure instanceof Refusal || signal.aborted) throw failure;
    }
    throw new Refusal(0, { message: BROKEN_OFF });
  }

  /** @param {string} path @param {RequestInit} how */
  async #json(path, how) {
    return (await this.#answer(path, how)).json();
  }

  /** @param {string} path @param {RequestInit} how */
  async #answer(path, how) {
    const headers = this.credentials.headers();
    if (typeof how.body === "string") headers["content-type"] = "application/json";
    let answer;
    try {
      answer = await fetch(path, { ...how, headers, cache: "no-store", credentials: "omit" });
    } catch (failure) {
      if (how.signal?.aborted) throw failure;
      throw new Refusal(0, { message: "The server does not answer. Is it still running?" });
    }
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => ({}));
    throw new Refusal(
      answer.status,
      said.error ?? {},
      answer.headers.get("retry-after"),
      answer.headers.get("x-request-id"),
    );
  }
}

/** @param {ReadableStream<BufferSource>} body @returns {AsyncGenerator<string>} the data of each event */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:"));
        if (data.length) yield data.map((line) => line.slice(5).trimStart()).join("\n");
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {string} collection @param {string} file */
export const filePath = (collection, file) =>
  `v1/sources/${encodeURIComponent(collection)}/${file.split("/").map(encodeURIComponent).join("/")}`;
