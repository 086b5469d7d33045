/** The flags that say what is kept with a value: `--ttl`, `--expiration`, `--metadata`. */
import { usageError } from "../state.ts";
import type { NamespaceValues } from "./namespace.ts";

export interface EntryValues extends NamespaceValues {
  readonly ttl?: string;
  readonly expiration?: string;
  readonly metadata?: string;
}

export interface EntryFlags {
  /** Seconds. */
  readonly ttl: number | undefined;
  /** Seconds since 1970. */
  readonly expiration: number | undefined;
  /** Undefined for none. */
  readonly metadata: unknown;
}

/** @throws UserError FLAG_VALUE */
export function readEntryFlags({ ttl, expiration, metadata }: EntryValues): EntryFlags {
  return {
    ttl: parseInteger("ttl", ttl),
    expiration: parseInteger("expiration", expiration),
    metadata: parseMetadata(metadata),
  };
}

function parseMetadata(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`--metadata must be valid JSON. Received: ${text}`);
  }
}

function parseInteger(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number)) return number;
  throw usageError(`Expected --${flag} to be a number of seconds but got "${text}".`);
}
