/**
 * One invocation of the Worker: what runs between an event (request, RPC session, ...) and the end
 * of its waitUntil work. An RpcContext with waitUntil tasks, carried by AsyncLocalStorage, so that
 * timers, fetch, console and RPC know on whose behalf they run.
 * Thread: the Worker's. Made by http/endpoint.ts and rpc/rpc-host.ts, one per event.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { BreachOutcome } from "../protocol/events.ts";
import { NO_LINK } from "../protocol/running.ts";
import { RpcContext, type RpcContextOptions } from "../rpc/context.ts";
import type { Context, TraceInfo } from "../rpc/contract.ts";
import { globalScope, type IoType, invocationLimit } from "../rpc/error-texts.ts";
import { foreignUse } from "../rpc/streams/owners.ts";
import { AfterWork, stopKeeping } from "./after-work.ts";
import { markRunning, type Origin } from "./running.ts";

/** Told about waitUntil tasks that reject; set once by the thread. */
export type TaskFailureListener = (error: unknown) => void;

let onTaskFailure: TaskFailureListener = () => {};
/** Those that go on, in the order of their events: linked to each other, as a call must not cost a Map's upkeep. */
let oldest: Invocation | undefined;
let newest: Invocation | undefined;
let liveCount = 0;
let lastId = 0;
let onFirst: () => void = () => {};
let onQuiet: (() => void) | null = null;

export function setTaskFailureListener(listener: TaskFailureListener): void {
  onTaskFailure = listener;
}

/** Told whenever there is an invocation after there was none; set once by the hang detector. */
export function setFirstListener(listener: () => void): void {
  onFirst = listener;
}

/** How many invocations there are now. */
export function liveInvocations(): number {
  return liveCount;
}

/** What they all wait for, as far as it was said with `hold` or `acquire`. */
export function pendingOverall(): number {
  let pending = 0;
  for (let at = oldest; at !== undefined; at = Invocation.after(at)) {
    if (!at.isListener) pending += at.pending;
  }
  return pending;
}

const STATELESS = { kind: "request" } as const;
/**
 * What travels with asynchronous work on behalf of an invocation. Node 20 hangs it on every promise,
 * as a property that user code sees: it has no members, no prototype, and nothing to give.
 */
class Ticket {
  readonly #invocation: Invocation | undefined;

  /** Undefined: what runs evaluates modules. */
  constructor(invocation: Invocation | undefined) {
    this.#invocation = invocation;
  }

  static holder(ticket: Ticket | undefined): Invocation | undefined {
    return ticket === undefined ? undefined : ticket.#invocation;
  }
}
const { holder } = Ticket;
const moduleScope = new Ticket(undefined);
Reflect.deleteProperty(Ticket.prototype, "constructor");
Object.freeze(Object.setPrototypeOf(Ticket.prototype, null));

let ticketOf: (invocation: Invocation) => Ticket;
let afterWorkOf: (invocation: Invocation) => AfterWork | undefined;

export class Invocation extends RpcContext {
  /** See Context. */
  isListener = false;
  /** Whoever asked has left before it had everything. */
  callerLeft = false;
  /** The limit that it was ended for. */
  breach: BreachOutcome | undefined;
  #id = ++lastId;
  /** Undefined: it never had any. */
  #afterWork: AfterWork | undefined;
  #link: number;
  #originId: number;
  readonly #cpuMs: number;
  /** How many more requests to others it may make. */
  #subRequests: number;
  readonly #ticket: Ticket = new Ticket(this);
  #older: Invocation | undefined;
  #newer: Invocation | undefined;

  static {
    ticketOf = (invocation) => invocation.#ticket;
    afterWorkOf = (invocation) => invocation.#afterWork;
  }

  /** The one whose event began next, of those that go on. */
  static after(invocation: Invocation): Invocation | undefined {
    return invocation.#newer;
  }

  static before(invocation: Invocation): Invocation | undefined {
    return invocation.#older;
  }

  /**
   * `origin`: how the host knows it, if it does. `options`: of a Durable Object, all of whose events
   * share one invocation.
   */
  constructor(
    trace: TraceInfo,
    origin?: Origin,
    options: Omit<RpcContextOptions, "trace"> = STATELESS,
  ) {
    super(options === STATELESS ? { trace, kind: "request" } : { trace, ...options });
    this.#link = origin === undefined ? NO_LINK : origin.link;
    this.#originId = origin === undefined ? 0 : origin.id;
    this.#cpuMs = origin?.cpuMs ?? 0;
    this.#subRequests = origin?.subRequests ?? Infinity;
    this.#enlist();
    if (liveCount === 1) onFirst();
  }

