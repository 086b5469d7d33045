/**
 * Brokers links between Workers: a pair of ports for two threads of this process, a socket path
 * for a Worker in another one. After that the two talk directly and the host sees nothing of it.
 */
import { MessageChannel } from "node:worker_threads";
import { isDynamicService } from "../protocol/dynamic.ts";
import type { HostSettings } from "../protocol/host.ts";
import { storageGroupOf } from "../protocol/storage.ts";
import type { HostToThread, ThreadEnding, ThreadToHost } from "../protocol/thread.ts";
import { createDeferred } from "../util/deferred.ts";
import { workerNotFound } from "../util/worker-not-found.ts";
import type { Breach } from "./breach.ts";
import type { DynamicThreads, LinkTarget } from "./dynamic/contract.ts";
import type { Refusal } from "./refusals.ts";
import type { SessionLink } from "./session-link.ts";
import type { StaleNotice } from "./stale-notice.ts";
import type { StorageThreads } from "./storage-threads.ts";
import type { WorkerSlot } from "./worker-slot.ts";
import { WorkerThread } from "./worker-thread.ts";

export type LinkRequestMessage = Extract<ThreadToHost, { readonly type: "link-request" }>;

interface LinkRequest {
  readonly thread: WorkerThread;
  /** Number that the thread gave it. */
  readonly request: number;
  readonly service: string;
}

export interface LinksContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
  readonly storage: StorageThreads;
  readonly dynamic: DynamicThreads;
}

/** Seen by nobody: its loader hands the code over again. */
const DYNAMIC_GONE = "This dynamic Worker has ended.";

/** Threads that do not answer in this time are in a long turn: they hear of it after that. */
const NOTICE_MS = 100;

export class Links {
  readonly #context: LinksContext;
  /** Questions to the session that are open, by their number. */
  readonly #resolving: Map<number, LinkRequest> = new Map();
  #nextResolve = 1;
  /** Notices of stale links that some thread has not seen yet, by their number. */
  readonly #notices: Map<number, { unaware: Set<WorkerThread>; done: () => void }> = new Map();
  #nextNotice = 1;
  /** Ports between threads by their number: the two threads. */
  readonly #made: Map<number, readonly [WorkerThread, WorkerThread]> = new Map();
  #nextLink = 1;

  constructor(context: LinksContext) {
    this.#context = context;
  }

  /** A thread of `from` wants to talk to a service. */
  onRequest(
    from: string,
    thread: WorkerThread,
    { request, service, unreachable }: LinkRequestMessage,
  ): void {
    const { slots, settings, session, storage, dynamic } = this.#context;
    const group = storageGroupOf(service);
    if (group !== undefined) {
      storage.link(group, { service: from, thread }, request);
      return;
    }
    const isDynamic = isDynamicService(service);
    const target = isDynamic ? dynamic.find(thread, service) : slots.get(service);
    if (target === undefined && isDynamic) {
      thread.post({ type: "link-refused", request, message: DYNAMIC_GONE });
    } else if (target !== undefined) {
      this.#link(from, { thread, request, service }, target);
    } else if (settings().registry) {
      const number = this.#nextResolve++;
      this.#resolving.set(number, { thread, request, service });
      const more = unreachable === undefined ? {} : { unreachable };
      session.send({
        type: "resolve-service",
        request: number,
        service,
        from,
        ...more,
      });
    } else {
      const message = workerNotFound(service);
      const detail = `Workers of this session: ${[...slots.keys()].join(", ")}`;
      thread.post({ type: "link-refused", request, message, detail });
    }
  }

  /** The session's answer: the Worker runs in another process and listens there. */
  onServiceFound(request: number, path: string, generation: number): void {
    const asked = this.#resolving.get(request);
    if (asked === undefined) return;
    this.#resolving.delete(request);
    const peer = { service: asked.service, generation };
    asked.thread.post({ type: "link-socket", request: asked.request, peer, path });
  }

  onServiceMissing(request: number, message: string, detail: string | undefined): void {
    const asked = this.#resolving.get(request);
    if (asked === undefined) return;
    this.#resolving.delete(request);
    const more = detail === undefined ? {} : { detail };
    asked.thread.post({ type: "link-refused", request: asked.request, message, ...more });
  }

  /** Tells all threads to ask again before they open another session to `service`. */
  markStale(service: string): StaleNotice {
    const { slots, dynamic } = this.#context;
    const all = [...slots.values()].flatMap((slot) => slot.linkedThreads());
    return this.markStaleFor([...all, ...dynamic.linkedThreads()], service);
  }

