/** `drover kv key put|get|list|delete`, as wrangler's with `--local` (spec/resources.md 7.4). */
import { readFileSync } from "node:fs";
import type { KvPage } from "../../../resources/kv/kv-namespace.ts";
import { messageOf } from "../../../util/errors.ts";
import {
  assertKeyLength,
  assertKeyName,
  assertMetadataLength,
  expirationOf,
  metadataText,
} from "../../../util/kv-rules.ts";
import { type Terminal, writeRaw } from "../../ui/terminal.ts";
import { commandFailed, usageError } from "../state.ts";
import { type EntryValues, readEntryFlags } from "./entry-flags.ts";
import { onNamespace } from "./namespace.ts";

export interface KvValues extends EntryValues {
  readonly path?: string;
  readonly text?: boolean;
  readonly prefix?: string;
}

/** Keys that are read at once. */
const PAGE = 1000;

export async function runKvPut(
  key: string,
  value: string | undefined,
  values: KvValues,
  terminal: Terminal,
): Promise<number> {
  const { path } = values;
  if (value !== undefined && path !== undefined) {
    throw usageError(
      "Conflicting options: <value> and --path cannot be used together. Please provide only one.",
    );
  }
  if (value === undefined && path === undefined) {
    throw usageError("Missing required option: exactly one of <value> and --path must be provided");
  }
  const { metadata, ttl, expiration } = readEntryFlags(values);
  return await onNamespace("key put", values, terminal, async (store, where) => {
    const bytes = path === undefined ? (value ?? "") : readValue(path);
    const what =
      path === undefined ? `the value "${value}" to key` : `the contents of ${path} to the key`;
    const note = metadata === undefined ? "" : ` with metadata "${JSON.stringify(metadata)}"`;
    assertKeyName(key);
    assertKeyLength(key, "PUT");
    const text = metadataText(metadata);
    assertMetadataLength(text);
    const options = { expiration: expirationOf(ttl, expiration), metadata: text };
    terminal.print(`Writing ${what} "${key}" on namespace ${where}${note}.`);
    await store.put(key, bytes, options);
  });
}

/** Prints the bytes of the value as they are; exit code 0 also if there is none. */
export async function runKvGet(key: string, values: KvValues, terminal: Terminal): Promise<number> {
  return await onNamespace("key get", values, terminal, async (store) => {
    assertKeyName(key);
    assertKeyLength(key, "GET");
    const entry = await store.get(key);
    if (entry === null) terminal.print("Value not found");
    else if (values.text === true) terminal.print(Buffer.from(entry.value).toString());
    else await writeRaw(entry.value);
  });
}

export async function runKvList(values: KvValues, terminal: Terminal): Promise<number> {
  return await onNamespace("key list", values, terminal, (store) => {
    const keys: object[] = [];
    for (let after = "", isLast = false; !isLast; ) {
      const page: KvPage = store.list({ prefix: values.prefix ?? "", limit: PAGE, after });
      for (const { name, expiration, metadata } of page.keys) {
        keys.push({
          name,
          ...(expiration !== null && { expiration: Math.floor(expiration / 1000) }),
          ...(metadata !== null && { metadata: JSON.parse(metadata) as unknown }),
        });
      }
      after = page.keys.at(-1)?.name ?? "";
      isLast = page.isLast;
    }
    terminal.print(JSON.stringify(keys, null, 2));
  });
}

export async function runKvDelete(
  key: string,
  values: KvValues,
  terminal: Terminal,
): Promise<number> {
  return await onNamespace("key delete", values, terminal, (store, where) => {
    assertKeyName(key);
    assertKeyLength(key, "DELETE");
    terminal.print(`Deleting the key "${key}" on namespace ${where}.`);
    store.delete(key);
  });
}

function readValue(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw commandFailed(`Could not read file: ${path}\n${messageOf(error)}`);
  }
}
