/**
 * The way out to the session process. Control messages leave at once; log and request messages
 * too when things are quiet, but no two batches of them within a few milliseconds or before the
 * earlier one is written: under load one IPC message carries hundreds, and a slow session never
 * makes the host pile up writes.
 */
import type { HostSettings, HostToSession } from "../protocol/host.ts";
import { packedRequests } from "../protocol/request-pack.ts";
import type { SpanRecord, SpansMessage } from "../protocol/spans.ts";
import { LogHistory } from "./log-history.ts";
import { type FinishedRequest, RequestPacker } from "./request-packer.ts";
import { SpanHistory } from "./span-history.ts";

/** What the host process needs of its IPC channel (`process` itself; tests give a double). */
export interface IpcSender {
  readonly connected: boolean;
  send?(message: unknown, handle: undefined, options: object, done: () => void): boolean;
}

/** A terminal shows no difference, and at 40,000 requests/s it saves a tenth of the main thread. */
const BATCH_GAP_MS = 10;
/** More than this many waiting lines and the older half is dropped: the session hangs. */
const BACKLOG_LIMIT = 50_000;

/** Requests in one message. */
const PACK_LIMIT = 1_000;

export class SessionLink {
  /** What Workers have said lately: for `drover logs`. */
  readonly history: LogHistory = new LogHistory();
  /** What Workers have done for traced requests: for the session that traces them. */
  readonly spans: SpanHistory = new SpanHistory();
  readonly #ipc: IpcSender;
  #queue: HostToSession[] = [];
  /** The last message of the queue, while that is one of requests. */
  #requests: RequestPacker | undefined;
  /** Of the last message of spans in the queue. */
  #waitingSpans: SpanRecord[] | undefined;
  /** Lines in the queue. */
  #size = 0;
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

  /** Sends "log" messages and the like soon, in order. */
  queue(message: HostToSession): void {
    if (message.type === "log") this.history.add(message.worker, message.entry);
    this.#requests = undefined;
    this.#queue.push(message);
    this.#queued();
  }

  /** As `queue`, for what is said of each request. */
  queueRequest(request: FinishedRequest): void {
    if (this.#requests === undefined || packedRequests(this.#requests.pack) >= PACK_LIMIT) {
      this.#requests = new RequestPacker();
      this.#queue.push(this.#requests.pack);
    }
    this.#requests.add(request);
    this.#queued();
  }

  /**
   * Told to this session soon, if it traces, and to others when they ask. In no order with the rest, as trees
   * are told when they are complete: one message of a batch has all.
   */
  addSpans(
    worker: string,
    { spans, passedOver }: SpansMessage,
    { traces }: Pick<HostSettings, "traces">,
  ): void {
    this.spans.add(spans);
    if (traces !== true) return;
    if (this.#waitingSpans !== undefined && passedOver === 0) this.#waitingSpans.push(...spans);
    else {
      this.#waitingSpans = [...spans];
      this.#queue.push({ type: "spans", worker, spans: this.#waitingSpans, passedOver });
      this.#queued();
    }
  }

  /** Resolves when everything queued so far has been handed to the operating system. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      const messages = this.#takeQueue();
      if (!this.#ipc.connected) resolve();
      else this.#write({ type: "batch", messages }, resolve);
    });
  }

  #queued(): void {
    this.#size += 1;
    if (this.#size > BACKLOG_LIMIT) this.#dropOlder();
    if (this.#isWriting || this.#isScheduled) return;
    this.#schedule();
  }

  #dropOlder(): void {
    let dropped = 0;
    for (const message of this.#queue) {
      if (this.#size <= BACKLOG_LIMIT / 2) break;
      this.#size -= message.type === "requests" ? packedRequests(message) : 1;
      dropped += 1;
    }
    this.#queue.splice(0, dropped);
    this.#waitingSpans = undefined;
  }

  #takeQueue(): HostToSession[] {
    const messages = this.#queue;
    this.#queue = [];
    this.#requests = undefined;
    this.#waitingSpans = undefined;
    this.#size = 0;
    return messages;
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
    const messages = this.#takeQueue();
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
