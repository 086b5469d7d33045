/**
 * Stored values: the bytes that the real runtime writes, V8's structured clone of version 15 with
 * host objects of its own (spec/durable-objects.md 11), so that wrangler reads what drover wrote and
 * the reverse. Which values may be stored, and what is said of others, is the RPC codec's to know.
 */
import { readStoredValue } from "./value-reader.ts";
import { type PlainValue, writeStoredValue } from "./value-writer.ts";

/** The RPC codec by the rules of structured clone. Throws DataCloneErrors. */
export type CloneEncoder = (value: unknown) => PlainValue;

export class StoredValues {
  readonly #encode: CloneEncoder;

  constructor(encode: CloneEncoder) {
    this.#encode = encode;
  }

  /** Throws a DataCloneError for what cannot be stored. */
  serialize(value: unknown): Uint8Array {
    return writeStoredValue(this.#encode(value));
  }

  /** Throws an Error for bytes that are no stored value. */
  deserialize(bytes: Uint8Array): unknown {
    return readStoredValue(bytes);
  }
}
