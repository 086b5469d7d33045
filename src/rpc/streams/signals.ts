/** Both ends of an AbortSignal that travels: a one-shot trigger (spec/rpc.md 2.6). */

import { decode } from "../codec/decode.ts";
import { encode } from "../codec/encode.ts";
import type { CloseReason } from "../contracts/ends.ts";
import type { EncodedValue } from "../contracts/payload.ts";
import type { Signal } from "../contracts/platform-signals.ts";
import type { SignalEnd, StreamSession } from "../contracts/streams.ts";
import { signalLost } from "../error-texts.ts";
import { Cap, Op } from "../frames.ts";

/** Wire descriptor; registers a trigger unless the signal fired while its message was made. */
export function sendSignal(session: StreamSession, signal: Signal): unknown[] {
  if (signal.aborted) return [Cap.signal, 0, true, ...encodeReason(session, signal.reason)];
  const end = new SignalTrigger(session, signal);
  return [Cap.signal, end.id, false];
}

class SignalTrigger implements SignalEnd {
  readonly id: number;
  readonly #session: StreamSession;
  readonly #signal: Signal;

  /** A callee lives on for a signal that it returned. */
  get keepsOpen(): boolean {
    return this.#session.role === "callee";
  }

  constructor(session: StreamSession, signal: Signal) {
    this.#session = session;
    this.#signal = signal;
    this.id = session.addSignal(this);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    const session = this.#session;
    if (session.closed !== undefined) return;
    session.post([Op.abortSignal, 0, this.id, ...encodeReason(session, this.#signal.reason)]);
    session.dropSignal(this.id);
  };

  onAbort(): void {}

  onLost(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

function encodeReason(session: StreamSession, reason: unknown): unknown[] {
  let encoded: EncodedValue;
  try {
    encoded = encode(session.core, reason, { deep: true, rules: "clone" });
  } catch {
    const standIn = new DOMException("The operation was aborted", "AbortError");
    encoded = encode(session.core, standIn, { deep: true, rules: "clone" });
  }
  return [encoded.value, encoded.fixes];
}

export function receiveSignal(session: StreamSession, cap: readonly unknown[]): Signal {
  const controller = session.core.signals.create();
  const [, id, aborted] = cap as [number, number, boolean];
  const fire = (value: unknown, fixes: unknown): void => {
    controller.abort(
      decode(session.core, { value, fixes: fixes as unknown[][] | undefined }, undefined),
    );
  };
  if (aborted) {
    fire(cap[3], cap[4]);
    return controller.signal;
  }
  session.acceptSignal(-id, {
    keepsOpen: session.role === "caller",
    onAbort: (frame) => {
      session.inContext(() => fire(frame[3], frame[4]));
      session.dropSignal(-id);
    },
    onLost: (reason: CloseReason) => {
      if (reason.type !== "lost") return;
      session.inContext(() => controller.abort(new DOMException(signalLost, "AbortError")));
    },
  });
  return controller.signal;
}
