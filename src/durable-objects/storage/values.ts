/**
 * Stored values: the bytes that the real runtime writes, V8's structured clone of version 15 with
 * host objects of its own (spec/durable-objects.md 11), so that wrangler reads what drover wrote and
 * the reverse. Which values may be stored, and what is said of others, is the RPC codec's to know.
 */
import { ValueReader } from "./value-reader.ts";
import { ValueWriter } from "./value-writer.ts";

/** A copy of a value with the operations that complete it (`Fix`, rpc/frames.ts). */
export interface PlainValue {
  readonly value: unknown;
  readonly fixes: readonly unknown[][] | undefined;
}

/** The RPC codec by the rules of structured clone. Throws DataCloneErrors. */
export type CloneEncoder = (value: unknown) => PlainValue;

export class StoredValues {
  readonly #encode: CloneEncoder;

  constructor(encode: CloneEncoder) {
    this.#encode = encode;
  }

  /** Throws a DataCloneError for what cannot be stored. */
  serialize(value: unknown): Uint8Array {
    const { value: plain, fixes } = this.#encode(value);
    const writer = new ValueWriter();
    writer.writeHeader();
    writer.writeValue(fixes === undefined ? plain : writer.complete(plain, fixes));
    return writer.releaseBuffer();
  }

  /** Throws an Error for bytes that are no stored value. */
  deserialize(bytes: Uint8Array): unknown {
    const reader = new ValueReader(bytes);
    // Before version 15 there was no header.
    if (bytes[0] === 0xff) reader.readHeader();
    return reader.readValue();
  }
}
