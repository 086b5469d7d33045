/**
 * What calls, and events that a Worker sends to others, are to whoever records spans (isolate/spans.ts):
 * streaming tails, which hear of sessions and of the calls in them (spec/platform.md 16.2), and sampled
 * requests, which hear of calls. One question has one id, whoever hears of it. The engine asks in each thread.
 */
import { beginCall } from "../../isolate/request-spans.ts";
import { activeSpan, type OpenSpan, openSpan } from "../../isolate/spans.ts";
import type { ServiceTarget } from "../../protocol/worker-spec.ts";
import type { CallRecord, RpcTracer, SessionSpans, SpanCall, SpanRef } from "../../rpc/contract.ts";

export const rpcTracer: RpcTracer = {
  opened: (target, kind) => {
    if (activeSpan() === undefined) return undefined;
    return kind === "event" ? EVENT : new CallSession(target);
  },
  asked: ({ trace }, call, session) => {
    const told = session instanceof CallSession ? session.ask(call) : undefined;
    const around = session === EVENT ? activeSpan() : undefined;
    if (trace.sampled !== true) {
      if (told !== undefined) return new ToldCall(told);
      return around && { ref: around.ref };
    }
    // A request has a span of its own (web/http/fetch-span.ts), other events have not.
    const sent = call.path[0] === "fetch" ? around : undefined;
    const record = beginCall(trace, call, (told ?? sent)?.ref.spanId);
    return told === undefined ? record : new ToldCall(told, record);
  },
};

/** Opens the span in which a Durable Object is asked; it lasts as long as the invocation that asks. */
export function openSubrequest(target: ServiceTarget): OpenSpan | undefined {
  if (target.durableObject === undefined) return undefined;
  const span = openSpan("durable_object_subrequest");
  span?.set("objectId", target.durableObject.id);
  return span;
}

/** Is in the span of whoever sends it. */
const EVENT: SessionSpans = { closed: () => {} };

class CallSession implements SessionSpans {
  readonly #session: OpenSpan | undefined;
  /** Without answer yet. */
  readonly #calls: Map<number, OpenSpan> = new Map();

  constructor(target: ServiceTarget) {
    const subrequest = openSubrequest(target);
    const open = (): OpenSpan | undefined => openSpan("jsRpcSession");
    this.#session = subrequest === undefined ? open() : subrequest.run(open);
  }

  ask({ id, on, kind, path }: SpanCall): ToldSpan | undefined {
    const around = this.#calls.get(-on) ?? this.#session;
    const call = around?.run(() => openSpan("jsRpcCall"));
    if (call === undefined) return undefined;
    this.#calls.set(id, call);
    call.set("jsrpc.target_kind", on === 0 ? "fetcher" : on < 0 ? "promise" : "stub");
    call.set("jsrpc.operation", kind === "call" ? "call" : "getProperty");
    call.set("jsrpc.method", path.length === 0 ? "(this)" : path.join("."));
    const end = (): void => {
      call.end();
      this.#calls.delete(id);
    };
    return { ref: call.ref, end };
  }

  closed(): void {
    this.#session?.end();
  }
}

type ToldSpan = Pick<OpenSpan, "ref" | "end">;

/** A call of which streaming tails hear, and perhaps more. */
class ToldCall implements CallRecord {
  readonly ref: SpanRef;
  readonly #told: ToldSpan;
  readonly #record: CallRecord | undefined;

  constructor(told: ToldSpan, record?: CallRecord) {
    this.ref = record?.ref ?? told.ref;
    this.#told = told;
    this.#record = record;
  }

  arrived(): void {
    this.#told.end();
  }

  resolved(value: unknown): void {
    this.#record?.resolved?.(value);
  }

  rejected(error: unknown): void {
    this.#record?.rejected?.(error);
  }

  canceled(): void {
    this.#record?.canceled?.();
  }
}
