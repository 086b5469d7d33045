/**
 * The state behind each kind of stub, as codec, sessions and lookup see it; `stateOf` of
 * stub-state.ts finds it. The kinds themselves are made in stubs/. No code.
 */
import type { Context, ServiceChannel } from "../contract.ts";
import type { Askable, Asked } from "./ask.ts";
import type { Hook } from "./hook.ts";

/** RpcStub: one handle on a hook. Belongs to the invocation that made or received it. */
export interface StubHandle extends Askable {
  readonly kind: "stub";
  readonly hook: Hook;
  readonly context: Context;
  /** What JavaScript sees. */
  readonly proxy: object;
  readonly disposed: boolean;
  dup(): object;
  /** Safe to call twice. */
  dispose(): void;
  /** By the engine: no line of the application did it, so no stack is taken (5 us). */
  disposeByEngine(): void;
  /** Say in the log where it was disposed; the error's text stays production's. */
  reportUse(): void;
}

/** ServiceStub, or the callable one of `ctx.exports`. */
export interface ServiceHandle {
  readonly kind: "service" | "loopback";
  readonly channel: ServiceChannel;
  /** What fetching on it or sending it fails with here; undefined if it may be used. */
  foreignUse(): Error | undefined;
}

/** RpcPromise. */
export interface PromiseHandle {
  readonly kind: "promise";
  readonly question: Asked;
}

/** RpcProperty: a name under any of the others. */
export interface PropertyHandle {
  readonly kind: "property";
  /** A new read with each use (spec/rpc.md 1.1). */
  read(): Promise<unknown>;
}

export type StubState = StubHandle | ServiceHandle | PromiseHandle | PropertyHandle;

/** What a property is a property of: a stub of any kind. */
export interface PropertyOwner extends Askable {
  readonly proxy: object;
  /** What JSON.stringify makes of it; undefined: left out. */
  readonly json: object | undefined;
}

/**
 * Whose a ServiceStub is. Filled as soon as there is an invocation: the stubs in its props are read
 * before.
 */
export interface StubOwner {
  context?: Context;
}
