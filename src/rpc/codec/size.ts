/**
 * The 32 MiB limit of one message (spec/rpc.md 2.5). The encoder keeps an upper bound while it
 * walks; only a value whose bound exceeds the limit is measured exactly, by V8's own serializer in
 * the format that production counts.
 */
import { nodeV8 } from "../../util/late-modules.ts";
import { payloadTooLarge } from "../error-texts.ts";

export const MAX_PAYLOAD_BYTES: number = 32 * 1024 * 1024;

/** Throws if `value` (the whole array of arguments, or the result) is too large. */
export function assertPayloadSize(value: unknown): void {
  const serializer = new (nodeV8().Serializer)();
  serializer.writeHeader();
  serializer.writeValue(isWhole(value) ? packed(value) : value);
  const bytes = serializer.releaseBuffer().length;
  if (bytes > MAX_PAYLOAD_BYTES) throw new Error(payloadTooLarge(bytes));
}

function isWhole(value: unknown): value is unknown[] {
  return Array.isArray(value) && Object.keys(value).length === value.length;
}

/**
 * Lists of arguments that come out of a Proxy trap may count as having holes to V8, which writes
 * them longer. Only pushing makes a list that does not (Array.from copies the kind).
 */
function packed(list: readonly unknown[]): unknown[] {
  const copy: unknown[] = [];
  for (const value of list) copy.push(value);
  return copy;
}
