/**
 * One live Durable Object: the JavaScript instance, its gates, its storage, and the one invocation
 * in which all of its events run (spec/durable-objects.md 5-8, 25). In the thread of the Worker that
 * exports the class; made and forgotten by namespace-host.ts.
 *
 * new (no event yet) -> running -> gone: evicted when idle, or broken with an error that everybody
 * who waits for it gets. A broken instance answers nothing more; the next call makes another one.
 */
import { currentInvocation, Invocation, runInvocation } from "../isolate/invocation.ts";
import { logException } from "../isolate/log.ts";
import { crossContext } from "../rpc/error-texts.ts";
import { isOf } from "../util/thrown.ts";
import { commitError, markThrown, resetError, SECTION_TIMEOUT } from "./errors.ts";
import { observeEvent } from "./event-observer.ts";
import { InputGate, runInside, type Section, TOO_DEEP } from "./input-gate.ts";
import { createObjectId, type DurableObjectId } from "./object-id.ts";
import { type Failure, Sockets } from "./sockets.ts";
import { createState, type DurableObjectState } from "./state.ts";
import { StorageEngine } from "./storage/engine.ts";
import type { KvLimits } from "./storage/kv-table.ts";
import type { OpenFiles } from "./storage/open-files.ts";
import { createStorage, type DurableObjectStorage } from "./storage/storage.ts";
import type { StoredValues } from "./storage/values.ts";
import { Turns } from "./turns.ts";

export type ObjectConstructor = new (state: DurableObjectState, env: object) => object;

/** What all instances of a class have in common. */
export interface ObjectClass {
  readonly name: string;
  readonly constructor: ObjectConstructor;
  /** It extends `DurableObject`. */
  readonly hasRpc: boolean;
  readonly storage: KvLimits;
  readonly env: object;
  /** `ctx.exports`. */
  readonly exports: object | undefined;
  readonly values: StoredValues;
  readonly files: OpenFiles;
  readonly deleteAllDeletesAlarm: boolean;
  /** `web_socket_auto_reply_to_close` */
  readonly repliesToClose: boolean;
  /** A critical section that lasts longer breaks its object; default 30 s (spec 7.3). */
  readonly sectionLimitMs?: number | undefined;
}

/** What an instance tells the host of its namespace. */
export interface InstanceOwner {
  /** The file of an object. */
  pathOf(id: string): string;
  /** The alarm that the last commit left; null: none. */
  onAlarm(instance: ObjectInstance, time: number | null): void;
  beforeAlarm(instance: ObjectInstance, time: number): void;
  /** It is over: the next event makes another one. */
  onGone(instance: ObjectInstance): void;
}

const DEFAULT_SECTION_LIMIT_MS = 30_000;

export class ObjectInstance {
  readonly id: DurableObjectId;
  readonly hex: string;
  readonly context: Invocation;
  readonly engine: StorageEngine;
  readonly gate: InputGate;
  readonly class: ObjectClass;
  readonly sockets: Sockets;
  /** When something was last seen to go on, ms of `performance.now()`. */
  lastActive: number = performance.now();
  /** Of `ctx.abort`: whether an alarm whose handler it ended is run again. */
  retriesAlarm = true;
  readonly #owner: InstanceOwner;
  readonly #turns: Turns;
  #object: object | undefined;
  /** Of the object. */
  #storage: DurableObjectStorage | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(cls: ObjectClass, hex: string, name: string | undefined, owner: InstanceOwner) {
    this.class = cls;
    this.hex = hex;
    this.id = createObjectId(hex, name);
    this.#owner = owner;
    this.#turns = new Turns(() => this.#onTurnEnd());
    this.gate = new InputGate(this.#turns);
    this.engine = new StorageEngine({
      path: owner.pathOf(hex),
      files: cls.files,
      values: cls.values,
      limits: cls.storage,
      onDirty: () => this.#turns.touch(),
      onAlarm: (time) => owner.onAlarm(this, time),
      beforeAlarm: (time) => owner.beforeAlarm(this, time),
    });
    this.context = new Invocation({ requestId: "", depth: 0 }, undefined, {
      kind: "durable-object",
      gates: {
        output: () => this.engine.confirmed(),
        section: () => this.gate.section,
        extend: () => this.#turns.extend(),
        failed: (error) => markThrown(error, hex),
        input: (section) => this.gate.admit(section as Section | undefined),
        inside: (section, start) => runInside(section as Section, start),
      },
    });
    // A limit ends an invocation from outside.
    this.context.onEnd((reason) => {
      if (reason !== undefined) this.break(resetError(reason));
    });
    this.sockets = new Sockets({
      run: (event, cause, deliver, settled) =>
        this.runEvent(
          (object) =>
            observeEvent({ className: cls.name, hex }, event, cause, () => deliver(object)),
          settled,
        ),
      confirmed: () => this.engine.confirmed(),
      repliesToClose: cls.repliesToClose,
    });
  }

  get isGone(): boolean {
    return this.#end !== undefined;
  }

  /** Nothing runs or waits in it that would be lost with it. */
  get isIdle(): boolean {
    return this.context.pending === 0 && !this.context.hasTasks && !this.engine.needsCommit;
  }

  /** Its JavaScript object is gone, its WebSockets are not. */
  get hibernates(): boolean {
    return this.#object === undefined && this.sockets.size > 0;
  }

