/** What a session knows of all others, also while daemons change. Runs in the session process. */
import { isDeepStrictEqual } from "node:util";
import type { RegisteredWorker, WorkerKey } from "../protocol/registry.ts";
import { watchListener } from "./probe.ts";

/**
 * A session's copy of what the daemon knows, over the life of several daemons. Owned by
 * RegistryClient.
 *
 * A new daemon knows only who has registered with it already. Workers that the old one knew and
 * whose sockets still have a listener are kept until they register again or their socket closes:
 * a daemon's death must not make anybody look disconnected.
 */
export class Snapshot {
  readonly #workers = new Map<WorkerKey, RegisteredWorker>();
  /** Kept from the previous daemon: functions that stop watching their sockets. */
  readonly #unconfirmed = new Map<WorkerKey, () => void>();
  readonly #onChange: (changed: readonly RegisteredWorker[]) => void;

  /** `onChange` gets the Workers that came, changed or went, never an empty list. */
  constructor(onChange: (changed: readonly RegisteredWorker[]) => void) {
    this.#onChange = onChange;
  }

  get workers(): RegisteredWorker[] {
    return [...this.#workers.values()];
  }

  /** The Worker as the previous daemon knew it, not known to the present one. */
  unconfirmedHolder(workspaceRoot: string, name: string): RegisteredWorker | undefined {
    for (const key of this.#unconfirmed.keys()) {
      const worker = this.#workers.get(key);
      if (worker?.name === name && worker.workspace.root === workspaceRoot) return worker;
    }
    return undefined;
  }

  /** The first word of a daemon. `own`: id of this session, which knows about itself. */
  replace(workers: readonly RegisteredWorker[], own: string): void {
    const known = new Set(workers.map(keyOf));
    const gone: WorkerKey[] = [];
    for (const [key, worker] of this.#workers) {
      if (known.has(key) || this.#unconfirmed.has(key)) continue;
      if (worker.address === null || worker.session.id === own) gone.push(key);
      else
        this.#unconfirmed.set(
          key,
          watchListener(worker.address, () => this.update([], [key])),
        );
    }
    this.update(workers, gone);
  }

  update(changed: readonly RegisteredWorker[], gone: readonly WorkerKey[]): void {
    const differences: RegisteredWorker[] = [];
    for (const key of gone) {
      this.#forget(key, differences);
    }
    for (const worker of changed) {
      const key = keyOf(worker);
      this.#confirm(key);
      // The name is another session's now: the one that had it before will not come back with it.
      const former = this.unconfirmedHolder(worker.workspace.root, worker.name);
      if (former !== undefined) this.#forget(keyOf(former), differences);
      if (isDeepStrictEqual(this.#workers.get(key), worker)) continue;
      this.#workers.set(key, worker);
      differences.push(worker);
    }
    if (differences.length > 0) this.#onChange(differences);
  }

  close(): void {
    for (const stop of this.#unconfirmed.values()) stop();
    this.#unconfirmed.clear();
  }

  #forget(key: WorkerKey, differences: RegisteredWorker[]): void {
    this.#confirm(key);
    const worker = this.#workers.get(key);
    if (worker === undefined) return;
    this.#workers.delete(key);
    differences.push(worker);
  }

  #confirm(key: WorkerKey): void {
    this.#unconfirmed.get(key)?.();
    this.#unconfirmed.delete(key);
  }
}

function keyOf(worker: RegisteredWorker): WorkerKey {
  return `${worker.session.id}:${worker.name}`;
}
