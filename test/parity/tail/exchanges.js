/** Requests whose invocations the producer's tail consumer hears of, and how what it saw is compared. */

const TOKEN = "0123456789abcdef0123456789abcdef";
const CRON = "/cdn-cgi/handler/scheduled?time=1700000000000&cron=";

/** Path, how many items it makes, and what the request carries. */
export const EXCHANGES = {
  nothing: ["/nothing", 1],
  levels: ["/levels", 1],
  values: ["/values", 1],
  others: ["/others", 1],
  channel: ["/channel", 1],
  task: ["/task", 1],
  later: ["/later", 1],
  status: ["/status", 1],
  redacted: [
    `/nothing?id=${TOKEN}&word=aB1cD2eF3gH4iJ5kL6mN7&card=4111111111111111&short=aB1`,
    1,
    {
      method: "POST",
      body: "x",
      headers: {
        "x-token": "t",
        authorization: "a",
        cookie: "c=1",
        "x-plain": TOKEN,
        "X-Key-Id": "k",
      },
    },
  ],
  "rpc: nothing": ["/rpc?act=nothing", 2],
  "rpc: levels": ["/rpc?act=levels", 2],
  "rpc: throws": ["/rpc?act=throws", 2],
  "rpc: task": ["/rpc?act=task", 2],
  binding: ["/binding", 2],
  self: ["/self", 2],
  "queue: levels": ["/queue?act=levels", 2],
  "queue: throws": ["/queue?act=throws", 2],
  "scheduled: levels": [`${CRON}levels`, 1],
  "scheduled: throws": [`${CRON}throws`, 1],
  "scheduled: string": [`${CRON}string`, 1],
  "scheduled: object": [`${CRON}object`, 1],
  "scheduled: cause": [`${CRON}cause`, 1],
  "scheduled: task": [`${CRON}task`, 1],
};

/** What differs from run to run, machine to machine, and with the file of the code. */
export const normal = (text) =>
  text
    .replace(/"(timestamp|eventTimestamp)":\d+/g, '"$1":"(time)"')
    .replace(/"(stack)":"(?:[^"\\]|\\.)*"/g, '"$1":"(stack)"')
    .replace(/localhost:\d+/g, "localhost:(port)")
    .replace(/"(cpuTime|wallTime)":[\d.]+/g, '"$1":"(ms)"');

const HEADERS = ["x-token", "authorization", "cookie", "x-plain", "x-key-id"];

/** Clients, proxies and places add what is not compared. */
function reduced(seen) {
  const { request } = seen.item.event ?? {};
  if (request === undefined) return seen;
  const headers = Object.fromEntries(HEADERS.map((name) => [name, request.headers[name]]));
  request.headers = headers;
  request.cf = typeof request.cf;
  return seen;
}

export async function play(fetch) {
  const answers = {};
  for (const [name, [path, count, init]] of Object.entries(EXCHANGES)) {
    await (await fetch(path, init)).text();
    const text = await (await fetch(`/seen?count=${count}`)).text();
    const all = JSON.parse(normal(text)).map(reduced);
    // Which of two invocations ends first is nobody's promise.
    answers[name] = all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return answers;
}

/**
 * What is expected of drover: the recorded answers, but for the two things that wrangler's session adds
 * or leaves out (docs/parity.md): its prefix `[producer]` of console arguments, and the Worker's name.
 */
export function expected(answers) {
  const copy = structuredClone(answers);
  for (const { item } of Object.values(copy).flat()) {
    item.scriptName = "producer";
    for (const log of item.logs) {
      if (log.message[0] !== "[producer]") continue;
      log.message.shift();
      log.errorInfo?.shift();
    }
  }
  return copy;
}
