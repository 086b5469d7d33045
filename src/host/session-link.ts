/**
 * The way out to the session process. Control messages leave at once; log and request messages
 * too when things are quiet, but no two batches of them within a few milliseconds or before the
 * earlier one is written: under load one IPC message carries hundreds, and a slow session never
 * makes the host pile up writes.
 */
import type { HostSettings, HostToSession } from "../protocol/host.ts";
import type { SpansMessage } from "../protocol/spans.ts";
import { LogHistory } from "./log-history.ts";
import { SpanHistory } from "./span-history.ts";

/** What the host process needs of its IPC channel (`process` itself; tests give a double). */
export interface IpcSender {
  readonly connected: boolean;
  send?(message: unknown, handle: undefined, options: object, done: () => void): boolean;
}

/** A terminal shows no difference, and at 40,000 requests/s it saves a tenth of the main thread. */
const BATCH_GAP_MS = 10;
/** More than this many waiting messages and the older half is dropped: the session hangs. */
const BACKLOG_LIMIT = 50_000;

export class SessionLink {
  /** What Workers have said lately: for `drover logs`. */
  readonly history: LogHistory = new LogHistory();
  /** What Workers have done for traced requests: for the session that traces them. */
  readonly spans: SpanHistory = new SpanHistory();
  readonly #ipc: IpcSender;
  #queue: HostToSession[] = [];
  #isWriting = false;
  #isScheduled = false;
  #lastBatchAt: number = -BATCH_GAP_MS;

  constructor(ipc: IpcSender) {
    this.#ipc = ipc;
  }

  /** Sends now, after everything queued. */
  send(message: HostToSession): void {
    this.#writeQueue();
    this.#write(message);
  }

  /** Sends "log" and "request" messages soon, in order. */
  queue(message: HostToSession): void {
    if (message.type === "log") this.history.add(message.worker, message.entry);
    this.#queue.push(message);
    if (this.#queue.length > BACKLOG_LIMIT) this.#queue.splice(0, BACKLOG_LIMIT / 2);
    if (this.#isWriting || this.#isScheduled) return;
    this.#schedule();
  }

  /** Told to this session soon, if it traces, and to others when they ask. */
  addSpans(worker: string, message: SpansMessage, { traces }: Pick<HostSettings, "traces">): void {
    this.spans.add(message.spans);
    if (traces === true) this.queue({ ...message, worker });
  }

  /** Resolves when everything queued so far has been handed to the operating system. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      const messages = this.#queue;
      this.#queue = [];
      if (!this.#ipc.connected) resolve();
      else this.#write({ type: "batch", messages }, resolve);
    });
  }

  #schedule(): void {
    this.#isScheduled = true;
    const wait = this.#lastBatchAt + BATCH_GAP_MS - performance.now();
    const write = (): void => {
      this.#isScheduled = false;
      if (!this.#isWriting) this.#writeQueue();
    };
    if (wait > 0) setTimeout(write, wait);
    else setImmediate(write);
  }

  #writeQueue(): void {
    if (this.#queue.length === 0) return;
    const messages = this.#queue;
    this.#queue = [];
    this.#isWriting = true;
    this.#lastBatchAt = performance.now();
    this.#write({ type: "batch", messages }, () => {
      this.#isWriting = false;
      if (this.#queue.length > 0 && !this.#isScheduled) this.#schedule();
    });
  }

  #write(message: HostToSession, done: () => void = noop): void {
    // A closed channel means that the session is gone and this process about to exit.
    if (this.#ipc.connected) this.#ipc.send?.(message, undefined, {}, done);
  }
}

function noop(): void {}
