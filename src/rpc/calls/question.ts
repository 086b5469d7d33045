/**
 * A call or property read as its asker sees it: the promise of the result and the handle for
 * pipelining (spec/rpc.md 3). Lives in the asking context; the session numbers it.
 */
import { types } from "node:util";
import { defineValue } from "../codec/define.ts";
import type { CallRecord, Context } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { SessionHandle } from "../contracts/session.ts";
import type { StubHandle } from "../contracts/stubs.ts";
import { cannotPipeline, promiseDisposed } from "../error-texts.ts";
import { captureOrigin, type Origin } from "../origin.ts";
import { stateOf } from "../stub-state.ts";

/** What arrived for a question. `make` runs inside a promise reaction, for the async stack. */
export interface Reply {
  /** The value, or throws the error. */
  readonly make: () => unknown;
  readonly stubs: readonly StubHandle[] | undefined;
  /** The callee waits for the disposal of the result. */
  readonly hasDisposer: boolean;
  /** The callee has forgotten the session with it. */
  readonly final: boolean;
  /** `make` throws an error that was made elsewhere (peer, link): it gets the asker's stack. */
  readonly needsStack: boolean;
}

const noop = (): void => {};
const settled: Promise<void> = Promise.resolve();

/** In a promise's reaction: whoever awaits it is in the stack of an error that is made here. */
function take(question: Question): unknown {
  question.makeNow(take);
  if (question.state === "rejected") throw question.value;
  return question.value;
}

/** The executor of all promises here, so that none needs one of its own. */
let resolveCaptured: ((question: Question) => void) | undefined;
function captureResolve(resolve: (question: Question) => void): void {
  resolveCaptured = resolve;
}

/** Disposer of results that hold nothing; shared. */
const disposeNothing: () => void = () => {};

/** Disposers that the engine put on results -> whether the callee waits for them. */
const resultDisposers: WeakMap<object, boolean> = new WeakMap();

/**
 * For a result that is passed on: false if `disposer` is the engine's own and only disposes stubs
 * (which are owned by the new result anyway), so that nobody has to wait for it.
 */
export function mustBeCalled(disposer: object): boolean {
  return disposer !== disposeNothing && resultDisposers.get(disposer) !== false;
}

export class Question implements Asked {
  readonly core: Core;
  readonly session: SessionHandle | undefined;
  readonly id: number;
  readonly on: number;
  readonly path: readonly string[];
  readonly isCall: boolean;
  /** Events keep their result as it is: no disposer is put on a Response. */
  readonly isEvent: boolean;
  state: "pending" | "arrived" | "resolved" | "rejected" = "pending";
  /** Its promise was awaited (or then'd) by the application. */
  observed = false;
  /** Asked of the entrypoint itself, or pipelined on such a question. */
  readonly isOnMain: boolean;
  /** It was sent; only then a lost session means that it was under way. */
  asked = false;
  /** The critical section of a Durable Object that it was asked in. */
  section: unknown;
  /** The result or the error, once it is made. */
  value: unknown;
  /** Of a result that has to be disposed; shared by the stubs in it. */
  origin: Origin | undefined;
  /** Where somebody hears of it. */
  span: CallRecord | undefined;
  /** Made when somebody wants it: results in the middle of a chain have none. */
  #promise: Promise<unknown> | undefined;
  /** Its rejection shows up elsewhere: on what was pipelined. */
  #isHandled = false;
  #settle: ((question: Question) => void) | undefined;
  #reply: Reply | undefined;
  #disposed = false;
  #resultDisposed = false;

  constructor(
    core: Core,
    session: SessionHandle | undefined,
    id: number,
    on: number,
    path: readonly string[],
    kind: "call" | "get" | "event",
    isOnMain: boolean,
  ) {
    this.core = core;
    this.session = session;
    this.id = id;
    this.on = on;
    this.path = path;
    this.isCall = kind === "call";
    this.isEvent = kind === "event";
    this.isOnMain = isOnMain;
  }

  get promise(): Promise<unknown> {
    this.#promise ??= this.#makePromise();
    return this.#promise;
  }

