/**
 * What the parts of the engine know of the whole. One per engine, so one per Worker thread; built
 * in engine.ts. No code.
 */
import type { ServiceTarget } from "../../protocol/worker-spec.ts";
import type { Context, InvocationBudget, ServiceChannel, SpanRef, TraceInfo } from "../contract.ts";
import type { Origin } from "../origin.ts";
import type { Asked } from "./ask.ts";
import type { CodecCore } from "./codec.ts";
import type { Hook, LocalHook } from "./hook.ts";
import type { LookupHooks } from "./lookup.ts";
import type { StreamKit } from "./streams.ts";
import type { PropertyOwner, StubHandle, StubOwner } from "./stubs.ts";

/** The classes that `cloudflare:workers` exports, one set per engine. */
export interface RpcClasses {
  readonly RpcStub: { readonly prototype: object };
  readonly RpcPromise: { readonly prototype: object };
  readonly RpcProperty: { readonly prototype: object };
  readonly RpcTarget: { readonly prototype: object };
  readonly ServiceStub: { readonly prototype: object };
  readonly LoopbackServiceStub: { readonly prototype: object };
  readonly DurableObject: { readonly prototype: object };
}

/** See TraceInfo.budget. Each session of the request holds it once, and releases it when it is over. */
export interface SharedBudget extends InvocationBudget {
  hold(): void;
  /** `context`: the session's, which may have waitUntil work left. */
  release(context: Context): void;
}

/** Calls of local stubs, and of results that have arrived; session/loopback.ts. */
export interface LocalCalls {
  /** The target's hook keeps its number until it is released. */
  ask(hook: LocalHook, path: readonly string[], args: readonly unknown[] | undefined): Asked;
  /** Call something of a received value. */
  askValue(value: object, path: readonly string[], args: readonly unknown[] | undefined): Asked;
  /** `loopId` of a hook that was released. */
  forget(loopId: number): void;
}

export interface Core extends CodecCore {
  readonly classes: RpcClasses;
  /** Shared Proxy targets, by kind of stub. */
  readonly targets: Readonly<
    Record<"stub" | "promise" | "property" | "service" | "object" | "loopback", object>
  >;
  readonly streams: StreamKit;
  readonly lookup: LookupHooks;
  /** The state of a new stub; takes over one handle of `hook`. */
  makeStub(hook: Hook, context: Context, origin: Origin): StubHandle;
  makePromise(question: Asked): object;
  makeProperty(parent: PropertyOwner, name: string, depth: number): object;
  makeServiceStub(token: ServiceTarget, owner: StubOwner | undefined): object;
  /** Connects local stubs of a context to their targets. */
  loopback(context: Context): LocalCalls;
  /** Open a session on `channel` in the current context and ask one thing; throws as `ask` does. */
  openSession(
    channel: ServiceChannel,
    label: string,
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Asked;
  /** What becomes of the arguments of calls that fail in any case: session/refused-call.ts. */
  giveUp(args: readonly unknown[] | undefined): (() => unknown) | undefined;
  /** Run a disposer as a task of its own in its context; what it throws is reported. */
  runDisposer(context: Context, target: unknown, disposer: unknown): void;
  /** The request in the frame that opens a session (trace-text.ts). */
  traceText(trace: TraceInfo, span: SpanRef | undefined): string;
  /** Known invocations of the context's request; see TraceInfo.budget. */
  invocationsOf(context: Context): number;
  countInvocations(context: Context, known: number): void;
  /** The shared counter of a request in this thread: budgets.ts. */
  budgetFor(requestId: string, known: number): SharedBudget;
  reportRpcDisabled(name: string): undefined;
}
