/**
 * From a stream as user code has it to its core, for whoever works on cores: readers, pipes, bodies,
 * the RPC engine. Filled in by the classes, which are above.
 */
import type { ReadableCore } from "./core/readable.ts";
import type { WritableCore } from "./core/writable.ts";

export interface Brand<T> {
  /** Undefined for anything that is no such stream. */
  of(value: unknown): T | undefined;
}

export const readableBrand: Brand<ReadableCore> = { of: () => undefined };
export const writableBrand: Brand<WritableCore> = { of: () => undefined };