  /** In its thread (protocol/running.ts). */
  get number(): number {
    return this.#id;
  }

  /** The link on which it came (protocol/running.ts). */
  get link(): number {
    return this.#link;
  }

  /** Whether waitUntil work is left, or a socket that counts as such. */
  get hasTasks(): boolean {
    return this.#afterWork?.isOpen === true;
  }

  /** Whether waitUntil work has been rejected so far. */
  get hasFailedTasks(): boolean {
    return this.#afterWork?.hasFailed === true;
  }

  countSubrequest(): Error | undefined {
    this.#subRequests -= 1;
    return this.#subRequests < 0 ? new Error(invocationLimit) : undefined;
  }

  /** `ctx.waitUntil`: keeps the invocation alive; a rejection is logged. */
  waitUntil(task: unknown): void {
    this.#afterWork ??= new AfterWork();
    const work = this.#afterWork;
    work.taskBegun();
    // A thenable whose `then` throws rejects here as well.
    Promise.resolve(task).then(
      () => work.taskDone(),
      (error) => {
        work.hasFailed = true;
        if (!this.ended) onTaskFailure(error);
        work.taskDone();
      },
    );
  }

  /**
   * A WebSocket to elsewhere: what it has told last, listeners may answer with waitUntil work. Returns how
   * to say that it has told its last, in any turn.
   */
  keepForSocket(): () => void {
    this.#afterWork ??= new AfterWork();
    const work = this.#afterWork;
    work.socketOpened();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      setImmediate(() => work.socketClosed());
    };
  }

  /**
   * Calls `done` once no waitUntil task and no socket that counts as one is left: at once when there is none.
   * For the owner of the invocation, when its own work is over; a second call replaces the first.
   * `onSocketsLeft`: before that, when no more than sockets are left.
   */
  whenTasksDone(done: () => void, onSocketsLeft?: () => void): void {
    if (this.#afterWork === undefined) done();
    else this.#afterWork.whenDone(done, onSocketsLeft);
  }

  /** Of a Durable Object: another event begins, with limits of its own. */
  beginEvent(origin: Origin | undefined): void {
    if (!this.ended) this.#leave();
    this.#id = ++lastId;
    if (!this.ended) this.#enlist();
    this.#link = origin === undefined ? NO_LINK : origin.link;
    this.#originId = origin === undefined ? 0 : origin.id;
  }

  /** From here on what runs is of this invocation, until another says so. */
  resume(): void {
    markRunning(this.#id, this.#link, this.#originId, this.#cpuMs);
  }

  /** Something that it waited for is there. */
  override drop(): void {
    this.resume();
    super.drop();
  }

  override end(reason?: unknown): void {
    if (this.ended) return;
    super.end(reason);
    this.#leave();
    if (liveCount === 0) onQuiet?.();
  }

  #enlist(): void {
    this.#older = newest;
    if (newest === undefined) oldest = this;
    else newest.#newer = this;
    newest = this;
    liveCount += 1;
  }

  #leave(): void {
    const older = this.#older;
    const newer = this.#newer;
    if (older === undefined) oldest = newer;
    else older.#newer = newer;
    if (newer === undefined) newest = older;
    else newer.#older = older;
    this.#older = undefined;
    this.#newer = undefined;
    liveCount -= 1;
  }
}

const storage: AsyncLocalStorage<Ticket> = new AsyncLocalStorage();

/** The invocation in which JavaScript runs now; undefined at module scope. */
export function currentInvocation(): Invocation | undefined {
  return holder(storage.getStore());
}

/**
 * The current invocation. Throws production's text at module scope (spec/rpc.md 5); `_what` names
 * the operation for readers of the caller.
 */
export function requireInvocation(_what?: string): Invocation {
  const invocation = holder(storage.getStore());
  if (invocation === undefined) throw new Error(globalScope);
  return invocation;
}

let isModuleScope = false;
let evaluations = 0;

/** Evaluate the Worker's modules: until that is over, code without an invocation is at module scope. */
export async function evaluateModules<T>(evaluate: () => Promise<T>): Promise<T> {
  isModuleScope = true;
  try {
    return await evaluate();
  } finally {
    isModuleScope = false;
  }
}

