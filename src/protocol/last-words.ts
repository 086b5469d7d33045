/**
 * Why sessions of Workers of other processes end, left beside a thread's socket by the host that ends the
 * thread, and which invocation it ends it for: a thread in a loop can tell nobody, and its sockets are closed with it. Lines of JSON in a file
 * whose name follows from the socket's; whoever loses a connection reads it, and whoever was told by the
 * thread what its invocations do (streaming tails). Named pipes have none.
 *
 * The opener of a link numbers its sessions from a random number on, so that one number is one session,
 * whoever opened it.
 */

import type { ThreadEnding } from "./thread.ts";

/** What happened to a session. */
export interface LastWords {
  /** At its opener. */
  readonly session: number;
  /** What its calls fail with. */
  readonly message: string;
}

/** What happened to an invocation. */
export interface LastEnding {
  /** Its number in the process: the next one listens at the same socket. */
  readonly thread: number;
  readonly ending: ThreadEnding;
}

/** Undefined where sockets are no files. */
export function lastWordsPath(socketPath: string): string | undefined {
  return socketPath.startsWith("\\\\") ? undefined : `${socketPath}.end`;
}
