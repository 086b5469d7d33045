/** What the end of a session means for whoever still wants something of it. */

import type { Question } from "../calls/question.ts";
import type { CloseReason } from "../contracts/ends.ts";
import { calleeCanceled, connectionLost, hostContextGone } from "../error-texts.ts";

/** Settle a question of a session that is over (spec/rpc.md 4.3). */
export function failByReason(question: Question, reason: CloseReason): void {
  switch (reason.type) {
    case "context-ended":
      question.span?.canceled?.();
      return;
    case "lost":
      question.fail(reason.error, true);
      return;
    case "revoked":
      question.fail(() => failure(question, reason.error), true);
      return;
    default:
      question.fail(() => gone(question.asked), true);
  }
}

/**
 * What ended the callee's invocation, to who called the entrypoint itself, did not come over RPC:
 * it has no `remote`.
 */
function failure(
  { asked, isEvent, isOnMain }: Question,
  error: ((isRemote: boolean) => unknown) | undefined,
): unknown {
  return asked && error !== undefined ? error(isEvent || !isOnMain) : gone(asked);
}

/** `asked`: it was under way when the context ended; else it came too late. */
function gone(asked: boolean): Error {
  return asked
    ? Object.assign(new Error(calleeCanceled), { remote: true })
    : new Error(hostContextGone);
}

/** Shared: it says nothing about this one cancellation, and making an error costs a stack. */
const callerGone: Error = new Error(connectionLost);

/** For the host of a callee: undefined after an orderly end. */
export function finishReason(reason: CloseReason): unknown {
  switch (reason.type) {
    case "lost":
      return reason.error();
    case "revoked":
      return reason.error?.(true) ?? new Error(calleeCanceled);
    case "canceled":
      return callerGone;
    default:
      return undefined;
  }
}
