/** The JSON files of `drover kv bulk`: entries and keys, with wrangler's words for misshapen ones. */
import { readFileSync } from "node:fs";
import { isTable } from "../../../config/document.ts";
import { parseJsoncValue } from "../../../config/parse-jsonc.ts";
import { messageOf } from "../../../util/errors.ts";
import { commandFailed } from "../state.ts";

export interface BulkEntry {
  readonly key: string;
  readonly value: string;
  /** Seconds since 1970. */
  readonly expiration?: number;
  /** Seconds. */
  readonly expiration_ttl?: number;
  readonly metadata?: object;
  /** `value` is base64 of the bytes. */
  readonly base64?: boolean;
}

const FIELDS: Readonly<Record<string, string>> = {
  key: "string",
  value: "string",
  expiration: "number",
  expiration_ttl: "number",
  metadata: "object",
  base64: "boolean",
};

const SHAPE = `Each item in the array should be an object that matches:

interface KeyValue {
  key: string;
  value: string;
  expiration?: number;
  expiration_ttl?: number;
  metadata?: object;
  base64?: boolean;
}
`;

/** @throws UserError COMMAND_FAILED naming the first item that is wrong */
export function readEntries(file: string): {
  readonly entries: readonly BulkEntry[];
  /** A line for each item with more in it than it should have. */
  readonly unexpected: readonly string[];
} {
  const content = readJson(file);
  if (!Array.isArray(content)) {
    throw unexpectedInput(
      file,
      `Expected an array of key-value objects but got type "${content === null ? "null" : typeof content}".`,
    );
  }
  const unexpected: string[] = [];
  const entries = content.map((item: unknown, index): BulkEntry => {
    if (!isEntry(item)) {
      throw unexpectedInput(
        file,
        `${SHAPE}\nThe item at index ${index} is ${JSON.stringify(item)}`,
      );
    }
    const more = Object.keys(item).filter((field) => !Object.hasOwn(FIELDS, field));
    if (more.length > 0) {
      unexpected.push(
        `The item at index ${index} contains unexpected properties: ${JSON.stringify(more)}.`,
      );
    }
    return item;
  });
  return { entries, unexpected };
}

/** Keys in their order. @throws UserError COMMAND_FAILED */
export function readKeys(file: string, noArray: string): string[] {
  const content = readJson(file);
  if (!Array.isArray(content))
    throw unexpectedInput(file, `${noArray}\n${JSON.stringify(content)}`);
  return content.map((item: unknown, index) => {
    if (typeof item === "string") return item;
    if (isTable(item) && typeof item.name === "string") return item.name;
    throw unexpectedInput(
      file,
      `Expected an array of strings or objects with a "name" key.\nThe item at index ${index} is type: "${typeof item}" - ${JSON.stringify(item)}`,
    );
  });
}

function isEntry(item: unknown): item is BulkEntry {
  if (!isTable(item) || item.key === undefined || item.value === undefined) return false;
  return Object.entries(FIELDS).every(
    ([field, type]) => item[field] === undefined || typeof item[field] === type,
  );
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw commandFailed(`Could not read file: ${file}`, messageOf(error));
  }
  return parseJsoncValue(file, text, process.cwd());
}

function unexpectedInput(file: string, detail: string): Error {
  return commandFailed(`Unexpected JSON input from "${file}".`, detail);
}
