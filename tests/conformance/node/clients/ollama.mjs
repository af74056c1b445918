// The ollama package, which says the same in Ollama's words.
import { Ollama } from "ollama";

const OPTIONS = { max_tokens: "num_predict", stop: "stop", temperature: "temperature" };

function request({ model, question, fields }) {
  const known = Object.entries(OPTIONS).filter(([name]) => name in fields);
  return {
    model,
    messages: [{ role: "user", content: question }],
    options: Object.fromEntries(known.map(([name, theirs]) => [theirs, fields[name]])),
    tools: fields.tools,
    format: fields.response_format?.json_schema.schema,
  };
}

function heard(parts) {
  const last = parts.at(-1);
  const calls = parts.flatMap((part) => part.message.tool_calls ?? []);
  return {
    texts: [parts.map((part) => part.message.content).join("")],
    finishes: [last.done_reason],
    reasoning: parts.map((part) => part.message.thinking ?? "").join(""),
    calls: calls.map(({ function: { name, arguments: given } }) => ({ name, arguments: given })),
    usage: { prompt: last.prompt_eval_count, completion: last.eval_count },
    failure: null,
  };
}

export async function read(url, asked, streamed) {
  const client = new Ollama({ host: url, headers: { authorization: `Bearer ${asked.key}` } });
  const parts = [];
  try {
    const answer = await client.chat({ ...request(asked), stream: streamed });
    if (!streamed) return heard([answer]);
    for await (const part of answer) parts.push(part);
    return heard(parts);
  } catch (error) {
    const told = parts.map((part) => part.message.content).join("");
    const { name, status_code: status = 0, message } = error;
    return { texts: told ? [told] : [], failure: { class: name, status, message } };
  }
}
