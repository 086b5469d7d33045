/*
 * Values that production stores as objects of the platform (spec/durable-objects.md 11), of the
 * classes that it is given: those of the Worker, or drover's own in a unit test. Which bytes they
 * are on the real runtime: ../bytes.json.
 */

/** The stack is stored too: one that is the same everywhere. */
const withStack = (error, more = {}) => Object.assign(error, { stack: "S" }, more);

const byName = (names, make) => Object.fromEntries(names.map((name) => [`_${name}`, make(name)]));

/** @type {Record<string, (classes: Record<string, any>) => unknown>} */
export const storedKinds = {
  request: ({ Request }) => new Request("http://x/"),
  requestPost: ({ Request }) => new Request("http://x/p?q=1#frag", { method: "POST" }),
  requestMethods: ({ Request }) =>
    byName(
      ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "QUERY"],
      (method) => new Request("http://x/", { method }),
    ),
  requestUrl: ({ Request }) => new Request("http://x/é/%20?ü=ß"),
  requestHeaders: ({ Request }) =>
    new Request("http://x/", { headers: { a: "b", "content-type": "t", "X-Cased": "é" } }),
  requestManual: ({ Request }) => new Request("http://x/", { redirect: "manual" }),
  requestCf: ({ Request }) =>
    new Request("http://x/", { cf: { cacheTtl: 5, deep: { a: { b: 1 } } } }),
  requestCfEmpty: ({ Request }) => new Request("http://x/", { cf: {} }),
  requestCache: ({ Request }) =>
    byName(["no-store", "no-cache"], (cache) => new Request("http://x/", { cache })),
  requestEncode: ({ Request }) => new Request("http://x/", { encodeResponseBody: "manual" }),
  requestSignalNull: ({ Request }) => new Request("http://x/", { signal: null }),
  requestSignalRead: ({ Request }) => {
    const request = new Request("http://x/");
    void request.signal.aborted;
    return request;
  },
  requestClone: ({ Request }) => new Request("http://x/", { headers: { a: "b" } }).clone(),
  requestOfRequest: ({ Request }) =>
    new Request(new Request("http://x/", { headers: { a: "b" }, redirect: "manual" }), {
      headers: { c: "d" },
    }),
  requestSubclass: ({ Request }) => {
    class Own extends Request {
      extra = 1;
    }
    return new Own("http://x/");
  },
  requestTwice: ({ Request }) => {
    const request = new Request("http://x/");
    return { one: request, two: request };
  },
  response: ({ Response }) => new Response(),
  responseStatus: ({ Response }) =>
    byName(["201", "204", "404", "599"], (status) => new Response(null, { status })),
  responseText: ({ Response }) => new Response(null, { status: 299, statusText: "Well" }),
  responseHeaders: ({ Response }) => new Response(null, { headers: { a: "b" } }),
  responseCookies: ({ Response }) =>
    new Response(null, {
      headers: [
        ["x", "1"],
        ["set-cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ],
    }),
  responseCf: ({ Response }) => new Response(null, { cf: { a: 1 } }),
  responseEncode: ({ Response }) => new Response(null, { encodeBody: "manual" }),
  responseClone: ({ Response }) =>
    new Response(null, { status: 201, encodeBody: "manual", headers: { q: "r" } }).clone(),
  responseRedirect: ({ Response }) => Response.redirect("http://x/a", 303),
  responseError: ({ Response }) => Response.error(),
  headers: ({ Headers }) => new Headers(),
  headersOrder: ({ Headers }) =>
    new Headers([
      ["Z", "1"],
      ["y", "2"],
      ["B", "3"],
      ["a", "4"],
      ["User-Agent", "u"],
      ["ACCEPT", "x"],
      ["", "empty"],
    ]),
  headersOfRedirect: ({ Response }) => Response.redirect("http://x/a").headers,
  headersOfRequest: ({ Request }) => new Request("http://x/", { headers: { a: "b" } }).headers,
  blob: ({ Blob }) => new Blob(["abc", new Uint8Array([1, 2])], { type: "a/B" }),
  blobEmpty: ({ Blob }) => new Blob([]),
  blobSlice: ({ Blob }) => new Blob(["abcdef"], { type: "t/t" }).slice(1, 3, "u/u"),
  error: () => withStack(new Error("m")),
  errorClasses: () =>
    byName(
      ["TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError", "URIError"],
      (name) => withStack(new globalThis[name]("é")),
    ),
  errorOfWasm: () => withStack(new WebAssembly.CompileError("w")),
  errorProperties: () => withStack(new Error("m", { cause: new Date(0) }), { code: "E", n: 1n }),
  errorNamed: () => withStack(new Error("m"), { name: "Odd" }),
  errorSubclass: () => {
    class Own extends TypeError {
      extra = 1;
    }
    return withStack(new Own("m"));
  },
  errorAggregate: () => withStack(new AggregateError([withStack(new Error("i")), 2], "many")),
  errorWithoutMessage: () => withStack(new Error()),
  errorWithoutStack: () => {
    const error = new Error("m");
    delete error.stack;
    return error;
  },
  exception: () => withStack(new DOMException("m", "AbortError")),
  exceptionNamed: () => withStack(new DOMException("é", "Odd")),
  inside: ({ Request, Response, Headers, Blob }) => ({
    response: new Response(null, { status: 201 }),
    headers: new Headers({ z: "y" }),
    map: new Map([["k", new Request("http://x/")]]),
    set: new Set([new Blob(["b"]), withStack(new Error("in a set"))]),
  }),
};

/** What cannot be stored; asked in a Worker only. */
export const refusedKinds = {
  signal: () => new AbortController().signal,
  signalAborted: () => AbortSignal.abort(),
  requestSignal: () => new Request("http://x/", { signal: new AbortController().signal }),
  requestSignalAborted: () => new Request("http://x/", { signal: AbortSignal.abort("r") }),
  requestBody: () => new Request("http://x/", { method: "POST", body: "abc" }),
  requestEmptyBody: () => new Request("http://x/", { method: "POST", body: "" }),
  requestUsed: async () => {
    const request = new Request("http://x/", { method: "POST", body: "abc" });
    await request.text();
    return request;
  },
  responseBody: () => new Response("x"),
  responseEmptyBody: () => new Response(""),
  responseUsed: async () => {
    const response = new Response("x");
    await response.text();
    return response;
  },
  responseJson: () => Response.json({}),
  responseWebSocket: () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }),
  file: () => new File(["x"], "n.txt", { type: "t/t" }),
  formData: () => new FormData(),
  searchParams: () => new URLSearchParams("a=b"),
  pattern: () => new URLPattern(),
  writable: () => new WritableStream(),
  transform: () => new TransformStream(),
  event: () => new Event("x"),
  target: () => new EventTarget(),
  webSocket: () => new WebSocketPair()[0],
  key: () => crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  proxy: () => new Proxy({}, {}),
  generator: () => (function* () {})(),
  weakRef: () => new WeakRef({}),
  format: () => new Intl.NumberFormat(),
  id: ({ ctx }) => ctx.id,
  state: ({ ctx }) => ctx,
  storage: ({ ctx }) => ctx.storage,
  namespace: ({ env }) => env.SQL,
};

