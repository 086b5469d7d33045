/**
 * The end of a streaming tail whose Worker was ended with its thread: what its consumer hears instead of what
 * that thread can no longer say. Called by consume.ts, in the consumer's thread.
 */
import type { TailStreamEvent } from "../../protocol/tail.ts";
import type { ThreadEnding } from "../../protocol/thread.ts";

const { now } = Date;

/**
 * Events that were heard of, but not to their end, by consumer: of what was cut off the Worker's next thread
 * tells once more.
 */
const known: WeakMap<object, Set<string>> = new WeakMap();
const KEPT = 1000;

/** Whether `consumer` has heard the beginning of it by another stream. */
export function isKnown(consumer: object, { invocationId }: TailStreamEvent): boolean {
  return known.get(consumer)?.has(invocationId) === true;
}

/** Keeps what has been heard of an event, as far as its end needs it. */
export class HeardStream {
  readonly #openSpans: Set<string> = new Set();
  #onset: TailStreamEvent | undefined;
  #last: TailStreamEvent | undefined;
  readonly #known: Set<string>;

  constructor(consumer: object) {
    this.#known = known.get(consumer) ?? new Set();
    known.set(consumer, this.#known);
  }

  heard(event: TailStreamEvent): void {
    if (this.#onset === undefined) this.#begin(event);
    this.#last = event;
    const { type, spanId } = event.event;
    if (type === "outcome") this.#known.delete(event.invocationId);
    if (type === "spanOpen") this.#openSpans.add(String(spanId));
    if (type === "spanClose") this.#openSpans.delete(event.spanContext.spanId ?? "");
  }

  #begin(onset: TailStreamEvent): void {
    this.#onset = onset;
    this.#known.add(onset.invocationId);
    const [oldest] = this.#known;
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
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
