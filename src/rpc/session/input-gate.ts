/**
 * Delivery to a Durable Object: calls, and replies to its own, wait for its input gate, which keeps
 * their order (spec/rpc.md 5, spec/durable-objects.md 7).
 */
import type { SessionHandle } from "../contracts/session.ts";

export class InputGate {
  readonly #session: SessionHandle;

  constructor(session: SessionHandle) {
    this.#session = session;
  }

  /** `section`: the critical section of the stub that is called, which may enter while it runs. */
  pass(section: unknown, start: () => void): void {
    const { gates } = this.#session.context;
    const wait = gates?.input?.(section);
    const inside = section === undefined ? undefined : gates?.inside;
    const enter = inside === undefined ? start : (): void => inside(section, start);
    if (wait === undefined) enter();
    else wait.then(enter, (error: unknown) => this.#session.revoke(error));
  }

  /** `section`: that in which it was asked. A broken object hears no replies. */
  passReply(section: unknown, arrive: () => void): void {
    const wait = this.#session.context.gates?.input?.(section);
    if (wait === undefined) arrive();
    else wait.then(arrive, () => {});
  }
}
