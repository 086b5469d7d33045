/**
 * Why a Worker cannot serve, in the words that requests and calls are answered with. Main thread of
 * the host; made by worker-slot.ts.
 */
import type { SerializedError } from "../protocol/errors.ts";
import type { Failure } from "./delivery.ts";

/** Holds until the Worker is loaded again. */
export interface Refusal {
  readonly kind: "build-failed" | "load-failed" | "crashed" | "removed";
  readonly title: string;
  readonly message: string;
  readonly details: string;
  readonly name: string;
}

/** `text`: the error of the build. */
export function buildFailed(worker: string, text: string): Refusal {
  const message = `Worker "${worker}" could not be built.`;
  return { kind: "build-failed", title: "Build failed", message, details: text, name: "" };
}

/** Its top-level code threw. */
export function loadFailed({ name, message, stack }: SerializedError): Refusal {
  return { kind: "load-failed", title: "Worker failed to start", message, details: stack, name };
}

export function crashed(worker: string, reason: string): Refusal {
  const message = `Worker "${worker}" crashed: ${reason}`;
  return { kind: "crashed", title: "Worker crashed", message, details: "", name: "" };
}

/** It was taken out of the session. */
export function stopped(worker: string): Refusal {
  const message = `Worker "${worker}" is not running any more.`;
  return { kind: "removed", title: "Worker stopped", message, details: "", name: "" };
}

export function failureOf({ kind, title, message, details, name }: Refusal): Failure {
  return { status: kind === "removed" ? 503 : 500, title, message, details, name };
}

export function tooManyWait(worker: string, limit: number): Failure {
  return {
    status: 503,
    title: "Too many waiting requests",
    message: `Worker "${worker}" is not ready and ${limit} requests wait for it already.`,
    retryAfter: 1,
  };
}

/** Of a request that its thread did not finish in time; wrangler's words (spec/wrangler.md 1.7). */
export const RESTARTED: Failure = {
  status: 503,
  title: "Worker restarted",
  message:
    "Your worker restarted mid-request. Please try sending the request again. Only GET or HEAD requests are retried automatically.",
  retryAfter: 0,
};
