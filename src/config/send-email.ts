/**
 * `send_email` of a config: what is said of misshapen entries, in wrangler's words, and the rules of a
 * binding (spec/resources.md 11.2).
 */
import type { BindingSpec, SendEmailRules } from "../protocol/worker-spec.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";
import { type Schema, warnUnknownKeys } from "./schema.ts";

type Item = Readonly<Record<string, unknown>>;

const FIELDS = [
  "name",
  "destination_address",
  "allowed_destination_addresses",
  "allowed_sender_addresses",
  "remote",
];

export const sendEmailSection: Schema = {
  kind: "custom",
  check: (value, path, diagnostics) => {
    if (Array.isArray(value)) {
      return value
        .map((item, index) => checkItem(item, [...path, index], diagnostics))
        .every(Boolean);
    }
    const message = `The field "${formatPath(path)}" should be an array but got ${JSON.stringify(value)}.`;
    diagnostics.error(message, path, "value");
    return false;
  },
};

/** Of an item of a checked section. */
export function sendEmailBinding(name: string, item: Item, worker: string): BindingSpec {
  const { destination_address: only, allowed_destination_addresses: several } = item;
  const recipients = typeof only === "string" ? [only] : listOf(several);
  const senders = listOf(item.allowed_sender_addresses);
  const rules: SendEmailRules = {
    worker,
    ...(recipients !== undefined && { recipients }),
    ...(senders !== undefined && { senders }),
  };
  return { type: "resource-stub", name, kind: "email", id: JSON.stringify(rules) };
}

function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

function checkItem(item: unknown, path: ConfigPath, diagnostics: Diagnostics): boolean {
  const got = JSON.stringify(item);
  if (!isTable(item)) {
    diagnostics.error(`"send_email" bindings should be objects, but got ${got}`, path);
    return false;
  }
  const found: string[] = [];
  const { name, destination_address: only, remote } = item;
  if (typeof name !== "string") {
    found.push(`bindings should have a string "name" field but got ${got}.`);
  }
  if (only !== undefined && typeof only !== "string") {
    found.push(
      `bindings should, optionally, have a string "destination_address" field but got ${got}.`,
    );
  }
  if (only !== undefined && item.allowed_destination_addresses !== undefined) {
    found.push(
      'bindings should have either a "destination_address" or "allowed_destination_addresses" field, but not both.',
    );
  }
  for (const field of ["allowed_destination_addresses", "allowed_sender_addresses"]) {
    if (item[field] === undefined || Array.isArray(item[field])) continue;
    found.push(`bindings should, optionally, have a []string "${field}" field but got ${got}.`);
  }
  if (remote !== undefined && typeof remote !== "boolean") {
    found.push(`should, optionally, have a boolean "remote" field but got ${got}.`);
  }
  for (const problem of found) diagnostics.error(`"${formatPath(path)}" ${problem}`, path);
  warnUnknownKeys(item, FIELDS, path, diagnostics);
  return found.length === 0;
}