/** All that can be seen of a stored value. */
export function showStored(value) {
  if (value instanceof Request) {
    const { method, url, headers, redirect, cache, cf, body, signal } = value;
    const own = [Object.keys(value), value.constructor === Request];
    return {
      method,
      url,
      headers: showStored(headers),
      redirect,
      cache,
      cf,
      body,
      aborted: signal.aborted,
      own,
    };
  }
  if (value instanceof Response) {
    const { status, statusText, ok, url, redirected, type, cf, body, headers } = value;
    return {
      status,
      statusText,
      ok,
      url,
      redirected,
      type,
      cf,
      body,
      headers: showStored(headers),
    };
  }
  if (value instanceof Headers) {
    const pairs = [...value];
    let change = "may be changed";
    try {
      value.append("added", "1");
    } catch (error) {
      change = String(error);
    }
    return { pairs, change };
  }
  if (value instanceof Blob) return { size: value.size, type: value.type };
  if (value instanceof Error) {
    const { name, message, code, stack } = value;
    const isDom = value instanceof DOMException;
    return {
      class: value.constructor.name,
      name,
      message,
      code: typeof code === "bigint" ? String(code) : code,
      // A stack that was not stored begins where the value is read.
      stack: stack === "S" ? stack : "its own",
      // Node has members of a DOMException on its prototype.
      keys: isDom ? [] : Object.keys(value),
      errors: value.errors?.map(showStored),
      cause: String(value.cause),
    };
  }
  if (value instanceof Map) return { Map: [...value].map(showStored) };
  if (value instanceof Set) return { Set: [...value].map(showStored) };
  if (Array.isArray(value)) return value.map(showStored);
  if (typeof value === "object" && value !== null) {
    const same = value.one !== undefined && value.one === value.two;
    return {
      same,
      ...Object.fromEntries(Object.entries(value).map(([key, it]) => [key, showStored(it)])),
    };
  }
  return value;
}
