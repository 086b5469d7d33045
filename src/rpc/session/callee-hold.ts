/**
 * A callee's session holds its invocation while the caller can still want something of it (spec/rpc.md
 * 4.3). When only stubs and streams of the caller are left that nobody disposed or closed, and the
 * invocation is idle, the session is over. Owned by the session, which calls `settle` whenever an
 * entry of its tables has come or gone.
 */

import type { SessionHandle } from "../contracts/session.ts";
import { Op } from "../frames.ts";
import { reportLeaks } from "./leaks.ts";
import { keepsOpen, type SessionTables } from "./tables.ts";

export class CalleeHold {
  readonly #session: SessionHandle;
  readonly #tables: SessionTables;
  #holding = false;
  #removeOnIdle: (() => void) | undefined;

  constructor(session: SessionHandle, tables: SessionTables) {
    this.#session = session;
    this.#tables = tables;
  }

  settle(): void {
    const { closed, context, isEvent } = this.#session;
    if (closed !== undefined) return;
    const wanted = this.#isWanted && !this.#session.isParked;
    if (wanted !== this.#holding) {
      this.#holding = wanted;
      if (wanted) context.acquire();
      else context.drop();
    }
    if (wanted || !this.#hasLeftovers || context.kind === "durable-object") return;
    if (isEvent) {
      // The response is sent: what is left of the request's body is not read any more.
      this.#leave();
      return;
    }
    this.#removeOnIdle ??= context.onIdle(() => this.#leaveSoon());
    this.#leaveSoon();
  }

  /** The session is closed. */
  end(): void {
    this.#removeOnIdle?.();
    if (this.#holding) this.#session.context.drop();
    this.#holding = false;
  }

  get #isWanted(): boolean {
    const tables = this.#tables;
    if (tables.answers.size + tables.questions.size > 0) return true;
    if (!tables.hasCapabilities) return false;
    const { exports, pipes, signals } = tables;
    return exports.size > 0 || pipes.some(keepsOpen) || signals.some(keepsOpen);
  }

  /** Nobody at the caller waits for these. */
  get #hasLeftovers(): boolean {
    const tables = this.#tables;
    return tables.hasCapabilities && tables.imports.size + tables.pipes.size > 0;
  }

  /** What a timer or reply has just woken has to have its turn first. */
  #leaveSoon(): void {
    setImmediate(() => setImmediate(() => this.#leaveIfIdle()));
  }

  #leaveIfIdle(): void {
    const session = this.#session;
    if (session.closed !== undefined || this.#holding || session.context.pending > 0) return;
    if (this.#hasLeftovers) this.#leave();
  }

  #leave(): void {
    const session = this.#session;
    reportLeaks(session, this.#tables);
    session.post([Op.revoke, 0, 0]);
    session.close({ type: "done" });
  }
}