/** Whoever imports what is evaluated now. */
let importer: Ticket | undefined;

/** Evaluate modules that are imported by a handler: they are at module scope like all others. */
export function evaluateLate<T>(evaluate: () => Promise<T>): Promise<T> {
  const outer = importer;
  importer = storage.getStore();
  return storage.run(moduleScope, () => {
    evaluations += 1;
    try {
      return evaluate();
    } finally {
      evaluations -= 1;
      importer = outer;
    }
  });
}

/** While modules are evaluated: run `fn` as code of the handler that imports them, if one does. */
export function runAsImporter(fn: () => void): void {
  if (importer === undefined) {
    fn();
    return;
  }
  const outer = evaluations;
  evaluations = 0;
  try {
    storage.run(importer, fn);
  } finally {
    evaluations = outer;
  }
}

/** Whether the code that runs is that of a module while it is evaluated: no time passes for it. */
export function isEvaluating(): boolean {
  return isModuleScope || evaluations > 0;
}

/**
 * Who owns a native I/O object (body, stream, timer, socket) that is made now: the current
 * invocation, or nobody when the runtime makes it. Throws production's text at module scope, where
 * there are no such objects (spec/rpc.md 5).
 */
export function ioOwner(): Invocation | undefined {
  const ticket = storage.getStore();
  const invocation = holder(ticket);
  if (invocation === undefined && (isModuleScope || ticket === moduleScope)) {
    throw new Error(globalScope);
  }
  return invocation;
}

/** What a use of I/O of `owner` fails with here; undefined if it may be used (spec/rpc.md 4.4). */
export function foreignIo(owner: Context | undefined, ioType: IoType): Error | undefined {
  return owner === undefined ? undefined : foreignUse(owner, currentInvocation(), ioType);
}

/** Throws if `owner` is another invocation. */
export function assertOwnIo(owner: Context | undefined, ioType: IoType): void {
  const error = foreignIo(owner, ioType);
  if (error !== undefined) throw error;
}

/** The live invocation of this number (protocol/running.ts). */
export function invocationOf(number: number): Invocation | undefined {
  let at = newest;
  while (at !== undefined && at.number > number) at = Invocation.before(at);
  return at?.number === number ? at : undefined;
}

/** Run `fn` and everything asynchronous that it starts on behalf of `invocation`. */
export function runInvocation<A extends unknown[], T>(
  invocation: Invocation,
  fn: (...args: A) => T,
  ...args: A
): T {
  invocation.resume();
  return storage.run(ticketOf(invocation), fn, ...args);
}

/**
 * What was started in `section` (gates.section) has come to its end: `fn` runs when the input gate
 * of a Durable Object lets it in, and at once elsewhere; not at all if the object broke.
 */
export function deliver(invocation: Invocation, section: unknown, fn: () => void): void {
  const wait = invocation.gates?.input?.(section);
  if (wait === undefined) fn();
  else {
    const run = (): void => {
      try {
        fn();
      } catch (error) {
        // As it would have been without the wait: nobody's rejection.
        queueMicrotask(() => {
          throw error;
        });
      }
    };
    wait.then(run, () => {});
  }
}

/** For results that are awaited: see `deliver`. Undefined: nothing to wait for. */
export function admission(invocation: Invocation, section: unknown): Promise<void> | undefined {
  return invocation.gates?.input?.(section);
}

/** Run `fn` on behalf of nobody: timers and ports of the runtime itself. */
export function runOutside<T>(fn: () => T): T {
  return storage.exit(fn);
}

/** This thread is to end: sockets keep no invocation from now on, and those that nothing else keeps are over. */
export function stopKeepingSockets(): void {
  stopKeeping();
  const kept: (AfterWork | undefined)[] = [];
  for (let at = oldest; at !== undefined; at = Invocation.after(at)) kept.push(afterWorkOf(at));
  for (const work of kept) work?.settle();
}

/** Whether an invocation goes on, or would, for its sockets. */
export function keepsSockets(): boolean {
  for (let at = oldest; at !== undefined; at = Invocation.after(at)) {
    if (afterWorkOf(at)?.keepsSockets === true) return true;
  }
  return false;
}

/** Calls `listener` when no invocation is left: at once if there is none now, and at most once. */
export function whenQuiet(listener: () => void): void {
  if (liveCount === 0) {
    listener();
    return;
  }
  onQuiet = () => {
    onQuiet = null;
    listener();
  };
}
