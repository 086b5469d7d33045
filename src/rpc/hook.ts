/**
 * What stands behind a stub: a reference-counted handle on something that can be called. Two kinds:
 * `TargetHook` (an object of this thread) and `ImportHook` (an export of a peer, session/import.ts).
 * `dup()` of a stub retains its hook, dispose releases it; a group of stubs shares one hook, and the
 * group's disposer runs once, when the last handle has gone (spec/rpc.md 4.1).
 */

import type { Context } from "./contract.ts";
import type { Core } from "./core.ts";
import { stubDisposed } from "./error-texts.ts";
import type { LookupRoot } from "./lookup.ts";
import { reservedOnTransients } from "./lookup.ts";
import type { Origin } from "./origin.ts";
import { Question } from "./question.ts";
import type { Session } from "./session.ts";

export abstract class Hook {
  #handles = 1;

  /** It stands for something of another peer: whoever passes it on is its introducer. */
  get isImport(): boolean {
    return false;
  }

  get handles(): number {
    return this.#handles;
  }

  /** One more handle; returns this. */
  retain(): this {
    this.#handles += 1;
    return this;
  }

  /** One handle less; at zero what it stands for is given up. */
  release(): void {
    this.#handles -= 1;
    if (this.#handles === 0) this.onReleased();
  }

  /** One handle less: that of a table entry of a session that is over. */
  releaseFrom(_session: Session): void {
    this.release();
  }

  /** Start a call (`args`) or a property read (`args` undefined). Never throws. */
  abstract ask(path: readonly string[], args: readonly unknown[] | undefined): Question;

  /** For reports; see ImportHook. */
  setOrigin(_origin: Origin): void {}

  protected abstract onReleased(): void;
}

const { hasOwn } = Object;

/** Of a stub that was disposed before it was sent: it arrives, and refuses what is asked of it. */
export class DisposedHook extends Hook {
  readonly #core: Core;

  constructor(core: Core) {
    super();
    this.#core = core;
  }

  override ask(_path: readonly string[], args: readonly unknown[] | undefined): Question {
    return Question.refused(this.#core, args, () => new Error(stubDisposed));
  }

  protected override onReleased(): void {}
}

/** An object, function or RpcTarget of this thread that peers may call. */
export class TargetHook extends Hook implements LookupRoot {
  readonly core: Core;
  readonly context: Context;
  readonly target: object;
  readonly allowInstanceProps: boolean;
  readonly reserved: ReadonlySet<string> = reservedOnTransients;
  /** Critical section in which the stub was made (spec/rpc.md 5, blockConcurrencyWhile). */
  readonly section: unknown;
  /** Number in the context's loopback, 0 before the first local call. */
  loopId = 0;
  #disposer: unknown;
  readonly #removeOnEnd: (() => void) | undefined;

  /** The target's disposer is looked up once, here. */
  constructor(core: Core, context: Context, target: object, allowInstanceProps: boolean) {
    super();
    this.core = core;
    this.context = context;
    this.target = target;
    this.allowInstanceProps = allowInstanceProps;
    this.section = context.gates?.section?.();
    this.#disposer = this.disposerOf(target);
    if (this.#disposer !== undefined) this.#removeOnEnd = context.onEnd(() => this.#dispose());
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    return this.core.loopback(this.context).ask(this, path, args);
  }

  /** A throwing getter counts as none. */
  protected disposerOf(target: object): unknown {
    try {
      const disposer = (target as { [Symbol.dispose]?: unknown })[Symbol.dispose];
      return typeof disposer === "function" ? disposer : undefined;
    } catch {
      return undefined;
    }
  }

  /** The entry of the loopback is not a handle. */
  override releaseFrom(session: Session): void {
    if (session.role !== "loopback" || this.loopId === 0) this.release();
  }

  protected override onReleased(): void {
    if (this.loopId !== 0) this.core.loopback(this.context).forget(this.loopId);
    this.#dispose();
  }

  /** Once: when the last handle has gone, at the latest when the context ends. */
  #dispose(): void {
    const disposer = this.#disposer;
    this.#disposer = undefined;
    this.#removeOnEnd?.();
    if (disposer !== undefined) this.core.runDisposer(this.context, this.target, disposer);
  }
}

/** The disposer that a method put on the object that it returned (spec/rpc.md 2.7). */
export function ownDisposer(value: object): ((this: unknown) => unknown) | undefined {
  if (!hasOwn(value, Symbol.dispose)) return undefined;
  const disposer = (value as { [Symbol.dispose]?: unknown })[Symbol.dispose];
  return typeof disposer === "function" ? (disposer as (this: unknown) => unknown) : undefined;
}
