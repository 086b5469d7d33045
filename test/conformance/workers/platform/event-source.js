import { behaviour, equal, throws } from "../harness.js";
import { page } from "./pages.js";

/* 8: EventSource */

const EVENTS =
  ": comment\nid: 7\nevent: foo\ndata: one\ndata: two\n\ndata: plain\r\n\r\nid\ndata\n\nevent: foo\n\ndata:close\rdata:  by\r\rretry: 1\n\ndata: unfinished";
const requests = [];

page("/events", (request) => {
  requests.push(Object.fromEntries(request.headers));
  return new Response(EVENTS, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
});
page("/events/id", (request) => {
  const last = request.headers.get("last-event-id");
  const body = `id: 5\ndata: ${last}\n\n`;
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});
page("/events/text", () => new Response("x"));
page("/events/missing", () => new Response("x", { status: 404 }));

/** What happens until the source says `error`, or `count` events have come. */
async function events(source, count = Number.POSITIVE_INFINITY) {
  const seen = [];
  await new Promise((resolve) => {
    const listen = (event) => {
      seen.push([event.type, event.data, event.lastEventId, source.readyState]);
      if (event.type === "error") seen.at(-1).push(event.error.name, event.error.message);
      if (event.type === "error" || seen.length >= count) resolve();
    };
    for (const type of ["open", "message", "foo", "error"]) source.addEventListener(type, listen);
  });
  return seen;
}

const none = undefined;

behaviour("8", "events arrive, then the connection is tried again", async ({ request }) => {
  const url = new URL("/events", request.url).href;
  const source = new EventSource(url);
  equal([source.url, source.readyState, source.withCredentials], [url, 0, false]);
  requests.length = 0;
  const seen = await events(source);
  source.close();
  equal(source.readyState, 2);
  equal(seen, [
    ["open", none, none, 1],
    ["foo", "one\ntwo", "7", 1],
    ["message", "plain", "7", 1],
    ["message", "close\n by", "", 1],
    ["error", none, none, 0, "Error", "The server disconnected."],
  ]);
  equal(requests[0].accept, "text/event-stream");
  equal(requests[0]["cache-control"], "no-cache");
});

behaviour("8", "the id of the last event goes along with the next attempt", async ({ request }) => {
  const source = new EventSource(new URL("/events/id", request.url));
  const data = [];
  await new Promise((resolve) => {
    source.onmessage = (event) => {
      equal(event.origin, new URL(request.url).origin);
      data.push(event.data);
      if (data.length === 2) resolve();
    };
  });
  source.close();
  equal(data, ["null", "5"]);
});

behaviour("8", "answers that bring no events are failures", async ({ request }) => {
  const failure = async (path) =>
    (await events(new EventSource(new URL(path, request.url)))).at(-1);
  equal(await failure("/events/text"), [
    "error",
    none,
    none,
    2,
    "AbortError",
    "The content type 'text/plain;charset=UTF-8' is invalid.",
  ]);
  equal(await failure("/events/missing"), [
    "error",
    none,
    none,
    2,
    "AbortError",
    "The response status code was 404.",
  ]);
});

behaviour("8", "a stream that is there has events too", async () => {
  const source = EventSource.from(new Response("data: a\n\n").body);
  equal([source.url, source.readyState], ["", 1]);
  equal(await events(source), [
    ["message", "a", "", 1],
    ["error", none, none, 2, "Error", "The server disconnected."],
  ]);
});

behaviour("8", "what an EventSource is made of is checked", () => {
  throws(
    () => new EventSource(),
    "TypeError",
    "Failed to construct 'EventSource': constructor parameter 1 is not of type 'string'.",
  );
  throws(
    () => new EventSource("nope"),
    "SyntaxError",
    "Cannot open an EventSource to 'nope'. The URL is invalid.",
  );
  throws(
    () => new EventSource("http://x/", { withCredentials: true }),
    "NotSupportedError",
    "The init.withCredentials option is not supported. It must be false or undefined.",
  );
  throws(
    () => EventSource.from(5),
    "TypeError",
    "Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'JsReadableStream'.",
  );
  equal([EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED], [0, 1, 2]);
});
