/** Who waits for what a session's Workers become: told of every event. Owned by dev-server.ts. */
import type { SessionEvent } from "../session/events.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { ExitCode, UserError } from "../util/errors.ts";

interface Waiter {
  /** Undefined: the first that reloads. */
  readonly worker: string | undefined;
  readonly done: Deferred<void>;
}

export class Reloads {
  readonly #waiters: Set<Waiter> = new Set();

  /** Resolves when the next change is served; rejects when it cannot be. */
  next(worker: string | undefined): Promise<void> {
    const done = createDeferred<void>();
    this.#waiters.add({ worker, done });
    return done.promise;
  }

  onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "loaded":
      case "unchanged":
        this.#tell(event.worker, undefined);
        return;
      case "build-failed":
        this.#tell(
          event.worker,
          new UserError("BUILD_FAILED", `Worker "${event.worker}" does not build:\n${event.text}`, {
            exitCode: ExitCode.build,
          }),
        );
        return;
      case "load-failed":
        this.#tell(
          event.worker,
          new UserError(
            "WORKER_FAILED",
            `Worker "${event.worker}" failed to start:\n${event.error.stack}`,
            { exitCode: ExitCode.notReady },
          ),
        );
        return;
      case "config-failed":
        this.#tell(event.worker, event.error);
        return;
      case "stopping":
        for (const { worker } of [...this.#waiters]) {
          this.#tell(worker ?? "", new Error("The session was closed."));
        }
        return;
    }
  }

  #tell(worker: string, failure: unknown): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.worker !== undefined && waiter.worker !== worker) continue;
      this.#waiters.delete(waiter);
      if (failure === undefined) waiter.done.resolve();
      else waiter.done.reject(failure);
    }
  }
}
