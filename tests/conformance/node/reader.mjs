// Reads the cases on standard input with the client named on the command line, eight at once, and
// prints what was heard, in the form that tests/conformance/readers/replaying.py prints.
import { text } from "node:stream/consumers";

const AT_ONCE = 8;

const { read } = await import(`./clients/${process.argv[2]}.mjs`);
const { url, cases } = JSON.parse(await text(process.stdin));
const jobs = cases.flatMap((asked) => [true, false].map((streamed) => [asked, streamed]));
const heard = {};

async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const [asked, streamed] = job;
    heard[`${asked.name}/${streamed ? "stream" : "whole"}`] = await read(url, asked, streamed);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
process.stdout.write(JSON.stringify(heard));
