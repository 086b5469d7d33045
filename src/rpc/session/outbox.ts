/**
 * The way out of a session: frames wait for the link while it is being made, and for the output
 * gate of a Durable Object (spec/rpc.md 5), always in order.
 */
import type { Cargo } from "../contracts/payload.ts";
import type { SessionHandle } from "../contracts/session.ts";

/** What carries the frames of a session: a link, or the other half of a loopback. */
export interface FrameSink {
  /** Whether frames reach the peer without being cloned. */
  readonly deep: boolean;
  /** Whether buffers can be handed over. */
  readonly canMove: boolean;
  queue(frame: unknown[], moves?: readonly ArrayBuffer[]): void;
  /** What is queued leaves now, not at the end of the turn. */
  flush(): void;
  /** The session of that number is over. */
  forget(wireId: number): void;
}

export class Outbox {
  /** Payloads must share nothing with the values that they were made of. */
  deep = true;
  /** Large buffers in them should be copies, to be handed over. */
  movable = false;
  readonly #session: SessionHandle;
  #wireId = 0;
  #sink: FrameSink | undefined;
  #waiting: [frame: unknown[], cargo: Cargo | undefined][] | undefined;
  #gate: Promise<void> | undefined;
  #closed = false;

  constructor(session: SessionHandle) {
    this.#session = session;
  }

  attach(sink: FrameSink, wireId: number): void {
    this.#sink = sink;
    this.#wireId = wireId;
    this.prepare(sink);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const [frame, cargo] of waiting ?? []) this.send(frame, cargo);
  }

  /** The sink is known although frames cannot go yet: payloads are encoded for it. */
  prepare(sink: FrameSink): void {
    // What the gate holds back can be changed by its owner in the meantime.
    this.deep = sink.deep || this.#session.context.gates?.output !== undefined;
    this.movable = sink.canMove && !this.deep;
  }

  /** Through the output gate, if there is one. */
  post(frame: unknown[], cargo?: Cargo): void {
    if (this.#session.context.gates?.output === undefined) this.send(frame, cargo);
    else this.#postGated(frame);
  }

  /** Whether a frame that is posted now would wait for the output gate: it may be replaced then. */
  get isHeldBack(): boolean {
    if (this.#gate !== undefined) return true;
    return this.#session.context.gates?.output?.() !== undefined;
  }

  /** At once: for frames that say that the session is over. */
  send(frame: unknown[], cargo?: Cargo): void {
    if (this.#sink !== undefined) {
      frame[1] = this.#wireId;
      this.#sink.queue(frame, cargo?.moves);
      // The application may change its memory in this very turn.
      if (cargo?.borrowed === true) this.#sink.flush();
    } else if (!this.#closed) {
      this.#waiting ??= [];
      this.#waiting.push([frame, cargo]);
    }
  }

  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#sink?.forget(this.#wireId);
  }

  #postGated(frame: unknown[]): void {
    const waiting = this.#gate ?? this.#session.context.gates?.output?.();
    if (waiting === undefined) {
      this.send(frame);
      return;
    }
    const gate = waiting.then(() => {
      if (this.#gate === gate) this.#gate = undefined;
      if (!this.#closed) this.send(frame);
    });
    this.#gate = gate;
    gate.catch((error: unknown) => {
      if (this.#gate === gate) this.#gate = undefined;
      if (!this.#closed) this.#session.revoke(error);
    });
  }
}
