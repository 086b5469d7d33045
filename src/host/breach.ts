/**
 * An invocation that went over a limit (`limits.cpu_ms`, memory with `--limits enforce`): what
 * production says of it, and who hears that. Main thread of the host; used by breaches.ts, made by
 * cpu-limit.ts and memory-limit.ts.
 */

import type { SerializedError } from "../protocol/errors.ts";
import type { BreachOutcome } from "../protocol/events.ts";
import { FRONT_DOOR, OTHER_PROCESS } from "../protocol/running.ts";
import type { LogEntry } from "../protocol/thread.ts";
import type { Delivery, Failure } from "./delivery.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface Breach {
  /** Production's text: of the exception, and of the error that a caller gets. */
  readonly message: string;
  /** One clause: what was used and what is allowed. */
  readonly reason: string;
  readonly outcome: BreachOutcome;
  /** As the thread said when it was seen (protocol/running.ts). */
  readonly invocation: number;
  readonly link: number;
  readonly id: number;
}

export function cpuBreach(thread: WorkerThread, limitMs: number): Breach {
  return {
    message: "Worker exceeded CPU time limit.",
    reason: `an invocation used more than ${limitMs} ms of CPU time ("limits.cpu_ms")`,
    outcome: "exceededCpu",
    ...thread.running(),
  };
}

export const STARTUP_LIMIT = "Script startup exceeded CPU time limit.";

/** Of top-level code: what production says at deployment (error 10021), and why. */
export function startBreach(limitMs: number): SerializedError {
  const message = STARTUP_LIMIT;
  const reason = `Here its top-level code used more than ${limitMs / 1000} s of CPU time; production allows 1 s.`;
  return { name: "Error", message, stack: `Error: ${message}\n${reason}` };
}

export function memoryBreach(thread: WorkerThread, usedMb: number, limitMb: number): Breach {
  return {
    message: "Worker exceeded memory limit.",
    reason: `it used ${usedMb} MB of memory, more than the ${limitMb} MB of production`,
    outcome: "exceededMemory",
    ...thread.running(),
  };
}

/**
 * The request that the breach is to be told to. Where the thread named none of those that wait (a
 * call of the Worker to itself, work that nobody waits for), it can only be the only one.
 */
export function guiltyRequest(thread: WorkerThread, { link, id }: Breach): Delivery | undefined {
  if (link === FRONT_DOOR) {
    const delivery = thread.http?.get(id);
    if (delivery !== undefined) return delivery;
  }
  if (link > FRONT_DOOR || link === OTHER_PROCESS) return undefined;
  return thread.http?.onlyOne;
}

/** Production answers with its page 1102 and this status. */
export function breachFailure({ message, reason, outcome }: Breach): Failure {
  const details = `Error: ${message}\n\nHere ${reason}.`;
  return { status: 503, title: "Worker exceeded resource limits", message, details, outcome };
}

export function breachLog({ message, reason }: Breach): LogEntry {
  const text = `Uncaught Error: ${message}\nHere ${reason}.`;
  return { kind: "exception", level: "error", text, time: Date.now() };
}
