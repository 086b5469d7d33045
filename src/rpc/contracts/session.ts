/**
 * A session (session/session.ts) as those see it who live in it: hooks, answers, capabilities,
 * streams, and its own parts. No code.
 */

import type { Asked } from "./ask.ts";
import type { Core } from "./core.ts";
import type { CloseReason } from "./ends.ts";
import type { Hook, ImportedHook } from "./hook.ts";
import type { EncodedValue } from "./payload.ts";
import type { StreamSession } from "./streams.ts";

export interface SessionHandle extends StreamSession {
  readonly core: Core;
  /** Binding or service name, for reports. */
  readonly label: string;
  /** See AcceptedSession. */
  readonly isParked: boolean;
  /** Ask the peer. `on`: 0 its main object, > 0 its export, < 0 our question. Never throws. */
  ask(on: number, path: readonly string[], args: readonly unknown[] | undefined): Asked;
  /** The asker needs the question of that number no more. */
  finish(questionId: number): void;
  /** Give `hook` a number for the peer; takes over one handle of it. */
  export(hook: Hook): number;
  /** The peer needs it no more, or never came to know of it. */
  dropExport(id: number): void;
  /** A number that the peer gave to something of its own. */
  import(id: number, hook: ImportedHook): void;
  /** The last handle of an import has gone. */
  releaseImport(id: number): void;
  encode(value: unknown): EncodedValue;
  /** This end gives the session up: what is asked at either end rejects with `error`. */
  revoke(error: unknown): void;
  /** Forget everything; what waits fails as `reason` says. Sends nothing. Safe to call twice. */
  close(reason: CloseReason): void;
}
