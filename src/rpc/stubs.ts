/**
 * The state behind JS-visible stubs: one Proxy handler instance per stub. Handlers hold the state
 * in fields, so their traps are monomorphic and need no closures; the Proxy's target is shared by
 * all stubs of a kind and carries nothing. What users assign to a stub is kept in an overlay that
 * is made on first use (spec/rpc.md 1.2).
 */

import type { Context, ServiceChannel } from "./contract.ts";
import type { Core } from "./core.ts";
import { crossContext, type IoType, pathTooDeep, stubDisposed } from "./error-texts.ts";
import type { Hook } from "./hook.ts";
import { captureOrigin, nowhere, type Origin, type StackHolder } from "./origin.ts";
import { Question } from "./question.ts";
import { foreignUse } from "./streams/owners.ts";
import { type StubKind, type StubState, stampState } from "./stub-state.ts";

const MAX_DEPTH = 64;

export type Overlay = Record<PropertyKey, unknown>;

/** Traps common to all stubs. `prototype` is the class's, so `instanceof` and identity hold. */
export abstract class BaseHandler implements ProxyHandler<object>, StubState {
  abstract readonly kind: StubKind;
  readonly core: Core;
  readonly prototype: object;
  readonly proxy: object;
  #overlay: Overlay | undefined;

  constructor(core: Core, target: object, prototype: object) {
    this.core = core;
    this.prototype = prototype;
    this.proxy = stampState(new Proxy(target, this), this);
  }

  /** Start a call or read of `path` on this. Throws only for a call on a binding at module scope. */
  abstract ask(path: readonly string[], args: readonly unknown[] | undefined): Question;
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
  protected foreign(owner: Context, ioType: IoType): Question | undefined {
    const current = this.core.host.currentContext();
    if (current === owner) return undefined;
    return Question.failed(this.core, () =>
      current === undefined
        ? this.core.globalScopeError()
        : new Error(crossContext(owner.kind, ioType)),
    );
  }
}

/** RpcStub: a handle on a hook. */
export class StubHandler extends BaseHandler {
  readonly kind = "stub";
  readonly hook: Hook;
  readonly context: Context;
  readonly origin: Origin;
  #disposedAt: StackHolder | undefined;

  constructor(core: Core, hook: Hook, context: Context, origin: Origin) {
    super(core, core.targets.stub, core.classes.RpcStub.prototype);
    this.hook = hook;
    this.context = context;
    this.origin = origin;
  }

  get disposed(): boolean {
    return this.#disposedAt !== undefined;
  }

  apply(_target: object, _this: unknown, args: unknown[]): object {
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    if (this.#disposedAt !== undefined) {
      this.reportUse();
      return Question.refused(this.core, args, () => new Error(stubDisposed));
    }
    return this.foreign(this.context, "Client") ?? this.hook.ask(path, args);
  }

