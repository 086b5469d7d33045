/**
 * Bodies of queue messages as bytes, by content type, and production's limits with their texts
 * (spec/resources.md 8.1). Pure; used by worker-queue.ts and events/queue.ts.
 */
import type { QueueContentType } from "../../../protocol/queues.ts";

/** Structured clone into bytes. Throws DataCloneErrors. */
export type ValueWriter = (value: unknown) => Uint8Array;
export type ValueReader = (bytes: Uint8Array) => unknown;

const MAX_MESSAGE_BYTES = 128_000;
const MAX_BATCH_BYTES = 288_000;
const MAX_BATCH_COUNT = 100;
const MAX_DELAY_SECONDS = 86_400;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function contentTypeOf(name: string): QueueContentType {
  if (name === "json" || name === "text" || name === "bytes" || name === "v8") return name;
  throw new TypeError(`Unsupported queue message content type: ${name}`);
}

/** A copy. */
export function serializeBody(
  value: unknown,
  type: QueueContentType,
  write: ValueWriter,
): Uint8Array {
  switch (type) {
    case "text":
      if (typeof value !== "string") throw wrongBody(type, "string", value);
      return encoder.encode(value);
    case "bytes":
      if (!ArrayBuffer.isView(value)) throw wrongBody(type, "ArrayBufferView", value);
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    case "json": {
      const text = JSON.stringify(value) as string | undefined;
      // Functions and symbols.
      if (text === undefined) throw new TypeError("Message body cannot be serialized to JSON");
      return encoder.encode(text);
    }
    case "v8":
      return write(value).slice();
  }
}

/** `bytes` are nobody else's. Bodies of type "bytes" arrive as an ArrayBuffer, as in wrangler. */
export function parseBody(bytes: Uint8Array, type: QueueContentType, read: ValueReader): unknown {
  switch (type) {
    case "text":
      return decoder.decode(bytes);
    case "bytes":
      return new Uint8Array(bytes).buffer;
    case "json":
      return JSON.parse(decoder.decode(bytes));
    case "v8":
      return read(bytes);
  }
}

export function assertMessageSize(bytes: number, method: string): void {
  if (bytes <= MAX_MESSAGE_BYTES) return;
  throw failed(method, `message length of ${bytes} bytes exceeds limit of ${MAX_MESSAGE_BYTES}`);
}

/** Of the messages of a sendBatch. */
export function assertBatchSize(sizes: readonly number[]): void {
  const method = "sendBatch";
  if (sizes.length > MAX_BATCH_COUNT) {
    throw failed(
      method,
      `batch message count of ${sizes.length} exceeds limit of ${MAX_BATCH_COUNT}`,
    );
  }
  const large = sizes.find((size) => size > MAX_MESSAGE_BYTES);
  if (large !== undefined) {
    throw failed(
      method,
      `message in batch has length ${large} bytes which exceeds single message size limit of ${MAX_MESSAGE_BYTES}`,
    );
  }
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum > MAX_BATCH_BYTES) {
    throw failed(method, `batch size of ${sum} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  }
}

export function assertDelay(seconds: number, method: string): void {
  if (seconds >= 0 && seconds <= MAX_DELAY_SECONDS) return;
  throw failed(method, `delay of ${seconds} seconds is not between 0 and ${MAX_DELAY_SECONDS}`);
}

function failed(method: string, text: string): Error {
  return new Error(`Queue ${method} failed: ${text}`);
}

function wrongBody(type: string, wanted: string, value: unknown): TypeError {
  return new TypeError(
    `Content Type "${type}" requires a value of type ${wanted}, but received: ${typeof value}`,
  );
}
