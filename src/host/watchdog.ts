/**
 * Looks at the threads a few times a second from the main thread, which sees them even while they
 * spin. Tells the session which Workers are busy, so that after a crash of the whole process it can
 * name the one to blame, and ends a thread whose memory runs away before V8 aborts the process
 * (spikes S1). Threads that never reach their event loop any more are told of, or ended once they
 * are replaced. A look costs about a microsecond per thread.
 */
import type { EventLoopUtilization } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import type { HostSettings } from "../protocol/host.ts";
import type { LogEntry } from "../protocol/thread.ts";
import { endProcess } from "./end-process.ts";
import { Leftovers } from "./leftovers.ts";
import type { SessionLink } from "./session-link.ts";
import { StuckThreads } from "./stuck-threads.ts";
import type { WorkerSlot } from "./worker-slot.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface WatchdogContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
  /** Threads that were ended and are not gone. */
  readonly leftovers: () => readonly WorkerThread[];
}

/** Between two looks while some thread is busy, and while all rest. */
const TICK_MS = 50;
const RESTING_TICK_MS = 200;
/** How soon after the begin of new work a look is taken beside the regular ones. */
const SOON_MS = 10;
const BUSY_UTILIZATION = 0.5;
const DEFAULT_MEMORY_LIMIT_MB = 512;
const MB: number = 1024 * 1024;
/** Half a second without idle time: ask the thread whether it still lives. */
const PING_AFTER_LOOKS = 10;

const LEFT_BEHIND =
  "A thread of this Worker that was replaced or ended is still in a native job (a search for a large prime, a hash with very many rounds), which nothing can interrupt. It serves nobody, and keeps a processor busy until the job or the session ends.";

/** Node 22.16 and later answer this for a spinning thread; earlier ones lack it. */
interface WithHeapStatistics {
  getHeapStatistics?(): Promise<{ total_heap_size: number; external_memory: number }>;
}

const canReadHeaps: boolean = "getHeapStatistics" in Worker.prototype;

interface Busy {
  readonly slot: WorkerSlot;
  readonly thread: WorkerThread;
  readonly utilization: number;
}

