// The openai package.
import OpenAI from "openai";

import { STREAMED, Saying, body, failed, whole } from "./shape.mjs";

export async function read(url, asked, streamed) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: asked.key, maxRetries: 0 });
  const said = new Saying();
  try {
    if (!streamed) return whole(await client.chat.completions.create(body(asked)));
    const stream = await client.chat.completions.create({ ...body(asked), ...STREAMED });
    for await (const chunk of stream) said.add(chunk);
    return said.heard();
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    return { ...said.heard(), failure: failed(error) };
  }
}
