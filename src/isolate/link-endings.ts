/**
 * Why the threads at the other ends of links were ended, as the host said before it ended them: for those who
 * heard of their invocations (runtime/tail/). Told by rpc/links.ts. Thread: the Worker's.
 */
import type { ThreadEnding } from "../protocol/thread.ts";

/** Whoever wants to know asks at once. */
const KEPT = 16;

const endings: Map<number, ThreadEnding> = new Map();

export function noteEnding(link: number, ending: ThreadEnding): void {
  endings.set(link, ending);
  const [oldest] = endings.keys();
  if (endings.size > KEPT && oldest !== undefined) endings.delete(oldest);
}

/** Undefined: it went for another reason, or is still there. */
export function endingOf(link: number): ThreadEnding | undefined {
  return endings.get(link);
}
