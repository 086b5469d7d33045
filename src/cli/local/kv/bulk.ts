/** `drover kv bulk put|get|delete`, as wrangler's with `--local`: many keys, named by a JSON file. */
import {
  assertKeyLength,
  assertKeyName,
  assertMetadataLength,
  expirationOf,
  metadataText,
} from "../../../util/kv-rules.ts";
import { confirm } from "../../ui/confirm.ts";
import { printMessage } from "../../ui/message.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { type BulkEntry, readEntries, readKeys } from "./bulk-files.ts";
import { type EntryFlags, type EntryValues, readEntryFlags } from "./entry-flags.ts";
import { type NamespaceValues, onNamespace } from "./namespace.ts";

/** All entries are checked before the first is written. */
export async function runKvBulkPut(
  file: string,
  values: EntryValues,
  terminal: Terminal,
): Promise<number> {
  const flags = readEntryFlags(values);
  return await onNamespace("bulk put", values, terminal, async (store) => {
    const { entries, unexpected } = readEntries(file);
    const puts = entries.map((entry) => putOf(entry, flags));
    if (unexpected.length > 0) {
      const text = [`Unexpected key-value properties in "${file}".`, "", ...unexpected].join("\n");
      printMessage(terminal, "warning", text);
    }
    for (const { key, value, options } of puts) await store.put(key, value, options);
    terminal.print("Success!");
  });
}

export async function runKvBulkGet(
  file: string,
  values: NamespaceValues,
  terminal: Terminal,
): Promise<number> {
  return await onNamespace("bulk get", values, terminal, async (store) => {
    const keys = readKeys(file, "Expected an array of strings but got:");
    for (const key of keys) assertKey(key, "GET");
    const found: [string, object][] = [];
    for (const key of keys) {
      const entry = await store.get(key);
      found.push([key, { value: entry === null ? null : Buffer.from(entry.value).toString() }]);
    }
    terminal.print(JSON.stringify(Object.fromEntries(found), null, 2));
  });
}

export interface BulkDeleteValues extends NamespaceValues {
  readonly force?: boolean;
  readonly yes?: boolean;
}

export async function runKvBulkDelete(
  file: string,
  values: BulkDeleteValues,
  terminal: Terminal,
): Promise<number> {
  return await onNamespace("bulk delete", values, terminal, async (store, where) => {
    const isSure = values.force === true || values.yes === true;
    const question = `Are you sure you want to delete all the keys read from "${file}" from kv-namespace ${where}?`;
    if (!isSure && !(await confirm(terminal, question))) return;
    const keys = readKeys(file, "Expected an array of strings or objects but got:");
    for (const key of keys) assertKey(key, "DELETE");
    for (const key of keys) store.delete(key);
    terminal.print("Success!");
  });
}

interface Put {
  readonly key: string;
  readonly value: Uint8Array;
  readonly options: { readonly expiration: number | null; readonly metadata: string | null };
}

/** What the entry does not say itself is said by the flags. */
function putOf(entry: BulkEntry, flags: EntryFlags): Put {
  const { key, value, base64 = false } = entry;
  assertKey(key, "PUT");
  const metadata = metadataText(entry.metadata ?? flags.metadata);
  assertMetadataLength(metadata);
  const isTimed = entry.expiration !== undefined || entry.expiration_ttl !== undefined;
  const { ttl, expiration } = isTimed
    ? { ttl: entry.expiration_ttl, expiration: entry.expiration }
    : flags;
  return {
    key,
    value: Buffer.from(value, base64 ? "base64" : "utf8"),
    options: { expiration: expirationOf(ttl, expiration), metadata },
  };
}

function assertKey(key: string, operation: string): void {
  assertKeyName(key);
  assertKeyLength(key, operation);
}
