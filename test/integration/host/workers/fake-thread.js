/*
 * A stand-in for the runtime: speaks protocol/thread.ts and protocol/http.ts, so that the host's
 * tests say exactly what a thread does and when. A Worker's "source" is the body of a function
 * that gets `api` and returns `fetch(request)`.
 */
import { STATUS_CODES } from "node:http";
import { parentPort, threadId } from "node:worker_threads";

const AsyncFunction = (async () => {}).constructor;
const WINDOW = 256 * 1024;
const CHUNK = 64 * 1024;
const requests = new Map();
let port;
let queue = [];
let drainAsked = false;

function send(message) {
  queue.push(message);
  if (queue.length === 1) {
    setImmediate(() => {
      const batch = queue;
      queue = [];
      port.postMessage(batch);
    });
  }
}

const links = new Map();
let nextLink = 1;
const api = {
  threadId,
  log: (text) =>
    parentPort.postMessage({
      type: "log",
      entry: { kind: "console", level: "log", text, time: Date.now() },
    }),
  /** Resolves with the message that answers a link request. */
  link: (service) =>
    new Promise((resolve) => {
      links.set(nextLink, resolve);
      parentPort.postMessage({ type: "link-request", request: nextLink++, service });
    }),
  received: [],
};
let fetch = () => ({ body: "no worker" });

class Incoming {
  constructor(id, method, url, headers, body, cf) {
    this.id = id;
    this.method = method;
    this.url = url;
    this.cfText = cf;
    this.rawHeaders = headers;
    this.inline = body;
    this.chunks = [];
    this.isEnded = body !== 1;
    this.abort = new AbortController();
    this.signal = this.abort.signal;
    this.wake = () => {};
    this.credit = WINDOW;
  }
  get headers() {
    const list = this.rawHeaders.split("\n");
    const headers = {};
    for (let i = 0; i < list.length; i += 2) headers[list[i].toLowerCase()] = list[i + 1];
    return headers;
  }
  /** Chunks of the body; takes credit back as the consumer takes bytes. */
  async *read() {
    if (this.inline instanceof Uint8Array) yield this.inline;
    while (true) {
      while (this.chunks.length > 0) {
        const chunk = this.chunks.shift();
        yield chunk;
        send([5, this.id, chunk.byteLength]);
      }
      if (this.isEnded) return;
      if (this.signal.aborted) throw new Error("aborted");
      await this.changed();
    }
  }
  cancelBody() {
    send([6, this.id]);
  }
  changed() {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

async function answer(request) {
  try {
    const {
      status = 200,
      statusText = STATUS_CODES[status],
      headers = "",
      body = null,
      length = -1,
    } = await fetch(request);
    if (body === null || typeof body === "string" || body instanceof Uint8Array) {
      send([1, request.id, status, statusText, headers, body, -1]);
    } else {
      send([1, request.id, status, statusText, headers, 1, length]);
      try {
        for await (const chunk of body) {
          for (let at = 0; at < chunk.byteLength; at += CHUNK) {
            const piece = chunk.slice(at, at + CHUNK);
            while (request.credit < piece.byteLength && !request.signal.aborted)
              await request.changed();
            if (request.signal.aborted) break;
            request.credit -= piece.byteLength;
            send([2, request.id, piece]);
          }
          if (request.signal.aborted) break;
        }
        if (!request.signal.aborted) send([3, request.id]);
      } catch (error) {
        send([4, request.id, error.message]);
      }
    }
  } catch (error) {
    send([7, request.id, error.message, error.stack, error.name]);
  }
  send([8, request.id]);
  requests.delete(request.id);
  checkDrained();
}

function checkDrained() {
  if (drainAsked && requests.size === 0) {
    drainAsked = false;
    setImmediate(() => parentPort.postMessage({ type: "drained" }));
  }
}

function onHttp(batch) {
  for (const message of batch) {
    const [op, id] = message;
    if (op === 1) {
      const request = new Incoming(id, ...message.slice(2));
      requests.set(id, request);
      void answer(request);
      continue;
    }
    const request = requests.get(id);
    if (request === undefined) continue;
    if (op === 2) request.chunks.push(message[2]);
    else if (op === 3) request.isEnded = true;
    else if (op === 4) request.abort.abort();
    else if (op === 5) request.credit += message[2];
    request.wake();
  }
}

parentPort.on("message", async (message) => {
  if (message.type === "load") {
    const { generation, bundle, http } = message;
    try {
      const build = new AsyncFunction("api", bundle.modules[0].contents);
      fetch = await build(api);
    } catch (error) {
      const { name, message: text, stack } = error;
      const serialized = { name, message: text, stack };
      parentPort.postMessage({ type: "load-failed", generation, error: serialized });
      return;
    }
    port = http;
    port.on("message", onHttp);
    const entrypoints = [{ name: "default", kind: "object", methods: ["fetch"] }];
    parentPort.postMessage({ type: "loaded", generation, entrypoints, evaluateMs: 1 });
  } else if (message.type === "drain") {
    drainAsked = true;
    checkDrained();
  } else if (message.type === "listen") {
    parentPort.postMessage({ type: "listening", path: message.path });
  } else {
    api.received.push(message);
    if (message.type === "link-stale") {
      parentPort.postMessage({ type: "link-stale-seen", notice: message.notice });
    }
    if (message.request !== undefined) links.get(message.request)?.(message);
    else api.onLink?.(message);
  }
});
parentPort.postMessage({ type: "booted" });
