/**
 * The state behind JS-visible stubs: one Proxy handler instance per stub. Handlers hold the state
 * in fields, so their traps are monomorphic and need no closures; the Proxy's target is shared by
 * all stubs of a kind and carries nothing. What users assign to a stub is kept in an overlay that
 * is made on first use (spec/rpc.md 1.2). Here is what all kinds have in common.
 */

import { Question } from "../calls/question.ts";
import type { Context } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { PropertyOwner, StubState } from "../contracts/stubs.ts";
import { crossContext, type IoType, pathTooDeep } from "../error-texts.ts";
import { stampState } from "../stub-state.ts";

const MAX_DEPTH = 64;

type Overlay = Record<PropertyKey, unknown>;

/** Traps common to all stubs. `prototype` is the class's, so `instanceof` and identity hold. */
export abstract class BaseHandler implements ProxyHandler<object>, PropertyOwner {
  readonly core: Core;
  readonly prototype: object;
  readonly proxy: object;
  #overlay: Overlay | undefined;

  constructor(core: Core, target: object, prototype: object) {
    this.core = core;
    this.prototype = prototype;
    this.proxy = stampState(new Proxy(target, this), this.asState());
  }

  /** This, as one of the kinds of stubs. */
  protected abstract asState(): StubState;
  /** Start a call or read of `path` on this. Throws only for a call on a binding at module scope. */
  abstract ask(path: readonly string[], args: readonly unknown[] | undefined): Asked;
  /** Depth of a property made from this. */
  protected get childDepth(): number {
    return 0;
  }
  /** What JSON.stringify makes of it: callables are left out. */
  get json(): object | undefined {
    return typeof this.proxy === "function" ? undefined : { ...this.#overlay };
  }

  /** Names that are not RPC although nothing local has them. */
  protected isHidden(name: string): boolean {
    return name === "then";
  }

  get(_target: object, key: string | symbol, receiver: unknown): unknown {
    if (this.#overlay !== undefined && Object.hasOwn(this.#overlay, key)) {
      return Reflect.get(this.#overlay, key, receiver);
    }
    if (typeof key === "symbol" || key in this.prototype) {
      return Reflect.get(this.prototype, key, receiver);
    }
    if (this.isHidden(key) || isArrayIndex(key)) return undefined;
    return this.member(key);
  }

  protected member(name: string): unknown {
    return this.property(name);
  }

  property(name: string): object {
    if (this.childDepth > MAX_DEPTH) throw new TypeError(pathTooDeep);
    return this.core.makeProperty(this, name, this.childDepth);
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    return this.#define(key, { value, writable: true, enumerable: true, configurable: true });
  }

  has(_target: object, key: string | symbol): boolean {
    if (this.#overlay !== undefined && Object.hasOwn(this.#overlay, key)) return true;
    if (typeof key === "symbol") return key in this.prototype;
    return key in this.prototype || !(this.isHidden(key) || isArrayIndex(key));
  }

  ownKeys(): (string | symbol)[] {
    return this.#overlay === undefined ? [] : Reflect.ownKeys(this.#overlay);
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    return this.#overlay && Reflect.getOwnPropertyDescriptor(this.#overlay, key);
  }

  defineProperty(_target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    return this.#define(key, descriptor);
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    return this.#overlay === undefined || Reflect.deleteProperty(this.#overlay, key);
  }

  getPrototypeOf(): object {
    return this.prototype;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }

  #define(key: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#overlay ??= Object.create(null) as Overlay;
    return Reflect.defineProperty(this.#overlay, key, { ...descriptor, configurable: true });
  }

  /** The error of using an object of `owner` elsewhere; undefined if it is used where it belongs. */
  protected foreign(owner: Context, ioType: IoType): Asked | undefined {
    const current = this.core.host.currentContext();
    if (current === owner) return undefined;
    return Question.failed(this.core, () =>
      current === undefined
        ? this.core.globalScopeError()
        : new Error(crossContext(owner.kind, ioType)),
    );
  }
}

/** Integer keys are not names: `promise.list[0]` is undefined in production. */
function isArrayIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  // The largest index of an array is 2^32 - 2.
  return first >= 48 && first <= 57 && String(Number(key) >>> 0) === key && key !== "4294967295";
}
