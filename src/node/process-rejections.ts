/**
 * `unhandledRejection` and `rejectionHandled` of `process` (spec/node.md 4.1): heard before the events of
 * the global scope, on whose way they are. Thread: the Worker's; put in that way by load-worker.ts.
 */
import { EventEmitter } from "node:events";

type Dispatch = (
  type: "unhandledrejection" | "rejectionhandled",
  promise: Promise<unknown>,
  reason: unknown,
) => boolean;

const { emit, listenerCount } = EventEmitter.prototype;

/**
 * `dispatch`, with the listeners of `process` before it. True if anybody listens.
 * @param onThrow what a listener throws
 */
export function withProcessListeners(
  process: object,
  dispatch: Dispatch,
  onThrow: (error: unknown) => void,
): Dispatch {
  return (type, promise, reason) => {
    const [name, args] =
      type === "unhandledrejection"
        ? ["unhandledRejection", [reason, promise]]
        : ["rejectionHandled", [promise]];
    // Without enable_nodejs_process_v2 it is no emitter.
    const isHeard =
      process instanceof EventEmitter && Reflect.apply(listenerCount, process, [name]) > 0;
    if (isHeard) {
      try {
        Reflect.apply(emit, process, [name, ...args]);
      } catch (error) {
        onThrow(error);
      }
    }
    return dispatch(type, promise, reason) || isHeard;
  };
}
