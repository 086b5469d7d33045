/**
 * The Durable Objects that this Worker runs: all classes, how events reach them, eviction, and the
 * hand-over of the namespaces to the next version of the Worker (spec/durable-objects.md 5). One per
 * Worker's thread, made when the Worker has such classes.
 */
import { dirname } from "node:path";
import { Invocation } from "../isolate/invocation.ts";
import { logRuntime } from "../isolate/log.ts";
import type { Origin } from "../isolate/running.ts";
import type { ObjectName } from "../protocol/env-access.ts";
import type { ObjectClassStatus } from "../protocol/status-page.ts";
import type { ObjectsGrant } from "../protocol/thread.ts";
import type { ServiceTarget } from "../protocol/worker-spec.ts";
import type { AcceptedSession, SessionOpen, TraceInfo } from "../rpc/contract.ts";
import { IdFactory, uniqueKey } from "../util/object-ids.ts";
import type { RunAlarm } from "./alarms.ts";
import { CODE_UPDATED, NO_RPC, resetError } from "./errors.ts";
import type { ObjectInstance } from "./instance.ts";
import { NamespaceHost, type NamespaceHostOptions } from "./namespace-host.ts";
import { Ownership } from "./ownership.ts";

/** Spec 5.2. */
const DEFAULT_IDLE_MS = 10_000;
const SWEEP_MS = 1_000;

export interface DurableObjectsOptions {
  /** Worker name, for texts. */
  readonly service: string;
  /** Locked while the objects run here (ownership.ts). */
  readonly lockPath: string;
  /** By class name. */
  readonly classes: ReadonlyMap<string, NamespaceHostOptions>;
  /** Whether it is a Response with one. */
  readonly hasWebSocket: (value: unknown) => boolean;
  /** Objects that have had nothing to do for so long are dropped; default 10 s. */
  readonly idleMs?: number | undefined;
  readonly assertResponse: (value: unknown) => unknown;
  /** Runs a `connect` handler, undefined if there is none, with the socket of what the event carries. */
  readonly acceptConnection: (offered: unknown, handle: Handler | undefined) => Promise<void>;
  /** The callee's side of a session with a class that is not there. */
  readonly refuse: (open: SessionOpen, message: string) => AcceptedSession;
  /** Calls and events of an object that the next generation of the Worker runs, or the one after it. */
  readonly successorOf: (className: string, object: ObjectTarget) => Successor;
}

type ObjectTarget = NonNullable<ServiceTarget["durableObject"]>;

/** The same object, where it is run now. */
export interface Successor {
  /** A stub of it. */
  readonly target: object;
  event(name: string, args: readonly unknown[]): Promise<unknown>;
}

type Handler = (...args: readonly unknown[]) => unknown;

