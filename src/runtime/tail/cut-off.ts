/**
 * The end of a streaming tail whose Worker was ended with its thread: what its consumer hears instead of what
 * that thread can no longer say. Called by consume.ts. Pure, but for the time.
 */
import type { TailStreamEvent } from "../../protocol/tail.ts";
import type { ThreadEnding } from "../../protocol/thread.ts";

const { now } = Date;

/** Keeps what has been heard of an event, as far as its end needs it. */
export class HeardStream {
  readonly #openSpans: Set<string> = new Set();
  #onset: TailStreamEvent | undefined;
  #last: TailStreamEvent | undefined;

  heard(event: TailStreamEvent): void {
    this.#onset ??= event;
    this.#last = event;
    const { type, spanId } = event.event;
    if (type === "spanOpen") this.#openSpans.add(String(spanId));
    if (type === "spanClose") this.#openSpans.delete(event.spanContext.spanId ?? "");
  }

  /** Its spans end, and it. `ending`: it is what its thread was ended for; the others were cut off. */
  rest(ending: ThreadEnding | undefined): TailStreamEvent[] {
    const onset = this.#onset;
    const last = this.#last;
    if (onset === undefined || last === undefined || last.event.type === "outcome") return [];
    const { traceId } = onset.spanContext;
    const timestamp = new Date(now());
    const events: TailStreamEvent[] = [];
    const add = (spanId: string, event: TailStreamEvent["event"]): void => {
      const sequence = last.sequence + 1 + events.length;
      const spanContext = { traceId, spanId };
      events.push({ spanContext, invocationId: last.invocationId, timestamp, sequence, event });
    };
    const root = String(onset.event.spanId);
    if (ending !== undefined) {
      add(root, { type: "exception", name: "Error", message: ending.message });
    }
    for (const spanId of this.#openSpans) add(spanId, { type: "spanClose", outcome: "ok" });
    const wallTime = timestamp.getTime() - onset.timestamp.getTime();
    const outcome = ending?.outcome ?? "canceled";
    add(root, { type: "outcome", outcome, cpuTime: 0, wallTime });
    return events;
  }
}
