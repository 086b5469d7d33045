/**
 * Where Node's own web classes differ from production's in ways that Worker code sees: patched on
 * the classes themselves, once, before user code runs. Nothing that the runtime relies on changes.
 */
import { expectWake } from "../../isolate/hang-detector.ts";
import { ioOwner } from "../../isolate/invocation.ts";
import { addMember, overwrite } from "../../isolate/language/polyfill-define.ts";
import { shapeNatives } from "./native-interfaces.ts";

export function fixNatives(): void {
  fixAborts();
  fixUrls();
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
