/**
 * Whose I/O native streams are (spec/rpc.md 4.4): each keeps its owner, and the classes ask here
 * before user code may use it. The runtime's own reading does not ask.
 */
import { foreignIo, ioOwner } from "../../isolate/invocation.ts";
import type { Context } from "../../rpc/contract.ts";

export type StreamIo = "ReadableStreamSource>" | "Writable" | "Canceler";

/** Who owns a native stream that is made now. Throws at module scope. */
export function currentOwner(): Context | undefined {
  return ioOwner();
}

/** What a use of I/O of `owner` fails with here; undefined if it may be used. */
export function foreignUse(owner: Context | undefined, io: StreamIo): Error | undefined {
  return owner === undefined ? undefined : foreignIo(owner, io);
}

/** Throws if `owner` is another invocation. */
export function assertOwn(owner: Context | undefined, io: StreamIo): void {
  const error = foreignUse(owner, io);
  if (error !== undefined) throw error;
}
