/**
 * Spans of calls and of events that a Worker sends to others, for its streaming tails
 * (spec/platform.md 16.2). Made by load-worker.ts for a Worker that has such consumers.
 */
import { activeSpan, type OpenSpan, openSpan } from "../../isolate/spans.ts";
import type { ServiceTarget } from "../../protocol/worker-spec.ts";
import type { RpcTracer, SessionSpans, SpanLink } from "../../rpc/contract.ts";

export function createRpcTracer(): RpcTracer {
  return {
    opened: (target, kind) => {
      if (activeSpan() === undefined) return undefined;
      return kind === "event" ? { link: linkOf(activeSpan()) } : callSpans(target);
    },
  };
}

/** Opens the span in which a Durable Object is asked; it lasts as long as the invocation that asks. */
export function openSubrequest(target: ServiceTarget): OpenSpan | undefined {
  if (target.durableObject === undefined) return undefined;
  const span = openSpan("durable_object_subrequest");
  span?.set("objectId", target.durableObject.id);
  return span;
}

function callSpans(target: ServiceTarget): SessionSpans {
  const subrequest = openSubrequest(target);
  const open = (): OpenSpan | undefined => openSpan("jsRpcSession");
  const session = subrequest === undefined ? open() : subrequest.run(open);
  const calls = new Map<number, OpenSpan>();
  let link: SpanLink | undefined;
  return {
    asked: ({ id, on, isCall, path }) => {
      const call = (calls.get(-on) ?? session)?.run(() => openSpan("jsRpcCall"));
      if (call !== undefined) calls.set(id, call);
      link ??= linkOf(call);
      call?.set("jsrpc.target_kind", on === 0 ? "fetcher" : on < 0 ? "promise" : "stub");
      call?.set("jsrpc.operation", isCall ? "call" : "getProperty");
      call?.set("jsrpc.method", path.length === 0 ? "(this)" : path.join("."));
      return () => {
        call?.end();
        calls.delete(id);
      };
    },
    get link() {
      return link;
    },
    closed: () => session?.end(),
  };
}

function linkOf(span: OpenSpan | undefined): SpanLink | undefined {
  return span && [span.ref.traceId, span.ref.spanId];
}
