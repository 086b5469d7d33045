/**
 * What nobody caught: logged, offered to the Worker's `unhandledrejection` listeners, never the
 * end of the thread (spikes.md S11). Installed once per thread.
 */
import { hidden } from "../../util/hidden.ts";
import { logException } from "../log.ts";

/** True if the Worker's listeners took care of it. */
export type RejectionDispatcher = (
  type: "unhandledrejection" | "rejectionhandled",
  promise: Promise<unknown>,
  reason: unknown,
) => boolean;

let dispatch: RejectionDispatcher = () => false;

export function watchUncaught(): void {
  process.on(
    "uncaughtException",
    hidden((error: unknown) => guarded(() => logException(error, "Uncaught"))),
  );
  process.on(
    "unhandledRejection",
    hidden((reason: unknown, promise: Promise<unknown>) =>
      guarded(() => {
        if (!dispatch("unhandledrejection", promise, reason)) {
          logException(reason, "Uncaught (in promise)");
        }
      }),
    ),
  );
  process.on(
    "rejectionHandled",
    hidden((promise: Promise<unknown>) =>
      guarded(() => dispatch("rejectionhandled", promise, undefined)),
    ),
  );
}

/** Set when the Worker's global scope is installed. */
export function setRejectionDispatcher(dispatcher: RejectionDispatcher): void {
  dispatch = dispatcher;
}

/** A throw in these handlers would end the thread. */
function guarded(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    try {
      logException(error, "Uncaught");
    } catch {
      // Nothing is left that could report it.
    }
  }
}
