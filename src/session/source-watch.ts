/**
 * What is watched for which Worker: before its first build its config and var files and what every build of
 * it reads, after a build what that read and asked for. Owned by DevSession, absent with `--no-watch`.
 */
import type { WatchedPlaces } from "../bundle/watch.ts";
import type { Watcher } from "./builder.ts";
import { placesOf } from "./reload.ts";
import type { WorkerSession } from "./worker-session.ts";

/** So many are looked at before the event loop goes round: the first build is not to wait for the fiftieth Worker. */
const A_TURN = 8;

export class SourceWatch implements AsyncDisposable {
  readonly #watcher: Watcher;
  /** Not watched yet. */
  readonly #new: Set<WorkerSession>;
  /** Epoch ms: their files may have changed since. */
  readonly #readFrom: number;
  #turn: NodeJS.Immediate | undefined;

  /** `readFrom`: when their configs were read, in epoch ms. */
  constructor(watcher: Watcher, workers: readonly WorkerSession[], readFrom: number) {
    this.#watcher = watcher;
    this.#new = new Set(workers);
    this.#readFrom = readFrom;
    this.#goOn();
  }

  /** The Worker was built: it depends on other files now. */
  update(worker: WorkerSession): void {
    const since = this.#new.delete(worker) ? this.#readFrom : worker.builtFrom;
    this.#watcher.update(worker, placesOf(worker), since);
  }

  /** Watches what no build reads (assets). */
  watch(owner: object, places: WatchedPlaces): void {
    this.#watcher.update(owner, places);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    return Promise.resolve(this.#watcher[Symbol.asyncDispose]());
  }

  #goOn(): void {
    if (this.#new.size === 0) return;
    this.#turn = setImmediate(() => {
      for (const worker of [...this.#new].slice(0, A_TURN)) this.update(worker);
      this.#goOn();
    });
  }
}
