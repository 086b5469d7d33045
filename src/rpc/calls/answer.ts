/**
 * A call or property read on the side that answers it: runs it, keeps its result for pipelining
 * until the asker has finished with it, then gives up what the result held (spec/rpc.md 1.3, 3, 4).
 */
import { types } from "node:util";
import { isFlatValue } from "../codec/flat.ts";
import type { AnswerSpan } from "../contract.ts";
import type { AnswerHandle, AnsweringSession, Incoming } from "../contracts/answer.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Hook } from "../contracts/hook.ts";
import type { LookupRoot } from "../contracts/lookup.ts";
import type { EncodedValue } from "../contracts/payload.ts";
import type { StubHandle } from "../contracts/stubs.ts";
import { stateOf } from "../stub-state.ts";
import { invoke, isLookupError, reservedOnTransients } from "./lookup.ts";
import { mustBeCalled } from "./question.ts";
import { ownDisposer, type TargetHook } from "./target-hook.ts";

const nothing: object = Object.freeze(Object.create(null) as object);
const { then: promiseThen } = Promise.prototype;

export class Answer implements AnswerHandle {
  readonly session: AnsweringSession;
  readonly id: number;
  readonly incoming: Incoming;
  phase: "running" | "returned" | "failed" = "running";
  /** What pipelined paths start from, once returned. */
  root: LookupRoot | undefined;
  error: unknown;
  /** Records it, where somebody wants that. */
  span: AnswerSpan | undefined;
  /** Set when the call is made on somebody else's stub: pipelining goes on there at once. */
  #forward: Asked | undefined;
  #waiting: (() => void)[] | undefined;
  /** Pipelined calls that still run on the result. */
  #running = 0;
  #finished = false;
  #released = false;
  #ownedStubs: StubHandle[] | undefined;
  #ownedHooks: Hook[] | undefined;
  #disposer: (() => void) | undefined;
  /** The target that must not be disposed while this runs on it. */
  #callee: TargetHook | undefined;
  #parent: Answer | undefined;

  constructor(session: AnsweringSession, id: number, incoming: Incoming) {
    this.session = session;
    this.id = id;
    this.incoming = incoming;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Run on an object of this thread. Must be called in the session's context. */
  run(root: LookupRoot, callee?: TargetHook): void {
    if (callee !== undefined) this.#callee = callee.retain();
    try {
      const { incoming, span } = this;
      const { lookup } = this.session.core;
      const result =
        span === undefined
          ? invoke(root, incoming.path, incoming.args(), lookup)
          : span.run(() => invoke(root, incoming.path, incoming.args(), lookup));
      this.#complete(result);
    } catch (error) {
      this.reject(error);
    }
  }

  /** Run an event that is not RPC. */
  runEvent(event: (args: readonly unknown[]) => unknown): void {
    try {
      this.#complete(event(this.incoming.args() ?? []));
    } catch (error) {
      this.reject(error);
    }
  }

  /** Pass on to a stub that lives elsewhere. */
  forward(hook: Hook): void {
    try {
      const question = hook.ask(this.incoming.path, this.incoming.args());
      this.#forward = question;
      this.#follow(question.promise);
    } catch (error) {
      this.reject(error);
    }
  }

  /** A call on this one's result has come in: the result stays until that has run. */
  expect(answer: Answer): void {
    answer.#parent = this;
    this.#running += 1;
  }

  /** Runs an expected one: now if the result is there, else as soon as it is, in order. */
  pipeline(answer: Answer): void {
    if (this.#forward !== undefined && this.phase === "running") {
      const { incoming } = answer;
      try {
        const question = this.#forward.pipeline(incoming.path, incoming.args());
        answer.#forward = question;
        answer.#follow(question.promise);
      } catch (error) {
        answer.reject(error);
      }
      return;
    }
    if (this.phase === "running") {
      this.#waiting ??= [];
      this.#waiting.push(() => this.#runOnResult(answer));
    } else {
      this.#runOnResult(answer);
    }
  }

  #runOnResult(answer: Answer): void {
    if (this.phase === "failed") {
      answer.reject(this.error);
      return;
    }
    const root = this.root as LookupRoot;
    const stub = stateOf(root.target as object);
    if (stub?.kind === "stub") answer.forward(stub.hook);
    else answer.session.inContext(() => answer.run(root));
  }

