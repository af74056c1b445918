// What the clients that answer in OpenAI's own shape share.

export const STREAMED = { stream: true, stream_options: { include_usage: true } };

export function body(asked) {
  const messages = [{ role: "user", content: asked.question }];
  return { model: asked.model, messages, ...asked.fields };
}

export function failed(error) {
  return {
    class: error.constructor.name,
    status: error.status ?? 0,
    message: error.error?.message ?? error.message,
    code: error.code,
    param: error.param ?? "",
    retry_after: error.headers?.get("retry-after") ?? "",
  };
}

const usage = (counts) =>
  counts ? { prompt: counts.prompt_tokens, completion: counts.completion_tokens } : null;

const call = ({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) });

const tokens = (logprobs) =>
  (logprobs?.content ?? []).map(({ token, logprob }) => [token, logprob]);

export function whole(answer) {
  const first = answer.choices[0];
  return {
    texts: answer.choices.map((choice) => choice.message.content ?? ""),
    finishes: answer.choices.map((choice) => choice.finish_reason),
    reasoning: first.message.reasoning_content ?? "",
    calls: (first.message.tool_calls ?? []).map((each) => call(each.function)),
    usage: usage(answer.usage),
    tokens: tokens(first.logprobs),
    failure: null,
  };
}

// Chunks put together, as the reference of the API says that they are to be.
export class Saying {
  texts = [];
  finishes = [];
  reasoning = "";
  calls = [];
  tokens = [];
  usage = null;

  add(chunk) {
    this.usage = usage(chunk.usage) ?? this.usage;
    for (const { index, delta, finish_reason, logprobs } of chunk.choices) {
      this.texts[index] = (this.texts[index] ?? "") + (delta.content ?? "");
      this.reasoning += delta.reasoning_content ?? "";
      for (const part of delta.tool_calls ?? []) {
        if (part.id) this.calls[part.index] = { name: part.function.name, arguments: "" };
        this.calls[part.index].arguments += part.function.arguments ?? "";
      }
      this.tokens.push(...tokens(logprobs));
      if (finish_reason) this.finishes[index] = finish_reason;
    }
  }

  heard() {
    const { texts, finishes, reasoning, usage, tokens } = this;
    return { texts, finishes, reasoning, calls: this.calls.map(call), usage, tokens, failure: null };
  }
}
