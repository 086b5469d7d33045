/** Packs the lines of finished requests for the session (protocol/request-pack.ts). Main thread of the host, for session-link.ts. */
import type { RequestLogEntry } from "../protocol/host.ts";
import { RequestFlag, type RequestPack } from "../protocol/request-pack.ts";
import { traceIdOf } from "../util/trace-id.ts";

/** One as the host knows it: ids are made of their parts where they are read. */
export interface FinishedRequest extends Omit<RequestLogEntry, "note" | "requestId" | "traceId"> {
  readonly note: string | undefined;
  /** With `number`: its id. Undefined where lines have no ids, or no Worker was asked. */
  readonly idPrefix: string | undefined;
  readonly number: number;
  /** As in util/trace-id.ts. */
  readonly traceSeed: string | undefined;
  readonly traceparent: string;
}

/** Of requests that follow each other without another message between them. */
export class RequestPacker {
  readonly #texts: string[] = [];
  readonly #numbers: number[] = [];
  readonly #durations: number[] = [];
  readonly #indexes: Map<string, number> = new Map();
  /** What was added goes on appearing in it. */
  readonly pack: RequestPack = {
    type: "requests",
    texts: this.#texts,
    numbers: this.#numbers,
    durations: this.#durations,
  };

  add(request: FinishedRequest): void {
    const { idPrefix, traceSeed, traceparent, number } = request;
    const isOwn = traceSeed !== undefined && traceparent !== "";
    const trace = isOwn ? traceIdOf(traceSeed, number, traceparent) : traceSeed;
    const flags =
      (request.aborted ? RequestFlag.aborted : 0) |
      (request.cut ? RequestFlag.cut : 0) |
      (isOwn ? RequestFlag.ownTrace : 0);
    this.#durations.push(request.durationMs);
    // In the order of RequestColumn.
    this.#numbers.push(
      this.#indexOf(request.worker),
      this.#indexOf(request.method),
      this.#indexOf(request.path),
      request.status,
      this.#indexOf(request.statusText),
      flags,
      this.#indexOf(request.note),
      number,
      this.#indexOf(idPrefix),
      this.#indexOf(trace),
    );
  }

  #indexOf(text: string | undefined): number {
    if (text === undefined) return -1;
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.#texts.push(text) - 1;
      this.#indexes.set(text, index);
    }
    return index;
  }
}
