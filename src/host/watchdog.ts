/**
 * Looks at the threads a few times a second from the main thread, which sees them even while they
 * spin. Tells the session which Workers are busy, so that after a crash of the whole process it can
 * name the one to blame, and ends a thread whose memory runs away before V8 aborts the process
 * (spikes S1). Threads that never reach their event loop any more are told of, or ended once they
 * are replaced. A look costs about a microsecond per thread.
 */
import type { EventLoopUtilization } from "node:perf_hooks";
import type { HostSettings } from "../protocol/host.ts";
import type { Usage } from "../protocol/status-page.ts";
import type { LogEntry } from "../protocol/thread.ts";
import { isLost } from "./computing.ts";
import { CpuLimit } from "./cpu-limit.ts";
import { endProcess } from "./end-process.ts";
import { Leftovers } from "./leftovers.ts";
import { type Active, MemoryLimit, megabytes, memoryOf } from "./memory-limit.ts";
import type { SessionLink } from "./session-link.ts";
import { StuckThreads } from "./stuck-threads.ts";
import type { Watched } from "./watched.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface WatchdogContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  /** All Workers, the dynamic ones among them. */
  readonly watched: () => Iterable<Watched>;
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
/** Half a second without idle time: ask the thread whether it still lives. */
const PING_AFTER_LOOKS = 10;

const LEFT_BEHIND =
  "A thread of this Worker that was replaced or ended is still in native code (a search for a large prime, a hash with very many rounds, a huge JSON.parse), which nothing can interrupt. It serves nobody, and keeps a processor busy until that or the session ends.";

export class Watchdog {
  readonly #context: WatchdogContext;
  readonly #marks: WeakMap<WorkerThread, EventLoopUtilization> = new WeakMap();
  readonly #stuck: StuckThreads = new StuckThreads(PING_AFTER_LOOKS);
  readonly #cpu: CpuLimit = new CpuLimit();
  readonly #memory: MemoryLimit = new MemoryLimit();
  readonly #leftovers: Leftovers = new Leftovers({
    tell: (worker) => this.#warn(worker, LEFT_BEHIND),
    onPoolTaken: (workers) => void this.#replaceProcess(workers),
  });
  #timer: NodeJS.Timeout | undefined;
  #isResting = true;
  #soon: NodeJS.Timeout | undefined;
  #lastLeft = 0;
  #lastSeen = "";
  #lastSent = "";

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
    this.#findActive();
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      const busy = this.#findActive().filter(isBusy);
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
    const left = this.#context.leftovers();
    this.#leftovers.look(left, this.#isResting ? RESTING_TICK_MS : TICK_MS);
    if (left.length > this.#lastLeft) this.#memory.startAfresh();
    this.#lastLeft = left.length;
    this.#findStuck();
    const active = this.#findActive();
    const busy = active.filter(isBusy);
    this.#schedule(busy.length > 0 ? TICK_MS : RESTING_TICK_MS);
    this.#report(busy);
    const { memoryLimitMb = DEFAULT_MEMORY_LIMIT_MB, enforceMemory } = this.#context.settings();
    if (memoryLimitMb > 0) this.#memory.look(active, busy, memoryLimitMb, enforceMemory === true);
  }

  /** Threads that have computed since the last look; what they used is charged on the way. */
  #findActive(): Active[] {
    const found: Active[] = [];
    for (const slot of this.#context.watched()) {
      for (const thread of slot.threads()) {
        const mark = this.#marks.get(thread);
        const now = thread.worker.performance.eventLoopUtilization();
        this.#marks.set(thread, now);
        if (mark === undefined || thread.isPaused) continue;
        const active = now.active - mark.active;
        const total = active + now.idle - mark.idle;
        if (active <= 0 || total <= 0) continue;
        const utilization = active / total;
        found.push({ slot, thread, utilization });
        this.#cpu.look(slot, thread, utilization);
      }
    }
    return found;
  }

  #findStuck(): void {
    for (const slot of this.#context.watched()) {
      for (const thread of slot.threads()) {
        if (thread.isPaused) continue;
        const now = thread.worker.performance.eventLoopUtilization();
        slot.onStuck(thread, this.#stuck.look(thread, now) * TICK_MS);
      }
    }
  }

  /** What two looks agree on. */
  #report(busy: readonly Active[]): void {
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

  /** For the status page. `collect`: without the garbage. */
  async usageOf(thread: WorkerThread, collect: boolean): Promise<Usage> {
    const lost = (): Promise<boolean> => isLost(thread);
    const memory = await (collect ? thread.measure(true, lost) : memoryOf(thread, lost));
    return {
      cpuMs: Math.round(this.#cpu.accounts.totalOf(thread)),
      ...(memory === undefined ? {} : { memoryMb: megabytes(memory) }),
    };
  }

  #warn(worker: string, text: string): void {
    const entry: LogEntry = { kind: "runtime", level: "warn", text, time: Date.now() };
    this.#context.session.queue({ type: "log", worker, entry });
  }
}

function isBusy({ utilization }: Active): boolean {
  return utilization > BUSY_UTILIZATION;
}

function namesOf(busy: readonly Active[]): string[] {
  return [...new Set(busy.map(({ slot }) => slot.name))];
}
