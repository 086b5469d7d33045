/**
 * Who delivers a queue when several sessions that consume it share a state folder: whoever holds the
 * queue's lock, a file beside the messages. The others wait until it is let go, at the end of that
 * session or of its process. Also the bell between those sessions: what one puts into a queue that
 * another delivers wakes it, with or without a registry. Storage thread; owned by broker.ts.
 */
import { existsSync, type FSWatcher, utimesSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FileLock, lockFile } from "../../storage/sqlite/file-lock.ts";
import { queueLock } from "../../storage/state-folder.ts";
import type { Clock, Timer } from "./clock.ts";

/** How often a session asks for a lock that another one has. */
const ASK_MS = 500;

export interface TurnsOptions {
  /** Folder of the state. */
  readonly root: string;
  readonly clock: Clock;
  /** Somebody else rang, or this session has got the lock of a queue that it waited for. */
  readonly onTurn: (queue: string | undefined) => void;
  /** Said once for each queue: another session delivers it. */
  readonly onWait: (queue: string) => void;
}

export class Turns {
  readonly #options: TurnsOptions;
  readonly #bell: string;
  readonly #locks: Map<string, FileLock> = new Map();
  /** Queues that others deliver, with how often they were asked for. */
  readonly #waiting: Map<string, number> = new Map();
  #timer: Timer | undefined;
  #watcher: FSWatcher | undefined;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#bell = join(dirname(queueLock(options.root, "")), "bell");
  }

  /** Whether this session delivers the queue; asks for it if nobody does. Throws what the disk says. */
  has(queue: string): boolean {
    const lock = this.#locks.get(queue);
    if (lock?.isHeld === true) {
      if (this.#watcher === undefined) this.#listen();
      return true;
    }
    // The folder was deleted: there is a new file to be locked.
    this.#drop(queue);
    if (this.#waiting.has(queue)) return false;
    if (this.#ask(queue)) return true;
    this.#waiting.set(queue, 1);
    this.#timer ??= this.#options.clock.after(ASK_MS, () => this.#askAgain());
    return false;
  }

  /** Nothing of the queue is with a handler of this session any more. */
  release(queue: string): void {
    this.#waiting.delete(queue);
    this.#drop(queue);
  }

  /** Something was put into a queue that this session does not deliver. */
  ring(): void {
    if (!existsSync(this.#bell)) return;
    const now = new Date();
    try {
      utimesSync(this.#bell, now, now);
    } catch {
      // It has just been deleted, or is another user's: whoever delivers looks when its next turn comes.
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
    for (const queue of [...this.#locks.keys()]) this.#drop(queue);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #ask(queue: string): boolean {
    const lock = lockFile(queueLock(this.#options.root, queue));
    if (lock === undefined) return false;
    this.#locks.set(queue, lock);
    this.#listen();
    return true;
  }

  #askAgain(): void {
    this.#timer = undefined;
    for (const [queue, times] of this.#waiting) {
      if (this.#askQuietly(queue)) {
        this.#waiting.delete(queue);
        this.#options.onTurn(queue);
        continue;
      }
      this.#waiting.set(queue, times + 1);
      // Not at once: a process that was just killed holds it for a moment.
      if (times === 1) this.#options.onWait(queue);
    }
    if (this.#waiting.size > 0) {
      this.#timer = this.#options.clock.after(ASK_MS, () => this.#askAgain());
    }
  }

  /** What the disk says is told when there is something to deliver. */
  #askQuietly(queue: string): boolean {
    try {
      return this.#ask(queue);
    } catch {
      return false;
    }
  }

  #drop(queue: string): void {
    this.#locks.get(queue)?.release();
    this.#locks.delete(queue);
  }

  #listen(): void {
    const isThere = existsSync(this.#bell);
    if (isThere && this.#watcher !== undefined) return;
    this.#watcher?.close();
    if (!isThere) writeFileSync(this.#bell, "");
    this.#watcher = watch(this.#bell, { persistent: false }, () =>
      this.#options.onTurn(undefined),
    ).on("error", () => {});
  }
}
