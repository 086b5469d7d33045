/** The callee's side of a session with something before it that wants to know of what comes. */
import type { AcceptedSession } from "../../rpc/contract.ts";

/** `session`, but for `changes`. Its methods are looked up when they are called: it may be of a class. */
export function aroundSession(
  session: AcceptedSession,
  changes: Partial<AcceptedSession>,
): AcceptedSession {
  const { context, lookup, entrypoint, handlerArgs } = session;
  return {
    context,
    lookup,
    ...(entrypoint !== undefined && { entrypoint }),
    handlerArgs,
    target: () => session.target(),
    called: (path, kind, isMain) => session.called?.(path, kind, isMain),
    event: (name, args) => session.event(name, args),
    isParked: () => session.isParked?.() === true,
    callerLeft: () => session.callerLeft?.(),
    finished: (reason, isCallers) => session.finished(reason, isCallers),
    ...changes,
  };
}
