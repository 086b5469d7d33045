import { behaviour, equal, throws } from "../harness.js";

/* 1.1, 1.2, 2.8, 2.9: what objects look like and take at a date before 2022-01-31 */

const early = { dates: ["2021"] };
const tagOf = (value) => Object.prototype.toString.call(value);

behaviour("1.2", "classes have no Symbol.toStringTag", () => {
  equal(
    [String(new Headers()), tagOf(new Response()), tagOf(new Headers().keys()), tagOf(globalThis)],
    ["[object Object]", "[object Object]", "[object Iterator]", "[object Object]"],
  );
  equal(tagOf(new DOMException("m")), "[object Object]");
});

behaviour(
  "1.2",
  "accessors are properties of each instance",
  () => {
    const own = "type cf webSocket url redirected ok headers statusText status bodyUsed body";
    equal(Object.keys(new Response()).join(" "), own);
    const shown = JSON.parse(JSON.stringify(new Response("x", { status: 404 })));
    equal([shown.status, shown.type, shown.body], [404, "default", { locked: false }]);
    const request =
      "keepalive integrity cf signal fetcher redirect headers url method bodyUsed body";
    equal(Object.keys(new Request("http://a/")).join(" "), request);
    const url =
      "hash searchParams search pathname port hostname host password username protocol origin href";
    equal(Object.keys(new URL("http://a/")).join(" "), url);
    const others = [
      [new File([], "f"), "lastModified name type size"],
      [new AbortController(), "signal"],
      [new AbortController().signal, "reason aborted"],
      [new TextDecoder(), "ignoreBOM fatal encoding"],
      [new TransformStream(), "writable readable"],
      [new Response("x").body.getReader(), "closed"],
      [crypto, "subtle"],
    ];
    for (const [object, keys] of others) equal(Object.keys(object).join(" "), keys);
  },
  early,
);

behaviour(
  "1.2",
  "a getter of a subclass does not hide an own accessor",
  () => {
    class Mine extends Request {
      get url() {
        return "mine";
      }
    }
    equal(new Mine("http://a/").url, "http://a/");
    const url = new URL("http://a/");
    url.hash = "x";
    equal(url.href, "http://a/#x");
  },
  early,
);

behaviour(
  "2.5",
  "what an event shows before its dispatch",
  () => {
    const event = { ...new Event("x") };
    equal([event.target, event.currentTarget, event.srcElement], [undefined, undefined, null]);
    equal([event.type, event.timeStamp, event.eventPhase], ["x", 0, 0]);
  },
  early,
);

behaviour("1.1", "what is of the wrong type where null may stand is null", ({ env }) => {
  equal(new Request("http://a/", { signal: 5 }).signal instanceof AbortSignal, true);
  equal(new Response(null, { webSocket: {} }).webSocket, null);
  for (const fetcher of [5, {}, { fetch() {} }]) {
    equal(new Request("http://a/", { fetcher }).fetcher, null);
  }
  const bound = new Request("http://a/", { fetcher: env.SELF });
  equal([typeof bound.fetcher, typeof new Request(bound).fetcher], ["object", "object"]);
  equal([bound.fetcher, new Request(bound).fetcher].includes(null), false);
  equal(new EventTarget().addEventListener("x", 5), undefined);
  equal(new EventTarget().removeEventListener("x", 5), undefined);
  throws(
    () => new EventTarget().addEventListener("x", { handleEvent: 5 }),
    "TypeError",
    "Incorrect type for the 'handleEvent' field on 'HandlerObject': the provided value is not of type 'function'.",
  );
});

behaviour("2.8", "has() and delete() of URLSearchParams look at names only", () => {
  const params = new URLSearchParams("a=1&a=2");
  equal(params.has("a", "3"), true);
  params.delete("a", "1");
  equal(params.toString(), "");
});

behaviour("2.9", "little-endian UTF-16 keeps its lone surrogates", () => {
  const text = new TextDecoder("utf-16le").decode(new Uint8Array([0x61, 0, 0x00, 0xd8, 0x62, 0]));
  equal([text.length, text.charCodeAt(1)], [3, 0xd800]);
  const other = new TextDecoder("utf-16be").decode(new Uint8Array([0xd8, 0, 0, 0x62]));
  equal(other.charCodeAt(0), 0xfffd);
});
