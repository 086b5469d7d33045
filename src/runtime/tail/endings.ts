/**
 * Why an event that a consumer hears of was cut off: the host said so to this thread, or left word beside the
 * other thread's socket (protocol/last-words.ts). Called by worker.ts when the stream has ended; in the
 * consumer's thread.
 */
import { type LastEnding, type LastWords, lastWordsPath } from "../../protocol/last-words.ts";
import type { TailStreamOpening } from "../../protocol/tail.ts";
import type { ThreadEnding } from "../../protocol/thread.ts";
import { readJsonLines } from "../../util/json-lines.ts";

/**
 * Undefined: the event was not what its thread was ended for. Memory is everybody's, computing that of the
 * invocation that went over its limit.
 */
export function endingFor(
  invocation: number,
  said: ThreadEnding | undefined,
  { socket, thread }: Pick<TailStreamOpening, "socket" | "thread">,
): ThreadEnding | undefined {
  const all = said === undefined ? left(thread, socket) : [said];
  return all.find(
    (ending) => ending.outcome === "exceededMemory" || ending.invocation === invocation,
  );
}

function left(thread: number, socket: string | undefined): ThreadEnding[] {
  const path = socket === undefined ? undefined : lastWordsPath(socket);
  if (path === undefined) return [];
  return readJsonLines(path).flatMap((line) => {
    const words = line as LastWords | LastEnding;
    return "ending" in words && words.thread === thread ? [words.ending] : [];
  });
}
