/**
 * A streaming tail at its consumer (spec/platform.md 16.2): the handler `tailStream` hears of the onset, and
 * what it returns of everything that follows, in one invocation that ends with the other one. Loaded with
 * the first such event of a thread; called by worker.ts.
 */
import { logException, logRuntime } from "../../isolate/log.ts";
import type { TailStreamEvent } from "../../protocol/tail.ts";
import type { ThreadEnding } from "../../protocol/thread.ts";
import { readStream } from "../../web/streams/byte-streams.ts";
import type { ReadableStream } from "../../web/streams/readable-stream.ts";
import { HeardStream, isKnown } from "./cut-off.ts";
import { StreamReader } from "./streams.ts";

const NO_HANDLER =
  "A worker configured to act as a streaming tail worker does not export a tailStream() handler.";
const NOT_VALID =
  "A worker configured to act as a streaming tail worker did not return a valid tailStream() handler.";

type Handler = (event: TailStreamEvent) => unknown;

export interface TailStreamHandler {
  /** Who hears: one of the Worker's entrypoints. */
  readonly consumer: object;
  /** Calls the Worker's `tailStream`; undefined if it has none. */
  readonly open: ((onset: TailStreamEvent) => unknown) | undefined;
  /** Why the thread that told it was ended, if that was for it; asked when the stream is cut off. */
  readonly ending: () => ThreadEnding | undefined;
}

/** Resolves when all is heard, or the rest is not wanted. Rejects with what the Worker threw first. */
export async function consumeStream(
  stream: ReadableStream,
  decode: (bytes: Uint8Array) => unknown,
  { consumer, open, ending }: TailStreamHandler,
): Promise<void> {
  const reading = readStream(stream);
  if (open === undefined) {
    logRuntime("warn", NO_HANDLER);
    await reading.cancel(undefined);
    return;
  }
  const events = new StreamReader(decode);
  const running: Promise<void>[] = [];
  let handle: Handler | undefined;
  let failure: { readonly error: unknown } | undefined;
  const hear = (event: TailStreamEvent): void => {
    try {
      const result = handle?.(event);
      if (isThenable(result)) {
        const settled = Promise.resolve(result).then(
          () => {},
          (error: unknown) => logException(error, "Uncaught"),
        );
        running.push(settled);
      }
    } catch (error) {
      failure = { error };
    }
  };
  let isOpen = false;
  const all = new HeardStream(consumer);
  try {
    while (failure === undefined && (reading.take() || (await reading.wait()))) {
      for (const event of events.read(reading.value as Uint8Array)) {
        if (failure !== undefined) break;
        if (!isOpen && isKnown(consumer, event)) {
          await reading.cancel(undefined);
          return;
        }
        all.heard(event);
        if (isOpen) {
          hear(event);
          continue;
        }
        isOpen = true;
        handle = handlerOf(await opened(open, event));
        if (handle === undefined) {
          await reading.cancel(undefined);
          return;
        }
      }
    }
  } catch (error) {
    if (!isOpen || handle === undefined) throw error;
    // The Worker at the other end was ended with its thread.
    for (const event of all.rest(ending())) hear(event);
  }
  if (failure !== undefined) {
    reading.cancel(undefined).catch(() => {});
    throw failure.error;
  }
  await Promise.all(running);
}

async function opened(
  open: (onset: TailStreamEvent) => unknown,
  onset: TailStreamEvent,
): Promise<unknown> {
  try {
    return await open(onset);
  } catch (error) {
    logRuntime("warn", NOT_VALID);
    throw error;
  }
}

function handlerOf(value: unknown): Handler | undefined {
  if (typeof value === "function") return (event) => Reflect.apply(value, undefined, [event]);
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    const type = value === null ? "null" : typeof value;
    logRuntime(
      "warn",
      `tailStream() handler returned an unusable value. The tailStream() handler is expected to return either a function, an object, or undefined. Received ${type}`,
    );
    return undefined;
  }
  return (event) => {
    const method: unknown = Reflect.get(value, event.event.type);
    return typeof method === "function" ? Reflect.apply(method, value, [event]) : undefined;
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function"
  );
}
