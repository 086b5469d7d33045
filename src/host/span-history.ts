/**
 * What the Workers of a session have done lately for traced requests, those of other sessions too, which
 * ask for it (protocol/spans.ts). Main thread of the host.
 */
import type { SpanRecord } from "../protocol/spans.ts";

const MOST = 20_000;

export class SpanHistory {
  #spans: SpanRecord[] = [];

  add(spans: readonly SpanRecord[]): void {
    this.#spans.push(...spans);
    // In portions: an array is not shifted with every call.
    if (this.#spans.length > 2 * MOST) this.#spans = this.#spans.slice(-MOST);
  }

  of(traceId: string): readonly SpanRecord[] {
    return this.#spans.filter((span) => span.traceId === traceId);
  }
}
