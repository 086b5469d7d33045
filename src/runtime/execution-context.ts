/**
 * `ctx`: what handlers and entrypoint instances get (spec/rpc.md 5). A thin face of the Invocation;
 * one per invocation, unless the Worker's flags say that handlers share theirs.
 */

import { type Invocation, requireInvocation } from "../isolate/invocation.ts";
import { contextAborted } from "../rpc/error-texts.ts";
import { defineInterface } from "../web/interfaces/define-interface.ts";
import { illegalInvocation } from "../web/interfaces/guards.ts";
import { wrongParameter } from "../web/streams/arguments.ts";
import { tracing } from "./loader/tracing.ts";

export interface ExecutionContextOptions {
  readonly props: object;
  /** Absent with `disable_ctx_exports`. */
  readonly exports: object | undefined;
}

export class ExecutionContext {
  readonly tracing: object = tracing;
  /** Of Zero Trust and of the cache of a Worker: there is none locally. */
  readonly access: undefined = undefined;
  readonly cache: undefined = undefined;
  readonly props: object;
  readonly exports?: object;
  readonly #invocation: Invocation | undefined;

  /** `invocation`: undefined for whichever is current when a method is called. */
  constructor(invocation: Invocation | undefined, options: ExecutionContextOptions) {
    this.#invocation = invocation;
    this.props = options.props;
    if (options.exports !== undefined) this.exports = options.exports;
  }

  waitUntil(...args: unknown[]): void {
    const invocation = ExecutionContext.#of(this);
    if (args.length === 0) throw wrongParameter("waitUntil", "ExecutionContext", 1, "Promise");
    invocation.waitUntil(args[0]);
  }

  /** Without effect here: there is no origin behind a local Worker. */
  passThroughOnException(): void {
    ExecutionContext.#of(this);
  }

  /** Ends the invocation with `reason`; throws it, as nothing of the invocation runs on. */
  abort(reason: unknown = new Error(contextAborted)): never {
    ExecutionContext.#of(this).end(reason);
    throw reason;
  }

  /** Torn-off methods are refused, as in production. */
  static #of(context: unknown): Invocation {
    if (typeof context !== "object" || context === null || !(#invocation in context)) {
      throw illegalInvocation();
    }
    return context.#invocation ?? requireInvocation();
  }
}
defineInterface(ExecutionContext, "ExecutionContext");
