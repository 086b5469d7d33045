/**
 * Sessions that wait for nothing but an answer of this Worker, or the rest of a stream in one, and
 * their end when nothing will ever come (spec/rpc.md 4.3, 5). Used by the engine, for the hang detector.
 */
import type { Session } from "./session.ts";

/** A session as the hang detector sees it. */
export interface UnansweredSession {
  /** Reports `error` in the log of this Worker; what was asked rejects with it. */
  cancelAsHung(error: Error): void;
}

/** Undefined if anything but calls that run here, or streams that bring nothing, is open in it. */
export function unanswered(session: Session): UnansweredSession | undefined {
  const { context } = session;
  const { answers, exports, imports, pipes, questions, signals } = session.tables;
  if (session.role !== "callee" || context.kind === "durable-object") return undefined;
  if (exports.size + imports.size + questions.size + signals.size > 0) return undefined;
  if (answers.size + pipes.size === 0) return undefined;
  if (answers.some(({ phase }) => phase !== "running")) return undefined;
  if (pipes.some(({ isStarved }) => isStarved !== true)) return undefined;
  return { cancelAsHung: (error) => cancelAsHung(session, error) };
}

function cancelAsHung(session: Session, error: Error): void {
  const { context, core, label: caller } = session;
  const { answers, pipes } = session.tables;
  const method = answers.values()[0]?.incoming.path.join(".") ?? "";
  core.host.report({ type: "callee-error", method, error, trace: context.trace, caller });
  if (answers.size > 0) session.revoke(error);
  else for (const pipe of pipes.values()) pipe.cancelAsHung?.(error);
}
