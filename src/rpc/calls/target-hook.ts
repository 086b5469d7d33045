/** The hook of something of this thread that peers and local stubs may call. */
import type { Context } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { SessionRole } from "../contracts/ends.ts";
import type { LocalHook } from "../contracts/hook.ts";
import type { LookupRoot } from "../contracts/lookup.ts";
import { CountedHook } from "./counted-hook.ts";
import { reservedOnTransients } from "./lookup.ts";

const { hasOwn } = Object;

/** An object, function or RpcTarget of this thread that peers may call. */
export class TargetHook extends CountedHook implements LocalHook, LookupRoot {
  readonly core: Core;
  readonly context: Context;
  readonly target: object;
  readonly allowInstanceProps: boolean;
  readonly reserved: ReadonlySet<string> = reservedOnTransients;
  /** Critical section in which the stub was made (spec/rpc.md 5, blockConcurrencyWhile). */
  readonly section: unknown;
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

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
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
  override releaseFrom(role: SessionRole): void {
    if (role !== "loopback" || this.loopId === 0) this.release();
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
