// eventsource-parser, which knows nothing of OpenAI, over the fetch of Node.
import { createParser } from "eventsource-parser";

import { STREAMED, Saying, body, whole } from "./shape.mjs";

function refused(error, response) {
  return {
    class: error.type,
    status: response?.status ?? 0,
    message: error.message,
    code: error.code,
    param: error.param ?? "",
    retry_after: response?.headers.get("retry-after") ?? "",
  };
}

async function events(stream) {
  const found = [];
  const wrong = (problem) => {
    throw problem;
  };
  const parser = createParser({ onEvent: (event) => found.push(event), onError: wrong });
  for await (const part of stream.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })))
    parser.feed(part);
  return found;
}

export async function read(url, asked, streamed) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${asked.key}` },
    body: JSON.stringify({ ...body(asked), ...(streamed ? STREAMED : {}) }),
  });
  if (!response.ok) return { texts: [], failure: refused((await response.json()).error, response) };
  if (!streamed) return whole(await response.json());
  const said = new Saying();
  for (const { event, id, data } of await events(response.body)) {
    if (event !== undefined || id !== undefined) throw new Error(`named event ${event} ${id}`);
    if (data === "[DONE]") return said.heard();
    const value = JSON.parse(data);
    if (value.error) return { ...said.heard(), failure: refused(value.error) };
    said.add(value);
  }
  throw new Error("the stream ended without [DONE]");
}
