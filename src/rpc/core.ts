/**
 * What the parts of the engine know of the whole. One per engine, so one per Worker thread; built
 * in engine.ts. Types only, so that the parts can import each other's types without cycles.
 */

import type { ServiceTarget } from "../protocol/worker-spec.ts";
import type {
  Context,
  InvocationBudget,
  Link,
  RpcHost,
  ServiceChannel,
  ValueType,
} from "./contract.ts";
import type { Hook } from "./hook.ts";
import type { LookupHooks } from "./lookup.ts";
import type { Loopback } from "./loopback.ts";
import type { Origin } from "./origin.ts";
import type { Question } from "./question.ts";
import type { StreamKit } from "./streams/kit.ts";
import type { BaseHandler, StubHandler, StubOwner } from "./stubs.ts";
import type { TargetKinds } from "./target-kinds.ts";

/** The classes that `cloudflare:workers` exports, one set per engine. */
export interface RpcClasses {
  readonly RpcStub: { readonly prototype: object };
  readonly RpcPromise: { readonly prototype: object };
  readonly RpcProperty: { readonly prototype: object };
  readonly ServiceStub: { readonly prototype: object };
  readonly LoopbackServiceStub: { readonly prototype: object };
}

export interface Core {
  readonly host: RpcHost;
  readonly classes: RpcClasses;
  /** Shared Proxy targets, by kind of stub. */
  readonly targets: Readonly<
    Record<"stub" | "promise" | "property" | "service" | "loopback", object>
  >;
  readonly valueTypes: Map<object, ValueType>;
  readonly valueTypesByTag: Map<string, ValueType>;
  readonly streams: StreamKit;
  readonly lookup: LookupHooks;
  readonly targetKinds: TargetKinds;
  /** The JS object of a stub; takes over one handle of `hook`. */
  makeStub(hook: Hook, context: Context, origin: Origin): StubHandler;
  makePromise(question: Question): object;
  makeProperty(parent: BaseHandler, name: string, depth: number): object;
  makeServiceStub(token: ServiceTarget, owner: StubOwner): object;
  /** Connects local stubs of a context to their targets. */
  loopback(context: Context): Loopback;
  /** Open a session on `channel` in the current context and ask one thing; throws as `ask` does. */
  openSession(
    channel: ServiceChannel,
    label: string,
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Question;
  /** What becomes of the arguments of calls that fail in any case: refused-call.ts. */
  giveUp(args: readonly unknown[] | undefined): (() => unknown) | undefined;
  /** Run a disposer as a task of its own in its context; what it throws is reported. */
  runDisposer(context: Context, target: unknown, disposer: unknown): void;
  /** Known invocations of the context's request; see TraceInfo.budget. */
  invocationsOf(context: Context): number;
  countInvocations(context: Context, known: number): void;
  /** The shared counter of a request in this thread. */
  budgetFor(requestId: string, known: number): InvocationBudget;
  globalScopeError(): Error;
  reportRpcDisabled(name: string): undefined;
}

export type { Link };