export class DurableObjects {
  readonly #options: DurableObjectsOptions;
  readonly #hosts: Map<string, NamespaceHost> = new Map();
  #sweeper: NodeJS.Timeout | undefined;
  readonly #idleMs: number;
  readonly #ownership: Ownership;
  #own: () => void = () => {};
  #isHeld = false;
  /** The next generation runs the objects. Who has not heard of it yet calls here, and is led on. */
  #isReleased = false;
  /** It was released before the namespaces were this thread's: nothing ever ran here. */
  #isPassedOver = false;
  /** Undefined from the moment on that the namespaces are this thread's. */
  #owned: Promise<void> | undefined = new Promise((resolve) => {
    this.#own = resolve;
  });

  constructor(options: DurableObjectsOptions) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? DEFAULT_IDLE_MS;
    for (const [name, host] of options.classes) this.#hosts.set(name, new NamespaceHost(host));
    const { lockPath, service } = options;
    this.#ownership = new Ownership({
      path: lockPath,
      onOwned: (hasWaited) => {
        if (hasWaited)
          logRuntime("info", `This session runs the Durable Objects of ${service} now.`);
        this.#startAlarms();
      },
      onWait: () => logRuntime("warn", this.#runElsewhere()),
    });
  }

  /**
   * No other thread of this session runs objects any more: events are delivered, alarms run. `isHeld`: one
   * has the files open for as long as its native call goes on. `isElsewhere`: another session ran them so far.
   */
  own({ isReload, isHeld, isElsewhere }: ObjectsGrant): void {
    if (this.#owned === undefined) return;
    this.#owned = undefined;
    this.#isHeld = isHeld;
    // Without alarms the first event asks for it: what is not used costs nothing. After a reload it is
    // still this session's, as far as others know.
    if (isElsewhere) this.#ownership.wait();
    else if (isReload) this.#ownership.take();
    else if ([...this.#hosts.values()].some(({ hasAlarms }) => hasAlarms)) this.#ownership.has();
    this.#own();
  }

  #startAlarms(): void {
    for (const [name, host] of this.#hosts) {
      try {
        host.startAlarms();
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        logRuntime("error", `The alarms of Durable Object class ${name} cannot be read: ${text}`);
      }
    }
  }

  /**
   * The object, for an event that came before the release; undefined if it is to be led on all the same.
   * Throws where another session runs it.
   */
  #ready(instance: ObjectInstance): object | undefined | Promise<object | undefined> {
    if (this.#isPassedOver) return undefined;
    if (this.#owned !== undefined) {
      // Those that waited go on together: each needs a turn of its own, as when it was let in.
      return this.#owned
        .then(() => instance.gate.admit(undefined))
        .then(() => this.#ready(instance));
    }
    this.#assertOwner();
    return instance.whenReady();
  }

  /** For what reaches objects from outside of their events. */
  async #whenOwner(): Promise<void> {
    await this.#owned;
    if (this.#isReleased) throw resetError(new Error(CODE_UPDATED));
    this.#assertOwner();
  }

  #assertOwner(): void {
    if (!this.#ownership.has()) throw new Error(this.#runElsewhere());
  }

  #runElsewhere(): string {
    const { service, lockPath } = this.#options;
    if (this.#isHeld) {
      return `A thread of Worker "${service}" that was ended still has its Durable Objects: it is in a native call, which cannot be interrupted. The new one takes them over when that is over.`;
    }
    return `Another session runs the Durable Objects of Worker "${service}" in ${dirname(lockPath)}. Call them there, or end that session: this one takes them over then.`;
  }

  /**
   * Gives the namespaces up: objects finish what runs, within `limitMs`; what is left breaks with
   * production's text of a deploy. Resolves when every file is closed, with whether another session has run
   * them instead.
   */
  async release(limitMs: number): Promise<boolean> {
    this.#isReleased = true;
    clearInterval(this.#sweeper);
    for (const host of this.#hosts.values()) host.close();
    if (this.#owned !== undefined) {
      // No file is open: what waits goes on to the next generation, which is not to wait for it.
      this.#isPassedOver = true;
      this.#owned = undefined;
      this.#own();
      return this.#ownership.release();
    }
    const instances = this.#instances();
    const until = performance.now() + limitMs;
    for (const instance of instances) {
      if (!instance.isIdle) await whenIdle(instance, until - performance.now());
      if (instance.isIdle) instance.end();
      else instance.break(resetError(new Error(CODE_UPDATED)));
    }
    return this.#ownership.release();
  }

  hasClass(className: string): boolean {
    return this.#hosts.has(className);
  }

  idsOf(className: string): readonly string[] {
    return this.#host(className).ids();
  }

  /** Ends an object as soon as it has nothing to do; its WebSockets stay open. False: it does not live. */
  async evict(className: string, which: ObjectName): Promise<boolean> {
    const instance = this.#host(className).live(this.#idOf(className, which));
    if (instance === undefined) return false;
    while (!instance.isGone && !instance.isIdle) await whenIdle(instance, SWEEP_MS);
    instance.evict();
    return true;
  }

  /** @throws what SQLite says */
  async execSql(
    className: string,
    which: ObjectName,
    sql: string,
    params: readonly unknown[],
  ): Promise<readonly Record<string, unknown>[]> {
    await this.#whenOwner();
    const { name } = which;
    const instance = this.#host(className).instance(this.#idOf(className, which), name);
    this.#sweep();
    return await instance.run(() => instance.sql(sql, params));
  }

  /** False if the object has no alarm. */
  async runAlarm(className: string, which: ObjectName): Promise<boolean> {
    await this.#whenOwner();
    const run = await this.#host(className).runAlarmNow(this.#idOf(className, which));
    return run !== undefined;
  }

  /** ms until the earliest alarm of all classes. */
  async nextAlarmIn(): Promise<number | undefined> {
    await this.#whenOwner();
    const all = await Promise.all([...this.#hosts.values()].map((host) => host.nextAlarmIn()));
    const known = all.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** The alarms' clock goes on. */
  async advance(ms: number): Promise<readonly (RunAlarm & { readonly className: string })[]> {
    await this.#whenOwner();
    const all = [...this.#hosts].map(async ([className, host]) => {
      const runs = await host.advanceAlarms(ms);
      return runs.map((run) => ({ className, ...run }));
    });
    return (await Promise.all(all)).flat();
  }

  #host(className: string): NamespaceHost {
    const host = this.#hosts.get(className);
    if (host === undefined) throw new TypeError(this.#missing(className));
    return host;
  }

  #idOf(className: string, { id, name }: ObjectName): string {
    const ids = new IdFactory(uniqueKey(this.#options.service, className));
    if (id !== undefined) return ids.parse(id);
    if (name !== undefined) return ids.fromName(name);
    throw new TypeError("A Durable Object is named by { name } or { id }.");
  }

  /** What lives of each class. */
  status(): ObjectClassStatus[] {
    return [...this.#hosts.values()].map((host) => host.status());
  }

  /** The callee's side of a session with an object; see RpcHost.accept. */
  accept(open: SessionOpen, object: ObjectTarget, origin: Origin | undefined): AcceptedSession {
    const className = open.target.entrypoint ?? "";
    const host = this.#hosts.get(className);
    if (host === undefined) return this.#options.refuse(open, this.#missing(className));
    if (this.#isReleased) return this.#leadOn(className, object, open, origin);
    const instance = host.instance(object.id, object.name);
    this.#sweep();
    adopt(instance.context.trace, open.trace);
    instance.context.beginEvent(origin);
    instance.lastActive = performance.now();
    // A response with a WebSocket of a hibernating object: what is left does not keep the object.
    let isParked = false;
    const successor = (): Successor => this.#options.successorOf(className, object);
    const deliver = async (
      target: object | undefined,
      name: string,
      args: readonly unknown[],
    ): Promise<unknown> => {
      if (target === undefined) return await successor().event(name, args);
      const value = await this.#deliver(target, name, args);
      isParked = instance.sockets.size > 0 && this.#options.hasWebSocket(value);
      return value;
    };
    return {
      context: instance.context,
      isParked: () => isParked,
      lookup: "class",
      entrypoint: className,
      target: () => {
        if (!host.class.hasRpc) throw new TypeError(NO_RPC);
        const ready = this.#ready(instance);
        const found = (target: object | undefined): object => target ?? successor().target;
        return ready instanceof Promise ? ready.then(found) : found(ready);
      },
      event: (name, args) => {
        const ready = this.#ready(instance);
        return ready instanceof Promise
          ? ready.then((target) => deliver(target, name, args))
          : deliver(ready, name, args);
      },
      finished: () => {
        instance.lastActive = performance.now();
      },
    };
  }

  /** The callee's side of a session with an object that the next generation runs. */
  #leadOn(
    className: string,
    object: ObjectTarget,
    open: SessionOpen,
    origin: Origin | undefined,
  ): AcceptedSession {
    const context = new Invocation(open.trace, origin);
    const next = this.#options.successorOf(className, object);
    return {
      context,
      lookup: "class",
      entrypoint: className,
      target: () => next.target,
      event: (name, args) => next.event(name, args),
      finished: (reason) => context.end(reason),
    };
  }

  async #deliver(object: object, name: string, args: readonly unknown[]): Promise<unknown> {
    const handler: unknown = Reflect.get(object, name);
    if (name === "connect") {
      const handle = typeof handler === "function" ? handler.bind(object) : undefined;
      return this.#options.acceptConnection(args[0], handle);
    }
    if (typeof handler !== "function") {
      throw new Error(`Handler does not export a ${name}() function.`);
    }
    const result = await Reflect.apply(handler as Handler, object, args);
    return name === "fetch" ? this.#options.assertResponse(result) : result;
  }

  #missing(className: string): string {
    const names = [...this.#hosts.keys()].join(", ") || "none";
    return `Worker "${this.#options.service}" does not export a Durable Object class named "${className}". It has: ${names}.`;
  }

  #instances(): ObjectInstance[] {
    return [...this.#hosts.values()].flatMap((host) => host.instances);
  }

  /** One timer for all objects, while there are any. */
  #sweep(): void {
    if (this.#sweeper !== undefined) return;
    this.#sweeper = setInterval(
      () => {
        const now = performance.now();
        const instances = this.#instances();
        for (const instance of instances) {
          if (!instance.isIdle) instance.lastActive = now;
          else if (now - instance.lastActive >= this.#idleMs) instance.evict();
        }
        if (instances.length > 0) return;
        clearInterval(this.#sweeper);
        this.#sweeper = undefined;
      },
      Math.min(SWEEP_MS, this.#idleMs),
    );
    this.#sweeper.unref();
  }
}

/** The latest event names the request, for logs and for the depth of a chain that comes back. */
function adopt(own: Writable<TraceInfo>, trace: TraceInfo): void {
  own.requestId = trace.requestId;
  own.depth = trace.depth;
  own.traceId = trace.traceId;
  own.spanId = trace.spanId;
  own.sampled = trace.sampled;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function whenIdle(instance: ObjectInstance, ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      remove();
      resolve();
    };
    const remove = instance.context.onIdle(() => setImmediate(done));
    const timer = setTimeout(done, ms);
  });
}
