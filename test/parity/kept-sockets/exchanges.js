/** What becomes of WebSockets that are open when their invocation has answered: asked from the server's side. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

export const CONFIGS = ["kept.json", "older.json", "consumer.json"];

/** Where `scenes` wait for what the Worker does. */
class Outside {
  #http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://outside");
    const place = this.#place(searchParams.get("name"));
    // The message of what a listener threw is its stack there.
    const how = searchParams.get("how")?.split("\n", 1)[0].replace("RangeError: ", "");
    if (pathname === "/told") place.put("told", how);
    if (pathname === "/last") place.put("last", true);
    response.end("plain");
  });
  #places = new Map();

  async listen() {
    new WebSocketServer({ server: this.#http }).on("connection", (socket, request) => {
      const place = this.#place(decodeURIComponent(request.url.slice(1)));
      socket.on("message", (data) => place.put("said", String(data)));
      socket.on("close", (code, reason) => place.put("closed", [code, String(reason)]));
      place.put("socket", socket);
    });
    await new Promise((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    this.address = `127.0.0.1:${this.#http.address().port}`;
  }

  close() {
    this.#http.closeAllConnections();
    this.#http.close();
  }

  /** `next(what)` waits for it, `has(what)` says whether there is any that nobody has taken. */
  #place(name) {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const lists = new Map();
    const listOf = (what) => {
      if (!lists.has(what)) lists.set(what, { values: [], waiting: [] });
      return lists.get(what);
    };
    const place = {
      put: (what, value) => {
        const { values, waiting } = listOf(what);
        const wake = waiting.shift();
        if (wake === undefined) values.push(value);
        else wake(value);
      },
      next: (what) => {
        const { values, waiting } = listOf(what);
        if (values.length > 0) return Promise.resolve(values.shift());
        return new Promise((resolve) => waiting.push(resolve));
      },
      has: (what) => listOf(what).values.length > 0,
    };
    this.#places.set(name, place);
    return place;
  }

  place(name) {
    return this.#place(name);
  }
}

const SCENES = [
  "dialled",
  "fetched",
  "unaccepted",
  "connecting",
  "connecting, with waitUntil",
  "in waitUntil",
  "throws",
  "listener throws",
  "closed here",
  "cut",
  "rpc",
  "rpc throws",
  "another Worker's",
  "an object's",
];

/** Of these nothing is told: the call has no address of the server's. */
const UNTOLD = new Set(["rpc", "rpc throws"]);
const NEVER_OPEN = new Set(["unaccepted", "connecting"]);

/** @param fetch of a path of the Worker; `outside.address` is where it finds the server */
async function playOne(fetch, outside, scene, prefix) {
  const name = `${prefix}${scene}`.replace(/[^a-z]+/g, "-");
  const at = outside.place(name);
  const query = `server=${outside.address}&name=${name}`;
  const path = `${prefix}/${encodeURIComponent(scene)}?${query}`;
  const answer = {};
  answer.status = (await fetch(path)).status;
  if (NEVER_OPEN.has(scene)) {
    answer.told = await at.next("told");
    answer.connected = at.has("socket");
    if (answer.connected) answer.closed = await at.next("closed");
    return answer;
  }
  const socket = await at.next("socket");
  const said = [];
  const ask = async (text, answers = 1) => {
    socket.send(text);
    for (let i = 0; i < answers; i += 1) said.push(await at.next("said"));
  };
  await ask("one");
  // Of its call, or of others: others do not disturb.
  if (UNTOLD.has(scene)) answer.caller = await at.next("told");
  await fetch(`/seen?${query}`);
  await ask("work", 2);
  await ask("tick", 2);
  answer.said = said.join();
  // Had it been told, the consumer would have said so by now: it took several turns of all of them.
  answer.early = at.has("told");
  if (scene === "listener throws") socket.send("throw");
  else if (scene === "closed here") socket.send("close");
  else if (scene === "cut") socket.terminate();
  else if (scene.includes("'s")) socket.send("bye");
  else socket.close(4000, "bye");
  if (scene.includes("'s")) answer.heard = await at.next("said");
  answer.closed = await at.next("closed");
  if (scene !== "listener throws") answer.last = await at.next("last");
  if (!UNTOLD.has(scene)) answer.told = await at.next("told");
  answer.seen = JSON.parse(await (await fetch(`${prefix}/seen?${query}`)).text())
    .map((line) => line.replace(`${name}: `, ""))
    // Of a close that the runtime itself has answered; nothing of production's is lost (docs/parity.md).
    .filter((line) => line !== "Uncaught Error: Network connection lost.");
  return answer;
}

async function playScheduled(fetch, outside) {
  const at = outside.place("scheduled");
  let isAnswered = false;
  const answered = fetch(
    `/cdn-cgi/local/scheduled?cron=${encodeURIComponent(`${outside.address} scheduled`)}`,
  ).then((response) => {
    isAnswered = true;
    return response.text();
  });
  const socket = await at.next("socket");
  socket.send("one");
  const said = [await at.next("said")];
  socket.send("tick");
  said.push(await at.next("said"), await at.next("said"));
  const early = isAnswered || at.has("told");
  socket.close(4000, "bye");
  return { said: said.join(), early, answer: await answered, told: await at.next("told") };
}

/** @param fetch of paths of the primary Worker; */
export async function play(fetch) {
  const outside = new Outside();
  await outside.listen();
  try {
    const answers = {};
    for (const scene of SCENES) {
      answers[`2026-11-17: ${scene}`] = await playOne(fetch, outside, scene, "");
    }
    for (const scene of SCENES) {
      answers[`2024-09-01: ${scene}`] = await playOne(fetch, outside, scene, "/older");
    }
    answers["2026-11-17: scheduled"] = await playScheduled(fetch, outside);
    return answers;
  } finally {
    outside.close();
  }
}

/** What is expected of drover: the recorded answers, but for two things (docs/parity.md). */
export function expected(answers) {
  const copy = structuredClone(answers);
  for (const [title, answer] of Object.entries(copy)) {
    // wrangler's middleware catches what the handler threw.
    if (answer.status === 500) answer.told = "exception,after all";
    // `ws` has answered the server's Close before the Worker hears of it.
    const isHalfOpen = answer.seen?.[0] === "close 4000 bye true in state 2";
    if (isHalfOpen && !title.includes("'s")) answer.closed = [4000, "bye"];
  }
  return copy;
}
