/**
 * Whose I/O is whose (spec/rpc.md 4.4): streams that production backs with native I/O belong to
 * the invocation that received or made them. Streams made in JavaScript belong to nobody. Lives in
 * the Worker's thread; filled by whoever makes such a stream, asked by whoever lets user code or a
 * call use one. The engine's own reading does not ask.
 */
import type { Context } from "../contract.ts";
import { crossContext, type IoType } from "../error-texts.ts";

const owners: WeakMap<object, Context> = new WeakMap();

/** `io`: a stream, or a reader or writer of one. Without an owner it belongs to nobody. */
export function setOwner(io: object, owner: Context | undefined): void {
  if (owner !== undefined) owners.set(io, owner);
}

/** Undefined if it belongs to nobody. */
export function ownerOf(io: object): Context | undefined {
  return owners.get(io);
}

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