  #follow(promise: Promise<unknown>): void {
    promiseThen.call(
      promise,
      (value) => this.resolve(value),
      (error) => this.reject(error),
    );
  }

  #complete(result: unknown): void {
    if (result === null || (typeof result !== "object" && typeof result !== "function")) {
      this.resolve(result);
    } else if (types.isPromise(result) && !types.isProxy(result)) {
      this.#follow(result);
    } else {
      const then = (result as { then?: unknown }).then;
      if (typeof then !== "function") {
        this.resolve(result);
        return;
      }
      const assimilated = new Promise((resolve, reject) => {
        Reflect.apply(then, result, [resolve, reject]);
      });
      this.#follow(assimilated);
    }
  }

  resolve(value: unknown): void {
    const { session } = this;
    if (this.phase !== "running" || session.closed !== undefined) {
      this.#settled();
      return;
    }
    let encoded: EncodedValue;
    let root: LookupRoot;
    try {
      // All three look at the value, whose Proxy traps and accessors may throw.
      const disposer = takeDisposer(session, value);
      encoded = isFlatValue(value)
        ? { value, caps: undefined, fixes: undefined }
        : session.inContext(() => session.encode(value));
      root = pipelineRoot(value);
      this.#disposer = disposer;
    } catch (error) {
      this.reject(error);
      return;
    }
    this.root = root;
    this.phase = "returned";
    // Calls that were pipelined reach the result before the asker can see it (e-order).
    const pipelined = this.#flushWaiting();
    this.#recordEnd(true);
    session.return(this, encoded, this.#disposer !== undefined, pipelined);
    this.#settled();
  }

  reject(error: unknown): void {
    const { session } = this;
    if (this.phase !== "running" || session.closed !== undefined) {
      this.#settled();
      return;
    }
    this.phase = "failed";
    this.error = error;
    this.#report(error);
    const isOwn = this.#forward === undefined && !session.isEvent && !isLookupError(error);
    if (isOwn) session.context.gates?.failed?.(error);
    const pipelined = this.#flushWaiting();
    this.#recordEnd(false);
    session.throw(this, error, pipelined);
    this.#settled();
  }

  /** The callee's log shows it with the callee's stack (spec/rpc.md 6). */
  #report(error: unknown): void {
    const { core, context, label, role } = this.session;
    // A forwarded error was reported where it was thrown.
    if (role === "loopback" || this.#forward !== undefined) return;
    const method = this.incoming.path.join(".");
    core.host.report({
      type: "callee-error",
      method: method === "" ? "(this)" : method,
      error,
      trace: context.trace,
      // In a session of this Worker's own: a callback, called by whoever the binding leads to.
      caller: role === "caller" ? `env.${label}` : label,
    });
  }

  #flushWaiting(): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    this.#waiting = undefined;
    for (const start of waiting) start();
    return true;
  }

  /** After the reply was serialized: the callee's copies of parameter stubs go (spec 4.1(6)). */
  disposeParams(): void {
    const { stubs } = this.incoming;
    if (stubs !== undefined) for (const stub of stubs) stub.disposeByEngine();
  }

  /** Before the reply, which may be the end of the session. */
  #recordEnd(isOk: boolean): void {
    this.span?.settled(isOk);
    this.span = undefined;
  }

  #settled(): void {
    this.#recordEnd(false);
    this.disposeParams();
    this.#callee?.release();
    this.#callee = undefined;
    const parent = this.#parent;
    this.#parent = undefined;
    if (parent !== undefined) {
      parent.#running -= 1;
      parent.#releaseIfOver();
    }
  }

  /** Keep these until the asker has finished with the result. */
  own(stub: StubHandle | undefined, hook: Hook | undefined): void {
    if (stub !== undefined) {
      this.#ownedStubs ??= [];
      this.#ownedStubs.push(stub);
    }
    if (hook !== undefined) {
      this.#ownedHooks ??= [];
      this.#ownedHooks.push(hook);
    }
  }

  /** The asker dropped its handle, or the session is over. */
  finish(): void {
    this.#finished = true;
    this.#releaseIfOver();
  }

  #releaseIfOver(): void {
    if (!this.#finished || this.#running > 0 || this.#released) return;
    this.#released = true;
    if (this.#ownedStubs !== undefined) for (const stub of this.#ownedStubs) stub.dispose();
    if (this.#ownedHooks !== undefined) for (const hook of this.#ownedHooks) hook.release();
    this.#disposer?.();
    this.root = undefined;
  }
}

/** What a pending promise's path is resolved against (spec/rpc.md 3). */
function pipelineRoot(value: unknown): LookupRoot {
  let target: unknown = nothing;
  let allowInstanceProps = true;
  if (typeof value === "function" || (typeof value === "object" && value !== null)) {
    const isPlain = Object.getPrototypeOf(value) === Object.prototype;
    const isStamped = stateOf(value) !== undefined;
    // Not into a Proxy that shows an RpcTarget, although it is sent as one.
    if (isPlain || isStamped || typeof value === "function") {
      target = value;
      allowInstanceProps = isPlain || !isStamped;
    }
  }
  return { target, allowInstanceProps, reserved: reservedOnTransients };
}

/** The disposer that the method put on the plain object that it returned, taken off it. */
function takeDisposer(session: AnsweringSession, value: unknown): (() => void) | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (stateOf(value) !== undefined || types.isProxy(value)) return undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const disposer = ownDisposer(value);
  Reflect.deleteProperty(value, Symbol.dispose);
  if (disposer === undefined || !mustBeCalled(disposer)) return undefined;
  return () => session.core.runDisposer(session.context, value, disposer);
}
