// LangChain's @langchain/openai.
import { ChatOpenAI } from "@langchain/openai";

import { failed } from "./shape.mjs";

function heard(message) {
  const { response_metadata: metadata, usage_metadata: counts } = message;
  return {
    texts: [message.content],
    finishes: metadata.finish_reason ? [metadata.finish_reason] : [],
    calls: message.tool_calls.map(({ name, args }) => ({ name, arguments: args })),
    usage: counts ? { prompt: counts.input_tokens, completion: counts.output_tokens } : null,
    failure: null,
  };
}

export async function read(url, asked, streamed) {
  const { max_tokens: maxTokens, ...modelKwargs } = asked.fields;
  const client = new ChatOpenAI({
    model: asked.model,
    maxTokens,
    apiKey: asked.key,
    configuration: { baseURL: `${url}/v1` },
    maxRetries: 0,
    modelKwargs,
  });
  let message;
  try {
    if (!streamed) return heard(await client.invoke(asked.question));
    for await (const chunk of await client.stream(asked.question))
      message = message ? message.concat(chunk) : chunk;
    return heard(message);
  } catch (error) {
    return { texts: message ? [message.content] : [], failure: failed(error) };
  }
}
