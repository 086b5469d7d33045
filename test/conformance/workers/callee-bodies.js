import { endless, endlessNative, said } from "./endless.js";
import { journal, note } from "./targets.js";

/** Resolves when somebody has noted `text` under `key`. */
async function until(key, text) {
  while (!journal(key).includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Reads a request's body to its end; what became of it is noted. */
async function readAll(request, key) {
  let bytes = 0;
  try {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength;
      note(key, "reading");
    }
    note(key, `read ${bytes}`);
  } catch (error) {
    note(key, said(error));
  }
}

/**
 * What the callee answers to `fetch` in the cases about bodies and request.signal: by path, with
 * the key of the journal in the query.
 */
export const bodyPages = {
  /** Answers when "go" was noted. */
  "/signal": async (request, key, { ctx }) => {
    request.signal.addEventListener("abort", () => note(key, `aborted ${request.signal.reason}`));
    note(key, "started");
    const gone = until(key, "go").then(() => note(key, `went on ${request.signal.aborted}`));
    ctx.waitUntil(gone);
    await gone;
    return new Response("answered");
  },
  "/endless": (_request, key, { ctx }) => {
    ctx.waitUntil(until(key, "go"));
    return new Response(endless((text) => note(key, text)));
  },
  "/endless-native": (request, key, { ctx }) => {
    request.signal.addEventListener("abort", () => note(key, "aborted"));
    const { readable, ended } = endlessNative((text) => note(key, text));
    ctx.waitUntil(ended.then(() => until(key, "go")));
    return new Response(readable);
  },
  "/abort-midway": (_request, key, { ctx }) =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new Uint8Array(10));
          await until(key, "go");
          ctx.abort(new RangeError("midway"));
        },
      }),
    ),
  "/framing": ({ headers }) =>
    Response.json([headers.get("content-length"), headers.get("transfer-encoding")]),
  ...Object.fromEntries(
    [200, 204, 205, 304, 404].map((status) => [
      `/status/${status}`,
      () => new Response(null, { status }),
    ]),
  ),
  "/ignore": () => new Response("ignored"),
  "/refuse": () => {
    throw new RangeError("refused");
  },
  "/cancel": async (request) => {
    await request.body.cancel("enough");
    return new Response("cancelled");
  },
  "/read": async (request, key, { ctx }) => {
    const reading = readAll(request, key);
    ctx.waitUntil(reading);
    await reading;
    return new Response("read");
  },
  "/read-late": (request, key, { ctx }) => {
    ctx.waitUntil(until(key, "go").then(() => readAll(request, key)));
    return new Response("early");
  },
};
