/**
 * What the producer is asked, and what its consumer heard of it by `tail` and by `tailStream`; how that is
 * compared.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocket } from "ws";

const CRON = "/cdn-cgi/handler/scheduled?time=1700000000000&cron=";

/** Where the order of what two Workers do at the same time is nobody's promise. */
const UNORDERED = new Set([
  "rpcs",
  "rpc: abort",
  "object, rpc: abort",
  "kv",
  "kv that fails",
  "r2",
  "r2 with options",
  "d1",
  "cache",
]);

/** Path, and how many events of the Worker it makes. */
const EXCHANGES = {
  nothing: ["/nothing", 1],
  values: ["/values", 1],
  channel: ["/channel", 1],
  task: ["/task", 1],
  later: ["/later", 1],
  timers: ["/timers", 1],
  status: ["/status", 1],
  abort: ["/abort", 1],
  hang: ["/hang", 1],
  span: ["/span", 1],
  "span that throws": ["/spanThrows", 1],
  "active span": ["/active", 1],
  queue: ["/send", 2],
  refused: ["/refused", 1],
  binding: ["/binding", 2],
  rpcs: ["/rpcs", 4],
  "rpc: nothing": ["/rpc?what=nothing", 2],
  "rpc: throws": ["/rpc?what=throws", 2],
  "rpc: task": ["/rpc?what=task", 2],
  "rpc: abort": ["/rpc?what=abort", 2],
  "object, rpc: nothing": ["/do-rpc?what=nothing", 2],
  "object, rpc: levels": ["/do-rpc?what=levels", 2],
  "object, rpc: span": ["/do-rpc?what=span", 2],
  "object, rpc: throws": ["/do-rpc?what=throws", 2],
  "object, rpc: task": ["/do-rpc?what=task", 2],
  "object, rpc: abort": ["/do-rpc?what=abort", 2],
  "object, fetch: nothing": ["/do-fetch?what=nothing", 2],
  "object, fetch: levels": ["/do-fetch?what=levels", 2],
  "object, fetch: throws": ["/do-fetch?what=throws", 2],
  "object, alarm": ["/do-rpc?what=alarm&id=a", 3],
  "object, alarm that throws": ["/do-rpc?what=alarm&arg=throws&id=b", 3],
  kv: ["/kv", 1],
  "kv that fails": ["/kvFails", 1],
  r2: ["/r2", 1],
  "r2 with options": ["/r2Options", 1],
  d1: ["/d1", 1],
  cache: ["/cache", 1],
  "object, rpc: storage": ["/do-rpc?what=storage", 2],
  "object, rpc: sql": ["/do-rpc?what=sql", 2],
  "cron: nothing": [`${CRON}nothing`, 1],
  "cron: levels": [`${CRON}levels`, 1],
  "cron: throws": [`${CRON}throws`, 1],
  "cron: string": [`${CRON}string`, 1],
  "cron: task": [`${CRON}task`, 1],
};

