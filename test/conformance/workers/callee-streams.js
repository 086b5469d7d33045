import { WorkerEntrypoint } from "cloudflare:workers";
import { note } from "./targets.js";

const encoder = new TextEncoder();

/** Chunks taken from the last `countingStream`. */
let pulled = 0;

/** What the cases about streams, requests, responses and signals call. */
export class StreamPeer extends WorkerEntrypoint {
  bytes(chunks) {
    return new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
        controller.close();
      },
    });
  }

  failingStream() {
    let first = true;
    return new ReadableStream({
      pull(controller) {
        if (first) controller.enqueue(new Uint8Array([1]));
        else controller.error(new RangeError("source failed"));
        first = false;
      },
    });
  }

  objectStream(key) {
    return new ReadableStream({
      start(controller) {
        controller.enqueue({ not: "bytes" });
      },
      cancel(reason) {
        note(key, `${reason?.name}: ${reason?.message}`);
      },
    });
  }

  endlessStream(key) {
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024));
      },
      cancel() {
        note(key, "cancelled");
      },
    });
  }

  /** Chunks that come with pauses; notes the end of the stream. */
  slowStream(key, count) {
    return new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        count -= 1;
        controller.enqueue(encoder.encode("."));
        if (count > 0) return;
        controller.close();
        note(key, "stream ended");
      },
    });
  }

  countingStream(size, count) {
    pulled = 0;
    return new ReadableStream({
      pull(controller) {
        if (pulled === count) return controller.close();
        pulled += 1;
        controller.enqueue(new Uint8Array(size));
      },
    });
  }

  countPulled() {
    return pulled;
  }

  async readBoth(one, two) {
    return await Promise.all([this.readAll(one), this.readAll(two)]);
  }

  async writeCounting(key, stream, size, count) {
    const writer = stream.getWriter();
    for (let i = 1; i <= count; i++) {
      await writer.write(new Uint8Array(size));
      note(key, i);
    }
    await writer.close();
  }

  streamInObject() {
    return { stream: this.bytes(["in an object"]), fn: () => "called" };
  }

  compressed() {
    return new Response("compress me ".repeat(100)).body.pipeThrough(new CompressionStream("gzip"));
  }

  fixedLength(text) {
    const { readable, writable } = new FixedLengthStream(text.length);
    const writer = writable.getWriter();
    writer.write(encoder.encode(text));
    writer.close();
    return new Response(readable);
  }

  async readAll(stream) {
    return await new Response(stream).text();
  }

  async readSome(stream) {
    const reader = stream.getReader();
    const { value } = await reader.read();
    await reader.cancel(new RangeError("seen enough"));
    return value.byteLength > 0;
  }

  async readWithByob(stream) {
    const reader = stream.getReader({ mode: "byob" });
    const { value, done } = await reader.read(new Uint8Array(4));
    await reader.cancel();
    return { bytes: [...value], done };
  }

  /** How many bytes arrive before the stream fails, and how. */
  async readUntilFailure(stream, onChunk) {
    const reader = stream.getReader();
    let bytes = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { bytes, error: undefined };
        bytes += value.byteLength;
        await onChunk?.();
      }
    } catch (error) {
      return { bytes, error: `${error.name}: ${error.message}` };
    }
  }

  /** Takes a stream and reads nothing of it for a while. */
  async holdStream(key, stream) {
    note(key, "holding");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await stream.cancel();
  }

  isByteStream(stream) {
    try {
      stream.getReader({ mode: "byob" }).releaseLock();
      return true;
    } catch {
      return false;
    }
  }

  async writeInto(stream, chunks) {
    const writer = stream.getWriter();
    for (const chunk of chunks) await writer.write(encoder.encode(chunk));
    await writer.close();
  }

  /** What comes in goes out in capitals, chunk by chunk; returns how many bytes it was. */
  async shout(readable, writable) {
    const writer = writable.getWriter();
    let count = 0;
    for await (const chunk of readable) {
      count += chunk.byteLength;
      await writer.write(encoder.encode(new TextDecoder().decode(chunk).toUpperCase()));
    }
    await writer.close();
    return count;
  }

  async writeValues(stream, values) {
    const writer = stream.getWriter();
    for (const value of values) await writer.write(value);
    await writer.close();
  }

  async pipeInto(stream, chunks) {
    await this.bytes(chunks).pipeTo(stream);
  }

  async abortInto(stream) {
    const writer = stream.getWriter();
    await writer.write(new Uint8Array([1, 2]));
    await writer.abort(new RangeError("enough"));
  }

  /** Writes and leaves without closing. */
  async leaveOpen(stream) {
    const writer = stream.getWriter();
    await writer.write(new Uint8Array([1]));
  }

  async writeUntilFailure(stream) {
    const writer = stream.getWriter();
    for (let i = 0; i < 100; i++) await writer.write(new Uint8Array(1024));
  }

  async closeFailing(stream) {
    const writer = stream.getWriter();
    await writer.close();
  }

  failingWritable() {
    return new WritableStream({
      write() {
        throw new RangeError("no room");
      },
    });
  }

  returnWritable(key) {
    return new WritableStream({
      write(chunk) {
        note(key, new TextDecoder().decode(chunk));
      },
      close() {
        note(key, "closed");
      },
    });
  }

  async describeRequest(request) {
    return {
      isRequest: request instanceof Request,
      method: request.method,
      url: request.url,
      header: request.headers.get("x-test"),
      redirect: request.redirect,
      body: await request.text(),
    };
  }

  describeSignal(request) {
    return { aborted: request.signal.aborted, body: request.body };
  }

  requestCf(request) {
    return request.cf;
  }

  makeResponse() {
    return new Response("a body", { status: 203, statusText: "Odd", headers: { "x-a": "b" } });
  }

  errorResponse() {
    return Response.error();
  }

  webSocketResponse() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    return new Response(null, { status: 101, webSocket: client });
  }

  trySetHeader(headers) {
    headers.set("x-set", "1");
    return "was set";
  }

  aborted(signal) {
    return { aborted: signal.aborted, reason: String(signal.reason) };
  }

  waitForAbort(signal) {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(`aborted: ${signal.reason}`));
    });
  }

  async abortReason(signal) {
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.onabort = resolve;
      });
    }
    const { reason } = signal;
    return { name: reason?.name, message: reason?.message, data: reason?.data };
  }

  /** Hands the signal on to a second call of the callee. */
  async forwardSignal(signal) {
    return await this.env.PEER.waitForAbort(signal);
  }

  async waitForBoth(one, two) {
    await Promise.all([this.waitForAbort(one), this.waitForAbort(two)]);
    return "both";
  }

  abortedLater(ms) {
    const controller = new AbortController();
    setTimeout(() => controller.abort("from the callee"), ms);
    return controller.signal;
  }

  /** Notes whether the signal ever fires; outlives the caller. */
  watchSignal(key, signal) {
    signal.addEventListener("abort", () => note(key, `fired: ${signal.reason}`));
    this.ctx.waitUntil(
      new Promise((resolve) => setTimeout(resolve, 150)).then(() =>
        note(key, `at the end: ${signal.aborted}`),
      ),
    );
    note(key, "watching");
  }
}
