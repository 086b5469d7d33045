/**
 * Sessions that wait for nothing but an answer of this Worker, and their end when no answer will
 * ever come (spec/rpc.md 4.3, 5). Used by the engine, for the hang detector.
 */
import type { Session } from "./session.ts";

/** A session as the hang detector sees it. */
export interface UnansweredSession {
  /** Reports `error` in the log of this Worker; what was asked rejects with it. */
  cancelAsHung(error: Error): void;
}

/** Undefined if anything but calls that run here is open in it. */
export function unanswered(session: Session): UnansweredSession | undefined {
  const { answers, context, exports, imports, pipes, questions, signals } = session;
  if (session.role !== "callee" || context.kind === "durable-object") return undefined;
  if (exports.size + imports.size + pipes.size + questions.size + signals.size > 0) {
    return undefined;
  }
  if (answers.size === 0 || answers.some(({ phase }) => phase !== "running")) return undefined;
  return { cancelAsHung: (error) => cancelAsHung(session, error) };
}

function cancelAsHung(session: Session, error: Error): void {
  const { context, core, label: caller } = session;
  const method = session.answers.values()[0]?.incoming.path.join(".") ?? "";
  core.host.report({ type: "callee-error", method, error, trace: context.trace, caller });
  session.revoke(error);
}
