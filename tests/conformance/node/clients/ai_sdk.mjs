// Vercel's AI SDK, which opencode and many agents speak through.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, generateText, jsonSchema, streamText, tool } from "ai";

function request(url, { model, question, key, fields }) {
  const provider = createOpenAICompatible({
    name: "trinax",
    baseURL: `${url}/v1`,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
    transformRequestBody: (sent) => ({ ...sent, collections: fields.collections }),
  });
  const tools = (fields.tools ?? []).map(({ function: { name, description, parameters } }) => [
    name,
    tool({ description, inputSchema: jsonSchema(parameters) }),
  ]);
  const schema = fields.response_format?.json_schema.schema;
  return {
    model: provider(model),
    prompt: question,
    maxRetries: 0,
    maxOutputTokens: fields.max_tokens,
    stopSequences: fields.stop,
    temperature: fields.temperature,
    tools: tools.length ? Object.fromEntries(tools) : undefined,
    toolChoice: fields.tool_choice,
    output: schema && Output.object({ schema: jsonSchema(schema) }),
  };
}

async function heard(result) {
  const usage = await result.usage;
  const calls = await result.toolCalls;
  return {
    texts: [await result.text],
    finishes: [(await result.finishReason).replace("tool-calls", "tool_calls")],
    reasoning: (await result.reasoningText) ?? "",
    calls: calls.map(({ toolName, input }) => ({ name: toolName, arguments: input })),
    usage: { prompt: usage.inputTokens, completion: usage.outputTokens },
    failure: null,
  };
}

function failed(error) {
  return {
    class: error.name ?? typeof error,
    status: error.statusCode ?? 0,
    message: error.message ?? String(error),
    retry_after: error.responseHeaders?.["retry-after"] ?? "",
  };
}

export async function read(url, asked, streamed) {
  let failure = null;
  let told = "";
  try {
    if (!streamed) return await heard(await generateText(request(url, asked)));
    const onError = ({ error }) => (failure = error);
    const result = streamText({ ...request(url, asked), onError });
    for await (const part of result.textStream) told += part;
    if (failure) throw failure;
    return await heard(result);
  } catch (error) {
    return { texts: told ? [told] : [], failure: failed(error) };
  }
}
