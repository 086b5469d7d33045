/** Between a session and the calls that are answered in it (calls/answer.ts); no code. */

import type { Hook } from "./hook.ts";
import type { EncodedValue } from "./payload.ts";
import type { SessionHandle } from "./session.ts";
import type { StubHandle } from "./stubs.ts";

/** A call or property read as it came. */
export interface Incoming {
  readonly path: readonly string[];
  /** The arguments, which may be made anew each time; undefined: a read. */
  args(): readonly unknown[] | undefined;
  readonly isCall: boolean;
  /** The callee's copies of stubs in the arguments. */
  readonly stubs: readonly StubHandle[] | undefined;
}

/** A call or property read on the side that answers it. */
export interface AnswerHandle {
  readonly id: number;
  /** Keep these until the asker has finished with the result. */
  own(stub: StubHandle | undefined, hook: Hook | undefined): void;
  /** After the reply was serialized: the callee's copies of parameter stubs go (spec 4.1(6)). */
  disposeParams(): void;
  /** The asker dropped its handle, or the session is over. */
  finish(): void;
}

/** `pipelined`: calls on the result have run already, whose replies follow. */
export interface AnsweringSession extends SessionHandle {
  return(
    answer: AnswerHandle,
    encoded: EncodedValue,
    hasDisposer: boolean,
    pipelined: boolean,
  ): void;
  throw(answer: AnswerHandle, error: unknown, pipelined: boolean): void;
}
