/**
 * Service-worker format (spec/platform.md 17): a Worker without exports, whose listeners of the global scope
 * are its handlers and whose bindings are globals. Presents it as an object with handlers, so that requests,
 * bindings and events reach it like any other Worker.
 */
import { currentInvocation } from "../isolate/invocation.ts";
import { logRuntime } from "../isolate/log.ts";
import {
  closeFetchEvent,
  createFetchEvent,
  createScheduledEvent,
  createTailEvent,
  isAnswered,
  type ScheduledController,
} from "../web/events/extendable.ts";
import type { GlobalListeners } from "../web/events/global-listeners.ts";
import type { Entrypoint } from "./entrypoints.ts";

const NOTHING_REGISTERED = "No event handlers were registered. This script does nothing.";
const NOT_ANSWERED =
  "FetchEvent handler did not call respondWith() before returning, but initiated some asynchronous task. That task will be canceled and default handling will occur -- the request will be sent unmodified to your origin. Remember that you must call respondWith() *before* the event handler returns, if you don't want default handling. You cannot call it asynchronously later on. If you need to wait for I/O (e.g. a subrequest) before generating a Response, then call respondWith() with a Promise (for the eventual Response) as the argument.";

interface Context {
  waitUntil(task: unknown): void;
}

/** Variables, secrets and bindings, as the script sees them: globals that it may replace. */
export function defineBindings(scope: object, env: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(env)) {
    Object.defineProperty(scope, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

/** The entrypoint of an evaluated script. Throws if it listens to nothing. */
export function serviceWorkerEntrypoint(listeners: GlobalListeners): Entrypoint {
  if (listeners.isEmpty) throw new Error(NOTHING_REGISTERED);
  const handlers = {
    fetch: (request: object, _env: object, context: Context) =>
      handleFetch(listeners, request, context),
    scheduled: (controller: ScheduledController, _env: object, context: Context) =>
      handleScheduled(listeners, controller, context),
  };
  const hears = listeners.has("tail") || listeners.has("trace");
  const tail = (items: readonly object[], _env: object, context: Context): void =>
    handleTail(listeners, items, context);
  return { kind: "object", name: "default", handlers: hears ? { ...handlers, tail } : handlers };
}

async function handleFetch(
  listeners: GlobalListeners,
  request: object,
  context: Context,
): Promise<unknown> {
  const pendingBefore = currentInvocation()?.pending ?? 0;
  const event = createFetchEvent(request, (task) => context.waitUntil(task));
  listeners.deliver(event, () => isAnswered(event));
  const { response } = closeFetchEvent(event);
  if (response !== undefined) return response.value;
  if (event.defaultPrevented)
    throw new Error("preventDefault() called but respondWith() not called");
  const pending = currentInvocation()?.pending ?? 0;
  if (pending > pendingBefore) logRuntime("warn", NOT_ANSWERED);
  // Production asks the origin; a local Worker has none.
  throw new Error("No response!");
}

function handleScheduled(
  listeners: GlobalListeners,
  controller: ScheduledController,
  context: Context,
): void {
  if (!listeners.has("scheduled")) {
    throw new Error("No event listener registered for scheduled events.");
  }
  const event = createScheduledEvent(controller, (task) => context.waitUntil(task));
  listeners.deliver(event, () => false);
}

/** Both names, the newer one first. */
function handleTail(listeners: GlobalListeners, items: readonly object[], context: Context): void {
  for (const type of ["tail", "trace"] as const) {
    const event = createTailEvent(type, items, (task) => context.waitUntil(task));
    listeners.deliver(event, () => false);
  }
}