export class Watchdog {
  readonly #context: WatchdogContext;
  readonly #marks: WeakMap<WorkerThread, EventLoopUtilization> = new WeakMap();
  readonly #stuck: StuckThreads = new StuckThreads(PING_AFTER_LOOKS);
  readonly #leftovers: Leftovers = new Leftovers({
    tell: (worker) => this.#warn(worker, LEFT_BEHIND),
    onPoolTaken: (workers) => void this.#replaceProcess(workers),
  });
  #timer: NodeJS.Timeout | undefined;
  #isResting = true;
  #soon: NodeJS.Timeout | undefined;
  #lastSeen = "";
  #lastSent = "";
  /** Resident bytes while no thread was busy: what the process needs anyway. */
  #restingBytes = 0;

  constructor(context: WatchdogContext) {
    this.#context = context;
  }

  /** Safe to call again. */
  start(): void {
    this.#timer ??= setTimeout(() => this.#tick(), RESTING_TICK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  /**
   * Called for every request. A Worker that takes the whole process down at once would be gone
   * before the second regular look, or even before this one: it is named until that is taken.
   */
  onWork(worker: string): void {
    if (this.#soon !== undefined || this.#timer === undefined) return;
    this.#send([worker]);
    this.#findBusy();
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      const busy = this.#findBusy();
      this.#lastSeen = namesOf(busy).join("\n");
      this.#send(namesOf(busy));
      if (busy.length === 0) return;
      // Not again and again: the regular look would never come under steady load.
      if (this.#isResting) this.#schedule(TICK_MS);
    }, SOON_MS).unref();
  }

  #schedule(ms: number): void {
    this.#isResting = ms === RESTING_TICK_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), ms).unref();
  }

  #tick(): void {
    this.#leftovers.look(this.#context.leftovers(), this.#isResting ? RESTING_TICK_MS : TICK_MS);
    this.#findStuck();
    const busy = this.#findBusy();
    this.#schedule(busy.length > 0 ? TICK_MS : RESTING_TICK_MS);
    this.#report(busy);
    const limitMb = this.#context.settings().memoryLimitMb ?? DEFAULT_MEMORY_LIMIT_MB;
    if (limitMb === 0) return;
    if (busy.length === 0) this.#restingBytes = 0;
    else this.#checkMemory(busy, limitMb * MB);
  }

  #findBusy(): Busy[] {
    const busy: Busy[] = [];
    for (const slot of this.#context.slots.values()) {
      for (const thread of slot.threads()) {
        const mark = this.#marks.get(thread);
        const now = thread.worker.performance.eventLoopUtilization();
        this.#marks.set(thread, now);
        if (mark === undefined) continue;
        const active = now.active - mark.active;
        const total = active + now.idle - mark.idle;
        const utilization = total > 0 ? active / total : 0;
        if (utilization > BUSY_UTILIZATION) busy.push({ slot, thread, utilization });
      }
    }
    return busy;
  }

  #findStuck(): void {
    for (const slot of this.#context.slots.values()) {
      for (const thread of slot.threads()) {
        const now = thread.worker.performance.eventLoopUtilization();
        slot.onStuck(thread, this.#stuck.look(thread, now) * TICK_MS);
      }
    }
  }

  /** What two looks agree on. */
  #report(busy: readonly Busy[]): void {
    const workers = namesOf(busy);
    const seen = workers.join("\n");
    const isStable = seen === this.#lastSeen;
    this.#lastSeen = seen;
    if (isStable) this.#send(workers);
  }

  #send(workers: readonly string[]): void {
    const names = workers.join("\n");
    if (names === this.#lastSent) return;
    this.#lastSent = names;
    this.#context.session.send({ type: "busy", workers });
  }

  #checkMemory(busy: readonly Busy[], limit: number): void {
    if (canReadHeaps) {
      for (const entry of busy) void this.#checkHeap(entry, limit);
      return;
    }
    // Node 20 tells only what the whole process uses: growth while busy is the busiest one's.
    const used = process.memoryUsage.rss();
    if (this.#restingBytes === 0) this.#restingBytes = used;
    this.#restingBytes = Math.min(this.#restingBytes, used);
    if (used - this.#restingBytes < limit) return;
    const guilty = busy.reduce((a, b) => (b.utilization > a.utilization ? b : a));
    this.#kill(guilty, used - this.#restingBytes, limit);
    this.#restingBytes = 0;
  }

  async #checkHeap(entry: Busy, limit: number): Promise<void> {
    try {
      const heap = await (entry.thread.worker as WithHeapStatistics).getHeapStatistics?.();
      if (heap === undefined) return;
      const used = heap.total_heap_size + heap.external_memory;
      if (used >= limit) this.#kill(entry, used, limit);
    } catch {
      // The thread ended meanwhile.
    }
  }

  #kill({ slot, thread }: Busy, used: number, limit: number): void {
    const reason = `it used ${Math.round(used / MB)} MB of memory, more than the limit of ${Math.round(limit / MB)} MB`;
    slot.kill(thread, reason);
  }

  /** Only the session can start another, which it does as after a crash. */
  async #replaceProcess(workers: readonly string[]): Promise<void> {
    const { session } = this.#context;
    const names = workers.map((name) => `"${name}"`).join(", ");
    session.send({
      type: "ending",
      reason: `it ended itself, because native jobs of Worker ${names} have taken all threads that it has for files, names and crypto, and nothing can interrupt them`,
    });
    await session.flush();
    endProcess();
  }

  #warn(worker: string, text: string): void {
    const entry: LogEntry = { kind: "runtime", level: "warn", text, time: Date.now() };
    this.#context.session.queue({ type: "log", worker, entry });
  }
}

function namesOf(busy: readonly Busy[]): string[] {
  return [...new Set(busy.map(({ slot }) => slot.name))];
}