  /** Throws if it was disposed: for passing it on. */
  assertUsable(): void {
    if (this.#disposedAt === undefined) return;
    this.reportUse();
    throw new Error(stubDisposed);
  }

  /** Say in the log where it was disposed; the error's text stays production's. */
  reportUse(): void {
    const at = this.#disposedAt;
    this.core.host.report({
      type: "used-after-dispose",
      what: this.origin.what,
      disposedAt: at?.stack ?? "",
    });
  }

  dup(): object {
    this.assertUsable();
    if (this.core.host.currentContext() !== this.context) {
      throw new Error(crossContext(this.context.kind, "Client"));
    }
    const origin = { ...this.origin, at: captureOrigin(this.dup) };
    this.hook.setOrigin(origin);
    return this.core.makeStub(this.hook.retain(), this.context, origin).proxy;
  }

  /** Safe to call twice. */
  dispose(): void {
    if (this.#disposedAt !== undefined) return;
    // What nobody awaited nobody has, so nobody will ask where it was disposed.
    this.#dispose(this.origin.observed ? captureOrigin(this.dispose) : nowhere);
  }

  /** By the engine: no line of the application did it, so no stack is taken (5 us). */
  disposeByEngine(): void {
    if (this.#disposedAt === undefined) this.#dispose(nowhere);
  }

  #dispose(at: StackHolder): void {
    this.#disposedAt = at;
    this.hook.release();
  }
}

/** RpcPromise. */
export class PromiseHandler extends BaseHandler {
  readonly kind = "promise";
  readonly question: Question;

  constructor(core: Core, question: Question) {
    super(core, core.targets.promise, core.classes.RpcPromise.prototype);
    this.question = question;
  }

  apply(_target: object, _this: unknown, args: unknown[]): object {
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    const { question } = this;
    if (question.session !== undefined) {
      const ioType = question.state === "pending" ? "Pipeline" : "JsRpcPromise";
      const foreign = this.foreign(question.session.context, ioType);
      if (foreign !== undefined) return foreign;
    }
    return question.pipeline(path, args);
  }
}

/** RpcProperty: a name under any of the others. */
export class PropertyHandler extends BaseHandler {
  readonly kind = "property";
  readonly parent: BaseHandler;
  readonly name: string;
  readonly depth: number;

  constructor(core: Core, parent: BaseHandler, name: string, depth: number) {
    super(core, core.targets.property, core.classes.RpcProperty.prototype);
    this.parent = parent;
    this.name = name;
    this.depth = depth;
  }

  protected override get childDepth(): number {
    return this.depth + 1;
  }

  apply(_target: object, self: unknown, args: unknown[]): object | undefined {
    if (this.name === "toJSON" && self === this.parent.proxy && isJsonCall(args)) {
      return this.parent.json;
    }
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    const full: string[] = [...path];
    let handler: BaseHandler = this;
    while (handler instanceof PropertyHandler) {
      full.unshift(handler.name);
      handler = handler.parent;
    }
    return handler.ask(full, args);
  }

  /** A new read with each use (spec/rpc.md 1.1). */
  read(): Promise<unknown> {
    return this.ask([], undefined).observe();
  }
}

/** Filled as soon as there is an invocation: the stubs in its props are read before. */
export interface StubOwner {
  context?: Context;
}

/**
 * ServiceStub: each use is a session, so an invocation, of its own. What came over RPC, in props or
 * from `ctx.exports.X({props})` belongs to the invocation that got it, bindings to nobody.
 */
export class ServiceHandler extends BaseHandler {
  readonly kind: "service" | "loopback";
  readonly channel: ServiceChannel;
  readonly bindingName: string;
  readonly #owner: StubOwner | undefined;
  readonly #shadow: Record<string, unknown> | undefined;
  readonly #callable: ((options: unknown) => object) | undefined;

  constructor(
    core: Core,
    channel: ServiceChannel,
    options: {
      readonly shadow?: Record<string, unknown> | undefined;
      readonly bindingName?: string | undefined;
      readonly callable?: ((options: unknown) => object) | undefined;
      readonly owner?: StubOwner | undefined;
    },
  ) {
    const loopback = options.callable !== undefined;
    super(
      core,
      loopback ? core.targets.loopback : core.targets.service,
      loopback ? core.classes.LoopbackServiceStub.prototype : core.classes.ServiceStub.prototype,
    );
    this.kind = loopback ? "loopback" : "service";
    this.channel = channel;
    this.bindingName = options.bindingName ?? channel.token.service;
    this.#owner = options.owner;
    this.#shadow = options.shadow;
    this.#callable = options.callable;
  }

  protected override member(name: string): unknown {
    if (this.#shadow !== undefined && Object.hasOwn(this.#shadow, name)) return this.#shadow[name];
    if (!this.core.host.flags.rpc) return this.core.reportRpcDisabled(name);
    return this.property(name);
  }

  override has(target: object, key: string | symbol): boolean {
    if (typeof key === "string" && !this.core.host.flags.rpc && !(key in this.prototype)) {
      return this.#shadow !== undefined && Object.hasOwn(this.#shadow, key);
    }
    return super.has(target, key);
  }

  /** `ctx.exports.X({props})`. */
  apply(_target: object, _this: unknown, args: unknown[]): object {
    return this.#callable?.(args[0]) ?? this.proxy;
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    const owner = this.#owner?.context;
    const foreign = owner === undefined ? undefined : this.foreign(owner, "SubrequestChannel");
    return foreign ?? this.core.openSession(this.channel, this.bindingName, path, args);
  }

  /** What fetching on it or sending it fails with here; undefined if it may be used. */
  foreignUse(): Error | undefined {
    const owner = this.#owner?.context;
    if (owner === undefined) return undefined;
    return foreignUse(owner, this.core.host.currentContext(), "SubrequestChannel");
  }
}

/**
 * `toJSON(key)`, as JSON.stringify calls it: production's does not look at the names of stubs, so a
 * logger that prints `env` must not make calls.
 */
function isJsonCall(args: readonly unknown[]): boolean {
  return args.length === 1 && typeof args[0] === "string";
}

/** Integer keys are not names: `promise.list[0]` is undefined in production. */
function isArrayIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  // The largest index of an array is 2^32 - 2.
  return first >= 48 && first <= 57 && String(Number(key) >>> 0) === key && key !== "4294967295";
}
