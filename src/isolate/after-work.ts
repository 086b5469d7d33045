/**
 * What goes on in an invocation when its handler has settled: its waitUntil work, and its WebSockets to
 * elsewhere, which count as such work in production from the moment they are open or accepted to their `close`.
 * Nobody waits for the sockets once the thread is to end. Thread: the Worker's; owned by invocation.ts, which
 * makes one for the invocations that have any of it.
 */

/** Production ends waitUntil work that long after the end of an invocation. */
const TASK_LIMIT_MS = 30_000;

let onLateTasks: () => void = () => {};
/** Sockets keep no invocation any more. */
let isLeaving = false;

/** Told when waitUntil work goes on for longer than production allows; set once by the thread. */
export function setLateTasksListener(listener: () => void): void {
  onLateTasks = listener;
}

/** From here on no socket keeps anything; whoever is kept now has to be asked to `settle`. */
export function stopKeeping(): void {
  isLeaving = true;
}

export class AfterWork {
  hasFailed = false;
  #tasks = 0;
  #sockets = 0;
  #onDone: (() => void) | undefined;
  #onSocketsLeft: (() => void) | undefined;
  #lateTimer: NodeJS.Timeout | undefined;

  /** Whether anything of it is left. */
  get isOpen(): boolean {
    return this.#tasks > 0 || this.keepsSockets;
  }

  get keepsSockets(): boolean {
    return this.#sockets > 0 && !isLeaving;
  }

  taskBegun(): void {
    this.#tasks += 1;
  }

  taskDone(): void {
    this.#tasks -= 1;
    this.settle();
  }

  socketOpened(): void {
    this.#sockets += 1;
  }

  socketClosed(): void {
    this.#sockets -= 1;
    this.settle();
  }

  /** See Invocation.whenTasksDone. */
  whenDone(done: () => void, onSocketsLeft: (() => void) | undefined): void {
    this.#onDone = done;
    this.#onSocketsLeft = onSocketsLeft;
    // Here the work goes on: only said. The timer does not keep the thread.
    if (this.#tasks > 0) this.#lateTimer ??= setTimeout(() => onLateTasks(), TASK_LIMIT_MS).unref();
    this.settle();
  }

  /** Says what is done, once the owner's own work is over. */
  settle(): void {
    if (this.#tasks > 0 || this.#onDone === undefined) return;
    clearTimeout(this.#lateTimer);
    this.#lateTimer = undefined;
    if (this.keepsSockets) {
      const onSocketsLeft = this.#onSocketsLeft;
      this.#onSocketsLeft = undefined;
      onSocketsLeft?.();
      return;
    }
    const done = this.#onDone;
    this.#onDone = undefined;
    done();
  }
}
