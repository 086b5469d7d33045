/**
 * ServiceStub: each use is a session, so an invocation, of its own. What came over RPC, in props or
 * from `ctx.exports.X({props})` belongs to the invocation that got it, bindings to nobody.
 */

import type { ServiceChannel } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { ServiceHandle, StubOwner } from "../contracts/stubs.ts";
import { foreignUse } from "../streams/owners.ts";
import { BaseHandler } from "./base.ts";

export class ServiceHandler extends BaseHandler implements ServiceHandle {
  readonly kind: "service" | "loopback";
  readonly channel: ServiceChannel;
  readonly bindingName: string;
  readonly #owner: StubOwner | undefined;
  readonly #own: Readonly<Record<string, unknown>> | undefined;
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
      /** Of a Durable Object stub: shown as own properties. */
      readonly own?: Readonly<Record<string, unknown>> | undefined;
    },
  ) {
    const loopback = options.callable !== undefined;
    const { targets, classes } = core;
    const isObject = options.own !== undefined;
    super(
      core,
      loopback ? targets.loopback : isObject ? targets.object : targets.service,
      (loopback
        ? classes.LoopbackServiceStub
        : isObject
          ? classes.DurableObject
          : classes.ServiceStub
      ).prototype,
    );
    this.#own = options.own;
    for (const [name, value] of Object.entries(options.own ?? {})) {
      Object.defineProperty(this.proxy, name, { value, enumerable: true, configurable: true });
    }
    this.kind = loopback ? "loopback" : "service";
    this.channel = channel;
    this.bindingName = options.bindingName ?? channel.token.service;
    this.#owner = options.owner;
    this.#shadow = options.shadow;
    this.#callable = options.callable;
  }

  protected override asState(): ServiceHandle {
    return this;
  }

  protected override member(name: string): unknown {
    if (this.#shadow !== undefined && Object.hasOwn(this.#shadow, name)) return this.#shadow[name];
    if (!this.core.host.flags.rpc) return this.core.reportRpcDisabled(name);
    return this.property(name);
  }

  override set(target: object, key: string | symbol, value: unknown): boolean {
    if (typeof key === "string" && this.#own !== undefined && Object.hasOwn(this.#own, key)) {
      throw new TypeError(
        `Cannot assign to read only property '${key}' of object '#<DurableObject>'`,
      );
    }
    return super.set(target, key, value);
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

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
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
