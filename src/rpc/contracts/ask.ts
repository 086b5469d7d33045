/**
 * The one thing that all capabilities have in common: one can ask them. Stubs, hooks and sessions
 * are asked; what was asked can be awaited, pipelined on and disposed (spec/rpc.md 1.1, 3). No code.
 */
import type { Context } from "../contract.ts";

export interface Askable {
  /**
   * Start a call (`args`) or a property read (`args` undefined) of what `path` leads to. Does not
   * throw: what fails rejects. (The one exception is a call on a binding at module scope.)
   */
  ask(path: readonly string[], args: readonly unknown[] | undefined): Asked;
}

/** A call or read, as its asker sees it; calls/question.ts. */
export interface Asked {
  readonly promise: Promise<unknown>;
  readonly state: "pending" | "arrived" | "resolved" | "rejected";
  /** The invocation that it was asked in; undefined if it was refused without being asked. */
  readonly context: Context | undefined;
  /** The promise, for the application that awaits it. */
  observe(): Promise<unknown>;
  /** Call or read something of the result, before or after it is there. */
  pipeline(path: readonly string[], args: readonly unknown[] | undefined): Asked;
  /** Of the RpcPromise: the result is disposed as soon as it is there (spec/rpc.md 4.1). */
  dispose(): void;
}
