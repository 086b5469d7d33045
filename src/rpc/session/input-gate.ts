/** Delivery to a Durable Object: calls wait for its input gate, in order (spec/rpc.md 5). */
import type { SessionHandle } from "../contracts/session.ts";

export class InputGate {
  readonly #session: SessionHandle;
  #last: Promise<void> | undefined;

  constructor(session: SessionHandle) {
    this.#session = session;
  }

  /** `section`: the critical section of the stub that is called, which may enter while it runs. */
  pass(section: unknown, start: () => void): void {
    const before = this.#last ?? this.#session.context.gates?.input?.(section);
    if (before === undefined) {
      start();
      return;
    }
    const passed = before.then(start, (error: unknown) => this.#session.revoke(error));
    this.#last = passed;
    void passed.finally(() => {
      if (this.#last === passed) this.#last = undefined;
    });
  }
}
