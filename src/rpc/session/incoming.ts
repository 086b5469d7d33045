/** Frames of questions and replies, read: capabilities at once, values when they are wanted. */

import type { Question, Reply } from "../calls/question.ts";
import { decode } from "../codec/decode.ts";
import { decodeError } from "../codec/thrown.ts";
import type { Incoming } from "../contracts/answer.ts";
import type { SessionHandle } from "../contracts/session.ts";
import { ReturnFlag } from "../frames.ts";
import { hydrateCaps } from "./caps.ts";

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
  if (valueAt === undefined) return { path, args: undefined, stubs: undefined };
  const value = frame[valueAt];
  const fixes = frame[valueAt + 2] as Fixes;
  if (fixes === undefined) {
    return { path, args: () => (value ?? []) as readonly unknown[], stubs: undefined };
  }
  const wireCaps = frame[valueAt + 1] as WireCaps;
  const what = `parameter of ${path.join(".")}()`;
  const origin = { what, binding: session.label, at: undefined, observed: true };
  const caps = wireCaps ? hydrateCaps(session, wireCaps, origin) : undefined;
  return {
    path,
    args: () => decode(session.core, { value, fixes }, caps?.values) as readonly unknown[],
    stubs: caps?.stubs,
  };
}

/** [return, sid, qid, flags, invocations, ...payload] */
export function readReturn(
  session: SessionHandle,
  question: Question,
  frame: readonly unknown[],
): Reply {
  const flags = frame[3] as number;
  const value = frame[5];
  const wireCaps = frame[6] as WireCaps;
  const fixes = frame[7] as Fixes;
  const what = question.description;
  const origin = { what, binding: session.label, at: undefined, observed: question.observed };
  const caps = wireCaps ? hydrateCaps(session, wireCaps, origin) : undefined;
  const hasDisposer = (flags & ReturnFlag.hasDisposer) !== 0;
  const make = (): unknown => {
    // The asker's async stack is known only here, in the reaction of its promise.
    if (caps?.stubs !== undefined || hasDisposer) question.expectDisposal(origin, make);
    return decode(session.core, { value, fixes }, caps?.values);
  };
  return {
    make,
    stubs: caps?.stubs,
    hasDisposer,
    final: (flags & ReturnFlag.final) !== 0,
    needsStack: false,
  };
}

/** [throw, sid, qid, flags, invocations, ...error] */
export function readThrow(session: SessionHandle, frame: readonly unknown[]): Reply {
  const make = (): never => {
    throw decodeError(session.core, frame, 5);
  };
  const final = ((frame[3] as number) & ReturnFlag.final) !== 0;
  return { make, stubs: undefined, hasDisposer: false, final, needsStack: true };
}
