/**
 * Tells the engine's own objects from all others, and finds the state behind a stub. Stamped on the
 * object itself as a private field: user-made Proxies around it do not have it (they do not forward
 * private names), it survives a change of the prototype, and a stamp costs a fifth of a WeakMap
 * entry (docs/protocol.md, "Stubs"). RpcTargets bear the same stamp as stubs, so that one look tells
 * what an object is.
 */
import type { StubState } from "./contracts/stubs.ts";

interface TargetState {
  readonly kind: "target";
}

export type State = StubState | TargetState;

class ReturnOverride {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the stamp goes on `object` itself
    return object;
  }
}

class Stamp extends ReturnOverride {
  readonly #state: State;

  constructor(object: object, state: State) {
    super(object);
    this.#state = state;
  }

  static of(object: object): State | undefined {
    return #state in object ? (object as Stamp).#state : undefined;
  }
}

export function stampState<T extends object>(stub: T, state: StubState): T {
  new Stamp(stub, state);
  return stub;
}

const target: TargetState = { kind: "target" };

/** By the constructor of RpcTarget: from now on it is one, whatever becomes of its prototype. */
export function stampTarget(object: object): void {
  new Stamp(object, target);
}

/** The state of a stub or RpcTarget made here (by any engine of this thread), else undefined. */
export function stateOf(value: object): State | undefined {
  return Stamp.of(value);
}

/** A stub of any kind, made here. */
export function isStub(value: object): boolean {
  const state = Stamp.of(value);
  return state !== undefined && state !== target;
}