/** Answers of `origin`, the address of the producer. */
export async function play(origin) {
  const at = (path) => new URL(path, origin);
  const seen = async (count) =>
    normal(await (await fetch(at(`/seen?tails=${count}&streams=${count}`))).text());
  const answers = {};
  for (const [name, [path, count]] of Object.entries(EXCHANGES)) {
    await (await fetch(at(path))).text();
    answers[name] = await seen(count);
    if (UNORDERED.has(name)) for (const events of answers[name].streams) events.sort(byText);
  }
  const server = createServer((_request, response) => response.end("hello"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const arg = encodeURIComponent(`http://127.0.0.1:${server.address().port}/p?x=1`);
  await (await fetch(at(`/outbound?arg=${arg}`))).text();
  server.close();
  answers.outbound = await seen(1);
  answers["web socket"] = await overWebSocket(at("/do-ws?id=c"), "hi", seen);
  answers["web socket that throws"] = await overWebSocket(at("/do-ws?id=d"), "throws", seen);
  return answers;
}

async function overWebSocket(url, message, seen) {
  const socket = new WebSocket(url.href.replace("http", "ws"));
  await once(socket, "open");
  socket.send(message);
  await once(socket, "message");
  socket.close(4001, "bye");
  await once(socket, "close");
  return await seen(4);
}

const byText = (a, b) => (sortable(a) < sortable(b) ? -1 : 1);

/** Whatever order its keys were made in. */
const sortable = (value) =>
  JSON.stringify(value, (_key, part) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort())
      : part,
  );

/** Ids of spans that wrangler's session makes by itself: of the names of objects, of what stands for D1. */
function ownSpans(events) {
  const own = new Set();
  for (const { spanContext, event } of events) {
    if (event.type !== "attributes") continue;
    const text = (name) => String(event.info.find((item) => item.name === name)?.value);
    const isName = text("db.query.text").includes("__miniflare_do_name");
    if (isName || text("url.full").startsWith("http://d1/")) own.add(spanContext.spanId);
  }
  return own;
}

/**
 * What no two runs have in common; the bucket, of which wrangler tells the name of a service of its own; and
 * counts of rows, sizes and bookmarks of databases, which are not drover's (docs/parity.md).
 */
const VOLATILE = new Set([
  "cloudflare.r2.bucket",
  "cloudflare.d1.query.bookmark",
  "cloudflare.d1.response.bookmark",
  "cloudflare.d1.response.rows_read",
  "cloudflare.durable_object.response.db_size",
  "cloudflare.r2.request.upload_id",
  "cloudflare.r2.response.upload_id",
  "cloudflare.r2.response.uploaded",
  "cloudflare.d1.response.sql_duration_ms",
  "cloudflare.durable_object.alarm.scheduled_time",
]);

/** What differs from run to run, place to place, and with the file of the code. */
function normal(text) {
  const { tails, streams } = JSON.parse(
    text
      .replace(/localhost:\d+/g, "localhost:(port)")
      .replace(/127\.0\.0\.1(:|%3A)\d{4,}/g, "127.0.0.1$1(port)")
      .replace(/"(timestamp|eventTimestamp)":(?:\d+|"[^"]*")/g, '"$1":"(time)"')
      .replace(/"(stack)":"(?:[^"\\]|\\.)*"/g, '"$1":"(stack)"')
      .replace(/"(cpuTime|wallTime)":[\d.]+/g, '"$1":"(ms)"')
      .replace(/"scheduledTime":"[^"]*"/g, '"scheduledTime":"(date)"'),
  );
  for (const { item } of tails) reduceItem(item);
  // Which of two invocations ends first is nobody's promise.
  tails.sort(byText);
  const key = ([{ event }]) => JSON.stringify([event.info, event.entrypoint]);
  const sorted = streams.map(reduceStream).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { tails, streams: named(sorted) };
}

function reduceItem(item) {
  if (item.event?.request === undefined) return;
  item.event.request.headers = {};
  item.event.request.cf = typeof item.event.request.cf;
}

function reduceStream(events) {
  const own = ownSpans(events);
  if (events.some(({ sequence }, at) => sequence !== at)) throw new Error("out of order");
  const kept = events.filter(
    ({ spanContext, event }) => !own.has(spanContext.spanId) && !own.has(event.spanId),
  );
  return kept.map(({ sequence: _, ...rest }) => {
    const { info } = rest.event;
    if (rest.event.type === "attributes") {
      const text = (name) => String(info.find((item) => item.name === name)?.value);
      const isPart = text("cloudflare.r2.operation") === "UploadPart";
      const isVolatile = ({ name }) =>
        VOLATILE.has(name) ||
        (isPart && name === "cloudflare.r2.response.etag") ||
        (name.includes(".response.rows_") && text("db.query.text").startsWith("CREATE"));
      for (const item of info) if (isVolatile(item)) item.value = "(volatile)";
      // Of several statements it is told only if it is more than 0.
      const duration = "cloudflare.d1.response.sql_duration_ms";
      if (/^(batch|exec)$/.test(text("db.operation.name"))) {
        rest.event.info = info.filter(({ name }) => name !== duration);
      }
    }
    if (info?.headers !== undefined) info.headers = info.headers.length > 0;
    if (info?.cfJson !== undefined) info.cfJson = typeof info.cfJson;
    return rest;
  });
}

/** Spans are named by what they are in, traces numbered. */
function named(streams) {
  const names = new Map();
  for (const [index, events] of streams.entries()) {
    const [onset] = events;
    names.set(onset.event.spanId, `event ${index}`);
    for (const { spanContext, event } of events) {
      names.set(spanContext.traceId, names.get(spanContext.traceId) ?? `trace of ${index}`);
      if (event.type !== "spanOpen") continue;
      const name = `${names.get(spanContext.spanId)} > ${event.name}`;
      const taken = [...names.values()].filter((other) => other.startsWith(name)).length;
      names.set(event.spanId, taken === 0 ? name : `${name} ${taken + 1}`);
    }
  }
  const text = JSON.stringify(streams)
    .replace(/"invocationId":"([0-9a-f]{32})"/g, '"invocationId":"(id)"')
    .replace(/"([0-9a-f]{16}|[0-9a-f]{32})"/g, (all, id) =>
      names.has(id) ? `"${names.get(id)}"` : all,
    );
  return JSON.parse(text);
}

/**
 * What is expected of drover: the recorded answers, but for what wrangler's session adds or leaves out
 * (docs/parity.md): its prefix `[producer]` of console arguments, the Worker's name, and what it knows of
 * a later call in a session.
 */
export function expected(answers) {
  const copy = structuredClone(answers);
  for (const { tails, streams } of Object.values(copy)) {
    for (const { item } of tails) {
      item.scriptName = "producer";
      for (const log of item.logs) withoutPrefix(log);
    }
    for (const { event } of streams.flat()) {
      if (event.type === "log") withoutPrefix(event);
      if (event.type !== "attributes") continue;
      const isLater = event.info.some(({ value }) => value === "transient");
      if (isLater) {
        event.info = event.info.filter(({ name }) => name !== "jsrpc.caller_span_id");
      }
    }
  }
  return copy;
}

function withoutPrefix(log) {
  if (log.message[0] !== "[producer]") return;
  log.message.shift();
  log.errorInfo?.shift();
}
