/**
 * Gives console calls to V8, which tells debuggers of them. Without a debugger that would cost several
 * times what printing does: the last calls are kept here then, with the place that they were made at,
 * and given to V8 when a debugger comes. One per thread.
 */
import { KEPT_CALL } from "../protocol/runtime-script.ts";
import { nodeInspector } from "../util/late-modules.ts";

type Method = (...args: unknown[]) => void;

interface Kept {
  readonly method: string;
  readonly args: readonly unknown[];
  /** Has a stack that nobody has formatted yet. */
  readonly holder: object;
}

/** As many as V8 keeps. */
const MOST_KEPT = 1000;

export class DebuggerConsole {
  /** V8's own, from the first debugger on. */
  #methods: Readonly<Record<string, Method>> = {};
  #isWatched = false;
  #kept: Kept[] = [];

  /** A debugger is attached: it gets what was kept, and from now on every call. */
  set isWatched(isWatched: boolean) {
    this.#isWatched = isWatched;
    if (!isWatched) return;
    this.#methods = nodeInspector().console as unknown as Readonly<Record<string, Method>>;
    for (const { method, args, holder } of this.#kept.splice(0)) {
      // The relay takes the last argument for the place (host/inspector/view.ts).
      this.#methods[method]?.(...args, KEPT_CALL + JSON.stringify(placeOf(holder)));
    }
  }

  /** Called by `console` itself; `caller` is its method, whose caller is the place. */
  readonly call = (method: string, args: readonly unknown[], caller: Method): void => {
    if (this.#isWatched) {
      this.#methods[method]?.(...args);
      return;
    }
    const holder = {};
    const { stackTraceLimit } = Error;
    // Cheaper than whole stacks; and a frozen Error is no reason to throw.
    Reflect.set(Error, "stackTraceLimit", 1);
    Error.captureStackTrace(holder, caller);
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    this.#kept.push({ method, args, holder });
    if (this.#kept.length >= 2 * MOST_KEPT) this.#kept.splice(0, MOST_KEPT);
  };
}

/** Of the frame on top, as the protocol counts; undefined where none of the Worker's was. */
function placeOf(holder: object): object | undefined {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, frames) => frames[0];
  try {
    const frame = (holder as { readonly stack?: NodeJS.CallSite }).stack;
    return frame === undefined
      ? undefined
      : {
          functionName: frame.getFunctionName() ?? "",
          scriptId: "0",
          url: frame.getFileName() ?? "",
          lineNumber: (frame.getLineNumber() ?? 1) - 1,
          columnNumber: (frame.getColumnNumber() ?? 1) - 1,
        };
  } catch {
    return undefined;
  } finally {
    Error.prepareStackTrace = before;
  }
}