  /** The same to these threads, where nobody else can have links to it. */
  markStaleFor(threads: readonly WorkerThread[], service: string): StaleNotice {
    return this.#tell(threads, (notice) => ({ type: "link-stale", service, notice }));
  }

  /**
   * `thread` is about to be ended for what a session of this link does in it: the calls of that
   * session fail with `message` at its caller, and not for want of a connection. Resolves when the
   * caller's thread has heard of it, or does not answer.
   */
  async breakSession(
    thread: WorkerThread,
    link: number,
    session: number,
    message: string,
  ): Promise<void> {
    const caller = this.#made.get(link)?.find((end) => end !== thread);
    if (caller === undefined || caller.isGone) return;
    const { soon } = this.#tell([caller], (notice) => ({
      type: "link-broken",
      link,
      session,
      message,
      notice,
    }));
    await soon;
  }

  /**
   * `thread` is about to be ended for a breach: its caller hears of it, and those to whom it tells what its
   * invocations do. Resolves when they have heard, or do not answer.
   */
  async onBreach(thread: WorkerThread, breach: Breach): Promise<void> {
    const { link, id, invocation, outcome, message } = breach;
    await Promise.all([
      this.breakSession(thread, link, id, message),
      thread.isStreamed && this.#tellEnding(thread, { invocation, outcome, message }),
    ]);
  }

  async #tellEnding(thread: WorkerThread, ending: ThreadEnding): Promise<void> {
    const opened = [...this.#made].filter(
      ([, [opener, peer]]) => opener === thread && !peer.isGone,
    );
    await Promise.all(
      opened.map(([link, [, peer]]) => {
        return this.#tell([peer], (notice) => ({ type: "link-ending", link, ending, notice })).soon;
      }),
    );
  }

  #tell(
    threads: readonly WorkerThread[],
    messageOf: (notice: number) => HostToThread,
  ): StaleNotice {
    if (threads.length === 0) return { soon: Promise.resolve(), all: Promise.resolve() };
    const notice = this.#nextNotice++;
    const unaware = new Set(threads);
    for (const thread of threads) thread.post(messageOf(notice));
    const soon = createDeferred<void>();
    const all = createDeferred<void>();
    const timer = setTimeout(() => {
      soon.resolve();
      for (const thread of [...unaware]) {
        if (thread.isEnding || thread.isGone) this.onStaleSeen(thread, notice);
        else thread.whenLeaving(() => this.onStaleSeen(thread, notice));
      }
    }, NOTICE_MS);
    const done = (): void => {
      clearTimeout(timer);
      this.#notices.delete(notice);
      soon.resolve();
      all.resolve();
    };
    this.#notices.set(notice, { unaware, done });
    return { soon: soon.promise, all: all.promise };
  }

  onStaleSeen(thread: WorkerThread, notice: number): void {
    const waiting = this.#notices.get(notice);
    waiting?.unaware.delete(thread);
    if (waiting?.unaware.size === 0) waiting.done();
  }

  #link(from: string, asked: LinkRequest, target: LinkTarget): void {
    const { thread, request } = asked;
    target.whenLinkable((outcome) => {
      if (thread.isGone) return;
      if (!(outcome instanceof WorkerThread)) {
        thread.post({ type: "link-refused", request, message: textOf(target.name, outcome) });
        return;
      }
      const { port1, port2 } = new MessageChannel();
      const caller = { service: from, generation: thread.generation };
      const callee = { service: target.name, generation: outcome.generation };
      const link = this.#number(thread, outcome);
      // The callee first: its end is on the way before the caller can use the other.
      outcome.post({ type: "link", peer: caller, port: port2, link }, [port2]);
      thread.post({ type: "link", request, peer: callee, port: port1, link }, [port1]);
    });
  }

  #number(caller: WorkerThread, callee: WorkerThread): number {
    for (const [link, ends] of this.#made) {
      if (ends.some(({ isGone }) => isGone)) this.#made.delete(link);
    }
    const link = this.#nextLink++;
    this.#made.set(link, [caller, callee]);
    return link;
  }
}

/** What the caller's calls fail with: the error itself, so that nobody has to look for it. */
function textOf(worker: string, { kind, name, message, details }: Refusal): string {
  if (kind === "load-failed") return `Worker "${worker}" failed to start: ${name}: ${message}`;
  if (kind === "build-failed") return `${message}\n${details}`;
  return message;
}
