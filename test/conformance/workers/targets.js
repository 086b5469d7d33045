import { RpcTarget } from "cloudflare:workers";

/*
 * Objects that cases and callee hand to each other, and the journal in which disposers leave their
 * traces (a Worker's memory: read it through the Worker that wrote it).
 */

const entries = new Map();

export function note(key, text) {
  entries.set(key, [...journal(key), text]);
}

export function journal(key) {
  return entries.get(key) ?? [];
}

let keys = 0;

/** A journal key that no other case uses. */
export function newKey() {
  keys += 1;
  return `key-${keys}-${Math.random()}`;
}

export class Counter extends RpcTarget {
  #value;
  own = "hidden";

  constructor(value = 0) {
    super();
    this.#value = value;
  }

  increment(by = 1) {
    this.#value += by;
    return this.#value;
  }

  get value() {
    return this.#value;
  }

  get missing() {
    return undefined;
  }

  get self() {
    return this;
  }

  fetch(a, b) {
    return `ordinary fetch ${a} ${b}`;
  }

  fail() {
    throw new RangeError("counter failed");
  }
}

export class Disposable extends RpcTarget {
  #key;

  constructor(key) {
    super();
    this.#key = key;
  }

  ping() {
    return "pong";
  }

  [Symbol.dispose]() {
    note(this.#key, "disposed");
  }
}

/** Counts how often it was duplicated and disposed. */
export class WithDup extends RpcTarget {
  #key;

  constructor(key) {
    super();
    this.#key = key;
  }

  ping() {
    return "pong";
  }

  dup() {
    note(this.#key, "dup");
    return new WithDup(this.#key);
  }

  [Symbol.dispose]() {
    note(this.#key, "disposed");
  }
}

/** A WritableStream, and what has been written into it. */
export function textSink() {
  const sink = { text: "", closed: false };
  const stream = new WritableStream({
    write(chunk) {
      sink.text += new TextDecoder().decode(chunk);
    },
    close() {
      sink.closed = true;
    },
  });
  return Object.assign(sink, { stream });
}
