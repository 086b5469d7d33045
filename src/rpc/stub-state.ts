/**
 * Finds the engine's state behind a JS-visible stub. The state is stamped on the Proxy itself as a
 * private field: user-made Proxies around a stub do not have it (they do not forward private
 * names), and a stamp costs a fifth of a WeakMap entry (docs/protocol.md, "Stubs").
 */
export type StubKind = "stub" | "promise" | "property" | "service" | "loopback";

export interface StubState {
  readonly kind: StubKind;
}

class ReturnOverride {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the stamp goes on `object` itself
    return object;
  }
}

class Stamp extends ReturnOverride {
  readonly #state: StubState;

  constructor(object: object, state: StubState) {
    super(object);
    this.#state = state;
  }

  static of(object: object): StubState | undefined {
    return #state in object ? (object as Stamp).#state : undefined;
  }
}

export function stampState<T extends object>(stub: T, state: StubState): T {
  new Stamp(stub, state);
  return stub;
}

/** The state of a stub made here (by any engine of this thread); undefined for anything else. */
export function stateOf(value: object): StubState | undefined {
  return Stamp.of(value);
}
