/**
 * The callee's side of a session with an entrypoint of this Worker that is no Durable Object: its
 * invocation from the first call to the end of its waitUntil work. One per call of a binding, so it is
 * a class: closures are made, and prepared to run, for each of them anew. Made by worker.ts.
 */
import { type Invocation, runInvocation } from "../isolate/invocation.ts";
import type { AcceptedSession } from "../rpc/contract.ts";
import { isRequest, markIncoming, type Request } from "../web/http/request.ts";
import type { Entrypoint } from "./entrypoints.ts";
import { fireRequestSignal } from "./http/request-signal.ts";

export interface AcceptedTarget {
  readonly invocation: Invocation;
  /** As the binding names it; undefined: the default one. */
  readonly name: string | undefined;
  readonly entrypoint: Entrypoint | undefined;
  /** What calls fail with where there is no such entrypoint. */
  readonly failure: unknown;
  readonly props: object;
  /** Of handler objects; see AcceptedSession. */
  readonly handlerArgs: readonly unknown[] | undefined;
}

/** The Worker, as far as a session needs it. */
export interface CalledWorker {
  instance(entrypoint: Entrypoint, invocation: Invocation, props: object): object;
  /** An event of a session: not RPC. */
  event(name: string, args: readonly unknown[], call: AcceptedCall): unknown;
}

export class AcceptedCall implements AcceptedSession {
  readonly context: Invocation;
  readonly entrypoint: string;
  readonly lookup: "class" | "handler";
  readonly handlerArgs: readonly unknown[] | undefined;
  /** The argument of an event, if it is one. */
  request: Request | undefined;
  readonly #worker: CalledWorker;
  readonly #target: AcceptedTarget;
  #hasListeners = false;

  constructor(worker: CalledWorker, target: AcceptedTarget) {
    this.#worker = worker;
    this.#target = target;
    this.context = target.invocation;
    this.entrypoint = target.name ?? "default";
    this.lookup = target.entrypoint?.kind === "object" ? "handler" : "class";
    this.handlerArgs = target.handlerArgs;
  }

  get props(): object {
    return this.#target.props;
  }

  /** The binding names an entrypoint. */
  get isNamed(): boolean {
    return this.#target.name !== undefined;
  }

  /** What is called; throws if it is not there. */
  get found(): Entrypoint {
    const { entrypoint, failure } = this.#target;
    if (entrypoint === undefined) throw failure;
    return entrypoint;
  }

  target(): object {
    return this.#worker.instance(this.found, this.context, this.props);
  }

  event(name: string, args: readonly unknown[]): unknown {
    const [first] = args;
    if (isRequest(first)) {
      this.request = first;
      markIncoming(first);
    }
    return this.#worker.event(name, args, this);
  }

  callerLeft(): void {
    const left = this.request;
    if (left === undefined) return;
    this.#hasListeners = runInvocation(this.context, () => fireRequestSignal(left));
  }

  finished(reason?: unknown): void {
    // Listeners of the signal may still register waitUntil work.
    if (this.#hasListeners) setImmediate(() => this.#end(reason));
    else this.#end(reason);
  }

  #end(reason: unknown): void {
    const { context } = this;
    if (context.hasTasks) context.whenTasksDone(() => context.end(reason));
    else context.end(reason);
  }
}
