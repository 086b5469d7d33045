/**
 * Where Node's own web classes differ from production's in ways that Worker code sees: patched on
 * the classes themselves, once, before user code runs. Nothing that the runtime relies on changes.
 */
import { expectWake } from "../../isolate/hang-detector.ts";
import { ioOwner } from "../../isolate/invocation.ts";
import { addMember, addMembers, overwrite } from "../../isolate/language/polyfill-define.ts";
import { guardStreams } from "../streams/owned-streams.ts";
import { shapeNatives } from "./native-interfaces.ts";

export function fixNatives(): void {
  fixAborts();
  fixUrls();
  fixStreams();
  guardStreams();
  shapeNatives();
  for (const [name, value] of Object.entries(EVENT_PHASES)) addMember(Event.prototype, name, value);
}

const EVENT_PHASES = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };

/** Production's text of the default reason. */
function fixAborts(): void {
  const defaultReason = (): DOMException =>
    new DOMException("The operation was aborted", "AbortError");
  const abort = AbortController.prototype.abort;
  const aborted = AbortSignal.abort;
  const timedOut = AbortSignal.timeout;
  overwrite(AbortController.prototype, {
    abort(this: AbortController, reason: unknown = defaultReason()): void {
      abort.call(this, reason);
    },
  });
  overwrite(AbortSignal, {
    abort: (reason: unknown = defaultReason()): AbortSignal => aborted.call(AbortSignal, reason),
    timeout: (delay: number): AbortSignal => {
      ioOwner();
      const signal = timedOut.call(AbortSignal, delay);
      expectWake(Number(delay));
      return signal;
    },
  });
}

/** There are no object URLs in a Worker. */
function fixUrls(): void {
  overwrite(URL, {
    createObjectURL() {
      throw new Error("URL.createObjectURL() is not implemented");
    },
    revokeObjectURL() {
      throw new Error("URL.revokeObjectURL() is not implemented");
    },
  });
}

/** `readAtLeast`, Workers' older form of `read(view, { min })`; names that Node's classes lack. */
function fixStreams(): void {
  addMembers(ReadableStreamBYOBReader.prototype, { readAtLeast });
  Object.defineProperty(ReadableStreamBYOBReader.prototype, "readAtLeast", { enumerable: true });
  for (const { name, prototype } of [TextEncoderStream, TextDecoderStream]) {
    Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}

async function readAtLeast(
  this: ReadableStreamBYOBReader,
  minElements: number,
  view: Uint8Array,
): Promise<{ done: boolean; value: Uint8Array | undefined }> {
  let filled = 0;
  let target = view;
  const size = view.BYTES_PER_ELEMENT;
  const wanted = Number(minElements) * size;
  for (;;) {
    const { byteOffset, byteLength } = target;
    const rest = new Uint8Array(target.buffer, byteOffset + filled, byteLength - filled);
    const { done, value } = (await this.read(rest)) as { done: boolean; value?: Uint8Array };
    if (value === undefined) return { done: true, value: undefined };
    filled += value.byteLength;
    const View = view.constructor as Uint8ArrayConstructor;
    // The buffer travelled through the stream: continue on the one that came back.
    target = new Uint8Array(value.buffer, byteOffset, byteLength);
    if (done || filled >= wanted) {
      const result = new View(value.buffer, byteOffset, Math.floor(filled / size));
      return { done: done && filled === 0, value: result };
    }
  }
}
