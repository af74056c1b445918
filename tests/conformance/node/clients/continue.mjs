// Continue's own client code, as its extension calls it.
import { Saying, body, failed, whole } from "./shape.mjs";

// It prints, and standard output is for what was heard.
console.log = console.error;
const { constructLlmApi } = await import("@continuedev/openai-adapters");

export async function read(url, asked, streamed) {
  const config = { provider: "openai", apiBase: `${url}/v1`, apiKey: asked.key };
  const api = constructLlmApi(config);
  // It leaves the number of attempts to the package that it is built on.
  api.openai.maxRetries = 0;
  const { signal } = new AbortController();
  const said = new Saying();
  try {
    if (!streamed) return whole(await api.chatCompletionNonStream(body(asked), signal));
    const stream = api.chatCompletionStream({ ...body(asked), stream: true }, signal);
    for await (const chunk of stream) said.add(chunk);
    return said.heard();
  } catch (error) {
    return { ...said.heard(), failure: failed(error) };
  }
}
