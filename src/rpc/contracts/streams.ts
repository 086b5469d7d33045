/**
 * Between a session and the streams and signals that travel in it (streams/): the ends of pipes and
 * triggers in its tables, and what of the session such an end uses. No code.
 */

import type { Context } from "../contract.ts";
import type { CodecCore } from "./codec.ts";
import type { CloseReason, SessionRole } from "./ends.ts";
import type { StreamKinds } from "./kinds.ts";
import type { Cargo, FoundCap } from "./payload.ts";

/** An end of a byte pipe in a session's table. */
export interface PipeEnd {
  /** False: a stream of the peer, which keeps the invocation only while something waits for it. */
  readonly keepsOpen: boolean;
  /** Of a source: it waits for its own stream, and the receiver for it. */
  readonly isStarved?: boolean;
  /** That stream will never bring anything: breaks off with `error`. */
  cancelAsHung?(error: Error): void;
  onFrame(frame: readonly unknown[]): void;
  /** The session is over; the table is cleared already. */
  onLost(reason: CloseReason): void;
}

/** An end of an abort trigger in a session's table. */
export interface SignalEnd {
  /** The session is not over before it has fired: the callee's of a returned signal. */
  readonly keepsOpen: boolean;
  onAbort(frame: readonly unknown[]): void;
  onLost(reason: CloseReason): void;
}

/** Ids of pipes and signals: positive if introduced by this end, negative by the peer. */
export interface StreamSession {
  readonly core: CodecCore;
  readonly context: Context;
  readonly role: SessionRole;
  /** It carries an event: its streams are bodies (streams/body-ends.ts). */
  readonly isEvent: boolean;
  readonly closed: CloseReason | undefined;
  inContext<T>(fn: () => T): T;
  /** `cargo`: what the payload in the frame was encoded to. */
  post(frame: unknown[], cargo?: Cargo): void;
  /** The peer does not want the result of an event any more; see AcceptedSession. */
  callerLeft(): void;
  /** Returns the number of a pipe that this end introduces. */
  addPipe(pipe: PipeEnd): number;
  /** A pipe that the peer introduced. */
  acceptPipe(id: number, pipe: PipeEnd): void;
  /** It has come to its end here. */
  dropPipe(id: number): void;
  addSignal(signal: SignalEnd): number;
  acceptSignal(id: number, signal: SignalEnd): void;
  /** It has fired. */
  dropSignal(id: number): void;
}

/** Streams and signals as capabilities of a payload; streams/kit.ts. */
export interface StreamKit extends StreamKinds {
  /** Throws what the call is to be rejected with, before anything is changed. */
  assertSendable(session: StreamSession, cap: FoundCap): void;
  /** Takes a stream or signal over; returns its wire descriptor. */
  send(session: StreamSession, cap: FoundCap): unknown[];
  receive(session: StreamSession, cap: readonly unknown[]): object;
}
