/** Frames of questions and replies, read: capabilities at once, values when they are wanted. */

import type { Question, Reply } from "../calls/question.ts";
import { decode } from "../codec/decode.ts";
import { decodeError } from "../codec/thrown.ts";
import type { Incoming } from "../contracts/answer.ts";
import type { SessionHandle } from "../contracts/session.ts";
import type { StubHandle } from "../contracts/stubs.ts";
import { ReturnFlag } from "../frames.ts";
import type { Origin } from "../origin.ts";
import { hydrateCaps, type LiveCaps } from "./caps.ts";

type Fixes = unknown[][] | undefined;
type WireCaps = readonly unknown[][] | number | undefined;

/** `pathAt`, `valueAt`: positions of the path and of the payload; no payload: a property read. */
export function readQuestion(
  session: SessionHandle,
  frame: readonly unknown[],
  pathAt: number,
  valueAt: number | undefined,
): Incoming {
  const rawPath = frame[pathAt];
  const path = typeof rawPath === "string" ? [rawPath] : (rawPath as readonly string[]);
  if (valueAt === undefined) return new IncomingRead(path);
  const value = frame[valueAt];
  const fixes = frame[valueAt + 2] as Fixes;
  if (fixes === undefined) return new IncomingCall(path, (value ?? []) as readonly unknown[]);
  const wireCaps = frame[valueAt + 1] as WireCaps;
  const what = `parameter of ${path.join(".")}()`;
  const origin = { what, binding: session.label, at: undefined, observed: true };
  const caps = wireCaps ? hydrateCaps(session, wireCaps, origin) : undefined;
  return {
    path,
    isCall: true,
    args: () => decode(session.core, { value, fixes }, caps?.values) as readonly unknown[],
    stubs: caps?.stubs,
  };
}

class IncomingRead implements Incoming {
  readonly path: readonly string[];
  readonly isCall = false;
  readonly stubs: undefined = undefined;

  constructor(path: readonly string[]) {
    this.path = path;
  }

  args(): undefined {
    return undefined;
  }
}

/** With arguments that are plain data. */
class IncomingCall implements Incoming {
  readonly path: readonly string[];
  readonly isCall = true;
  readonly stubs: undefined = undefined;
  readonly #args: readonly unknown[];

  constructor(path: readonly string[], args: readonly unknown[]) {
    this.path = path;
    this.#args = args;
  }

  args(): readonly unknown[] {
    return this.#args;
  }
}

/** [return, sid, qid, flags, invocations, ...payload] */
export function readReturn(
  session: SessionHandle,
  question: Question,
  frame: readonly unknown[],
): Reply {
  const wireCaps = frame[6] as WireCaps;
  if (!wireCaps) return new ReturnReply(session, question, frame, undefined, undefined);
  const origin = originOf(session, question);
  const caps = hydrateCaps(session, wireCaps, origin);
  return new ReturnReply(session, question, frame, caps, origin);
}

function originOf(session: SessionHandle, question: Question): Origin {
  return {
    what: question.description,
    binding: session.label,
    at: undefined,
    observed: question.observed,
  };
}

class ReturnReply implements Reply {
  readonly stubs: readonly StubHandle[] | undefined;
  readonly hasDisposer: boolean;
  readonly final: boolean;
  readonly needsStack = false;
  readonly #session: SessionHandle;
  readonly #question: Question;
  readonly #frame: readonly unknown[];
  readonly #caps: LiveCaps | undefined;
  readonly #origin: Origin | undefined;

  constructor(
    session: SessionHandle,
    question: Question,
    frame: readonly unknown[],
    caps: LiveCaps | undefined,
    origin: Origin | undefined,
  ) {
    const flags = frame[3] as number;
    this.hasDisposer = (flags & ReturnFlag.hasDisposer) !== 0;
    this.final = (flags & ReturnFlag.final) !== 0;
    this.stubs = caps?.stubs;
    this.#session = session;
    this.#question = question;
    this.#frame = frame;
    this.#caps = caps;
    this.#origin = origin;
  }

  make(): unknown {
    const session = this.#session;
    // The asker's async stack is known only here, in the reaction of its promise.
    if (this.stubs !== undefined || this.hasDisposer) {
      const question = this.#question;
      question.expectDisposal(this.#origin ?? originOf(session, question), this.make);
    }
    const value = this.#frame[5];
    const fixes = this.#frame[7] as Fixes;
    if (fixes === undefined && this.#caps === undefined) return value;
    return decode(session.core, { value, fixes }, this.#caps?.values);
  }
}

/** [throw, sid, qid, flags, invocations, ...error] */
export function readThrow(session: SessionHandle, frame: readonly unknown[]): Reply {
  const make = (): never => {
    throw decodeError(session.core, frame, 5);
  };
  const final = ((frame[3] as number) & ReturnFlag.final) !== 0;
  return { make, stubs: undefined, hasDisposer: false, final, needsStack: true };
}
