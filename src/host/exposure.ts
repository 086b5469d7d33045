/**
 * Where Workers of other processes reach a Worker: its thread listens there, or a doorman while it
 * sleeps. Main thread of the host; owned by worker-slot.ts.
 */
import { Doorman, type DoormanEvents } from "./doorman.ts";
import type { WorkerThread } from "./worker-thread.ts";

export class Exposure {
  readonly #events: (path: string) => DoormanEvents;
  #path: string | undefined;
  #doorman: Doorman | undefined;

  constructor(events: (path: string) => DoormanEvents) {
    this.#events = events;
  }

  /** Another path from now on. Without `live` the next thread listens, or `sleep` is called. */
  set(path: string, live: WorkerThread | undefined): void {
    this.close();
    this.#path = path;
    live?.post({ type: "listen", path });
  }

  /** Nobody but the doorman is there. */
  sleep(): void {
    if (this.#path === undefined) return;
    this.#doorman?.close();
    this.#doorman = new Doorman(this.#path, this.#events(this.#path));
  }

  /** A thread serves where none did. */
  wake(live: WorkerThread): void {
    this.#doorman?.stepAside();
    if (this.#path !== undefined) live.post({ type: "listen", path: this.#path });
  }

  /** The thread listens. */
  onListening(path: string): void {
    if (path === this.#path) this.#doorman?.letIn();
  }

  close(): void {
    this.#doorman?.close();
    this.#doorman = undefined;
  }
}
