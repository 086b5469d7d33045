/**
 * Whose I/O is whose (spec/rpc.md 4.4): streams that production backs with native I/O belong to
 * the invocation that received or made them. Streams made in JavaScript belong to nobody. The
 * streams themselves know their owner; who lets user code or a call use one asks here.
 */
import type { Context } from "../contract.ts";
import { crossContext, type IoType } from "../error-texts.ts";

/** What a use of I/O of `owner` in `current` fails with; undefined if it may be used there. */
export function foreignUse(
  owner: Context | undefined,
  current: Context | undefined,
  ioType: IoType,
): Error | undefined {
  // Outside of invocations only the runtime itself has hold of such an object.
  if (owner === undefined || current === undefined || owner === current) return undefined;
  return new Error(crossContext(owner.kind, ioType));
}