  #makePromise(): Promise<unknown> {
    // What has arrived is taken in a reaction of its own, which runs before this one.
    if (this.state !== "pending") return settled.then(() => take(this));
    const arrival = new Promise<Question>(captureResolve);
    this.#settle = resolveCaptured;
    return arrival.then(take);
  }

  get context(): Context | undefined {
    return this.session?.context;
  }

  /** For reports: `path.to.method()`. */
  get description(): string {
    const path = this.path.join(".");
    return this.isCall ? `${path === "" ? "(this)" : path}()` : path;
  }

  /** A question that was never asked: rejects with what `make` returns. */
  static failed(core: Core, make: () => unknown): Question {
    const question = new Question(core, undefined, 0, 0, [], "call", true);
    question.fail(make);
    return question;
  }

  /** A call that fails whatever `args` are; they are given up, and come first with their error. */
  static refused(core: Core, args: readonly unknown[] | undefined, make: () => unknown): Question {
    return Question.failed(core, core.giveUp(args) ?? make);
  }

  /** `needsStack` as in Reply: false for errors that the asker's own code threw. */
  fail(make: () => unknown, needsStack = false): void {
    this.arrive({
      make: () => {
        throw make();
      },
      stubs: undefined,
      hasDisposer: false,
      final: false,
      needsStack,
    });
  }

  /** The promise, for the application that awaits it. */
  observe(): Promise<unknown> {
    if (this.observed) return this.promise;
    this.observed = true;
    const { origin } = this;
    if (origin === undefined) return this.promise;
    origin.observed = true;
    // The value was there before; who awaits it is known in a reaction only, as at its arrival.
    const take = (value: unknown): unknown => {
      origin.at = captureOrigin(take);
      return value;
    };
    return this.promise.then(take);
  }

  /**
   * The value, made in `below`, has to be disposed. For results that nobody awaits, as those in the
   * middle of a chain, a stack would be taken for nothing.
   */
  expectDisposal(origin: Origin, below: () => unknown): void {
    this.origin = origin;
    origin.observed = this.observed;
    if (this.observed) origin.at = captureOrigin(below);
  }

  /** The reply is here; the value is made in a promise reaction. Later replies are ignored. */
  arrive(reply: Reply): void {
    if (this.state !== "pending") return;
    this.state = "arrived";
    this.span?.arrived?.();
    this.#reply = reply;
    if (this.#settle !== undefined) {
      this.#settle(this);
      this.#settle = undefined;
    } else if (this.#promise === undefined) this.#takeAlone();
  }

  /** Nobody has asked for the promise: the value is made all the same, and a rejection is seen. */
  #takeAlone(): void {
    const { session } = this;
    const start = (): void => {
      if (this.#isHandled) void settled.then(() => this.makeNow());
      else this.#promise = settled.then(() => take(this));
    };
    if (session === undefined) start();
    else session.inContext(start);
  }

  /** Make the value now if it has arrived (pipelined use between arrival and reaction). */
  makeNow(below: (...args: never[]) => unknown = this.makeNow): void {
    const reply = this.#reply;
    if (reply === undefined) return;
    this.#reply = undefined;
    try {
      this.value = reply.make();
      this.state = "resolved";
    } catch (error) {
      this.value = error;
      this.state = "rejected";
      // The stack begins where the asker awaits, not inside of the engine.
      if (reply.needsStack && types.isNativeError(error)) Error.captureStackTrace(error, below);
    }
    if (this.span !== undefined) this.#endSpan(this.span);
    if (this.state === "resolved") this.#decorate(reply);
    if (!reply.hasDisposer || this.state === "rejected") this.session?.finish(this.id);
    if (this.#disposed) this.#disposeResult(reply);
  }

  #endSpan(span: CallRecord): void {
    if (this.state === "resolved") span.resolved?.(this.value);
    else span.rejected?.(this.value);
  }

  /** Any object but a bare stub gets a disposer of its own (spec/rpc.md 2.7). */
  #decorate(reply: Reply): void {
    const { value } = this;
    if (this.isEvent) return;
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
    const kind = stateOf(value)?.kind;
    const plain = reply.stubs === undefined && !reply.hasDisposer;
    if (kind === "stub") return;
    const disposer = plain ? disposeNothing : (): void => this.#disposeResult(reply);
    if (!plain) resultDisposers.set(disposer, reply.hasDisposer);
    defineValue(value, Symbol.dispose, disposer, false);
  }

  #disposeResult(reply: Reply): void {
    if (this.#resultDisposed) return;
    this.#resultDisposed = true;
    if (reply.stubs !== undefined) for (const stub of reply.stubs) stub.dispose();
    if (reply.hasDisposer) this.session?.finish(this.id);
  }

  /** Of the RpcPromise: the result is disposed as soon as it is there (spec/rpc.md 4.1). */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.state === "resolved") {
      const stub = stubOf(this.value);
      if (stub !== undefined) stub.dispose();
      else (this.value as { [Symbol.dispose]?: () => void } | null)?.[Symbol.dispose]?.();
    }
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Call or read something of the result, before or after it is there. */
  pipeline(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    // The rejection shows up on what was pipelined; once is enough.
    if (!this.#isHandled) this.#promise?.catch(noop);
    this.#isHandled = true;
    if (this.#disposed) {
      return Question.refused(this.core, args, () => new Error(promiseDisposed));
    }
    // The peer does not know it, or not any more.
    if (this.state === "arrived" && (!this.asked || this.session?.closed !== undefined)) {
      this.makeNow();
    }
    if (this.state === "pending" || this.state === "arrived") {
      const { session } = this;
      if (session === undefined) return Question.refused(this.core, args, () => this.value);
      return session.ask(-this.id, path, args);
    }
    if (this.state === "rejected") return Question.refused(this.core, args, () => this.value);
    return this.#askValue(path, args);
  }

  /** After resolution: a one-off loopback on the received value. */
  #askValue(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    const { value, core, session } = this;
    if (value === null || (typeof value !== "object" && typeof value !== "function")) {
      return Question.failed(core, () => new TypeError(cannotPipeline));
    }
    // Straight to a stub on the path: a detour could be overtaken by calls made on it directly.
    let step: unknown = value;
    for (let i = 0; i <= path.length; i++) {
      const stub = stubOf(step);
      if (stub !== undefined) return stub.ask(path.slice(i), args);
      const name = path[i];
      if (name === undefined || typeof step !== "object" || step === null) break;
      step = Object.getOwnPropertyDescriptor(step, name)?.value;
    }
    if (session === undefined) return Question.failed(core, () => new TypeError(cannotPipeline));
    return core.loopback(session.context).askValue(value, path, args);
  }
}

function stubOf(value: unknown): StubHandle | undefined {
  if (typeof value !== "function") return undefined;
  const state = stateOf(value);
  return state?.kind === "stub" ? state : undefined;
}