  hasHandler(name: string): boolean {
    return (
      typeof Reflect.get(this.class.constructor.prototype as object, name) === "function" ||
      (this.#object !== undefined && typeof Reflect.get(this.#object, name) === "function")
    );
  }

  /**
   * The object, for an event that the input gate let in: constructed with the first one. A promise
   * while the constructor's critical sections run. Throws or rejects with what broke it.
   */
  whenReady(): object | Promise<object> {
    const object = this.#construct();
    const wait = this.gate.whenOpen();
    return wait === undefined ? object : wait.then(() => object);
  }

  /**
   * An event of drover's own (alarm, WebSocket message): waits for the gate, runs `deliver` on the
   * object. Rejects with what that throws or what broke the object.
   */
  async run<T>(deliver: (object: object) => T | Promise<T>): Promise<T> {
    const release = this.context.hold();
    try {
      await this.gate.admit(undefined);
      const object = await this.whenReady();
      return await runInvocation(this.context, deliver, object);
    } finally {
      release();
      this.lastActive = performance.now();
    }
  }

  /**
   * As `run`, for the many messages of WebSockets: without a promise where there is nothing to wait
   * for. Never throws; `settled` is called once, with what `deliver` threw or what broke the object.
   */
  runEvent(deliver: (object: object) => unknown, settled: (failure?: Failure) => void): void {
    const release = this.context.hold();
    const end = (failure?: Failure): void => {
      release();
      this.lastActive = performance.now();
      settled(failure);
    };
    const fail = (error: unknown): void => end({ error });
    const enter = (): void => {
      let result: unknown;
      try {
        const ready = this.whenReady();
        const run = (object: object): unknown => runInvocation(this.context, deliver, object);
        result = ready instanceof Promise ? ready.then(run) : run(ready);
      } catch (error) {
        fail(error);
        return;
      }
      if (typeof result !== "object" || result === null) end();
      // Perhaps a thenable of the application.
      else Promise.resolve(result).then(() => end(), fail);
    };
    this.gate.enter(enter, fail);
  }

  /** `blockConcurrencyWhile`: what goes wrong in it is the end of the instance. */
  async blockConcurrency<T>(callback: () => T | Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const release = this.context.hold();
    try {
      return await this.gate.run(() => {
        timer = setTimeout(() => {
          this.break(resetError(new Error(SECTION_TIMEOUT), { overloaded: true }));
        }, this.class.sectionLimitMs ?? DEFAULT_SECTION_LIMIT_MS);
        timer.unref();
        return callback();
      });
    } catch (error) {
      this.break(resetError(error));
      // Nothing of the object goes on, not even what waits for this.
      return await new Promise<never>(() => {});
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** Ends it: whoever waits for it gets `error`, what the turn wrote is lost. Safe to call twice. */
  break(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#owner.onGone(this);
    this.engine.abandon(error);
    this.gate.break(error);
    this.sockets.drop();
    this.context.end(error ?? new Error("The Durable Object was reset."));
  }

  /**
   * Nothing of it is under way: the JavaScript object goes, and all the rest with it unless there
   * are WebSockets, which stay open until the next event makes the object again.
   */
  evict(): void {
    if (this.#end !== undefined) return;
    if (this.sockets.size > 0) {
      this.#object = undefined;
      this.sockets.hibernate();
      this.engine.suspend();
      return;
    }
    this.end();
  }

  /** Ends it in order. */
  end(): void {
    if (this.#end !== undefined) return;
    this.sockets.drop();
    this.#end = { error: undefined };
    this.#owner.onGone(this);
    this.engine.close();
    this.context.end();
  }

  #createState(): DurableObjectState {
    const { exports, deleteAllDeletesAlarm } = this.class;
    const storage = createStorage({
      engine: this.engine,
      inSection: (callback) => this.#inSection(callback),
      guard: () => this.#guard(),
      hasAlarmHandler: () => this.hasHandler("alarm"),
      deleteAllDeletesAlarm,
    });
    this.#storage = storage;
    return createState({ instance: this, storage, exports });
  }

  /** SQL of the object's owner, as if the object ran it; within `run`. */
  sql(text: string, params: readonly unknown[]): readonly Record<string, unknown>[] {
    return (this.#storage?.sql.exec(text, ...params).toArray() ?? []) as Record<string, unknown>[];
  }

  #construct(): object {
    if (this.#end !== undefined) throw this.#end.error;
    if (this.#object !== undefined) return this.#object;
    const { constructor: Class, env } = this.class;
    try {
      const state = this.#createState();
      this.#object = runInvocation(this.context, () => new Class(state, env));
    } catch (error) {
      logException(error, "Uncaught");
      this.break(resetError(error));
      throw error;
    }
    // The constructor may have ended it.
    const end = this.#end as { readonly error: unknown } | undefined;
    if (end !== undefined) throw end.error;
    return this.#object;
  }

  async #inSection<T>(callback: () => T | Promise<T>): Promise<T> {
    const release = this.context.hold();
    try {
      return await this.gate.run(callback);
    } catch (error) {
      if (isOf(error, Error) && error.message === TOO_DEEP) this.break(resetError(error));
      throw error;
    } finally {
      release();
    }
  }

  /** Of its storage: only its own events may use it. */
  #guard(): void {
    const current = currentInvocation();
    if (current !== undefined && current !== this.context) {
      throw new Error(crossContext(current.kind, "ActorCacheInterface"));
    }
    if (this.#end !== undefined) throw this.#end.error;
  }

  #onTurnEnd(): void {
    this.lastActive = performance.now();
    if (this.#end !== undefined) return;
    try {
      this.engine.commit();
    } catch (error) {
      this.break(resetError(commitError(error)));
      return;
    }
    this.gate.pump();
  }
}
