/**
 * Connects the local stubs of a context (`new RpcStub(x)`, results used after they have arrived) to
 * their targets with a session of its own, so that calls on them copy, order, pipeline and dispose
 * as all others do. One per context, made on the first local call.
 */

import { TargetHook } from "../calls/target-hook.ts";
import type { Context } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core, LocalCalls } from "../contracts/core.ts";
import type { LocalHook } from "../contracts/hook.ts";
import { outside } from "../outside.ts";
import { runSoon } from "../turns.ts";
import type { FrameSink } from "./outbox.ts";
import { Session } from "./session.ts";

export class Loopback implements LocalCalls {
  readonly #core: Core;
  readonly #context: Context;
  readonly #asking: Session;
  readonly #answering: Session;

  constructor(core: Core, context: Context) {
    this.#core = core;
    this.#context = context;
    const options = { core, context, role: "loopback", label: "(local)" } as const;
    this.#asking = new Session(options);
    this.#answering = new Session(options);
    this.#asking.attach(new LoopbackSink(this.#answering), 1);
    this.#answering.attach(new LoopbackSink(this.#asking), -1);
  }

  /** Call a local target. The target's hook keeps its number until it is released. */
  ask(hook: LocalHook, path: readonly string[], args: readonly unknown[] | undefined): Asked {
    // Not counted as a handle: the number must not keep the target's disposer from running.
    if (hook.loopId === 0) hook.loopId = this.#answering.export(hook);
    return this.#asking.ask(hook.loopId, path, args);
  }

  /** Call something of a received value; the value is given a number for this one call. */
  askValue(value: object, path: readonly string[], args: readonly unknown[] | undefined): Asked {
    const hook = new ValueHook(this.#core, this.#context, value, true);
    const id = this.#answering.export(hook);
    hook.loopId = id;
    const question = this.#asking.ask(id, path, args);
    const forget = (): void => this.forget(id);
    question.promise.then(forget, forget);
    return question;
  }

  forget(id: number): void {
    this.#answering.tables.exports.take(id);
  }
}

/** A received value: its disposer is the receiver's to call, not ours. */
class ValueHook extends TargetHook {
  protected override disposerOf(): undefined {
    return undefined;
  }
}

/** Frames to the other half, in order, after the microtasks that are due (spec/rpc.md 3, e-order). */
class LoopbackSink implements FrameSink {
  readonly deep = true;
  readonly canMove = false;
  readonly #peer: Session;
  #batch: unknown[][] = [];

  constructor(peer: Session) {
    this.#peer = peer;
  }

  queue(frame: unknown[]): void {
    if (this.#batch.push(frame) === 1) queueMicrotask(this.#leave);
  }

  /** Ticks run when no microtask is left, unless this was queued by one. */
  readonly #leave = (): void => runSoon(this.#flushOutside);

  readonly #flushOutside = (): void => {
    const batch = this.#batch;
    this.#batch = [];
    outside(this.#deliver, batch);
  };

  readonly #deliver = (batch: readonly unknown[][]): void => {
    for (const frame of batch) {
      if (this.#peer.closed === undefined) this.#peer.receive(frame);
    }
  };

  /** Frames hold copies only ("deep"). */
  flush(): void {}

  forget(): void {}
}
