/** Spans of a record, and in which of them JavaScript runs now. Thread: the Worker's, if it has consumers. */
import { currentInvocation, type Invocation } from "../../isolate/invocation.ts";
import { SpanScope } from "../../isolate/span-scope.ts";
import type { OpenSpan, SpanValue } from "../../isolate/spans.ts";
import type { TailStreamEvent } from "../../protocol/tail.ts";
import type { SpanRef } from "../../rpc/contract.ts";
import type { AnswerEnd } from "../../web/websocket/tell.ts";
import { describe, stackOf } from "./log-values.ts";

/** What spans are parts of (trace.ts). */
export interface SpanRecord {
  readonly traceId: string;
  readonly root: RecordedSpan;
  readonly isOver: boolean;
  /** Whether spans are told to anybody. */
  readonly isLive: boolean;
  tell(spanId: string, event: TailStreamEvent["event"]): void;
  openSpan(name: string, parent: RecordedSpan): RecordedSpan;
  spanEnded(span: RecordedSpan): void;
  log(level: string, args: readonly unknown[], span: RecordedSpan): void;
  exception(thrown: unknown): void;
  answerEnded(end: AnswerEnd): void;
  publish(channel: string, message: unknown, span: RecordedSpan): void;
}

const scope: SpanScope<RecordedSpan> = new SpanScope();
const roots: WeakMap<Invocation, RecordedSpan> = new WeakMap();

/** The record of an invocation that has one event only. */
export function bindRecord(invocation: Invocation, record: SpanRecord): void {
  roots.set(invocation, record.root);
}

/** The innermost span; undefined: nobody hears of what goes on now. */
export function currentSpan(): RecordedSpan | undefined {
  const found = scope.current;
  if (found !== undefined && !found.trace.isOver) return found;
  const invocation = currentInvocation();
  const root = invocation === undefined ? undefined : roots.get(invocation);
  return root === undefined || root.trace.isOver ? undefined : root;
}

/** One span of a record; the root stands for the invocation itself, and is never ended. */
export class RecordedSpan implements OpenSpan {
  readonly trace: SpanRecord;
  readonly ref: SpanRef;
  #attributes: Map<string, SpanValue> | undefined;
  #isEnded = false;

  constructor(trace: SpanRecord, spanId: string) {
    this.trace = trace;
    this.ref = { traceId: trace.traceId, spanId };
  }

  get isRoot(): boolean {
    return this.trace.root === this;
  }

  set(name: string, value: SpanValue | undefined): void {
    if (this.#isEnded || value === undefined) return;
    this.#attributes ??= new Map();
    this.#attributes.set(name, value);
    if (this.isRoot) this.#flush();
  }

  update(info: Readonly<Record<string, unknown>>): void {
    if (!this.#isEnded) this.trace.tell(this.ref.spanId, { type: "spanUpdate", info });
  }

  exception(error: unknown): void {
    if (this.#isEnded) return;
    const { name, message } = describe(error);
    const stack = stackOf(error);
    this.trace.tell(this.ref.spanId, {
      type: "exception",
      name,
      message,
      ...(stack !== undefined && { stack }),
    });
  }

  run<T>(fn: () => T): T {
    return scope.run(this, fn);
  }

  /** Production does not nest what storage does in a transaction. */
  enclose<T>(fn: () => T): T {
    return fn();
  }

  end(): void {
    if (this.#isEnded || this.isRoot) return;
    this.#flush();
    this.#isEnded = true;
    this.trace.spanEnded(this);
    this.trace.tell(this.ref.spanId, { type: "spanClose", outcome: "ok" });
  }

  #flush(): void {
    const attributes = this.#attributes;
    if (attributes === undefined) return;
    this.#attributes = undefined;
    const info = [...attributes].map(([name, value]) => ({ name, value }));
    this.trace.tell(this.ref.spanId, { type: "attributes", info });
  }
}
