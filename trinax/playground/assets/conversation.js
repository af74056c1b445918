/** What was asked and answered so far, and how the next answer is got. */

import { brief } from "./storage.js";

const NAME = "trinax.turns";

/**
 * @typedef {{question: string, answer: string, state: "running" | "done" | "stopped" | "failed", sources: any[],
 *   told: any, usage: any, failure: any, attached: {name: string, data: string}[]}} Turn
 */

/** @returns {Turn} */
export const asked = (question, attached) => ({
  question,
  answer: "",
  state: "running",
  sources: [],
  told: null,
  usage: null,
  failure: null,
  attached,
});

/** The turns as the server takes them; a turn without an answer is none. @param {Turn[]} turns @param {Turn} current */
export function messages(turns, current) {
  const before = turns.slice(0, turns.indexOf(current)).filter((turn) => turn.answer);
  return [
    ...before.flatMap((turn) => [
      { role: "user", content: turn.question },
      { role: "assistant", content: turn.answer },
    ]),
    { role: "user", content: current.question },
  ];
}

/**
 * Writes the answer into the turn as it comes.
 * @param {import("./server.js").Server} server
 * @param {Turn} turn
 * @param {object} body
 * @param {AbortSignal} signal
 * @param {() => void} changed
 */
export async function answer(server, turn, body, signal, changed) {
  try {
    for await (const frame of server.stream("v1/chat/completions", body, signal)) {
      turn.answer += frame.choices[0]?.delta?.content ?? "";
      if (frame.trinaxai) {
        turn.sources = frame.trinaxai_sources ?? [];
        turn.told = { ...frame.trinaxai, model: frame.model };
        turn.usage = frame.usage ?? null;
      }
      changed();
    }
    turn.state = "done";
  } catch (failure) {
    turn.state = signal.aborted ? "stopped" : "failed";
    if (!signal.aborted) turn.failure = failure;
  }
  changed();
}

/** Until the tab is closed; without files, for which there is not the room. @param {Turn[]} turns */
export function keep(turns) {
  const whole = turns
    .filter((turn) => turn.state !== "running")
    .map((turn) => ({ ...turn, failure: null, attached: [] }));
  try {
    brief.setItem(NAME, JSON.stringify(whole));
  } catch {
    brief.removeItem(NAME);
  }
}

/** Without what another version of the page has kept in another form. @returns {Turn[]} */
export function kept() {
  try {
    return JSON.parse(brief.getItem(NAME) ?? "[]").filter(isTurn);
  } catch {
    return [];
  }
}

function isTurn(found) {
  const { question, answer, sources, attached } = found;
  return [question, answer].every((text) => typeof text === "string") && [sources, attached].every(Array.isArray);
}
