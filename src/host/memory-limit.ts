/**
 * Memory of the Workers' threads, looked at with the watchdog. Two limits: a soft one, far above
 * production's, at which a thread is ended before V8 aborts the whole process; and with `--limits
 * enforce` production's own, at which the invocation is lost with production's error.
 * Main thread of the host.
 */
import { Worker } from "node:worker_threads";
import type { MemoryUse } from "../protocol/thread.ts";
import { memoryBreach } from "./breach.ts";
import type { Watched } from "./watched.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** A thread that has computed since the look before. */
export interface Active {
  readonly slot: Watched;
  readonly thread: WorkerThread;
  /** Share of the time, 0 to 1. */
  readonly utilization: number;
}

const MB: number = 1024 * 1024;
/**
 * Looks in a row above production's limit of a thread that does not answer. The heap of a thread may
 * grow far, so V8 lets garbage lie where production's would have collected it: only what stays
 * counts.
 */
const LOOKS_ABOVE = 3;
/**
 * Looks after which a thread counts as one that does not answer, where only the process can be asked:
 * about a second. What that grows by is garbage, too.
 */
const SILENT_LOOKS = 20;
/** Above so many times the limit one look is enough. */
const RUNAWAY = 3;

/** Node 22.16 and later answer this for a spinning thread; earlier ones lack it. */
interface WithHeapStatistics {
  getHeapStatistics?(): Promise<{ total_heap_size: number; external_memory: number }>;
}

const canReadHeaps: boolean = "getHeapStatistics" in Worker.prototype;

/** What a thread uses now, even while it spins where Node can tell; undefined: it does not answer. */
export async function memoryOf(
  thread: WorkerThread,
  isLost?: () => Promise<boolean>,
): Promise<MemoryUse | undefined> {
  if (!canReadHeaps) return thread.measure(false, isLost);
  try {
    const heap = await (thread.worker as WithHeapStatistics).getHeapStatistics?.();
    if (heap === undefined) return undefined;
    return { heapBytes: heap.total_heap_size, externalBytes: heap.external_memory };
  } catch {
    // The thread has ended.
    return undefined;
  }
}

export function megabytes({ heapBytes, externalBytes }: MemoryUse): number {
  return Math.round((heapBytes + externalBytes) / MB);
}

export class MemoryLimit {
  /** How many looks in a row have seen it above production's limit. */
  readonly #above: WeakMap<WorkerThread, number> = new WeakMap();
  /** How many looks in a row a thread that was asked has not answered. */
  readonly #silent: WeakMap<WorkerThread, number> = new WeakMap();
  readonly #measuring: WeakSet<WorkerThread> = new WeakSet();
  /** Resident bytes while no thread was busy: what the process needs anyway. */
  #restingBytes = 0;

  /** Threads were ended, and what they have is still there: growth is counted from here on. */
  startAfresh(): void {
    this.#restingBytes = 0;
  }

  /** `active`: all that computed; `busy`: those of them that did little else. */
  look(
    active: readonly Active[],
    busy: readonly Active[],
    limitMb: number,
    enforced: boolean,
  ): void {
    if (busy.length === 0) this.#restingBytes = 0;
    for (const { slot, thread } of enforced ? active : busy) {
      if (enforced) void this.#enforce(slot, thread, limitMb);
      else if (canReadHeaps) void this.#guard(slot, thread, limitMb);
    }
    if (!canReadHeaps && busy.length > 0) this.#checkProcess(busy, limitMb, enforced);
  }

  async #guard(slot: Watched, thread: WorkerThread, limitMb: number): Promise<void> {
    const use = await memoryOf(thread);
    if (use === undefined) return;
    const usedMb = megabytes(use);
    if (usedMb >= limitMb) endForSoftLimit(slot, thread, usedMb, limitMb);
  }

  async #enforce(slot: Watched, thread: WorkerThread, limitMb: number): Promise<void> {
    if (this.#measuring.has(thread)) {
      this.#silent.set(thread, (this.#silent.get(thread) ?? 0) + 1);
      return;
    }
    this.#measuring.add(thread);
    const usedMb = await this.#judge(thread, limitMb);
    this.#measuring.delete(thread);
    if (usedMb !== undefined) void slot.endForBreach(thread, memoryBreach(thread, usedMb, limitMb));
  }

  /** MB if it is too much. */
  async #judge(thread: WorkerThread, limitMb: number): Promise<number | undefined> {
    const use = await memoryOf(thread);
    if (use === undefined) return undefined;
    this.#silent.delete(thread);
    const usedMb = megabytes(use);
    if (usedMb < limitMb) {
      this.#above.delete(thread);
      return undefined;
    }
    if (usedMb >= RUNAWAY * limitMb) return usedMb;
    const looks = (this.#above.get(thread) ?? 0) + 1;
    this.#above.set(thread, looks);
    // One that rests is not looked at again, and has no garbage coming: it is asked at once.
    const collected = await thread.measure(true);
    if (collected === undefined) return looks >= LOOKS_ABOVE ? usedMb : undefined;
    const keptMb = megabytes(collected);
    if (keptMb >= limitMb) return keptMb;
    this.#above.delete(thread);
    return undefined;
  }

  /**
   * Node 20 tells only what the whole process uses: growth while busy is the busiest one's. With
   * production's limit only of a thread that does not say it itself.
   */
  #checkProcess(busy: readonly Active[], limitMb: number, enforced: boolean): void {
    const used = process.memoryUsage.rss();
    if (this.#restingBytes === 0) this.#restingBytes = used;
    this.#restingBytes = Math.min(this.#restingBytes, used);
    const grownMb = Math.round((used - this.#restingBytes) / MB);
    if (grownMb < limitMb) return;
    const { slot, thread } = busy.reduce((a, b) => (b.utilization > a.utilization ? b : a));
    const isSilent = (this.#silent.get(thread) ?? 0) >= SILENT_LOOKS;
    if (enforced && !isSilent && grownMb < RUNAWAY * limitMb) return;
    this.#restingBytes = 0;
    if (enforced) void slot.endForBreach(thread, memoryBreach(thread, grownMb, limitMb));
    else endForSoftLimit(slot, thread, grownMb, limitMb);
  }
}

function endForSoftLimit(
  slot: Watched,
  thread: WorkerThread,
  usedMb: number,
  limitMb: number,
): void {
  slot.kill(thread, `it used ${usedMb} MB of memory, more than the limit of ${limitMb} MB`);
}
